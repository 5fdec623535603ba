"""What a doctor hands out of a signed record, and what is never on it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from store import appointments, audit, letter_facts, outbox, patients, record_papers, records
from store.actors import system
from store.clock import FixedClock
from store.errors import Forbidden, IllegalTransition, Invalid
from store.front_door import Store
from store.letter_facts import Moot
from store.patient_file import RecordsFacts
from store.record_papers import age_in_words
from store.values import (
    BirthPrecision,
    Diagnosis,
    MailKind,
    PaperKind,
    PrescriptionInput,
    RecordInput,
    RecordView,
    SlipUse,
    VisitPaper,
)
from tests.store.clinic import Clinic, open_clinic

PRESCRIPTION, SUMMARY = PaperKind.PRESCRIPTION, PaperKind.SUMMARY
PARACETAMOL = PrescriptionInput(
    "Paracetamol", "500 mg", "oral", "1-1-1", 3, 9, "after food", "liver is sound"
)
CONTENT = RecordInput(
    symptoms="Fever",
    diagnoses=(Diagnosis("", "j02.9"), Diagnosis("Overworked")),
    treatment="Rest",
    notes="Review",
    follow_up_on=date(2026, 1, 12),
    prescription=(PARACETAMOL,),
)


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store)


@pytest.fixture
def record(clinic: Clinic) -> RecordView:
    clinic.allergy(clinic.rao, "Penicillin")
    return clinic.signed(clinic.rao, clinic.nair, CONTENT)


def paper(
    clinic: Clinic, record_id: int, kind: PaperKind = PRESCRIPTION, use: SlipUse = SlipUse.SHOW
) -> VisitPaper:
    return clinic.store.read(clinic.nair, record_papers.of_record, record_id, kind, use)


def give_address(clinic: Clinic, email: str = "meera@example.org") -> None:
    assert clinic.rao.patient_id is not None
    clinic.store.write(system(), patients.update, clinic.rao.patient_id, {"email": email})


def ask(clinic: Clinic, record_id: int, request: str = "one") -> int:
    asked = clinic.store.write(
        clinic.nair, record_papers.ask_by_mail, record_id, PRESCRIPTION, request_id=request
    )
    return asked.message_id


def mark_in_error(clinic: Clinic, record: RecordView) -> None:
    assert record.appointment_id is not None
    clinic.store.write(
        system(), appointments.mark_in_error, record.appointment_id, reason="wrong patient"
    )


def test_a_paper_says_what_was_signed(clinic: Clinic, record: RecordView) -> None:
    one = paper(clinic, record.id)
    assert (one.doctor, one.patient, one.mrn) == ("Dr Asha Nair", "Meera Rao", "100017")
    assert one.diagnoses == ("J02.9 Acute pharyngitis, unspecified", "Overworked")
    assert one.allergies == ("Penicillin",)
    assert (one.treatment, one.follow_up) == ("Rest", date(2026, 1, 12))
    assert one.medicines == (PARACETAMOL,)
    assert one.corrected_at is None


def test_an_amendment_is_what_a_paper_says(
    clinic: Clinic, record: RecordView, clock: FixedClock
) -> None:
    clock.advance(timedelta(hours=1))
    for field, text in (
        ("prescription", "Paracetamol 650 mg, 1-0-1, 3 days"),
        ("diagnoses", "Common cold"),
        ("follow_up_on", "when the fever comes back"),
    ):
        clinic.store.write(
            clinic.nair, records.amend, record.id, field=field, text=text, reason="seen again"
        )
    one = paper(clinic, record.id)
    assert one.medicines == "Paracetamol 650 mg, 1-0-1, 3 days"
    assert one.diagnoses == ("Common cold",)
    assert one.follow_up == "when the fever comes back"
    assert one.treatment == "Rest"
    assert one.corrected_at == clinic.store.now()


def test_nothing_unsigned_empty_or_wrong_goes_on_paper(clinic: Clinic) -> None:
    visit = clinic.visit(clinic.rao, clinic.nair)
    draft = clinic.store.write(clinic.nair, records.open_draft, visit)
    with pytest.raises(IllegalTransition, match="not signed yet"):
        paper(clinic, draft.id)
    without = clinic.signed(clinic.das, clinic.nair, RecordInput(notes="Well"))
    with pytest.raises(IllegalTransition, match="No medicine was prescribed"):
        paper(clinic, without.id)
    assert paper(clinic, without.id, SUMMARY).notes == "Well"
    mark_in_error(clinic, without)
    with pytest.raises(IllegalTransition, match="marked as an error"):
        paper(clinic, without.id, SUMMARY)


def test_its_own_doctor_and_administrators_hand_it_out(clinic: Clinic, record: RecordView) -> None:
    # Dr Bose sees the patient too, and so reads the record.
    clinic.visit(clinic.rao, clinic.bose, starts_at=clinic.store.now() + timedelta(hours=2))
    assert clinic.store.read(clinic.bose, records.get, record.id).id == record.id
    handed = clinic.store.read(clinic.admin, record_papers.of_record, record.id, SUMMARY)
    assert handed.record_id == record.id
    for actor in (clinic.bose, clinic.desk, clinic.rao):
        with pytest.raises(Forbidden):
            clinic.store.read(actor, record_papers.of_record, record.id, SUMMARY)
        with pytest.raises(Forbidden):
            clinic.store.write(actor, record_papers.ask_by_mail, record.id, SUMMARY, request_id="x")


@pytest.mark.parametrize("use", [SlipUse.PRINT, SlipUse.EXPORT])
def test_paper_and_file_are_in_the_audit_trail(
    clinic: Clinic, record: RecordView, use: SlipUse
) -> None:
    paper(clinic, record.id)
    paper(clinic, record.id, SUMMARY, use)
    page = clinic.store.read(system(), audit.list_entries, patient_id=clinic.rao.patient_id)
    (entry,) = [one for one in page.items if one.action == f"record.{use}"]
    assert (entry.actor, entry.entity_id) == ("dr.nair", str(record.id))
    assert [one.action for one in page.items].count("record.read") >= 2
    assert all("Paracetamol" not in str(one.detail) for one in page.items)


def test_by_mail_to_the_patients_own_address(clinic: Clinic, record: RecordView) -> None:
    with pytest.raises(Invalid, match="has no e-mail address"):
        ask(clinic, record.id)
    give_address(clinic)
    message = ask(clinic, record.id)
    assert ask(clinic, record.id) == message
    owed = clinic.store.read(system(), outbox.get, message)
    assert (owed.kind, owed.to, owed.subject) == (
        MailKind.PAPER,
        "meera@example.org",
        "A paper for you",
    )
    facts = clinic.store.read(system(), letter_facts.facts_for, message)
    assert isinstance(facts, RecordsFacts)
    assert facts.paper == (record.id, PRESCRIPTION)
    for request in ("two", "three"):
        ask(clinic, record.id, request)
    with pytest.raises(IllegalTransition, match="3 times within a day"):
        ask(clinic, record.id, "four")


def test_a_mail_that_is_wrong_by_now_is_not_sent(clinic: Clinic, record: RecordView) -> None:
    give_address(clinic)
    message = ask(clinic, record.id)
    mark_in_error(clinic, record)
    facts = clinic.store.read(system(), letter_facts.facts_for, message)
    assert isinstance(facts, Moot)
    assert "marked as an error" in facts.reason


@pytest.mark.parametrize(
    ("birth", "precision", "told"),
    [
        (date(1991, 1, 6), BirthPrecision.DAY, "34 years"),
        (date(1991, 1, 1), BirthPrecision.YEAR, "about 35 years"),
        (date(2025, 5, 20), BirthPrecision.DAY, "7 months"),
        (date(2025, 12, 5), BirthPrecision.AGE, "about 1 month"),
        (date(2025, 1, 1), BirthPrecision.YEAR, "about 1 year"),
        (date(2026, 1, 7), BirthPrecision.DAY, ""),
        (None, None, ""),
    ],
)
def test_an_age_is_that_of_the_visit(
    birth: date | None, precision: BirthPrecision | None, told: str
) -> None:
    assert age_in_words(birth, precision, date(2026, 1, 5)) == told
