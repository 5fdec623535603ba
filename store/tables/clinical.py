"""Medical records with diagnoses, prescriptions and amendments, and the formulary."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from store.tables.base import BigId, Stamped, one_of
from store.values import RecordStatus


class MedicalRecord(Stamped, table=True):
    """What was found and done at one encounter: an editable draft, frozen by signing.

    Vital signs are integers in the unit of their name (tenths of a degree Celsius, grams,
    millimetres), so that both databases keep them exactly. Triggers refuse every change of a
    signed record, its diagnoses and its prescription.
    """

    __tablename__ = "medical_record"
    __table_args__ = (
        one_of("status", RecordStatus),
        CheckConstraint("(status = 'signed') = (signed_at IS NOT NULL)", name="signed_at"),
        Index("ix_medical_record_patient_id_visited_at", "patient_id", "visited_at"),
        Index("ix_medical_record_doctor_id_visited_at", "doctor_id", "visited_at"),
        Index("ix_medical_record_department_id_visited_at", "department_id", "visited_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    appointment_id: int | None = Field(
        default=None,
        unique=True,
        foreign_key="appointment.id",
        sa_type=BigId,
    )
    patient_id: int = Field(foreign_key="patient.id")
    doctor_id: int = Field(foreign_key="doctor.id")
    department_id: int = Field(foreign_key="department.id")
    visited_at: datetime = Field(index=True)
    status: str = Field(default=RecordStatus.DRAFT, max_length=8)
    symptoms: str = Field(default="", max_length=20_000)
    treatment: str = Field(default="", max_length=20_000)
    notes: str = Field(default="", max_length=20_000)
    systolic_mmhg: int | None = None
    diastolic_mmhg: int | None = None
    pulse_bpm: int | None = None
    temperature_tenths_c: int | None = None
    weight_g: int | None = None
    height_mm: int | None = None
    spo2_percent: int | None = None
    respiration_per_min: int | None = None
    follow_up_on: date | None = None
    signed_at: datetime | None = None
    signed_by: int | None = Field(default=None, foreign_key="account.id")
    signature: str | None = Field(default=None, max_length=64)
    external_id: str | None = Field(default=None, unique=True, max_length=120)


class RecordDiagnosis(SQLModel, table=True):
    """A diagnosis of a record: text always, an ICD-10 code where one was chosen."""

    __tablename__ = "record_diagnosis"
    __table_args__ = (UniqueConstraint("record_id", "position"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    record_id: int = Field(foreign_key="medical_record.id", sa_type=BigId)
    position: int
    code: str | None = Field(default=None, max_length=10, index=True)
    text: str = Field(max_length=1000)


class PrescriptionItem(SQLModel, table=True):
    """A line of a record's prescription (FHIR R4 MedicationRequest)."""

    __tablename__ = "prescription_item"
    __table_args__ = (
        UniqueConstraint("record_id", "position"),
        CheckConstraint("duration_days IS NULL OR duration_days > 0", name="duration_days"),
        CheckConstraint("quantity IS NULL OR quantity > 0", name="quantity"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    record_id: int = Field(foreign_key="medical_record.id", sa_type=BigId)
    position: int
    drug: str = Field(max_length=200)
    dose: str = Field(default="", max_length=80)
    route: str = Field(default="", max_length=40)
    frequency: str = Field(default="", max_length=80)
    duration_days: int | None = None
    quantity: int | None = None
    instructions: str = Field(default="", max_length=500)
    warning_answer: str = Field(default="", max_length=500)


class RecordAmendment(SQLModel, table=True):
    """A correction of a signed record; append-only, the earlier text stays readable."""

    __tablename__ = "record_amendment"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    record_id: int = Field(foreign_key="medical_record.id", index=True, sa_type=BigId)
    at: datetime
    author_id: int | None = Field(default=None, foreign_key="account.id")
    field: str = Field(max_length=40)
    earlier_text: str = Field(max_length=20_000)
    text: str = Field(max_length=20_000)
    reason: str = Field(max_length=500)


class Drug(Stamped, table=True):
    """A drug of the formulary, with the ingredients and classes that warnings go by.

    Ingredients, classes, forms, strengths and synonyms are lists separated by semicolons; `atc`
    is the code of WHO's classification.
    """

    id: int | None = Field(default=None, primary_key=True)
    name: str = Field(max_length=200)
    name_key: str = Field(unique=True, max_length=400)
    ingredient: str = Field(default="", max_length=200)
    drug_class: str = Field(default="", max_length=120)
    forms: str = Field(default="", max_length=200)
    strengths: str = Field(default="", max_length=200)
    synonyms: str = Field(default="", max_length=400)
    atc: str = Field(default="", max_length=7)
    is_active: bool = Field(default=True)
