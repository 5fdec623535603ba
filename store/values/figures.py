"""Figures of the hospital and of a doctor, counted by the store."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from msgspec import Struct

from store.values.booking import AppointmentStatus


class Tally(Struct, frozen=True):
    """How many appointments have each status; one field for each, by its name."""

    booked: int = 0
    checked_in: int = 0
    in_consultation: int = 0
    completed: int = 0
    cancelled: int = 0
    no_show: int = 0
    left: int = 0
    rescheduled: int = 0
    in_error: int = 0

    @classmethod
    def of(cls, counts: Iterable[tuple[str, int]]) -> Tally:
        """The sums of pairs of a status and a number."""
        sums = dict.fromkeys(cls.__struct_fields__, 0)
        for status, number in counts:
            sums[status] += number
        return cls(**sums)

    def number(self, status: AppointmentStatus) -> int:
        """How many have this status."""
        found: int = getattr(self, status.value)
        return found

    @property
    def standing(self) -> int:
        """Appointments that take or took place, or should have: all but those that were
        cancelled, moved to another time (their successor counts) or entered in error."""
        return self.booked + self.due

    @property
    def due(self) -> int:
        """Of these, the ones of which it is known whether the patient came."""
        came = self.checked_in + self.in_consultation + self.completed + self.left
        return came + self.no_show

    @property
    def no_show_rate(self) -> float | None:
        """The part of those due whose patient did not come, 0 to 1; None where none was due."""
        return self.no_show / self.due if self.due else None


class DayTally(Struct, frozen=True):
    """The appointments of one day."""

    day: date
    tally: Tally


class Activity(Struct, frozen=True):
    """Appointments today, in this week (from Monday), in this month, and in a period of any days
    (both included) with all that is told day by day.

    `load` are the standing appointments of the period by weekday (0 is Monday) and, in it, by the
    hour of the hospital's clock at which they begin.
    """

    today: Tally
    week: Tally
    month: Tally
    first_day: date
    last_day: date
    period: Tally
    days: tuple[DayTally, ...]
    load: tuple[tuple[int, ...], ...]

    @property
    def by_hour(self) -> tuple[int, ...]:
        """The load of each of the 24 hours."""
        return tuple(map(sum, zip(*self.load, strict=True)))

    @property
    def by_weekday(self) -> tuple[int, ...]:
        """The load of each weekday."""
        return tuple(map(sum, self.load))


class Share(Struct, frozen=True):
    """What a department or a doctor had of the period's standing appointments."""

    id: int
    name: str
    appointments: int
    no_shows: int


class HospitalFigures(Struct, frozen=True):
    """An administrator's dashboard. Patients, doctors and departments are the active ones; the
    shares are those of the period, the largest first."""

    patients: int
    doctors: int
    departments: int
    mail_waiting: int
    mail_failed: int
    activity: Activity
    busiest_departments: tuple[Share, ...]
    busiest_doctors: tuple[Share, ...]


class DoctorFigures(Struct, frozen=True):
    """A doctor's own numbers. `patients` were seen in the period, `new_patients` of them never
    before by this doctor."""

    doctor_id: int
    doctor: str
    patients: int
    new_patients: int
    activity: Activity
