"""Medical records as they leave the store."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from msgspec import Struct


class RecordStatus(StrEnum):
    """A medical record is written as a draft and frozen by signing."""

    DRAFT = "draft"
    SIGNED = "signed"


class Vitals(Struct, frozen=True):
    """Vital signs of one encounter; None is not measured. UCUM units are in the names."""

    systolic_mmhg: int | None = None
    diastolic_mmhg: int | None = None
    pulse_bpm: int | None = None
    temperature_c: Decimal | None = None
    weight_kg: Decimal | None = None
    height_cm: Decimal | None = None
    spo2_percent: int | None = None
    respiration_per_min: int | None = None

    @property
    def bmi(self) -> Decimal | None:
        """Body mass index in kg/m², one decimal; None without weight and height."""
        if not self.weight_kg or not self.height_cm:
            return None
        metres = self.height_cm / 100
        return (self.weight_kg / (metres * metres)).quantize(Decimal("0.1"))


class Diagnosis(Struct, frozen=True):
    """A diagnosis: free text always, an ICD-10 code where one was chosen."""

    text: str
    code: str | None = None


class CodeHit(Struct, frozen=True):
    """A code found by search, with its title."""

    code: str
    title: str


class DrugView(Struct, frozen=True):
    """A drug of the formulary. `strengths` are as they are written (`500 mg`, `125 mg/5 ml`);
    `atc` is its code in WHO's Anatomical Therapeutic Chemical classification, where known."""

    id: int
    name: str
    ingredients: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    forms: tuple[str, ...] = ()
    strengths: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    atc: str = ""
    active: bool = True

    def unit_of(self, number: str) -> str:
        """The unit that a number alone has for this drug: that of the strength of this number,
        else the one that all its strengths share; else nothing."""
        known = [one.partition("/")[0].partition(" ") for one in self.strengths]
        of_number = {unit for figure, _, unit in known if figure == number and unit}
        shared = {unit for _, _, unit in known}
        return next(iter(of_number or shared)) if len(of_number or shared) == 1 else ""


class PrescriptionInput(Struct, frozen=True):
    """A prescription line as written. `duration_days` and `quantity` are counts."""

    drug: str
    dose: str = ""
    route: str = ""
    frequency: str = ""
    duration_days: int | None = None
    quantity: int | None = None
    instructions: str = ""
    warning_answer: str = ""


class PrescriptionItemView(Struct, frozen=True):
    """A stored prescription line."""

    id: int
    record_id: int
    position: int
    item: PrescriptionInput


class RecordInput(Struct, frozen=True):
    """The text of a consultation, as typed; saved as a draft as often as the doctor types."""

    symptoms: str = ""
    diagnoses: tuple[Diagnosis, ...] = ()
    vitals: Vitals = Vitals()
    treatment: str = ""
    notes: str = ""
    follow_up_on: date | None = None
    prescription: tuple[PrescriptionInput, ...] = ()


class AmendmentView(Struct, frozen=True):
    """A correction of a signed record; the earlier text stays."""

    at: datetime
    author: str
    field: str
    earlier_text: str
    text: str
    reason: str


class RecordView(Struct, frozen=True):
    """A medical record with all that belongs to it."""

    id: int
    appointment_id: int | None
    patient_id: int
    mrn: str
    patient: str
    doctor_id: int
    doctor: str
    department: str
    visited_at: datetime
    status: RecordStatus
    content: RecordInput
    prescription: tuple[PrescriptionItemView, ...]
    amendments: tuple[AmendmentView, ...]
    signed_at: datetime | None
    updated_at: datetime
    version: int
