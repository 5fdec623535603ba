"""What a doctor's patients come to, and what became of one of them over time."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from store.values.booking import AppointmentView
from store.values.clinical import RecordView
from store.values.people import Sex


class OwnPatientView(Struct, frozen=True):
    """A patient as one doctor knows the patient: `visits` are consultations that took place,
    `missed` no-shows, all of them with that doctor alone."""

    id: int
    mrn: str
    name: str
    sex: Sex
    age: int | None
    phone: str | None
    active: bool
    visits: int
    missed: int
    first_at: datetime | None
    last_at: datetime | None
    next_at: datetime | None


class OwnPatientsFigures(Struct, frozen=True):
    """A doctor's patients, counted: those who were seen, their visits, those seen and those new in
    the running month, those who are booked again, and the appointments that nobody came to."""

    patients: int
    visits: int
    seen_this_month: int
    new_this_month: int
    booked_again: int
    missed: int


class TimelineEntry(Struct, frozen=True):
    """One thing of a patient's past: an appointment, its record, or both."""

    at: datetime
    visit: AppointmentView | None = None
    record: RecordView | None = None
