"""A patient's file as the store gives it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from store.values import (
    AllergyView,
    AmendmentView,
    AppointmentStatus,
    AppointmentView,
    BirthPrecision,
    CalendarEntry,
    Diagnosis,
    PatientFile,
    PatientView,
    PrescriptionInput,
    PrescriptionItemView,
    RecordInput,
    RecordStatus,
    RecordView,
    Sex,
    Vitals,
)

AT = datetime(2026, 1, 5, 10, 30, tzinfo=ZoneInfo("Asia/Kolkata"))
UID = "7f0d3c52-6a3b-4f5e-9f0e-2f6c4b1d9a10"

PATIENT = PatientView(
    id=9,
    mrn="000009-2",
    name="Meena Rao",
    birth_date=date(1991, 4, 3),
    birth_precision=BirthPrecision.DAY,
    age=34,
    sex=Sex.FEMALE,
    phone="+919845011223",
    email="meena@example.org",
    address="12 Lake Road",
    emergency_name="",
    emergency_phone=None,
    language="en",
    active=True,
    external_id=None,
    username=None,
    version=1,
)
VISIT = AppointmentView(
    id=17,
    patient_id=9,
    mrn="000009-2",
    patient="Meena Rao",
    patient_sex=Sex.FEMALE,
    patient_age=34,
    patient_phone=None,
    doctor_id=2,
    doctor="Dr Anita Nair",
    department_id=1,
    department="Medicine",
    starts_at=AT,
    ends_at=AT + timedelta(minutes=15),
    status=AppointmentStatus.COMPLETED,
    token="A-01",
    overbooked=False,
    walk_in=False,
    note="chest pain",
    version=3,
    checked_in_at=AT,
    started_at=AT,
    completed_at=AT,
    reason="",
    successor_id=None,
    predecessor_id=None,
)
COMING = replace(
    VISIT, id=18, starts_at=AT + timedelta(days=7), status=AppointmentStatus.BOOKED, token=None
)
MEDICINE = PrescriptionInput("Paracetamol", "500 mg", "oral", "1-0-1", 3, 6, "after food")
CONTENT = RecordInput(
    symptoms="Fever for three days,\nsore throat",
    diagnoses=(Diagnosis("Acute pharyngitis", "J02.9"), Diagnosis("Overworked")),
    vitals=Vitals(
        systolic_mmhg=128,
        diastolic_mmhg=84,
        temperature_c=Decimal("38.4"),
        weight_kg=Decimal("61.25"),
        height_cm=Decimal("162.5"),
    ),
    treatment="Rest, fluids",
    notes="Review if the fever lasts",
    follow_up_on=date(2026, 1, 12),
    prescription=(MEDICINE,),
)
RECORD = RecordView(
    id=5,
    appointment_id=17,
    patient_id=9,
    mrn="000009-2",
    patient="Meena Rao",
    doctor_id=2,
    doctor="Dr Anita Nair",
    department="Medicine",
    visited_at=AT,
    status=RecordStatus.SIGNED,
    content=CONTENT,
    prescription=(PrescriptionItemView(3, 5, 1, MEDICINE),),
    amendments=(
        AmendmentView(
            AT + timedelta(hours=1),
            "Dr Anita Nair",
            "diagnoses",
            "Acute pharyngitis; Overworked",
            "Acute tonsillitis",
            "seen again",
        ),
    ),
    signed_at=AT + timedelta(minutes=20),
    updated_at=AT,
    version=4,
)
FILE = PatientFile(
    hospital="City Hospital",
    hospital_uid=UID,
    made_at=AT + timedelta(hours=2),
    patient=PATIENT,
    allergies=(AllergyView(4, 9, "Penicillin", "rash", "mild", date(2020, 5, 1)),),
    visits=(VISIT, COMING),
    records=(RECORD,),
    calendar=(
        CalendarEntry(f"appointment-17@{UID}", 0, VISIT),
        CalendarEntry(f"appointment-12@{UID}", 2, COMING),
    ),
)


def saying(text: str) -> PatientFile:
    """The file, with this text wherever a person may have put one."""
    content = RecordInput(
        symptoms=text,
        diagnoses=(Diagnosis(text[:900] or "-"),),
        treatment=text,
        notes=text,
        prescription=(PrescriptionInput(text[:200] or "-", text[:80], text[:40], text[:80]),),
    )
    amended = replace(RECORD.amendments[0], text=text, earlier_text=text, reason=text[:400])
    line = PrescriptionItemView(3, 5, 1, content.prescription[0])
    return replace(
        FILE,
        hospital=text[:120] or "-",
        patient=replace(PATIENT, name=text[:120] or "-", address=text[:400]),
        allergies=(replace(FILE.allergies[0], substance=text[:200] or "-", reaction=text[:200]),),
        visits=(replace(VISIT, note=text[:2000], doctor=text[:120] or "-"),),
        records=(replace(RECORD, content=content, prescription=(line,), amendments=(amended,)),),
    )
