"""One visit on paper, for the patient to take along: a prescription, or the summary of it all."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct

from store.values.clinical import PrescriptionInput, Vitals
from store.values.people import Sex


class PaperKind(StrEnum):
    """What of a signed record goes on paper."""

    PRESCRIPTION = "prescription"
    SUMMARY = "summary"


class VisitPaper(Struct, frozen=True):
    """A signed record as it reads now; times are hospital time.

    Measurements, the next visit and medicines are text where an amendment wrote them anew. `age`
    is that on the day of the visit, in words. `letterhead` are the hospital's lines below its
    name, `corrected_at` is when the record was last amended.
    """

    kind: PaperKind
    record_id: int
    hospital: str
    letterhead: tuple[str, ...]
    doctor: str
    qualification: str
    registration: str
    department: str
    patient: str
    mrn: str
    age: str
    sex: Sex
    address: str
    visited_at: datetime
    signed_at: datetime
    corrected_at: datetime | None
    allergies: tuple[str, ...]
    symptoms: str
    vitals: Vitals | str
    diagnoses: tuple[str, ...]
    treatment: str
    notes: str
    medicines: tuple[PrescriptionInput, ...] | str
    follow_up: date | str | None
