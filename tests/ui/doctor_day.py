"""What the tests of the doctor's screens share: a patient with a past, and waiting for drafts."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from textual.pilot import Pilot

from screens.doctor.consultation import ConsultationScreen
from screens.doctor.today import TodayScreen
from store import appointments, patients, records
from store.actors import system
from store.values import (
    AppointmentView,
    Diagnosis,
    PrescriptionInput,
    RecordInput,
    RecordView,
    Vitals,
)
from tests.ui.clinic import OPENING, Clinic, settle, sign_in, until

DIABETES = Diagnosis("Type 2 diabetes mellitus without complications", "E11.9")
METFORMIN = PrescriptionInput("metformin", "500 mg", "oral", "1-0-1", 90, 180, "after food")
STATIN = PrescriptionInput("atorvastatin", "10 mg", "oral", "0-0-1", 90, 90, "at night")


def seen_before(clinic: Clinic, days_ago: int, content: RecordInput) -> RecordView:
    """A signed record of Asha Rao with Dr Nair, so many days before the Monday."""
    now, clinic.clock.moment = clinic.clock.moment, OPENING - timedelta(days=days_ago)
    view = clinic.book(0, clinic.nair, "09:00", day=-days_ago)
    clinic.check_in(view)
    clinic.do(appointments.start, view.id)
    clinic.do(appointments.complete, view.id, record=content)
    clinic.clock.moment = now
    record = record_of(clinic, view)
    assert record is not None
    return record


def give_a_past(clinic: Clinic) -> None:
    """Asha Rao is allergic to penicillin, has diabetes, and takes two medicines."""
    clinic.do(patients.add_allergy, clinic.patients[0].id, "penicillin", reaction="rash")
    seen_before(
        clinic,
        91,
        RecordInput(
            symptoms="tired",
            diagnoses=(DIABETES,),
            vitals=Vitals(140, 90, weight_kg=Decimal(71), height_cm=Decimal(165)),
            notes="diet sheet given",
        ),
    )
    seen_before(
        clinic,
        28,
        RecordInput(
            diagnoses=(DIABETES,),
            vitals=Vitals(132, 86, weight_kg=Decimal("70.2")),
            prescription=(METFORMIN, STATIN),
        ),
    )


def unfinished(clinic: Clinic, patient: int, days_ago: int, symptoms: str) -> AppointmentView:
    """A visit of an earlier day whose record was begun and never signed."""
    now, clinic.clock.moment = clinic.clock.moment, OPENING - timedelta(days=days_ago)
    view = clinic.book(patient, clinic.nair, "09:00", day=-days_ago)
    clinic.check_in(view)
    clinic.do(appointments.start, view.id)
    draft = clinic.do(records.open_draft, view.id)
    clinic.do(records.save_draft, draft.id, RecordInput(symptoms=symptoms), version=draft.version)
    clinic.clock.moment = now
    return view


def record_of(clinic: Clinic, view: AppointmentView) -> RecordView | None:
    """The record of an appointment as it stands in the store, draft or signed."""
    record: RecordView | None = clinic.store.read(system(), records.of_appointment, view.id)
    return record


def the_record(clinic: Clinic, view: AppointmentView) -> RecordView:
    """The record of an appointment, which there is."""
    record = record_of(clinic, view)
    assert record is not None
    return record


def today(pilot: Pilot[Any]) -> TodayScreen:
    """The doctor's day, which must be what is shown."""
    screen = pilot.app.screen
    assert isinstance(screen, TodayScreen), screen
    return screen


def consultation(pilot: Pilot[Any]) -> ConsultationScreen:
    """The consultation, which must be what is shown."""
    screen = pilot.app.screen
    assert isinstance(screen, ConsultationScreen), screen
    return screen


async def looked_up(pilot: Pilot[Any]) -> None:
    """Wait until codes and drugs that were typed are looked up."""
    form = consultation(pilot).form
    await until(pilot, lambda: form.diagnoses._timer is None and not form.grid._pauses)
    await settle(pilot)


async def saved(pilot: Pilot[Any]) -> None:
    """Wait until the draft that saves itself is saved."""
    screen = consultation(pilot)
    await until(pilot, lambda: screen.keeper is not None and not screen.keeper.unsaved)
    await settle(pilot)


async def into(pilot: Pilot[Any], name: str) -> None:
    """Put the cursor into a field of the form."""
    form = consultation(pilot).form
    fields = {
        "diagnoses": lambda: form.diagnoses.field,
        "follow_up_on": lambda: form.follow_up,
        "drug": lambda: form.grid.rows[-1].field("drug"),
    }
    if name in fields:
        fields[name]().focus()
    elif name in ("symptoms", "treatment", "notes"):
        form.note(name).focus()
    else:
        form.vitals.field(name).focus()
    await pilot.pause()


def waiting(clinic: Clinic, patient: int = 0, clock: str = "10:30") -> AppointmentView:
    """A patient who has come."""
    view = clinic.book(patient, clinic.nair, clock)
    clinic.at(10, 30)
    clinic.check_in(view)
    clinic.at(10, 42)
    return clinic.find(view)


async def call_in(pilot: Pilot[Any]) -> ConsultationScreen:
    """Sign in as Dr Nair and call in who is next."""
    await sign_in(pilot, "dr.nair")
    await pilot.press("n")
    await settle(pilot)
    return consultation(pilot)


async def sign(pilot: Pilot[Any]) -> None:
    """Sign and complete."""
    await pilot.press("f5")
    await settle(pilot)
