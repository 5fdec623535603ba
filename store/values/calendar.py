"""A doctor's calendar as it leaves the store, and the appointments that have lost their time.

Moments are aware datetimes in the hospital's time zone, spans half-open, days inclusive.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from store.values.booking import AppointmentStatus, AppointmentView, LeaveView, Slot
from store.values.people import Sex


class CalendarVisit(Struct, frozen=True):
    """An appointment as a calendar shows it: who, when, and where it stands."""

    id: int
    patient: str
    mrn: str
    patient_sex: Sex
    patient_age: int | None
    starts_at: datetime
    ends_at: datetime
    status: AppointmentStatus
    overbooked: bool
    walk_in: bool


class CalendarDay(Struct, frozen=True):
    """One day of a doctor. On a holiday there are no slots; leave may cover only a part."""

    day: date
    holiday: str | None
    slots: tuple[Slot, ...]
    visits: tuple[CalendarVisit, ...]
    leave: tuple[LeaveView, ...]


class DoctorCalendar(Struct, frozen=True):
    """Every day of an inclusive range, in order."""

    doctor_id: int
    days: tuple[CalendarDay, ...]

    @property
    def first(self) -> date:
        """The first day."""
        return self.days[0].day

    @property
    def last(self) -> date:
        """The last day, included."""
        return self.days[-1].day


class Clash(StrEnum):
    """What took the time from under an appointment."""

    LEAVE = "leave"
    HOLIDAY = "holiday"
    HOURS = "hours"


class Conflict(Struct, frozen=True):
    """An appointment still to come at a time that is the doctor's no more. `why` is the reason
    of the leave or the name of the holiday, and may be empty."""

    appointment: AppointmentView
    clash: Clash
    why: str
