"""What is put on paper: slips for a patient's pocket, the list of a day, and what a doctor hands
out."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from store.values.booking import AppointmentStatus
from store.values.papers import VisitPaper
from store.values.people import Sex


class SlipUse(StrEnum):
    """What becomes of a slip: looked at only, sent to a printer, or written to a file."""

    SHOW = "show"
    PRINT = "print"
    EXPORT = "export"


class TokenSlip(Struct, frozen=True):
    """What a patient holds while waiting. `patient` is shortened, for such slips are left lying
    in waiting rooms; times are hospital time."""

    appointment_id: int
    hospital: str
    token: str
    patient: str
    mrn: str
    doctor: str
    department: str
    checked_in_at: datetime


class AppointmentSlip(Struct, frozen=True):
    """What a patient takes home. `cancel_until` is the last moment for cancelling by oneself."""

    appointment_id: int
    hospital: str
    patient: str
    mrn: str
    doctor: str
    department: str
    starts_at: datetime
    ends_at: datetime
    cancel_until: datetime


class DayLine(Struct, frozen=True):
    """One appointment of a day's list; `phone` is None where it is not told or not known."""

    appointment_id: int
    starts_at: datetime
    token: str | None
    patient: str
    mrn: str
    age: int | None
    sex: Sex
    phone: str | None
    doctor: str
    status: AppointmentStatus


class DayList(Struct, frozen=True):
    """A day of one doctor or of all, by doctor and time; `doctor` is None for all."""

    hospital: str
    day: date
    doctor: str | None
    lines: tuple[DayLine, ...]
    made_at: datetime
    made_by: str


Slip = TokenSlip | AppointmentSlip | DayList
Sheet = Slip | VisitPaper
"""Whatever goes on paper."""
