"""A doctor's patients, their timeline, the own appointments by words, and words in own records."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from store import (
    own_patients,
    patient_keys,
    patient_search,
    records,
    timeline,
    visit_list,
)
from store.actors import system
from store.errors import Forbidden, Invalid, NotFound
from store.front_door import Store
from store.tables import Patient
from store.values import (
    Actor,
    AppointmentStatus,
    Diagnosis,
    OwnPatientsFigures,
    PrescriptionInput,
    RecordInput,
    RecordStatus,
)
from tests.statements import heard
from tests.store.clinic import Clinic, open_clinic

Status = AppointmentStatus
TODAY = date(2026, 1, 5)
_OTHERS = ("audit_entry", "alembic_version")
"""Tables that are asked beside the question itself."""


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return filled(store)


def filled(store: Store) -> Clinic:
    """Dr Nair has seen Rao twice and Das once, Rao comes again; Dr Bose has seen Das."""
    clinic = open_clinic(store)
    with store.transaction(system()) as tx:
        for actor in (clinic.rao, clinic.das):
            row = tx.fetch(Patient, of(actor), "patient")
            keyed = patient_keys.Keyed(of(actor), row.name, row.mrn, row.phone, row.birth_date)
            patient_keys.write(tx.session, [keyed])
    for patient, doctor, days, status in (
        (clinic.rao, clinic.nair, -40, Status.COMPLETED),
        (clinic.rao, clinic.nair, -2, Status.COMPLETED),
        (clinic.rao, clinic.nair, -1, Status.NO_SHOW),
        (clinic.rao, clinic.nair, 7, Status.BOOKED),
        (clinic.das, clinic.nair, -3, Status.COMPLETED),
        (clinic.das, clinic.nair, -60, Status.CANCELLED),
        (clinic.das, clinic.bose, -5, Status.COMPLETED),
    ):
        clinic.visit(patient, doctor, status, starts_at=store.now() + timedelta(days=days))
    return clinic


def of(actor: Actor) -> int:
    patient_id = actor.patient_id
    assert patient_id is not None
    return patient_id


def own(actor: Actor) -> int:
    doctor_id = actor.doctor_id
    assert doctor_id is not None
    return doctor_id


def of_the_list(statement: str) -> bool:
    return statement.startswith("SELECT") and not any(one in statement for one in _OTHERS)


class TestWhoWasSeen:
    def test_last_visit_first_with_counts_and_what_is_next(self, clinic: Clinic) -> None:
        store = clinic.store
        page = store.read(clinic.nair, own_patients.list_patients, own(clinic.nair))
        rao, das = page.items
        assert (page.total, rao.name, das.name) == (2, "Meera Rao", "Arjun Das")
        assert (rao.visits, rao.missed, das.visits) == (2, 1, 1)
        assert rao.last_at == store.now() - timedelta(days=2)
        assert rao.first_at == store.now() - timedelta(days=40)
        assert (rao.next_at, das.next_at) == (store.now() + timedelta(days=7), None)
        [only] = store.read(
            clinic.nair, own_patients.list_patients, own(clinic.nair), limit=1, offset=1
        ).items
        assert only == das

    def test_figures_over_all_and_for_one(self, clinic: Clinic) -> None:
        assert clinic.store.read(clinic.nair, own_patients.figures, own(clinic.nair)) == (
            OwnPatientsFigures(
                patients=2, visits=3, seen_this_month=2, new_this_month=1, booked_again=1, missed=1
            )
        )
        one = clinic.store.read(clinic.nair, own_patients.get, own(clinic.nair), of(clinic.das))
        assert (one.visits, one.first_at) == (1, one.last_at)

    def test_somebody_without_patients_has_none(self, store: Store) -> None:
        clinic = open_clinic(store)
        page = store.read(clinic.nair, own_patients.list_patients, own(clinic.nair))
        assert (page.items, page.total) == ((), 0)
        assert store.read(clinic.nair, own_patients.figures, own(clinic.nair)).visits == 0

    @pytest.mark.parametrize("typed", ["ra", "rao meera", "rau", "100017"])
    def test_they_are_found_as_at_the_desk(self, clinic: Clinic, typed: str) -> None:
        page = clinic.store.read(
            clinic.nair, own_patients.list_patients, own(clinic.nair), text=typed
        )
        assert [one.name for one in page.items] == ["Meera Rao"]
        assert page.items[0].visits == 2

    def test_a_doctor_finds_nobody_elses(self, clinic: Clinic) -> None:
        store = clinic.store
        assert store.read(clinic.bose, patient_search.search, "rao") == []
        assert [one.name for one in store.read(clinic.bose, patient_search.search, "das")] == [
            "Arjun Das"
        ]
        with pytest.raises(Forbidden):
            store.read(clinic.bose, own_patients.list_patients, own(clinic.nair))
        with pytest.raises(Forbidden):
            store.read(clinic.bose, own_patients.get, own(clinic.bose), of(clinic.rao))
        with pytest.raises(NotFound):
            store.read(clinic.admin, own_patients.get, own(clinic.bose), of(clinic.rao))

    def test_all_is_read_by_index(self, sqlite_store: Store) -> None:
        store, clinic = sqlite_store, filled(sqlite_store)
        doctor_id = own(clinic.nair)
        with heard(store, of_the_list) as sent:
            store.read(clinic.nair, own_patients.list_patients, doctor_id)
            store.read(clinic.nair, own_patients.figures, doctor_id)
            store.read(clinic.nair, own_patients.list_patients, doctor_id, text="rao")
            store.read(clinic.nair, visit_list.of_doctor, doctor_id, "booked rao from:mon")
            store.read(clinic.nair, visit_list.of_doctor, doctor_id)
            store.read(clinic.nair, records.list_records, doctor_id=doctor_id, text="fever")
        with store.reading(system()) as tx:
            for statement, values in sent:
                plan = tx.session.connection().exec_driver_sql(
                    f"EXPLAIN QUERY PLAN {statement}", values
                )
                steps = [row.detail for row in plan]
                scans = [one for one in steps if one.startswith("SCAN") and "INDEX" not in one]
                scans = [one for one in scans if "anon" not in one and "CONSTANT" not in one]
                assert scans == [], statement


class TestTimeline:
    def test_visits_and_records_together_newest_first(self, clinic: Clinic) -> None:
        clinic.signed(clinic.das, clinic.bose, RecordInput(notes="seen elsewhere"))
        clinic.signed(clinic.das, clinic.nair, RecordInput(notes="seen here"))
        page = clinic.store.read(clinic.nair, timeline.of_patient, of(clinic.das))
        told = [
            (one.visit and one.visit.status, one.record and one.record.content.notes)
            for one in page.items
        ]
        assert (Status.COMPLETED, "seen here") in told[:2]
        assert (None, "seen elsewhere") in told[:2]
        assert told[2:] == [(Status.COMPLETED, None), (Status.CANCELLED, None)]
        assert page.total == 4
        [last] = clinic.store.read(
            clinic.nair, timeline.of_patient, of(clinic.das), limit=1, offset=3
        ).items
        assert last == page.items[3]

    def test_a_stranger_is_refused(self, clinic: Clinic) -> None:
        with pytest.raises(Forbidden):
            clinic.store.read(clinic.bose, timeline.of_patient, of(clinic.rao))


class TestOwnAppointmentsByWords:
    def find(self, clinic: Clinic, words: str, **paged: int) -> list[tuple[str, Status]]:
        page = clinic.store.read(
            clinic.nair, visit_list.of_doctor, own(clinic.nair), words, **paged
        )
        return [(one.patient.split()[1], one.status) for one in page.items]

    def test_newest_first_and_from_a_day_on_the_soonest(self, clinic: Clinic) -> None:
        everything = self.find(clinic, "")
        assert everything[0] == ("Rao", Status.BOOKED)
        assert everything[-1] == ("Das", Status.CANCELLED)
        assert self.find(clinic, "from:-2d") == [
            ("Rao", Status.COMPLETED),
            ("Rao", Status.NO_SHOW),
            ("Rao", Status.BOOKED),
        ]
        assert self.find(clinic, "", limit=1, offset=1) == everything[1:2]

    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("booked from:mon", [("Rao", Status.BOOKED)]),
            ("no-show to:today", [("Rao", Status.NO_SHOW)]),
            ("noshow rao", [("Rao", Status.NO_SHOW)]),
            ("das compl", [("Das", Status.COMPLETED)]),
            ("on:-40d", [("Rao", Status.COMPLETED)]),
            ("on:today", []),
            ("patient:zzz", []),
        ],
    )
    def test_all_that_is_asked_must_hold(
        self, clinic: Clinic, words: str, found: list[tuple[str, Status]]
    ) -> None:
        assert self.find(clinic, words) == found

    def test_another_doctors_are_refused(self, clinic: Clinic) -> None:
        with pytest.raises(Forbidden):
            clinic.store.read(clinic.bose, visit_list.of_doctor, own(clinic.nair))

    @pytest.mark.parametrize("words", ["from:someday", "from:today to:yesterday", "ward:3"])
    def test_what_cannot_be_understood_says_so(self, words: str) -> None:
        with pytest.raises(Invalid) as refused:
            visit_list.asked(words, TODAY)
        assert "filter" in refused.value.fields


class TestWordsInOwnRecords:
    CONTENT = RecordInput(
        symptoms="Fever at night",
        diagnoses=(Diagnosis("", "J02.9"),),
        notes="Works 100% at a mill",
        prescription=(PrescriptionInput("Paracetamol", "500 mg"),),
    )

    @pytest.mark.parametrize(
        "words", ["fever", "FEVER mill", "pharyngitis", "j02.9", "paracet", "100%"]
    )
    def test_each_is_found_wherever_it_stands(self, clinic: Clinic, words: str) -> None:
        written = clinic.signed(clinic.rao, clinic.nair, self.CONTENT)
        clinic.signed(clinic.das, clinic.nair, RecordInput(notes="well"))
        page = clinic.store.read(
            clinic.nair, records.list_records, doctor_id=own(clinic.nair), text=words
        )
        assert ([one.id for one in page.items], page.total) == ([written.id], 1)

    @pytest.mark.parametrize("words", ["fever cough", "1_0", "500x"])
    def test_all_words_must_be_there_to_the_letter(self, clinic: Clinic, words: str) -> None:
        clinic.signed(clinic.rao, clinic.nair, self.CONTENT)
        page = clinic.store.read(
            clinic.nair, records.list_records, doctor_id=own(clinic.nair), text=words
        )
        assert (page.items, page.total) == ((), 0)

    def test_amended_text_is_found_and_drafts_alone_can_be_asked_for(self, clinic: Clinic) -> None:
        store = clinic.store
        written = clinic.signed(clinic.rao, clinic.nair, self.CONTENT)
        store.write(
            clinic.nair, records.amend, written.id, field="notes", text="A smithy", reason="slip"
        )
        draft = store.write(clinic.nair, records.open_draft, clinic.visit(clinic.das, clinic.nair))
        found = store.read(clinic.nair, records.list_records, text="smithy")
        assert [one.id for one in found.items] == [written.id]
        drafts = store.read(clinic.nair, records.list_records, status=RecordStatus.DRAFT)
        assert [one.id for one in drafts.items] == [draft.id]
        assert store.read(clinic.bose, records.list_records, status=RecordStatus.DRAFT).total == 0
