from __future__ import annotations

import fcntl
import os
from dataclasses import replace

import pytest
from msgspec import structs

from screens import base
from screens.doctor.which_text import WhichText
from screens.login import LoginScreen
from store import accounts, appointments, records, sessions
from store.actors import system
from store.values import AppointmentStatus as Status
from store.values import Diagnosis, PrescriptionInput, RecordInput, Vitals
from tests.ui.clinic import Clinic, on_sqlite, picture, settle, sign_in, until, words
from tests.ui.doctor_day import (
    call_in,
    consultation,
    into,
    saved,
    sign,
    the_record,
    today,
    waiting,
)

SMALL = (80, 24)


async def test_the_draft_saves_itself_as_it_is_typed(clinic: Clinic) -> None:
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await call_in(pilot)
        await pilot.press(*"cough")
        await into(pilot, "diagnoses")
        await pilot.press(*"viral fev")
        await saved(pilot)
        assert "draft saved 10:42" in picture(pilot)
        content = the_record(clinic, visit).content
        assert content.symptoms == "cough"
        assert content.diagnoses == (Diagnosis("viral fev"),)


async def test_a_line_that_is_cut_loses_nothing(clinic: Clinic) -> None:
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await call_in(pilot)
        await pilot.press(*"cough since Sunday")
        pilot.app.exit()  # as when the connection is lost: nobody presses anything any more
    assert the_record(clinic, visit).content.symptoms == "cough since Sunday"
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        await pilot.press("enter")
        await settle(pilot)
        assert consultation(pilot).form.note("symptoms").text == "cough since Sunday"


async def test_a_sign_in_that_is_ended_elsewhere_keeps_the_draft(clinic: Clinic) -> None:
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await call_in(pilot)
        await pilot.press(*"cough")
        await saved(pilot)
        account = clinic.store.read(system(), accounts.get, "dr.nair").id
        clinic.do(sessions.end_all, account)
        await pilot.press(*" and fever", "f2")
        await settle(pilot)
        assert isinstance(pilot.app.screen, LoginScreen)
    assert the_record(clinic, visit).content.symptoms == "cough"


async def test_escape_keeps_the_draft_and_goes_back(clinic: Clinic) -> None:
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await call_in(pilot)
        await pilot.press(*"cough", "escape")
        await settle(pilot)
        today(pilot)
        assert the_record(clinic, visit).content.symptoms == "cough"
        assert clinic.find(visit).status is Status.IN_CONSULTATION


