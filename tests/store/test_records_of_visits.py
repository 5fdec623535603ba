"""A record and its visit: neither may say what the other denies, and both end in one step."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from store import appointments, records, undo
from store.actors import system
from store.errors import IllegalTransition
from store.front_door import Store
from store.tables import Appointment
from store.values import (
    AppointmentStatus,
    AppointmentView,
    Diagnosis,
    PrescriptionInput,
    RecordInput,
    Vitals,
)
from tests.store.clinic import Clinic, open_clinic

CONTENT = RecordInput(
    symptoms="Fever for three days",
    diagnoses=(Diagnosis("Overworked"),),
    vitals=Vitals(pulse_bpm=96, spo2_percent=98),
    treatment="Rest, fluids",
    notes="Review if fever lasts",
    prescription=(PrescriptionInput("Paracetamol", "500 mg", "oral", "1-1-1", 3, 9),),
)


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store)


def draft(clinic: Clinic) -> tuple[int, int]:
    """Dr Nair's saved draft of Meera Rao, who is being seen: ids of record and appointment."""
    visit = clinic.visit(clinic.rao, clinic.nair)
    with clinic.store.transaction(clinic.nair) as tx:
        opened = records.open_draft(tx, visit)
        records.save_draft(tx, opened.id, CONTENT, version=opened.version)
    return opened.id, visit


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (AppointmentStatus.BOOKED, "booked"),
        (AppointmentStatus.CANCELLED, "cancelled"),
        (AppointmentStatus.NO_SHOW, "no show"),
        (AppointmentStatus.RESCHEDULED, "rescheduled"),
        (AppointmentStatus.LEFT, "left"),
        (AppointmentStatus.IN_ERROR, "marked as an error"),
    ],
)
def test_nothing_is_signed_of_a_visit_that_did_not_take_place(
    clinic: Clinic, status: AppointmentStatus, word: str
) -> None:
    record_id, visit = draft(clinic)
    with clinic.store.transaction(system()) as tx:
        tx.fetch(Appointment, visit, "appointment").status = status
    with pytest.raises(IllegalTransition) as refused:
        clinic.store.write(clinic.nair, records.sign, record_id)
    assert refused.value.message == f"The appointment is {word}, so its record cannot be signed."
    assert clinic.store.read(clinic.nair, records.get, record_id).signed_at is None


@pytest.mark.parametrize("move", [appointments.cancel, appointments.left])
def test_a_visit_with_a_signed_record_took_place(
    clinic: Clinic, move: Callable[..., AppointmentView]
) -> None:
    visit = clinic.visit(clinic.rao, clinic.nair, AppointmentStatus.CHECKED_IN)
    with clinic.store.transaction(clinic.nair) as tx:
        opened = records.open_draft(tx, visit)
        records.save_draft(tx, opened.id, CONTENT, version=None)
        records.sign(tx, opened.id)
    with pytest.raises(IllegalTransition, match="record of this visit is signed"):
        clinic.store.write(clinic.desk, move, visit)
    kept = clinic.store.read(clinic.desk, appointments.get, visit)
    assert kept.status is AppointmentStatus.CHECKED_IN


def test_completing_with_some_fields_keeps_what_the_draft_has_besides(clinic: Clinic) -> None:
    record_id, visit = draft(clinic)
    before = clinic.store.read(clinic.nair, records.get, record_id)
    given = RecordInput(notes="Fever gone", vitals=Vitals(pulse_bpm=72))
    only = {"notes", "treatment", "pulse_bpm"}
    with clinic.store.transaction(clinic.nair) as tx:
        appointments.complete(tx, visit, record=given, only=only)
    after = clinic.store.read(clinic.nair, records.get, record_id)
    assert after.content == replace(
        before.content,
        notes="Fever gone",
        treatment="",
        vitals=replace(before.content.vitals, pulse_bpm=72),
    )
    assert after.signed_at is not None


def test_completing_with_a_whole_record_replaces_the_draft(clinic: Clinic) -> None:
    record_id, visit = draft(clinic)
    with clinic.store.transaction(clinic.nair) as tx:
        appointments.complete(tx, visit, record=RecordInput(notes="Fever gone"))
    after = clinic.store.read(clinic.nair, records.get, record_id)
    assert after.content == RecordInput(notes="Fever gone")


def test_the_start_of_a_visit_with_a_signed_record_is_not_taken_back(clinic: Clinic) -> None:
    visit = clinic.visit(clinic.rao, clinic.nair, AppointmentStatus.CHECKED_IN)
    clinic.store.write(clinic.nair, appointments.start, visit)
    opened = clinic.store.write(clinic.nair, records.open_draft, visit)
    clinic.store.write(clinic.nair, records.save_draft, opened.id, CONTENT, version=opened.version)
    clinic.store.write(clinic.nair, records.sign, opened.id)
    with pytest.raises(IllegalTransition, match="signed"):
        clinic.store.write(clinic.nair, undo.undo, visit)
