"""Reading the published “Medical Appointment No Shows” set, as it is and not as one would like it.

Its quirks are counted rather than smoothed over: patient ids in floating-point notation, ages
below zero and beyond any human, one patient with several ages, bookings entered after their day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from store.birth import OLDEST
from store.errors import Invalid
from store.exchange.csv_file import open_csv

COLUMNS = (
    "PatientId",
    "AppointmentID",
    "Gender",
    "ScheduledDay",
    "AppointmentDay",
    "Age",
    "Neighbourhood",
    "No-show",
)


@dataclass(frozen=True, slots=True)
class Booking:
    """One line: who, where, on which day, when it was booked (UTC), and whether the patient
    came. `age` is None where the file's cannot be one."""

    patient: str
    appointment: str
    sex: str
    age: int | None
    clinic: str
    booked_at: datetime
    day: date
    came: bool


@dataclass
class Quirks:
    """What of the file is not as one would have it, counted."""

    unreadable: list[int] = field(default_factory=list)
    odd_patient_ids: int = 0
    ages_below_zero: int = 0
    ages_beyond: int = 0
    other_age_before: int = 0
    again_that_day: int = 0


def read_bookings(path: Path, limit: int | None = None) -> tuple[list[Booking], Quirks]:
    """The file's bookings in the order in which they were made, the first `limit` of them.

    Raises:
        Invalid: the file cannot be read, or is another one.
    """
    quirks = Quirks()
    found: list[Booking] = []
    with open_csv(path) as file:
        missing = [name for name in COLUMNS if name not in file.heading]
        if missing:
            raise Invalid(f"{path} has no column {', '.join(missing)}.")
        places = [file.heading.index(name) for name in COLUMNS]
        for line in file.lines():
            try:
                found.append(_booking([line.cells[place] for place in places], quirks))
            except (ValueError, IndexError, InvalidOperation):
                quirks.unreadable.append(line.number)
    found.sort(key=lambda one: (one.booked_at, one.appointment))
    found = found[:limit]
    _count_repetitions(found, quirks)
    return found, quirks


def _booking(cells: list[str], quirks: Quirks) -> Booking:
    patient, appointment, sex, booked_at, day, age, clinic, no_show = cells
    if no_show not in {"Yes", "No"} or not clinic.strip():
        raise ValueError(no_show)
    moment = datetime.fromisoformat(booked_at)
    if moment.tzinfo is None:
        raise ValueError(booked_at)
    return Booking(
        patient=_patient(patient, quirks),
        appointment=appointment.strip(),
        sex=sex,
        age=_age(int(age), quirks),
        clinic=clinic.strip(),
        booked_at=moment,
        day=date.fromisoformat(day[:10]),
        came=no_show == "No",
    )


def _patient(text: str, quirks: Quirks) -> str:
    """A patient id in plain digits, however it is written: `537E2` and `53700.0` are `53700`."""
    plain = format(Decimal(text.strip()).normalize(), "f")
    quirks.odd_patient_ids += plain != text.strip()
    return plain


def _age(age: int, quirks: Quirks) -> int | None:
    quirks.ages_below_zero += age < 0
    quirks.ages_beyond += age > OLDEST
    return age if 0 <= age <= OLDEST else None


def _count_repetitions(found: list[Booking], quirks: Quirks) -> None:
    ages: dict[str, int | None] = {}
    days: set[tuple[str, str, date]] = set()
    for one in found:
        quirks.other_age_before += ages.setdefault(one.patient, one.age) != one.age
        quirks.again_that_day += (one.patient, one.clinic, one.day) in days
        days.add((one.patient, one.clinic, one.day))
