from __future__ import annotations

from typing import Any

from textual.pilot import Pilot

from screens.doctor.record import AmendDialog, FieldDialog, RecordScreen
from store import appointments, records
from store.actors import system
from store.values import AppointmentView, RecordInput
from tests.ui import hostile
from tests.ui.clinic import Clinic, picture, settle, sign_in
from tests.ui.doctor_day import DIABETES, METFORMIN, the_record, today

SMALL = (80, 24)


def completed(clinic: Clinic, content: RecordInput) -> AppointmentView:
    """A visit of this morning whose record is signed."""
    view = clinic.book(0, clinic.nair, "09:00")
    clinic.at(9, 0)
    clinic.check_in(view)
    clinic.do(appointments.start, view.id)
    clinic.do(appointments.complete, view.id, record=content)
    clinic.at(10, 42)
    return view


async def open_record(pilot: Pilot[Any]) -> RecordScreen:
    await sign_in(pilot, "dr.nair")
    await pilot.press("enter")
    await settle(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, RecordScreen)
    return screen


async def choose(pilot: Pilot[Any], downs: int) -> None:
    await pilot.press("a")
    await settle(pilot)
    assert isinstance(pilot.app.screen, FieldDialog)
    await pilot.press(*["down"] * downs, "enter")
    await settle(pilot)
    assert isinstance(pilot.app.screen, AmendDialog)


async def test_an_amendment_stands_beside_what_was_signed(clinic: Clinic) -> None:
    visit = completed(clinic, RecordInput(notes="left knee", diagnoses=(DIABETES,)))
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_record(pilot)
        await choose(pilot, 4)
        await pilot.press("end", *["backspace"] * 9, *"right knee", "tab")
        await pilot.press(*"sides mixed up", "enter")
        await settle(pilot)
        shown = picture(pilot)
        assert "Notes         right knee" in shown
        assert "amended 05 Jan 2026 10:42 by Dr Anita Nair: sides mixed up" in shown
        assert "before: left knee" in shown
    record = the_record(clinic, visit)
    (amendment,) = record.amendments
    assert (amendment.field, amendment.earlier_text, amendment.text, amendment.reason) == (
        "notes",
        "left knee",
        "right knee",
        "sides mixed up",
    )
    assert record.content.notes == "left knee"


async def test_an_amendment_needs_a_reason_and_a_difference(clinic: Clinic) -> None:
    visit = completed(clinic, RecordInput(notes="left knee"))
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_record(pilot)
        await choose(pilot, 4)
        await pilot.press("f2")
        await settle(pilot)
        assert "! Reason is needed." in picture(pilot)
        await pilot.press(*"typo", "f2")
        await settle(pilot)
        assert "! That is what the record says already." in picture(pilot)
        await pilot.press("escape")
        await settle(pilot)
        assert isinstance(pilot.app.screen, AmendDialog)  # the reason was typed: asked once more
        await pilot.press("escape", "escape")
        await settle(pilot)
        today(pilot)
    assert not the_record(clinic, visit).amendments


async def test_a_second_amendment_begins_with_what_the_first_made_of_it(clinic: Clinic) -> None:
    visit = completed(clinic, RecordInput(notes="one"))
    record = the_record(clinic, visit)
    clinic.store.write(
        clinic_doctor(clinic), records.amend, record.id, field="notes", text="two", reason="x"
    )
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_record(pilot)
        await choose(pilot, 4)
        await pilot.press("end", *" three", "tab", *"more", "f2")
        await settle(pilot)
        assert "Notes         two three" in picture(pilot)
        assert "amended 2 times" in picture(pilot)
    assert [one.earlier_text for one in the_record(clinic, visit).amendments] == ["one", "two"]


async def test_hostile_text_in_a_record_and_its_amendments_is_shown(clinic: Clinic) -> None:
    text = "\n".join(hostile.MARKUP)
    visit = completed(clinic, RecordInput(notes="before", symptoms=text, prescription=(METFORMIN,)))
    clinic.store.write(
        clinic_doctor(clinic),
        records.amend,
        the_record(clinic, visit).id,
        field="notes",
        text=text,
        reason="[@click=app.quit]x[/]",
    )
    async with clinic.app().run_test(size=(100, 70)) as pilot:
        await open_record(pilot)
        shown = picture(pilot)
        for one in hostile.MARKUP:
            assert shown.count(one) >= 2, one
        await pilot.press("a")
        await settle(pilot)
        assert "[link=http" in picture(pilot)


def clinic_doctor(clinic: Clinic) -> Any:
    """Dr Nair as the store knows an actor, for what only the signing doctor may do."""
    from store.values import Actor, Role

    account = clinic.store.read(system(), _account_of, clinic.nair.username)
    return Actor(Role.DOCTOR, clinic.nair.name, "tty2", account, doctor_id=clinic.nair.id)


def _account_of(tx: Any, username: str) -> int:
    from store import accounts

    return accounts.get(tx, username).id
