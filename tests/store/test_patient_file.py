"""A patient's whole file: who may have it, what is in it, and asking for it by mail."""

from __future__ import annotations

from datetime import timedelta

import pytest

from store import audit, letter_facts, outbox, patient_file, patients, records
from store.actors import system
from store.clock import FixedClock
from store.errors import Forbidden, IllegalTransition, Invalid
from store.front_door import Store
from store.letter_facts import Moot
from store.patient_file import RecordsFacts
from store.values import (
    Actor,
    AppointmentStatus,
    Diagnosis,
    OutboxStatus,
    RecordFormat,
    RecordInput,
    RecordsAsked,
)
from tests.store.clinic import Clinic, open_clinic

PDF, CSV, FHIR = RecordFormat.PDF, RecordFormat.CSV, RecordFormat.FHIR


@pytest.fixture
def clinic(store: Store) -> Clinic:
    clinic = open_clinic(store)
    assert clinic.rao.patient_id is not None
    store.write(system(), patients.update, clinic.rao.patient_id, {"email": "rao@example.org"})
    return clinic


def ask(clinic: Clinic, actor: Actor, request: str = "one", *formats: RecordFormat) -> RecordsAsked:
    assert clinic.rao.patient_id is not None
    return clinic.store.write(
        actor,
        patient_file.ask_by_mail,
        clinic.rao.patient_id,
        formats or (PDF,),
        request_id=request,
    )


def test_a_file_has_signed_records_alone_and_leaves_a_trace(clinic: Clinic) -> None:
    signed = clinic.signed(clinic.rao, clinic.nair, RecordInput(notes="Well"))
    other = clinic.signed(clinic.das, clinic.nair, RecordInput(diagnoses=(Diagnosis("Fever"),)))
    visit = clinic.visit(clinic.rao, clinic.bose, AppointmentStatus.CHECKED_IN, overbooked=True)
    draft = clinic.store.write(clinic.bose, records.open_draft, visit)
    clinic.allergy(clinic.rao, "Penicillin")
    own = clinic.rao.patient_id
    assert own is not None
    file = clinic.store.read(clinic.rao, patient_file.read, own, [PDF, FHIR])
    assert [record.id for record in file.records] == [signed.id]
    assert other.id != draft.id
    assert [one.substance for one in file.allergies] == ["Penicillin"]
    assert {one.patient_id for one in file.visits} == {own}
    assert len(file.calendar) == len(file.visits) == 2
    page = clinic.store.read(clinic.admin, audit.list_entries, patient_id=own)
    (entry,) = [one for one in page.items if one.action == "record.export"]
    assert entry.detail == {"formats": ["pdf", "fhir"], "records": [signed.id]}
    assert clinic.store.read(system(), patient_file.read, own, [PDF]).records[0].id == signed.id


@pytest.mark.parametrize("who", ["desk", "nair", "das"])
def test_nobody_else_has_it(clinic: Clinic, who: str) -> None:
    actor = getattr(clinic, who)
    own = clinic.rao.patient_id
    assert own is not None
    with pytest.raises(Forbidden):
        clinic.store.read(actor, patient_file.read, own, [PDF])
    with pytest.raises(Forbidden):
        ask(clinic, actor)


def test_a_request_is_one_message_however_often_it_comes(clinic: Clinic) -> None:
    asked = ask(clinic, clinic.rao, "key", PDF, CSV, PDF)
    assert (asked.email, asked.formats) == ("rao@example.org", (PDF, CSV))
    assert ask(clinic, clinic.rao, "key", FHIR) == asked
    (message,) = clinic.store.read(system(), outbox.list_messages).items
    assert (message.subject, message.to) == ("The papers you asked for", "rao@example.org")
    facts = clinic.store.read(system(), letter_facts.facts_for, message.id)
    assert isinstance(facts, RecordsFacts)
    assert (facts.formats, facts.recipient) == ((PDF, CSV), "rao@example.org")
    own = clinic.rao.patient_id
    assert own is not None
    last = clinic.store.read(clinic.rao, patient_file.last_asked, own)
    assert last == asked
    assert last.status is OutboxStatus.WAITING


def test_it_is_not_asked_for_too_often(clinic: Clinic, clock: FixedClock) -> None:
    for number in range(patient_file.MOST_A_DAY):
        ask(clinic, clinic.rao, str(number))
    with pytest.raises(IllegalTransition, match="ask again tomorrow"):
        ask(clinic, clinic.admin, "more")
    assert ask(clinic, clinic.rao, "0").message_id
    clock.advance(timedelta(hours=24, minutes=1))
    assert ask(clinic, clinic.admin, "next day").message_id


def test_it_goes_to_the_recorded_address_or_nowhere(clinic: Clinic) -> None:
    asked = ask(clinic, clinic.rao)
    own = clinic.rao.patient_id
    assert own is not None
    clinic.store.write(system(), patients.update, own, {"email": "thief@example.org"})
    found = clinic.store.read(system(), letter_facts.facts_for, asked.message_id)
    assert isinstance(found, Moot)
    assert "was changed after the records were asked for" in found.reason
    clinic.store.write(system(), patients.update, own, {"email": ""})
    with pytest.raises(Invalid, match="You have no e-mail address here yet"):
        ask(clinic, clinic.rao, "again")
    with pytest.raises(Invalid, match="Record one first: chikitsa patients update"):
        ask(clinic, clinic.admin, "again")
    clinic.store.write(system(), patients.deactivate, own)
    with pytest.raises(IllegalTransition, match="deactivated"):
        ask(clinic, clinic.admin, "again")