@on_sqlite
async def test_a_busy_database_is_told_and_nothing_typed_is_lost(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Typing goes on while the draft waits; and the draft that tries again by itself does not hide
    what escape asks."""
    monkeypatch.setattr(base, "SLOW_SECONDS", 0.05)
    visit = waiting(clinic)
    database = replace(clinic.store.database, _patience=0.3)
    clinic.store = replace(clinic.store, database=database)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        turn = os.open(str(database._turn), os.O_RDWR)
        fcntl.flock(turn, fcntl.LOCK_EX)
        await pilot.press(*"cough", "f2")
        await until(pilot, lambda: base.SAVING in words(pilot))
        await pilot.press(*" since Sunday")
        await settle(pilot)
        assert "not saved: The database is busy." in picture(pilot)
        assert screen.unsaved
        await pilot.press("escape")
        await settle(pilot)
        assert "esc again leaves so" in picture(pilot)
        screen.save()  # as the clock does
        await settle(pilot)
        assert "esc again leaves so" in picture(pilot)
        os.close(turn)
        await pilot.press("f2")
        await settle(pilot)
        assert "draft saved 10:42" in picture(pilot)
        assert "esc again" not in picture(pilot)
    assert the_record(clinic, visit).content.symptoms == "cough since Sunday"


async def test_what_another_terminal_wrote_is_taken_in(clinic: Clinic) -> None:
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        await pilot.press(*"here")
        await saved(pilot)
        draft = the_record(clinic, visit)
        there = structs.replace(
            draft.content,
            notes="there",
            prescription=(PrescriptionInput("Zinc"),),
            vitals=Vitals(pulse_bpm=70),
        )
        clinic.do(records.save_draft, draft.id, there, version=draft.version)
        await pilot.press(*" too", "f2")
        await settle(pilot)
        assert "draft saved" in picture(pilot)
        assert screen.form.note("notes").text == "there"
        assert screen.form.vitals.field("pulse_bpm").value == "70"
        await pilot.press("!")
        clinic.do(
            records.save_draft,
            draft.id,
            structs.replace(the_record(clinic, visit).content, treatment="tea"),
            version=None,
        )
        await sign(pilot)
        assert "what another terminal wrote was taken in" in words(pilot)
        await sign(pilot)
        today(pilot)
    kept = the_record(clinic, visit).content
    assert kept == structs.replace(there, symptoms="here too!", treatment="tea")


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("m", "here"),
        ("o", "[red]$there"),
        ("b", "here\n[red]$there"),
        ("escape", "[red]$there"),
    ],
)
async def test_a_field_changed_on_two_terminals_is_asked_with_both_texts(
    clinic: Clinic, answer: str, text: str
) -> None:
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        draft = the_record(clinic, visit)
        there = RecordInput(symptoms="[red]$there")
        clinic.do(records.save_draft, draft.id, there, version=draft.version)
        await pilot.press(*"here", "f2")
        await settle(pilot)
        assert "changed on another terminal" in picture(pilot)
        assert the_record(clinic, visit).content == there
        await sign(pilot)
        assert clinic.find(visit).status is Status.IN_CONSULTATION
        await pilot.press("f2")
        await settle(pilot)
        assert isinstance(pilot.app.screen, WhichText)
        shown = words(pilot)
        assert "here" in shown
        assert "[red]$there" in shown
        await pilot.press(answer)
        await settle(pilot)
        assert the_record(clinic, visit).content == RecordInput(symptoms=text)
        typed = "here" if answer == "escape" else text
        assert screen.form.note("symptoms").text == typed


async def test_a_line_cut_while_two_terminals_write_loses_neither_text(clinic: Clinic) -> None:
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await call_in(pilot)
        draft = the_record(clinic, visit)
        there = RecordInput(symptoms="there")
        clinic.do(records.save_draft, draft.id, there, version=draft.version)
        await pilot.press(*"here")
        pilot.app.exit()
    assert the_record(clinic, visit).content.symptoms == "here\nthere"


# What cannot be kept


async def test_what_is_implausible_is_told_beside_its_field_and_the_rest_is_kept(
    clinic: Clinic,
) -> None:
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        await pilot.press(*"cough", "tab", "tab", *"720", "enter")
        assert "! A pulse of 720 is not plausible; 20 to 300 /min is." in picture(pilot)
        await into(pilot, "notes")
        await pilot.press(*"rest", "f5")
        await settle(pilot)
        assert screen.form.vitals.field("pulse_bpm").has_focus
        assert "Not signed yet: look at pulse." in picture(pilot)
        await pilot.press("f2")
        await settle(pilot)
        assert "draft saved 10:42, all but: pulse" in picture(pilot)
        assert the_record(clinic, visit).content == RecordInput(symptoms="cough", notes="rest")
        await pilot.press("escape")
        await settle(pilot)
        assert "esc again leaves so" in picture(pilot)
        await pilot.press("backspace")
        await sign(pilot)
        today(pilot)
    assert the_record(clinic, visit).content.vitals == Vitals(pulse_bpm=72)


async def test_a_value_is_not_judged_while_it_is_being_typed(clinic: Clinic) -> None:
    waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        await into(pilot, "pulse_bpm")
        await pilot.press("7")
        await until(pilot, lambda: "draft saved" in picture(pilot))
        assert "not plausible" not in picture(pilot)
        assert "all but" not in picture(pilot)
        assert screen.form.vitals.field("pulse_bpm").value == "7"


async def test_leaving_with_something_that_cannot_be_kept_takes_two_escapes(
    clinic: Clinic,
) -> None:
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await call_in(pilot)
        await into(pilot, "follow_up_on")
        await pilot.press(*"soon", "escape")
        await settle(pilot)
        consultation(pilot)
        await pilot.press("escape")
        await settle(pilot)
        today(pilot)
    assert the_record(clinic, visit).content == RecordInput()


async def test_nothing_to_sign_is_told_beside_the_diagnoses(clinic: Clinic) -> None:
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        screen = await call_in(pilot)
        await sign(pilot)
        assert "  ! Give a diagnosis or notes before signing." in picture(pilot)
        assert screen.form.diagnoses.field.has_focus
        await pilot.press(*"well", "f5")
        await settle(pilot)
        today(pilot)
    assert the_record(clinic, visit).content.diagnoses == (Diagnosis("well"),)


async def test_signing_twice_in_a_hurry_is_one_signature(clinic: Clinic) -> None:
    visit = waiting(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await call_in(pilot)
        await into(pilot, "notes")
        await pilot.press(*"well", "f5", "f5", "f7")
        await settle(pilot)
        today(pilot)
    events = clinic.store.read(system(), appointments.history, visit.id)
    assert [event.kind for event in events].count("complete") == 1
