"""Whom and which slot a line means: its words against doctors and patients, its time against what
is free. The order of the words never matters, and everything that may be meant is offered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import combinations

from store.name_keys import name_words
from store.one_line import When
from store.values import DoctorView, PatientView, Slot

MOST_CHOICES = 20
"""So many bookings are offered, and so many patients looked for: who is more is not yet named."""

_MOST_TARGETS = 8
_FEW_DOCTORS = 3
_MOST_READINGS = 4
_MOST_DOCTOR_WORDS = 6
_MOST_SLOTS = 3
_DAYS_ROUND, _DAYS_AHEAD = 14, 60
_TITLES = frozenset({"dr", "prof", "doctor", "professor"})


@dataclass(frozen=True, slots=True)
class Target:
    """With whom: one doctor, or any of a `department`."""

    doctors: tuple[DoctorView, ...]
    department: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to tell a line's words apart. `whole` counts the doctor's words that are typed in
    full; no `targets` means that all words are taken for the patient's."""

    patient: tuple[str, ...]
    targets: tuple[Target, ...] = ()
    whole: int = 0

    @property
    def search(self) -> str:
        """What the patient is looked for with."""
        return " ".join(self.patient)


@dataclass(frozen=True, slots=True)
class Match:
    """Patients and doctors that a line may mean together."""

    patients: tuple[PatientView, ...]
    targets: tuple[Target, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One booking that the line may mean."""

    patient: PatientView
    doctor: DoctorView
    slot: Slot

    @property
    def key(self) -> str:
        """What tells it from any other."""
        return f"{self.patient.id} {self.doctor.id} {self.slot.starts_at.isoformat()}"


@dataclass(frozen=True, slots=True)
class Offer:
    """All bookings that the line may mean, the likeliest first, and what there is to say."""

    choices: tuple[Choice, ...] = ()
    remark: str = ""


def readings(words: Sequence[str], doctors: Sequence[DoctorView]) -> list[Reading]:
    """How the words may be told apart, the likeliest first; the last takes all for a patient's."""
    found: dict[tuple[tuple[str, ...], tuple[str, ...]], Reading] = {}
    may_be = sorted(
        (at for at, word in enumerate(words) if _targets([word], doctors)),
        key=lambda at: words[at],
    )[:_MOST_DOCTOR_WORDS]
    for count in range(1, len(may_be) + 1):
        for chosen in combinations(may_be, count):
            named = [words[at] for at in chosen]
            targets = _targets(named, doctors)
            if targets:
                rest = tuple(word for at, word in enumerate(words) if at not in chosen)
                whole = max(_whole(named, target) for target in targets)
                best = tuple(one for one in targets if _whole(named, one) == whole)
                key = (tuple(sorted(rest)), tuple(sorted(named)))
                found.setdefault(key, Reading(rest, best, whole))
    ordered = sorted(
        found.values(), key=lambda one: (not one.patient, -one.whole, len(one.targets))
    )
    return [*ordered[:_MOST_READINGS], Reading(tuple(words))]


def _targets(words: Sequence[str], doctors: Sequence[DoctorView]) -> list[Target]:
    """Doctors of whose name (and department) all words are beginnings, and departments."""
    parts = [part for word in words for part in name_words(word)]
    if not parts:
        return []
    found: list[Target] = []
    departments: dict[str, list[DoctorView]] = {}
    for doctor in doctors:
        departments.setdefault(doctor.department, []).append(doctor)
        own = _doctor_words(doctor)
        if _begin(parts, {*own, *name_words(doctor.department)}) and any(
            _begin([part], own) for part in parts
        ):
            found.append(Target((doctor,)))
    for name, some in departments.items():
        if _begin(parts, name_words(name)):
            found.append(Target(tuple(some), name))
    return found


def _doctor_words(doctor: DoctorView) -> list[str]:
    return [word for word in name_words(doctor.name) if word not in _TITLES]


def _begin(parts: Iterable[str], words: Iterable[str]) -> bool:
    known = list(words)
    return all(any(word.startswith(part) for word in known) for part in parts)


def _whole(words: Sequence[str], target: Target) -> int:
    known = set(name_words(target.department or target.doctors[0].department))
    if not target.department:
        known |= set(_doctor_words(target.doctors[0]))
    return sum(part in known for word in words for part in name_words(word))


def matches(
    options: Sequence[Reading], found: Mapping[str, Sequence[PatientView]]
) -> tuple[Match, ...]:
    """The readings with a doctor for which patients were `found`, by their `search`; of these
    those in which the most words are whole words of a name."""
    scored = [
        (one.whole + max(_known_words(one, patient) for patient in patients), one, patients)
        for one in options
        if one.targets and one.patient and (patients := found.get(one.search))
    ]
    best = max((score for score, _, _ in scored), default=0)
    return tuple(
        Match(tuple(patients), one.targets) for score, one, patients in scored if score == best
    )


def _known_words(reading: Reading, patient: PatientView) -> int:
    known = set(name_words(patient.name))
    parts = [part for word in reading.patient for part in name_words(word)]
    return sum(part in known or part.isdecimal() for part in parts)


def what_is_missing(options: Sequence[Reading], found: Mapping[str, Sequence[PatientView]]) -> str:
    """What to type next where no booking can be meant yet; empty where nobody is found at all."""
    *named, all_words = options
    targets = [target for one in named if not one.patient for target in one.targets]
    patients = found.get(all_words.search, ())
    if targets and patients:
        return "Go on: who is booked, and with which doctor or department?"
    if targets:
        who = targets[0].department or targets[0].doctors[0].name
        return f"{who}: now the patient." if len(targets) == 1 else "Now the patient."
    if len(patients) == 1:
        return f"{patients[0].name} ({patients[0].mrn}): now a doctor or a department."
    return "Now a doctor or a department." if patients else ""


def nobody(words: Sequence[str]) -> str:
    """The sentence for words that find nobody."""
    text = " ".join(words)
    if all(any(one.isdecimal() for one in word) for word in words):
        return f"Nobody has “{text}” as telephone, patient number or birth date."
    return f"Nobody is called “{text}”."


def blamed(
    words: Sequence[str],
    doctors: Sequence[DoctorView],
    found: Mapping[str, Sequence[PatientView]],
) -> str:
    """Which words find nobody: those that do not do so alone, else all of them together."""
    alone = [word for word in words if not found.get(word) and not _targets([word], doctors)]
    return nobody(alone or words)


def days_to_read(when: When, now: datetime, doctors: int = 1) -> tuple[date, date]:
    """The inclusive days of which `offer` needs the free slots: of a few doctors two months where
    no day is wished for, else two weeks. `now` is in hospital time."""
    day, today = wished_day(when, now), now.date()
    if day is None:
        days = _DAYS_AHEAD if doctors <= _FEW_DOCTORS else _DAYS_ROUND
        return today, today + timedelta(days=days)
    first = max(today, day - timedelta(days=1)) if when.clock else day
    return first, day + timedelta(days=_DAYS_ROUND)


def wished_day(when: When, now: datetime) -> date | None:
    """The day that is meant; a time alone is today's, or tomorrow's when it is over."""
    if when.day is not None or when.clock is None:
        return when.day
    return now.date() + timedelta(days=0 if when.clock >= now.time() else 1)


def doctor_ids(found: Iterable[Match]) -> list[int]:
    """The doctors whose free slots `offer` needs."""
    return sorted({d.id for one in found for target in one.targets for d in target.doctors})


def too_many(found: Iterable[Match]) -> str:
    """What to say where so many doctors are meant that their time is not looked at."""
    names = {t.department or t.doctors[0].name for one in found for t in one.targets}
    return f"{len(names)} doctors or departments: type more." if len(names) > _MOST_TARGETS else ""


def offer(found: Sequence[Match], when: When, free: Sequence[Slot], now: datetime) -> Offer:
    """The bookings that may be meant, of the `free` slots in order of time: the wished-for one,
    else the nearest; one for each patient and doctor where there are several, else three."""
    pairs = [(p, t) for one in found for p in one.patients for t in one.targets]
    most = _MOST_SLOTS if len(pairs) == 1 else 1
    choices: list[Choice] = []
    exact: set[bool] = set()
    on_day = True
    day = wished_day(when, now)
    for patient, target in pairs:
        by_id = {doctor.id: doctor for doctor in target.doctors}
        own = [one for one in free if one.doctor_id in by_id and when.bounds(_clock(one))]
        slots = _wished(own, when, day)[:most] if when.clock else []
        exact.add(bool(slots))
        slots = slots or _nearest(own, when, day, most)
        on_day = on_day and bool(slots) and day in (None, slots[0].starts_at.date())
        choices += [Choice(patient, by_id[slot.doctor_id], slot) for slot in slots]
    remark = _remark(when, day, now, bool(choices), exact, on_day)
    return Offer(tuple(choices[:MOST_CHOICES]), remark)


def _clock(slot: Slot) -> time:
    return slot.starts_at.time()


def _wished(slots: Sequence[Slot], when: When, day: date | None) -> list[Slot]:
    return [s for s in slots if (s.starts_at.date(), s.starts_at.time()) == (day, when.clock)]


def _nearest(slots: Sequence[Slot], when: When, day: date | None, most: int) -> list[Slot]:
    """The slots nearest to the wished-for time; without one the first of the day, or after it."""
    if day is None:
        return list(slots[:most])
    if when.clock is None:
        later = [one for one in slots if one.starts_at.date() >= day]
        return ([one for one in later if one.starts_at.date() == day] or later)[:most]
    wished = datetime.combine(day, when.clock)
    near = sorted(slots, key=lambda s: abs(s.starts_at.replace(tzinfo=None) - wished))[:most]
    return sorted(near, key=lambda s: s.starts_at.timestamp())


def _remark(
    when: When, day: date | None, now: datetime, any_free: bool, exact: set[bool], on_day: bool
) -> str:
    """Why what is offered is not what was asked for; empty where it is."""
    at = f"{day:%a %d %b}" if day else ""
    if not any_free:
        return f"Nothing is free around {at}." if day else "Nothing is free in the next weeks."
    if when.clock is not None and exact == {True, False}:
        return f"{at} {when.clock:%H:%M} is not free with all of them."
    if when.clock is not None and exact == {False}:
        over = day == now.date() and when.clock < now.time()
        what = "is over" if over else "is not free"
        return f"{at} {when.clock:%H:%M} {what}; this is near."
    return "" if on_day else f"Nothing is free on {at}; this is later."
