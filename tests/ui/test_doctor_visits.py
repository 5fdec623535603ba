"""Follow-ups that a doctor books, and the steps that a doctor takes from every room."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from screens.doctor.calendar import CalendarScreen
from screens.shared.slot_dialog import SlotDialog
from store import holds, signing_in
from store.values import AppointmentStatus as Status
from store.values import SessionKind
from tests.ui.clinic import (
    OPENING,
    PASSWORD,
    Clinic,
    busy_morning,
    picture,
    press,
    settle,
    sign_in,
    words,
)
from tests.ui.doctor_day import consultation, today
from tests.ui.doctor_weeks import busy_weeks, open_calendar

SMALL, WIDE = (80, 24), (120, 40)


async def follow_up_typed(pilot: Pilot[Any], words_: str) -> None:
    """Call in who is next, and give a follow-up day."""
    await sign_in(pilot, "dr.nair")
    await press(pilot, "n", "y")
    consultation(pilot).form.note("notes").focus()
    await pilot.press(*"better", "tab", *words_)
    await settle(pilot)


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_a_follow_up_day_is_booked_while_the_patient_sits_there(
    clinic: Clinic, size: tuple[int, int]
) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=size) as pilot:
        await follow_up_typed(pilot, "+2w")
        assert "Mon 19 January 2026 f12 books it" in words(pilot)
        await press(pilot, "f12")
        assert type(pilot.app.screen) is SlotDialog
        seen = words(pilot)
        assert "Book the follow-up" in seen
        assert "Asha Rao" in seen
        assert "Mon 19 Jan 2026" in seen
        assert "over limit" not in seen
        await press(pilot, "enter")
        consultation(pilot)
        assert "✔ booked Mon 19 Jan 09:00" in words(pilot)
        await press(pilot, "f5")
        assert "Asha Rao: signed and completed." in words(pilot)
        assert "books the follow-up" not in words(pilot)
    made = [one for one in clinic.of(0) if one.starts_at.date() > OPENING.date()]
    assert [(one.status, one.doctor_id) for one in made] == [(Status.BOOKED, clinic.nair.id)]


async def test_a_follow_up_nobody_booked_is_offered_when_the_visit_is_over(clinic: Clinic) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await follow_up_typed(pilot, "+2w")
        await press(pilot, "f5")
        assert "signed and completed. b books the follow-up, Mon 19 Jan" in words(pilot)
        await press(pilot, "b", "right", "enter")
        assert "Asha Rao comes again Mon 19 Jan 09:15. u undo" in words(pilot)
        await press(pilot, "u")
        assert "Undone: Asha Rao is ⊘ cancelled." in words(pilot)
    assert [one.status for one in clinic.of(0)] == [Status.COMPLETED, Status.CANCELLED]


async def test_who_was_never_seen_is_the_desks_to_book(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL, notifications=True) as pilot:
        await sign_in(pilot, "dr.nair")
        today(pilot).table.move_to(str(day["shaikh"].id))
        await press(pilot, "b", "enter")
        assert "The reception desk books all others." in words(pilot)
    assert len(clinic.of(3)) == 1


async def test_a_record_leads_to_the_follow_up(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "dr.nair")
        today(pilot).table.move_to(str(day["ashok"].id))
        await press(pilot, "enter")
        consultation(pilot).form.note("notes").focus()
        await pilot.press(*"well", "f5")
        await settle(pilot)
        today(pilot).table.move_to(str(day["ashok"].id))
        await press(pilot, "enter", "b", "right_square_bracket", "enter")
        assert "Ashok Rao comes again tomorrow 09:00." in words(pilot)


async def test_the_steps_of_the_desk_are_in_the_calendar_too(clinic: Clinic) -> None:
    day = busy_weeks(clinic)
    clinic.at(9, 50)
    late = clinic.book(5, clinic.nair, "10:00")
    clinic.at(10, 42)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await open_calendar(pilot)
        await press(pilot, "right", "g")
        assert "m moves it" in words(pilot)
        await press(pilot, "m", "right", "enter")
        assert "Asha Rao comes today 11:15." in words(pilot)
        assert clinic.find(day["tuesday"]).status is Status.RESCHEDULED
        await press(pilot, "u")
        assert "Undone: Asha Rao is ○ booked again." in words(pilot)
        await press(pilot, "x")
        await pilot.press(*"theatre list", "enter")
        await settle(pilot)
        assert "Asha Rao: cancelled." in words(pilot)
        await press(pilot, "x")
        assert "There is no appointment under the cursor." in words(pilot)
        await press(pilot, "t")
        screen = pilot.app.screen
        assert isinstance(screen, CalendarScreen)
        screen.calendar.go_to_time(late.starts_at)
        await settle(pilot)
        await press(pilot, "o", "y")
        assert clinic.find(late).status is Status.NO_SHOW


async def test_a_slot_that_the_desk_holds_is_told_in_the_calendar(clinic: Clinic) -> None:
    desk = signing_in.sign_in(
        clinic.store, "meera", PASSWORD, kind=SessionKind.APP, terminal="tty2@desk-2"
    ).actor
    async with clinic.app().run_test(size=WIDE) as pilot:
        await open_calendar(pilot)
        await press(pilot, "right", "g")
        free = words(pilot).count("free")
        assert "09:00 – 09:15 free" in words(pilot)
        clinic.store.write(desk, holds.take, clinic.nair.id, OPENING + timedelta(days=1, hours=1))
        await settle(pilot)
        assert "09:00 – 09:15 held by desk-2, " in words(pilot)
        assert "▌◷" in picture(pilot)
        await press(pilot, "d")
        assert "◷ held by desk-2" in words(pilot)
        clinic.clock.moment += timedelta(hours=1)
        screen = pilot.app.screen
        assert isinstance(screen, CalendarScreen)
        screen.second_passed(clinic.clock.moment)
        await settle(pilot)
        assert "◷" not in picture(pilot)
        assert words(pilot).count("free") >= free
