"""The doctor's patients, appointments and records, by their keys."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update
from textual.pilot import Pilot

from screens.doctor.appointments import AppointmentsScreen
from screens.doctor.consultation import ConsultationScreen
from screens.doctor.patient import PatientScreen
from screens.doctor.patients import PatientsScreen
from screens.doctor.record import RecordScreen
from screens.doctor.records import RecordsScreen
from store import appointments
from store.actors import system
from store.tables import Appointment, Patient, table_of
from store.values import AppointmentStatus as Status
from store.values import Diagnosis, PrescriptionInput, RecordInput
from tests.ui import hostile
from tests.ui.clinic import OPENING, Clinic, busy_morning, picture, press, settle, sign_in, words
from tests.ui.doctor_day import give_a_past, seen_before, the_record, unfinished
from tests.ui.doctor_weeks import busy_weeks
from tests.ui.test_plain import OBEYED

SMALL, WIDE = (80, 24), (120, 40)


async def found(pilot: Pilot[Any], text: str) -> str:
    """Type into the filter, and see what is left."""
    await press(pilot, "slash")
    await pilot.press(*text)
    await settle(pilot)
    return words(pilot)


def shown(pilot: Pilot[Any]) -> type:
    return type(pilot.app.screen)


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_patients_of_mine(clinic: Clinic, size: tuple[int, int]) -> None:
    give_a_past(clinic)
    busy_weeks(clinic)
    async with clinic.app().run_test(size=size) as pilot:
        await sign_in(pilot, "dr.nair")
        await press(pilot, "3")
        assert shown(pilot) is PatientsScreen
        seen = words(pilot)
        assert "2 patients · 3 visits · this month 1 seen, 1 new · 1 again" in seen
        assert "Asha Rao F 34 000001-7 08 Dec 25 2 06 Jan 09:00" in seen
        assert "Joseph" not in seen  # another doctor's
        left = await found(pilot, "shaikh")
        assert "Imran Shaikh M 45 000004-1 – 0 " in left  # booked, not seen yet
        assert "Asha" not in left
        await press(pilot, "enter", "escape", "G", "enter")
        assert shown(pilot) is PatientScreen
        seen = words(pilot)
        assert "penicillin (rash)" in seen
        assert "takes metformin 500 mg 1-0-1" in seen
        assert "visits 2 since Oct 2025" in seen
        assert "Type 2 diabetes" in seen
        await press(pilot, "G", "enter")
        assert shown(pilot) is RecordScreen
        await press(pilot, "escape", "escape")
        assert shown(pilot) is PatientsScreen


async def test_a_timeline_has_the_steps_too(clinic: Clinic) -> None:
    give_a_past(clinic)
    day = busy_weeks(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        await press(pilot, "3", "G", "enter", "g", "x")
        await pilot.press(*"on tour", "enter")
        await settle(pilot)
        assert clinic.find(day["tuesday"]).status is Status.CANCELLED
        assert "Asha Rao: cancelled. u undo" in words(pilot)
        await press(pilot, "u", "b", "right", "enter")
        assert "Asha Rao comes again today 11:15." in words(pilot)


async def test_own_appointments_by_words_and_what_is_due(clinic: Clinic) -> None:
    day = busy_weeks(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        await press(pilot, "4")
        assert shown(pilot) is AppointmentsScreen
        assert "to:today" in picture(pilot)
        assert "Your appointments · 3" in picture(pilot)
        left = await found(pilot, "booked from:today rao")
        assert "Your appointments · 2" in left
        assert "06 Jan 26 09:00 Asha Rao" in left
        await press(pilot, "enter", "m", "right", "enter")
        assert clinic.find(day["tuesday"]).status is Status.RESCHEDULED
        await press(pilot, "u")
        assert clinic.find(day["tuesday"]).status is Status.BOOKED
        assert "is not a day" in await found(pilot, "on:someday")
        assert "someday" in picture(pilot)
        await press(pilot, "escape")
        assert "Your appointments · 8" in picture(pilot)
        await found(pilot, "waiting asha")
        await press(pilot, "enter", "enter")
        assert shown(pilot) is ConsultationScreen
        assert clinic.find(day["rao"]).status is Status.IN_CONSULTATION


async def test_others_act_and_the_list_follows(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot, "dr.nair")
        await press(pilot, "4", "down")
        clinic.do(appointments.cancel, day["shaikh"].id, reason="went home")
        await settle(pilot)
        assert "⊘ cancelled" in picture(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, AppointmentsScreen)
        assert screen.table.selected == str(day["rao"].id)


async def test_own_records_by_their_words(clinic: Clinic) -> None:
    give_a_past(clinic)
    busy_weeks(clinic)
    visit = unfinished(clinic, 4, 2, "cough since Sunday")
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot, "dr.nair")
        await press(pilot, "5")
        assert shown(pilot) is RecordsScreen
        assert "Your records · 3" in picture(pilot)
        left = await found(pilot, "atorva")
        assert "Your records · 1" in left
        assert "prescribed metformin 500 mg 1-0-1, atorvastatin 10 mg 0-0-1" in left
        await press(pilot, "enter", "enter", "a", *["down"] * 4, "enter")
        await pilot.press("end", *"fasting", "tab", *"left out", "f2")
        await settle(pilot)
        await press(pilot, "escape")
        assert "✔ amended" in picture(pilot)
        await press(pilot, "escape", "d")
        assert "Your records · 1 · unfinished alone" in picture(pilot)
        await press(pilot, "enter")
        assert shown(pilot) is ConsultationScreen
        await pilot.press(*", dry", "f2", "escape")
        await settle(pilot)
    assert "dry" in the_record(clinic, visit).content.symptoms


async def test_a_page_after_the_other(clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(AppointmentsScreen, "PAGE_ROWS", 2)
    busy_weeks(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        await press(pilot, "4", "escape")
        assert "1–2 of 7; ↓ at the end goes on" in picture(pilot)
        await press(pilot, "down", "down", "down", "down")
        assert "5–6 of 7" in picture(pilot)
        await press(pilot, "G", "G")
        assert "7–7 of 7" in picture(pilot)
        await press(pilot, "up")
        assert "5–6 of 7" in picture(pilot)
        await press(pilot, "g", "g")
        assert "1–2 of 7" in picture(pilot)


async def test_an_unsigned_visit_can_be_finished_from_the_list(clinic: Clinic) -> None:
    visit = unfinished(clinic, 4, 2, "cough since Sunday")
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        await press(pilot, "4", "enter")
        assert shown(pilot) is ConsultationScreen
        await pilot.press("end", *", fever")
        screen = pilot.app.screen
        assert isinstance(screen, ConsultationScreen)
        screen.form.note("notes").focus()
        await pilot.press(*"flu", "f5")
        await settle(pilot)
        assert "Meena Pillai: signed and completed." in words(pilot)
    assert the_record(clinic, visit).content == RecordInput(
        symptoms="cough since Sunday, fever", notes="flu"
    )
    assert clinic.find(visit).starts_at < OPENING


@pytest.mark.parametrize("texts", [hostile.MARKUP[:6], hostile.CONTROLS[:6]])
async def test_hostile_text_is_shown_and_does_nothing(clinic: Clinic, texts: list[str]) -> None:
    bad = "[@click=app.quit]x[/] [/b] ${name}"
    content = RecordInput(
        notes=bad, diagnoses=(Diagnosis(bad),), prescription=(PrescriptionInput(bad, "[/]"),)
    )
    seen_before(clinic, 28, content)
    busy_weeks(clinic)
    unfinished(clinic, 4, 2, bad)
    patients, visits = table_of(Patient), table_of(Appointment)
    with clinic.store.transaction(system()) as tx:
        for number, text in enumerate(texts, 1):
            poisoned = update(patients).where(patients.c.id == number).values(name=text)
            tx.session.execute(poisoned)
        tx.session.execute(update(visits).values(note=texts[0], reason=texts[1]))
    async with clinic.app().run_test(size=WIDE, notifications=True) as pilot:
        await sign_in(pilot, "dr.nair")
        for keys in (
            ["3"],
            ["G", "enter"],
            ["G", "escape", "b"],
            ["escape", "slash", *"[/b"],
            ["escape", "4"],
            ["escape", "down", "down"],
            ["slash", *"[bold] booked"],
            ["escape", "5"],
            ["down", "down"],
            ["slash", *"app.quit"],
            ["enter", "enter"],
        ):
            await pilot.press(*keys)
            await settle(pilot)
            for line in picture(pilot).splitlines():
                assert not OBEYED.search(line), repr(line)
        assert shown(pilot) is RecordScreen
        assert bad in words(pilot)
