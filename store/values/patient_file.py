"""Everything about one patient, for an export: particulars, allergies, visits, signed records."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from store.values.booking import AppointmentView
from store.values.clinical import RecordView
from store.values.ledgers import OutboxStatus
from store.values.people import AllergyView, PatientView


class RecordFormat(StrEnum):
    """The forms in which a patient's records leave the hospital."""

    PDF = "pdf"
    CSV = "csv"
    FHIR = "fhir"
    ICS = "ics"


class CalendarEntry(Struct, frozen=True):
    """An appointment as a calendar knows it: the same `uid` however often it is moved, and a
    `sequence` that rises with each change (RFC 5545)."""

    uid: str
    sequence: int
    visit: AppointmentView


class PatientFile(Struct, frozen=True):
    """A patient's file as of `made_at` (hospital time). `records` are the signed ones, the newest
    visit first; `visits` are all appointments by time; `calendar` are those that stand.
    `hospital_uid` tells this hospital from others in what is exported."""

    hospital: str
    hospital_uid: str
    made_at: datetime
    patient: PatientView
    allergies: tuple[AllergyView, ...]
    visits: tuple[AppointmentView, ...]
    records: tuple[RecordView, ...]
    calendar: tuple[CalendarEntry, ...]


class RecordsAsked(Struct, frozen=True):
    """A request for records by mail: the message owed, to which address, and what became of it.
    `password` opens the archive, and is in no mail; a single paper has none."""

    message_id: int
    email: str
    formats: tuple[RecordFormat, ...]
    status: OutboxStatus
    asked_at: datetime
    sent_at: datetime | None
    password: str = ""

    def __repr__(self) -> str:
        """Without the password, so that no log and no test shows it."""
        return f"RecordsAsked({self.message_id}, {self.status})"
