"""A patient's file as it comes from another hospital.

A `key` is what the other hospital calls a thing by, the same in every file of it. Moments are
aware.
"""

from __future__ import annotations

from datetime import date, datetime

from msgspec import Struct

from store.values.booking import AppointmentStatus
from store.values.clinical import RecordInput
from store.values.people import PatientInput


class ForeignDoctor(Struct, frozen=True):
    """A doctor of the other hospital, and the department of the visit."""

    key: str
    name: str
    department: str


class ForeignVisit(Struct, frozen=True):
    """An appointment there."""

    key: str
    doctor: ForeignDoctor
    starts_at: datetime
    ends_at: datetime
    status: AppointmentStatus
    note: str


class ForeignAmendment(Struct, frozen=True):
    """A correction of a record there; `author` is a name."""

    at: datetime
    author: str
    field: str
    earlier_text: str
    text: str
    reason: str


class ForeignRecord(Struct, frozen=True):
    """A signed record there; `visit` is the key of its appointment, if it has one."""

    key: str
    visit: str | None
    doctor: ForeignDoctor
    visited_at: datetime
    signed_at: datetime
    content: RecordInput
    amendments: tuple[ForeignAmendment, ...]


class ForeignAllergy(Struct, frozen=True):
    """An allergy recorded there."""

    key: str
    substance: str
    reaction: str
    severity: str
    noted_on: date | None


class ForeignFile(Struct, frozen=True):
    """All of it. `hospital` is the id of the one it comes from, empty where it names none."""

    hospital: str
    key: str
    patient: PatientInput
    allergies: tuple[ForeignAllergy, ...]
    visits: tuple[ForeignVisit, ...]
    records: tuple[ForeignRecord, ...]


class ForeignTaken(Struct, frozen=True):
    """What came in of a file: numbers of what is new. `coming` are appointments still to come
    or not over yet, which were left out: they are the other hospital's."""

    patient_id: int
    mrn: str
    registered: bool
    visits: int
    records: int
    allergies: int
    doctors: int
    coming: int
