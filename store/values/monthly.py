"""What a calendar month was, for a doctor or for the hospital, beside the month before."""

from __future__ import annotations

from datetime import date, timedelta

from msgspec import Struct

from store.values.clinical import Diagnosis
from store.values.figures import DayTally, Tally


class Month(Struct, frozen=True, order=True):
    """A month of the hospital's calendar."""

    year: int
    number: int

    @property
    def first(self) -> date:
        """Its first day."""
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        """Its last day."""
        return self.next.first - timedelta(days=1)

    @property
    def next(self) -> Month:
        """The month after it."""
        return Month.of(self.first + timedelta(days=31))

    @property
    def before(self) -> Month:
        """The month before it."""
        return Month.of(self.first - timedelta(days=1))

    @classmethod
    def of(cls, day: date) -> Month:
        """The month in which a day lies."""
        return cls(day.year, day.month)

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"


class MonthFigures(Struct, frozen=True):
    """The figures of one month.

    Of the cancelled, `cancelled_by_patient` were cancelled by patients themselves. `patients` were
    seen; `new_patients` of them never before by this doctor (by anybody, in a report of the
    hospital). `waiting_minutes` is the median from checking in to being called, None where nobody
    was. `booked_minutes` were taken by appointments that stood, a no-show's included;
    `offered_minutes` are working hours less leave and holidays. `prescriptions` are records that
    have one, `medicines` their lines.
    """

    month: Month
    tally: Tally
    cancelled_by_patient: int
    walk_ins: int
    overbooked: int
    patients: int
    new_patients: int
    waiting_minutes: int | None
    booked_minutes: int
    offered_minutes: int
    records: int
    diagnoses: int
    prescriptions: int
    medicines: int

    @property
    def used(self) -> float | None:
        """The part of the offered hours that was booked; above 1 where more was. None for none."""
        return self.booked_minutes / self.offered_minutes if self.offered_minutes else None


class MonthOfDoctor(Struct, frozen=True):
    """One doctor's line in the hospital's report."""

    doctor_id: int
    doctor: str
    department: str
    tally: Tally
    booked_minutes: int
    offered_minutes: int


class MonthlyReport(Struct, frozen=True):
    """A month's activity. `doctor_id` is None in the hospital's; `doctor` is then its name, and
    `doctors` has a line for each. `diagnoses` and `drugs` are the most frequent with how often."""

    hospital: str
    doctor_id: int | None
    doctor: str
    department: str
    now: MonthFigures
    before: MonthFigures
    days: tuple[DayTally, ...]
    diagnoses: tuple[tuple[Diagnosis, int], ...]
    drugs: tuple[tuple[str, int], ...]
    doctors: tuple[MonthOfDoctor, ...] = ()
