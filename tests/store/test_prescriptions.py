"""Prescription lines, and the warnings that want an answer before signing."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from msgspec.structs import replace

from store import appointments, prescriptions, records
from store.clock import FixedClock
from store.errors import Forbidden, IllegalTransition, Invalid, NotFound
from store.front_door import Store
from store.values import PrescriptionInput, RecordInput
from tests.store.clinic import Clinic, open_clinic

LINE = PrescriptionInput("Paracetamol", "500 mg", "oral", "1-1-1", 3, 9, "after food")


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store)


def draft(clinic: Clinic) -> int:
    visit = clinic.visit(clinic.rao, clinic.nair, overbooked=True)
    with clinic.store.transaction(clinic.nair) as tx:
        opened = records.open_draft(tx, visit)
        records.save_draft(tx, opened.id, RecordInput(notes="Seen"), version=None)
    return opened.id


def test_lines_are_added_changed_and_deleted(clinic: Clinic) -> None:
    record_id = draft(clinic)
    write, nair = clinic.store.write, clinic.nair
    first = write(nair, prescriptions.add, record_id, LINE)
    second = write(nair, prescriptions.add, record_id, PrescriptionInput("Cetirizine"))
    assert (first.position, second.position) == (1, 2)
    changed = write(nair, prescriptions.update, second.id, PrescriptionInput("Loratadine"))
    assert (changed.id, changed.item.drug) == (second.id, "Loratadine")
    write(nair, prescriptions.delete, first.id)
    left = clinic.store.read(nair, records.get, record_id)
    assert [line.item.drug for line in left.prescription] == ["Loratadine"]


def test_a_change_of_a_line_is_a_change_of_the_record(clinic: Clinic) -> None:
    record_id = draft(clinic)
    before = clinic.store.read(clinic.nair, records.get, record_id).version
    clinic.store.write(clinic.nair, prescriptions.add, record_id, LINE)
    assert clinic.store.read(clinic.nair, records.get, record_id).version == before + 1


@pytest.mark.parametrize(
    ("line", "field"),
    [
        (PrescriptionInput(""), "drug"),
        (PrescriptionInput("…"), "drug"),
        (PrescriptionInput("Para\x1b[2J"), "drug"),
        (PrescriptionInput("x" * 201), "drug"),
        (PrescriptionInput("Paracetamol", duration_days=0), "duration_days"),
        (PrescriptionInput("Paracetamol", quantity=-1), "quantity"),
        (PrescriptionInput("Paracetamol", instructions="x" * 501), "instructions"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_field(
    clinic: Clinic, line: PrescriptionInput, field: str
) -> None:
    record_id = draft(clinic)
    with pytest.raises(Invalid) as refused:
        clinic.store.write(clinic.nair, prescriptions.add, record_id, line)
    assert list(refused.value.fields) == [field]


def test_lines_of_a_signed_record_stay(clinic: Clinic) -> None:
    record = clinic.signed(clinic.rao, clinic.nair, RecordInput(notes="x", prescription=(LINE,)))
    line = record.prescription[0]
    write, nair = clinic.store.write, clinic.nair
    for attempt in (
        lambda: write(nair, prescriptions.add, record.id, LINE),
        lambda: write(nair, prescriptions.update, line.id, PrescriptionInput("Other")),
        lambda: write(nair, prescriptions.delete, line.id),
    ):
        with pytest.raises(IllegalTransition):
            attempt()
    assert clinic.store.read(nair, records.get, record.id).prescription == (line,)


def test_nobody_but_the_doctor_writes_lines(clinic: Clinic) -> None:
    record_id = draft(clinic)
    line = clinic.store.write(clinic.nair, prescriptions.add, record_id, LINE)
    for actor in (clinic.bose, clinic.rao, clinic.desk, clinic.admin):
        with pytest.raises(Forbidden):
            clinic.store.write(actor, prescriptions.add, record_id, LINE)
        with pytest.raises(Forbidden):
            clinic.store.write(actor, prescriptions.update, line.id, LINE)
        with pytest.raises(Forbidden):
            clinic.store.write(actor, prescriptions.delete, line.id)
    with pytest.raises(NotFound):
        clinic.store.write(clinic.nair, prescriptions.delete, 999)


def warned(clinic: Clinic, drug: str) -> list[str]:
    patient_id = clinic.rao.patient_id
    assert patient_id is not None
    return clinic.store.read(clinic.nair, prescriptions.warnings, patient_id, drug)


def test_a_drug_meets_an_allergy_by_its_words(clinic: Clinic) -> None:
    draft(clinic)
    clinic.allergy(clinic.rao, "Penicillin V (substance)")
    clinic.allergy(clinic.das, "Ibuprofen")
    assert warned(clinic, "PENICILLIN potassium 500 MG Oral Tablet") == [
        "The patient is recorded as allergic to Penicillin V (substance)."
    ]
    assert warned(clinic, "Ibuprofen 200 MG Oral Tablet") == []
    assert warned(clinic, "Penicillamine 250 mg") == []


def test_shared_forms_and_strengths_warn_of_nothing(clinic: Clinic) -> None:
    clinic.signed(
        clinic.rao,
        clinic.nair,
        RecordInput(
            notes="x",
            prescription=(
                PrescriptionInput("Metformin hydrochloride 500 MG Oral Tablet", duration_days=9),
            ),
        ),
    )
    assert warned(clinic, "Sertraline hydrochloride 500 MG Oral Tablet") == []
    assert warned(clinic, "metformin 850") == [
        "The patient takes Metformin hydrochloride 500 MG Oral Tablet until 13 Jan 2026."
    ]


def test_a_drug_runs_from_its_first_to_its_last_day(clinic: Clinic, clock: FixedClock) -> None:
    clinic.signed(
        clinic.rao,
        clinic.nair,
        RecordInput(notes="x", prescription=(PrescriptionInput("Warfarin", duration_days=3),)),
    )
    assert warned(clinic, "warfarin")
    clock.advance(timedelta(days=2))
    assert warned(clinic, "warfarin")
    clock.advance(timedelta(days=1))
    assert warned(clinic, "warfarin") == []


def test_what_is_still_taken_is_told_with_its_last_day(clinic: Clinic, clock: FixedClock) -> None:
    short, long = PrescriptionInput("Zinc", duration_days=3), replace(LINE, duration_days=5)
    endless = PrescriptionInput("Aspirin")
    clinic.signed(
        clinic.rao, clinic.nair, RecordInput(notes="x", prescription=(short, long, endless))
    )
    draft(clinic)
    assert clinic.rao.patient_id is not None
    clock.advance(timedelta(days=3))
    taken = clinic.store.read(clinic.nair, prescriptions.running, clinic.rao.patient_id)
    assert taken == [(long, date(2026, 1, 9)), (endless, None)]
    for stranger in (clinic.desk, clinic.bose, clinic.das):
        with pytest.raises(Forbidden):
            clinic.store.read(stranger, prescriptions.running, clinic.rao.patient_id)


def test_what_is_prescribed_again_is_one_medicine_until_the_later_day(clinic: Clinic) -> None:
    why = "weaned off"
    longer, shorter = (
        PrescriptionInput("Zinc", "20 mg", duration_days=days, warning_answer=why)
        for days in (9, 3)
    )
    other = PrescriptionInput("zinc", "10 mg", duration_days=3, warning_answer=why)
    clinic.signed(
        clinic.rao, clinic.nair, RecordInput(notes="x", prescription=(longer, shorter, other))
    )
    assert clinic.rao.patient_id is not None
    draft(clinic)
    taken = clinic.store.read(clinic.nair, prescriptions.running, clinic.rao.patient_id)
    assert taken == [(longer, date(2026, 1, 13)), (other, date(2026, 1, 7))]


def test_what_was_prescribed_to_the_wrong_patient_is_not_taken(clinic: Clinic) -> None:
    record = clinic.signed(clinic.rao, clinic.nair, RecordInput(notes="x", prescription=(LINE,)))
    assert record.appointment_id is not None
    assert warned(clinic, "Paracetamol")
    clinic.store.write(
        clinic.admin, appointments.mark_in_error, record.appointment_id, reason="wrong patient"
    )
    draft(clinic)
    assert warned(clinic, "Paracetamol") == []


def test_an_amended_prescription_is_what_the_amendment_says(clinic: Clinic) -> None:
    zinc = PrescriptionInput("Zinc", "20 mg", duration_days=3)
    record = clinic.signed(
        clinic.rao, clinic.nair, RecordInput(notes="x", prescription=(LINE, zinc))
    )

    def amended(text: str) -> list[tuple[PrescriptionInput, date | None]]:
        clinic.store.write(
            clinic.nair, records.amend, record.id, field="prescription", text=text, reason="slip"
        )
        assert clinic.rao.patient_id is not None
        return clinic.store.read(clinic.nair, prescriptions.running, clinic.rao.patient_id)

    longer = replace(zinc, duration_days=9)
    assert amended("Zinc 20 mg, 9 days") == [(longer, date(2026, 1, 13))]
    assert amended("none: the paracetamol was for another patient") == []


def test_a_draft_warns_of_nothing(clinic: Clinic) -> None:
    record_id = draft(clinic)
    clinic.store.write(
        clinic.nair, prescriptions.add, record_id, PrescriptionInput("Warfarin", duration_days=9)
    )
    assert warned(clinic, "Warfarin") == []


@pytest.mark.parametrize(
    ("substance", "drug"),
    [
        ("Penicillins", "penicillin"),
        ("Penicillins", "Penicillin V 250mg"),
        ("Penicillin V", "Benzathine penicillins"),
        ("Aspirin (acetylsalicylic acid)", "Acetylsalicylic acid 75 mg"),
        ("Valproic acid", "valproic syrup"),
        ("Folic acid", "Folic acid 5 mg tablets"),
        ("Potassium chloride", "Potassium chloride syrup"),
    ],
)
def test_an_allergy_is_met_in_the_plural_and_as_a_salt(
    clinic: Clinic, substance: str, drug: str
) -> None:
    draft(clinic)
    clinic.allergy(clinic.rao, substance)
    assert warned(clinic, drug) == [f"The patient is recorded as allergic to {substance}."]


@pytest.mark.parametrize(
    ("substance", "drug"),
    [
        ("Aspirin (acetylsalicylic acid)", "folic acid"),
        ("Aspirin (acetylsalicylic acid)", "Ascorbic acid 500 mg tablets"),
        ("Diclofenac sodium", "Sodium valproate"),
        ("Diclofenac potassium tablets", "Potassium chloride tablets"),
        ("Sodium chloride tablets", "Potassium citrate tablets"),
    ],
)
def test_acids_salts_and_forms_in_common_warn_of_nothing(
    clinic: Clinic, substance: str, drug: str
) -> None:
    draft(clinic)
    clinic.allergy(clinic.rao, substance)
    assert warned(clinic, drug) == []


def test_a_line_without_duration_is_taken_for_a_year(clinic: Clinic, clock: FixedClock) -> None:
    chronic = PrescriptionInput("Warfarin", "5 mg")
    clinic.signed(clinic.rao, clinic.nair, RecordInput(notes="x", prescription=(chronic,)))
    told = ["The patient takes Warfarin 5 mg (no end given)."]
    assert warned(clinic, "warfarin tablets") == told
    clock.advance(timedelta(days=364))
    assert warned(clinic, "warfarin") == told
    clock.advance(timedelta(days=1))
    assert warned(clinic, "warfarin") == []


def test_a_line_without_duration_is_taken_until_a_later_visit_says_otherwise(
    clinic: Clinic, clock: FixedClock
) -> None:
    chronic, less = (PrescriptionInput("Warfarin", dose) for dose in ("5 mg", "3 mg"))
    other = PrescriptionInput("Ramipril", "5 mg")
    clinic.signed(clinic.rao, clinic.nair, RecordInput(notes="x", prescription=(chronic, other)))
    clock.advance(timedelta(days=30))
    last = replace(less, drug="Warfarin tablets", duration_days=10, warning_answer="INR 3.4")
    clinic.signed(clinic.rao, clinic.nair, RecordInput(notes="x", prescription=(last,)))

    def taken() -> list[tuple[PrescriptionInput, date | None]]:
        assert clinic.rao.patient_id is not None
        return clinic.store.read(clinic.nair, prescriptions.running, clinic.rao.patient_id)

    assert taken() == [(other, None), (last, date(2026, 2, 13))]
    clock.advance(timedelta(days=10))
    assert taken() == [(other, None)]


def test_the_same_drug_twice_in_one_prescription_wants_an_answer(clinic: Clinic) -> None:
    record_id = draft(clinic)
    write, nair = clinic.store.write, clinic.nair
    write(nair, prescriptions.add, record_id, LINE)
    write(nair, prescriptions.add, record_id, PrescriptionInput("Cetirizine"))
    again = PrescriptionInput("paracetamol 650 mg")
    second = write(nair, prescriptions.add, record_id, again)
    with pytest.raises(Invalid) as refused:
        write(nair, records.sign, record_id)
    assert refused.value.details["line"] == 3
    assert refused.value.details["warnings"] == ["This prescription has Paracetamol already."]
    answered = replace(again, warning_answer="at night instead")
    write(nair, prescriptions.update, second.id, answered)
    assert write(nair, records.sign, record_id).signed_at is not None


def test_a_drug_is_warned_of_beside_the_lines_before_it(clinic: Clinic) -> None:
    draft(clinic)
    patient_id = clinic.rao.patient_id
    assert patient_id is not None
    with clinic.store.reading(clinic.nair) as tx:
        beside = ["Paracetamol", ""]
        assert prescriptions.warnings(tx, patient_id, "Paracetamol 650", beside=beside) == [
            "This prescription has Paracetamol already."
        ]
        assert prescriptions.warnings(tx, patient_id, "Cetirizine", beside=beside) == []


def test_an_unanswered_warning_stops_the_signing(clinic: Clinic) -> None:
    clinic.allergy(clinic.rao, "Amoxicillin")
    record_id = draft(clinic)
    write, nair = clinic.store.write, clinic.nair
    risky = PrescriptionInput("Amoxicillin 500 mg")
    line = write(nair, prescriptions.add, record_id, risky)
    with pytest.raises(Invalid) as refused:
        write(nair, records.sign, record_id)
    assert refused.value.details["line"] == 1
    assert "allergic to Amoxicillin" in refused.value.message
    answered = PrescriptionInput("Amoxicillin 500 mg", warning_answer="Desensitised in 2024")
    write(nair, prescriptions.update, line.id, answered)
    assert write(nair, records.sign, record_id).signed_at is not None


def test_what_a_patient_takes_is_not_told_to_just_anybody(clinic: Clinic) -> None:
    draft(clinic)
    assert clinic.rao.patient_id is not None
    for stranger in (clinic.desk, clinic.bose, clinic.das):
        with pytest.raises(Forbidden):
            clinic.store.read(stranger, prescriptions.warnings, clinic.rao.patient_id, "Aspirin")
