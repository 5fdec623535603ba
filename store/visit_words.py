"""The words by which a doctor narrows the own appointments: `booked from:mon`, `rao to:today`.

A word that is, or of which three letters begin, what a status is called means that status. Days
are `from:`, `to:` (included) and `on:`, or `today` alone. Every other word is of the patient:
name, number, telephone or birth date. No database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from store.datewords import parse_day
from store.errors import Invalid
from store.queue_words import STATUS_WORDS
from store.values import AppointmentStatus

_WORDS: Mapping[AppointmentStatus, tuple[str, ...]] = {
    **STATUS_WORDS,
    AppointmentStatus.NO_SHOW: ("no-show", "noshow", "missed"),
    AppointmentStatus.IN_CONSULTATION: ("in-consultation", "consultation"),
    AppointmentStatus.CHECKED_IN: ("waiting", "checked-in", "here"),
    AppointmentStatus.RESCHEDULED: ("rescheduled", "moved"),
}
_SHORTEST = 3
_DAY_KEYS = ("from", "to", "on")
_LONE_DAYS = ("today", "tomorrow", "yesterday")


@dataclass(frozen=True, slots=True)
class VisitFilter:
    """What is asked for; nothing narrows where it is empty. Days are included."""

    statuses: frozenset[AppointmentStatus] = frozenset()
    first: date | None = None
    last: date | None = None
    patient: str = ""
    told: tuple[str, ...] = field(default=(), compare=False)
    """What is narrowed, for people."""

    @property
    def upwards(self) -> bool:
        """Whether it looks ahead, the soonest first; else back, the newest first."""
        return self.first is not None


def parse(text: str, today: date) -> VisitFilter:
    """Understand what was typed.

    Raises:
        Invalid: a day that is none; names the field `filter`.
    """
    statuses: set[AppointmentStatus] = set()
    days: dict[str, date] = {}
    patient: list[str] = []
    for word in text.split():
        key, colon, rest = word.partition(":")
        key = key.casefold()
        if colon and key in _DAY_KEYS and rest:
            days[key] = parse_day(rest.replace("_", " "), today, field="filter")
        elif key in _LONE_DAYS and not colon:
            days["on"] = parse_day(key, today)
        elif (status := _status(key)) and not colon:
            statuses.add(status)
        else:
            patient.append(rest if colon and key == "patient" else word)
    first, last = days.get("on", days.get("from")), days.get("on", days.get("to"))
    if first and last and last < first:
        raise Invalid.field("filter", f"from: {first:%d %b %Y} is after to: {last:%d %b %Y}.")
    return VisitFilter(
        frozenset(statuses), first, last, " ".join(patient), _told(statuses, first, last, patient)
    )


def _status(word: str) -> AppointmentStatus | None:
    whole = [status for status, names in _WORDS.items() if word in names]
    begun = [
        status
        for status, names in _WORDS.items()
        if len(word) >= _SHORTEST and any(name.startswith(word) for name in names)
    ]
    return next(iter(whole or begun), None)


def _told(
    statuses: set[AppointmentStatus], first: date | None, last: date | None, patient: list[str]
) -> tuple[str, ...]:
    told = [" or ".join(_WORDS[status][0] for status in _WORDS if status in statuses)]
    if first is not None and first == last:
        told.append(f"{first:%a %d %b %Y}")
    else:
        told.append(f"from {first:%a %d %b %Y}" if first else "")
        told.append(f"to {last:%a %d %b %Y}" if last else "")
    told.append(f"“{' '.join(patient)}”" if patient else "")
    return tuple(part for part in told if part)
