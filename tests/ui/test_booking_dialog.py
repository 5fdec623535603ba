"""The booking dialog among others: held slots, lost ones, the first free one, over the limit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.reception.desk import DeskScreen
from screens.shared.booking import BookingDialog
from screens.shared.confirm import AskReason
from store import appointments, availability, holds, signing_in
from store.values import Actor, DoctorView, SessionKind, Slot
from tests.ui.clinic import (
    OPENING,
    PASSWORD,
    Clinic,
    on_both,
    picture,
    press,
    settle,
    sign_in,
    words,
)
from widgets.inputs import LineInput
from widgets.slot_grid import SlotGrid

WIDE, SMALL = (140, 40), (80, 24)


def other_desk(clinic: Clinic, name: str = "meera") -> Actor:
    """Somebody signed in at another terminal."""
    signed = signing_in.sign_in(
        clinic.store, name, PASSWORD, kind=SessionKind.APP, terminal="x@desk-2 pts/1"
    )
    return signed.actor


def hold(clinic: Clinic, actor: Actor, clock: str, doctor: DoctorView | None = None) -> Any:
    hour, minute = map(int, clock.split(":"))
    at = OPENING.replace(hour=hour, minute=minute)
    return clinic.store.write(actor, holds.take, (doctor or clinic.nair).id, at)


def seen_by(clinic: Clinic, actor: Actor, clock: str) -> Slot:
    """A slot of today as that actor sees it."""
    slots = clinic.store.read(actor, availability.day_slots, clinic.nair.id, OPENING.date())
    return next(slot for slot in slots if f"{slot.starts_at:%H:%M}" == clock)


async def open_dialog(pilot: Pilot[Any], patient: str = "asha r") -> BookingDialog:
    await sign_in(pilot)
    await pilot.press("slash", *patient, "enter")
    await settle(pilot)
    await pilot.press(*"nair", "enter")
    await settle(pilot)
    dialog = pilot.app.screen
    assert isinstance(dialog, BookingDialog)
    return dialog


def cursor(dialog: BookingDialog) -> str:
    slot = dialog.query_one(SlotGrid).selected
    return f"{slot.starts_at:%H:%M}" if slot else "none"


async def test_an_open_dialog_holds_its_slot_and_a_closed_one_nothing(clinic: Clinic) -> None:
    desk2 = other_desk(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_dialog(pilot)
        held = seen_by(clinic, desk2, "09:00").held
        assert held is not None
        assert held.by == "desk-1"
        assert "09:00 is kept for you until 08:03:00" in picture(pilot)
        await press(pilot, "right", "right")
        assert seen_by(clinic, desk2, "09:00").free
        assert not seen_by(clinic, desk2, "09:30").free
        await press(pilot, "escape")
        assert seen_by(clinic, desk2, "09:30").free


async def test_quitting_or_signing_out_lets_the_slot_go(clinic: Clinic) -> None:
    desk2 = other_desk(clinic)
    app = clinic.app()
    async with app.run_test(size=SMALL) as pilot:
        await open_dialog(pilot)
        assert not seen_by(clinic, desk2, "09:00").free
        await app._end_session()
        await settle(pilot)
        assert seen_by(clinic, desk2, "09:00").free


async def test_a_slot_held_elsewhere_is_seen_with_whom_and_how_long(clinic: Clinic) -> None:
    desk2 = other_desk(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        dialog = await open_dialog(pilot)
        hold(clinic, desk2, "09:30")
        await settle(pilot)
        assert "◷ 09:30 held by desk-2, 3:00" in words(pilot)
        clinic.clock.advance(timedelta(seconds=80))
        dialog._second()
        await settle(pilot)
        assert "◷ 09:30 held by desk-2, 1:40" in words(pilot)
        await press(pilot, "right", "right")
        assert cursor(dialog) == "09:45"
        # It ends by itself: nobody tells, the clock does.
        clinic.clock.advance(timedelta(seconds=100))
        dialog._second()
        await settle(pilot)
        assert "held by" not in words(pilot)
        await press(pilot, "left")
        assert cursor(dialog) == "09:30"


@on_both
async def test_of_two_dialogs_on_one_slot_the_second_is_offered_the_next(clinic: Clinic) -> None:
    hold(clinic, other_desk(clinic), "09:00")
    async with clinic.app().run_test(size=SMALL) as pilot:
        dialog = await open_dialog(pilot)
        assert cursor(dialog) == "09:15"
        assert "held by desk-2" in words(pilot)
        await press(pilot, "enter")
        assert [f"{one.starts_at:%H:%M}" for one in clinic.of(0)] == ["09:15"]


async def test_a_hold_that_comes_between_is_told_and_enter_books_nothing_unseen(
    clinic: Clinic,
) -> None:
    desk2 = other_desk(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        dialog = await open_dialog(pilot)
        await press(pilot, "right", "tab")
        await pilot.press(*"cough")
        # The other desk is told, and books all the same: an emergency.
        clinic.store.write(
            desk2,
            appointments.book,
            patient_id=clinic.patients[3].id,
            doctor_id=clinic.nair.id,
            starts_at=OPENING.replace(hour=9, minute=15),
            overbook_reason="chest pain",
        )
        await settle(pilot)
        assert "09:15 has just been taken" in words(pilot)
        assert cursor(dialog) == "none"
        assert dialog.query_one("#note", LineInput).value == "cough"
        await press(pilot, "enter")
        assert clinic.of(0) == []
        assert cursor(dialog) == "09:30"
        await press(pilot, "enter")
        assert [f"{one.starts_at:%H:%M} {one.note}" for one in clinic.of(0)] == ["09:30 cough"]


async def test_losing_a_slot_keeps_the_cursor_in_sight(clinic: Clinic) -> None:
    """The refusal takes room of the dialog; at 80x24 the last slots of the day scroll."""
    async with clinic.app().run_test(size=SMALL) as pilot:
        dialog = await open_dialog(pilot)
        await press(pilot, "G")
        assert cursor(dialog) == "19:45"
        clinic.book(3, clinic.nair, "19:45")
        await press(pilot, "enter")
        await press(pilot, "left")
        assert cursor(dialog) == "19:30"
        assert "19:30" in picture(pilot)
        body = dialog.query_one("#dialog-body")
        grid = dialog.query_one(SlotGrid)
        line = next(y for y, _, slot in grid._places() if slot is grid.selected)
        assert body.region.y <= grid.region.y + line < body.region.bottom


async def test_an_idle_dialog_holds_for_three_minutes_and_typing_holds_anew(
    clinic: Clinic,
) -> None:
    desk2 = other_desk(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_dialog(pilot)
        clinic.clock.advance(timedelta(minutes=3))
        await settle(pilot)
        assert seen_by(clinic, desk2, "09:00").free
        await press(pilot, "tab", "c")
        assert not seen_by(clinic, desk2, "09:00").free


@pytest.mark.parametrize(
    ("wish", "first"),
    [
        ("", "Mon 09:00"),
        ("after 17:00", "Mon 17:00"),
        ("tomorrow after 5pm", "Tue 17:00"),
        ("mornings", "Mon 09:00"),
    ],
)
async def test_first_free_is_a_key_and_a_word_away(clinic: Clinic, wish: str, first: str) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        dialog = await open_dialog(pilot)
        await press(pilot, "right_curly_bracket")
        await pilot.press("f", *wish, "enter")
        await settle(pilot)
        slot = dialog.query_one(SlotGrid).selected
        assert slot is not None
        assert f"{slot.starts_at:%a %H:%M}" == first
        await press(pilot, "enter")
        assert [f"{one.starts_at:%a %H:%M}" for one in clinic.of(0)] == [first]


async def test_a_wish_that_is_no_time_is_told_and_stays(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        dialog = await open_dialog(pilot)
        await pilot.press("f", *"mornigs", "enter")
        await settle(pilot)
        assert "“mornigs” is not a time; write mornings" in words(pilot)
        assert dialog.query_one("#when", LineInput).value == "mornigs"
        await press(pilot, "escape")
        assert isinstance(pilot.app.screen, BookingDialog)
        assert dialog.query_one(SlotGrid).has_focus


async def test_a_time_of_day_narrows_doctors_and_departments(clinic: Clinic) -> None:
    for clock in ("17:00", "17:15"):
        clinic.book(3, clinic.bose, clock)
        clinic.book(4, clinic.nair, clock)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await pilot.press("slash", *"asha r", "enter")
        await settle(pilot)
        await pilot.press(*"any paed after 17:00")
        await settle(pilot)
        assert "Mon 05 Jan 17:30" in words(pilot)
        await pilot.press("enter")
        await settle(pilot)
        await press(pilot, "enter")
        (view,) = clinic.of(0)
        assert (view.doctor, f"{view.starts_at:%H:%M}") == ("Dr Tarun Bose", "17:30")


async def test_over_the_limit_is_asked_for_with_a_reason_and_seen(clinic: Clinic) -> None:
    taken = clinic.book(3, clinic.nair, "09:00")
    async with clinic.app().run_test(size=SMALL) as pilot:
        dialog = await open_dialog(pilot)
        await press(pilot, "o", "left")
        assert cursor(dialog) == "09:00"
        assert "‡ over the limit" in words(pilot)
        await press(pilot, "enter")
        assert isinstance(pilot.app.screen, AskReason)
        await press(pilot, "enter")
        assert "Reason is needed." in words(pilot)
        await pilot.press(*"high fever", "enter")
        await settle(pilot)
        (over,) = clinic.of(0)
        assert (over.overbooked, over.overbook_reason) == (True, "high fever")
        assert over.starts_at == taken.starts_at
        await press(pilot, "q")
        assert "○ booked ‡ over" in words(pilot)
        desk = pilot.app.screen
        assert isinstance(desk, DeskScreen)
        assert desk.table.move_to(str(over.id))
        await press(pilot, "enter")
        assert "‡ over the limit: high fever" in words(pilot)
        await press(pilot, "escape", "d", *"nair", "enter")
        assert "··‡··" in words(pilot)


async def test_a_full_day_can_be_booked_over(clinic: Clinic) -> None:
    clinic.do(
        appointments.book,
        patient_id=clinic.patients[3].id,
        doctor_id=clinic.nair.id,
        starts_at=OPENING.replace(hour=9),
        ends_at=OPENING.replace(hour=13),
    )
    clinic.at(13, 0)
    clinic.do(
        appointments.book,
        patient_id=clinic.patients[4].id,
        doctor_id=clinic.nair.id,
        starts_at=OPENING.replace(hour=17),
        ends_at=OPENING.replace(hour=20),
    )
    async with clinic.app().run_test(size=SMALL) as pilot:
        dialog = await open_dialog(pilot)
        await press(pilot, "t", "enter")
        assert "Full no free slot" in words(pilot)
        await press(pilot, "o")
        assert cursor(dialog) == "17:00"
        await press(pilot, "enter", *"pain", "enter")
        assert [one.overbook_reason for one in clinic.of(0)] == ["pain"]


async def test_an_appointment_is_moved_to_the_first_free_evening(clinic: Clinic) -> None:
    clinic.book(0, clinic.nair, "09:00")
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await press(pilot, "m", "f", *"after 17:00", "enter", "enter")
        moved = clinic.of(0)[-1]
        assert f"{moved.starts_at:%H:%M}" == "17:00"
