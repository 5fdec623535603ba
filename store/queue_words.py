"""The words by which the desk narrows its queue: `nair waiting`, `doctor:nair status:booked`.

A word is the beginning of a doctor's name, of a department's or of a status. Words of one kind
that fit one thing together mean it (`anita nair`, `general medicine`), others each their own, and
any of these is kept (`waiting booked`); of different kinds, all must fit. No database.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from store.name_keys import name_words
from store.values import AppointmentStatus, AppointmentView

Key = TypeVar("Key")

STATUS_WORDS: Mapping[AppointmentStatus, tuple[str, ...]] = {
    AppointmentStatus.BOOKED: ("booked",),
    AppointmentStatus.CHECKED_IN: ("waiting", "checked", "in", "here"),
    AppointmentStatus.IN_CONSULTATION: ("in", "consultation"),
    AppointmentStatus.COMPLETED: ("completed", "done"),
    AppointmentStatus.CANCELLED: ("cancelled", "canceled"),
    AppointmentStatus.NO_SHOW: ("no", "show", "noshow", "missed"),
    AppointmentStatus.LEFT: ("left",),
}
"""What each status is called at the desk."""

_STATUS_NAMES = {
    **{status: words[0] for status, words in STATUS_WORDS.items()},
    AppointmentStatus.IN_CONSULTATION: "in consultation",
    AppointmentStatus.NO_SHOW: "no-show",
}
_MOST_TOLD = 3
_KINDS = ("status", "doctor", "department")
_TITLES = frozenset({"dr", "prof", "doctor", "professor"})


@dataclass(frozen=True, slots=True)
class QueueFilter:
    """What of the queue is shown; an empty set does not narrow."""

    statuses: frozenset[AppointmentStatus] = frozenset()
    doctors: frozenset[int] = frozenset()
    departments: frozenset[int] = frozenset()
    told: tuple[str, ...] = ()
    """What is filtered, kind by kind, for people."""
    unknown: tuple[str, ...] = ()
    """The words that fit nothing; they do not narrow."""

    @property
    def narrows(self) -> bool:
        """Whether it may hide anything."""
        return bool(self.statuses or self.doctors or self.departments)

    def keeps(self, view: AppointmentView) -> bool:
        """Whether an appointment is shown."""
        return (
            (not self.statuses or view.status in self.statuses)
            and (not self.doctors or view.doctor_id in self.doctors)
            and (not self.departments or view.department_id in self.departments)
        )


def parse(text: str, doctors: Mapping[int, str], departments: Mapping[int, str]) -> QueueFilter:
    """Understand what was typed, among these names of doctors and departments by their ids."""
    people = {key: tuple(name_words(name)) for key, name in doctors.items()}
    wards = {key: tuple(name_words(name)) for key, name in departments.items()}
    names = {
        "status": [*STATUS_WORDS.values()],
        "doctor": [*people.values()],
        "department": [*wards.values()],
    }
    words: dict[str, list[str]] = {kind: [] for kind in _KINDS}
    unknown: list[str] = []
    for named, word in _words(text):
        kind = _kind_of(word, [named] if named else _KINDS, names)
        if kind is not None:
            words[kind].append(word)
        elif word not in _TITLES:
            unknown.append(word)
    statuses = _meant(words["status"], STATUS_WORDS)
    some, here = _meant(words["doctor"], people), _meant(words["department"], wards)
    told = (
        _told([doctors[key] for key in sorted(some)], "doctors"),
        _told([departments[key] for key in sorted(here)], "departments"),
        _told([name for status, name in _STATUS_NAMES.items() if status in statuses], "statuses"),
    )
    return QueueFilter(
        statuses, some, here, tuple(part for part in told if part), tuple(dict.fromkeys(unknown))
    )


def _words(text: str) -> Iterator[tuple[str, str]]:
    """(kind or nothing, word) of each word typed; `status:booked,waiting` is two."""
    for part in text.split():
        kind, colon, rest = part.partition(":")
        kinds = [one for one in _KINDS if kind and one.startswith(kind.casefold())]
        named = kinds[0] if colon and len(kinds) == 1 else ""
        for word in name_words(rest if named else part):
            yield named, word


def _kind_of(
    word: str, kinds: Sequence[str], names: Mapping[str, Sequence[Sequence[str]]]
) -> str | None:
    """What a word is of: where it is typed in full, else where it begins something."""
    for fits in (str.__eq__, str.startswith):
        for kind in kinds:
            if any(fits(one, word) for name in names[kind] for one in name):
                return kind
    return None


def _meant(words: Sequence[str], names: Mapping[Key, Sequence[str]]) -> frozenset[Key]:
    """What words of one kind mean: those that follow one another and fit one thing, together."""
    meant: frozenset[Key] = frozenset()
    group: frozenset[Key] = frozenset()
    for word in words:
        fitting = frozenset(
            key for key, name in names.items() if any(one.startswith(word) for one in name)
        )
        if group & fitting:
            group &= fitting
        else:
            meant, group = meant | group, fitting
    return meant | group


def _told(names: Sequence[str], many: str) -> str:
    return " or ".join(names) if len(names) <= _MOST_TOLD else f"{len(names)} {many}"
