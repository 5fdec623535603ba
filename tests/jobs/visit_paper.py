"""The paper of a visit as the store gives it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from store.values import PaperKind, PrescriptionInput, Sex, VisitPaper, Vitals
from tests.jobs.paper import AT

MEDICINE = PrescriptionInput(
    "Paracetamol", "500 mg tab", "oral", "1-0-1", 3, 6, "after food", "liver is sound"
)
PAPER = VisitPaper(
    kind=PaperKind.PRESCRIPTION,
    record_id=5,
    hospital="City Hospital",
    letterhead=("12 Lake Road", "Tel. 044 2499 0011"),
    doctor="Dr Anita Nair",
    qualification="MBBS, MD",
    registration="KMC 48213",
    department="Medicine",
    patient="Meena Rao",
    mrn="000009-2",
    age="34 years",
    sex=Sex.FEMALE,
    address="7 Temple Street",
    visited_at=AT,
    signed_at=AT.replace(minute=52),
    corrected_at=None,
    allergies=("Penicillin (rash)",),
    symptoms="Fever for three days",
    vitals=Vitals(pulse_bpm=96, weight_kg=Decimal("61.25")),
    diagnoses=("J02.9 Acute pharyngitis", "Overworked"),
    treatment="Rest, fluids",
    notes="Not for the patient's employer",
    medicines=(
        MEDICINE,
        PrescriptionInput("Amoxicillin", "125 mg/5 ml 5 ml syp", "oral", "1-1-1", 5, 75),
    ),
    follow_up=date(2026, 1, 12),
)
