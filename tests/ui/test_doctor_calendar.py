"""The doctor's calendar, by its keys: moving, opening, leave by marking, and the worklist."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import update
from textual.pilot import Pilot

from screens.doctor.calendar import CalendarScreen
from screens.doctor.consultation import ConsultationScreen
from screens.doctor.hours import OwnHours
from screens.shared.affected import AffectedDialog
from screens.shared.conflicts import ConflictsDialog
from screens.shared.details import AppointmentDetails
from screens.shared.leave import LeaveDialog, LeaveForm
from store import appointments, conflicts, leave
from store.actors import system
from store.tables import Holiday, Leave, Patient, table_of
from store.transaction import Transaction
from store.values import Affected, LeaveView
from store.values import AppointmentStatus as Status
from tests.statements import counted
from tests.ui.clinic import OPENING, Clinic, picture, press, settle, sign_in, words
from tests.ui.doctor_weeks import MIDNIGHT, busy_weeks, grid, open_calendar
from tests.ui.test_hostile import BATCHES
from tests.ui.test_plain import OBEYED
from widgets.calendar_grid import Clock, View

SMALL, WIDE = (80, 24), (120, 40)
ALWAYS_ASKED = re.compile(r"^PRAGMA|FROM (login_session|change)\b")


def shown(pilot: Pilot[Any]) -> type:
    """What kind of screen or dialog is on top."""
    return type(pilot.app.screen)


def leave_of(clinic: Clinic) -> list[LeaveView]:
    found: list[LeaveView] = clinic.store.read(system(), leave.list_leave, doctor_id=clinic.nair.id)
    return found


def at_cursor(pilot: Pilot[Any]) -> tuple[date, Clock | None]:
    return grid(pilot).day, grid(pilot).clock


async def test_it_begins_at_this_time_of_this_week(clinic: Clinic) -> None:
    busy_weeks(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_calendar(pilot)
        seen = picture(pilot)
        assert "Week 2 · 5 – 11 Jan 2026" in seen
        assert "▌● Asha Rao" in seen
        assert "Mon 5 Jan 10:30–10:45 Asha Rao F 34 ● waiting" in words(pilot)
        assert "Sun›" in seen


async def test_the_house_keys_move_through_days_weeks_and_months(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_calendar(pilot)
        monday = OPENING.date()
        for keys, days in (("right", 1), ("l", 2), ("]", 3), ("}", 10), ("{", 3), ("[", 2)):
            await press(pilot, keys)
            assert grid(pilot).day == monday + timedelta(days=days), keys
        await press(pilot, "j", "down", "k")
        assert grid(pilot).clock == Clock(9, 0, 15)
        await press(pilot, "t")
        assert grid(pilot).day == monday
        await press(pilot, "M", "}")
        assert (grid(pilot).view, grid(pilot).day) == (View.MONTH, date(2026, 2, 5))
        assert "February 2026" in picture(pilot)
        await press(pilot, "down", "left")
        assert grid(pilot).day == date(2026, 2, 11)
        await press(pilot, "enter")
        assert "Wednesday 11 February 2026" in picture(pilot)
        await press(pilot, "w")
        assert "Week 7" in picture(pilot)


async def test_a_day_is_gone_to_by_its_words(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_calendar(pilot)
        await press(pilot, "slash", *"someday", "enter")
        assert "“someday” is not a day" in words(pilot)
        assert "someday" in picture(pilot)
        await press(pilot, *["backspace"] * 7, *"12 feb", "enter")
        assert shown(pilot) is CalendarScreen
        assert grid(pilot).day == date(2026, 2, 12)


async def test_enter_opens_what_is_there(clinic: Clinic) -> None:
    day = busy_weeks(clinic)
    async with clinic.app().run_test(size=WIDE) as pilot:
        await open_calendar(pilot)
        await press(pilot, "right", "g", "enter")
        assert shown(pilot) is AppointmentDetails
        await press(pilot, "escape", "t", "enter")
        assert shown(pilot) is ConsultationScreen
        assert clinic.find(day["rao"]).status is Status.IN_CONSULTATION
        await press(pilot, "escape")
        assert shown(pilot) is CalendarScreen
        await press(pilot, "right", "enter")
        assert "Nothing is booked here." in picture(pilot)


async def test_what_others_do_appears_and_the_cursor_stays(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=WIDE) as pilot:
        await open_calendar(pilot)
        await press(pilot, "right", "down")
        before = at_cursor(pilot)
        view = clinic.book(0, clinic.nair, "11:00", 1)
        await settle(pilot)
        assert "○ Asha Rao" in picture(pilot)
        clinic.do(appointments.cancel, view.id)
        await settle(pilot)
        assert "Asha Rao" not in picture(pilot)
        assert at_cursor(pilot) == before


async def test_moving_paints_only_the_lines_that_differ(clinic: Clinic) -> None:
    busy_weeks(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_calendar(pilot)
        calendar = grid(pilot)
        painted = calendar.painted
        await press(pilot, "right")
        assert calendar.painted - painted == 1
        painted = calendar.painted
        await press(pilot, "down")
        assert calendar.painted - painted == 2
        await press(pilot, "t", "right_curly_bracket", "right_curly_bracket")
        painted = calendar.painted
        await press(pilot, "right_curly_bracket")  # to a week that differs in its heading alone
        assert calendar.painted - painted == 1


async def test_a_move_by_a_week_asks_the_database_at_most_5_times(clinic: Clinic) -> None:
    busy_weeks(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_calendar(pilot)
        for key in ("right_curly_bracket", "right_curly_bracket", "left_curly_bracket"):
            painted = grid(pilot).painted
            with counted(clinic.store) as sent:
                await press(pilot, key)
            # Beside what every unit of work asks first, and the feed that goes on by itself.
            asked = [one for one, _ in sent if not ALWAYS_ASKED.search(one)]
            assert 0 < len(asked) <= 5, asked
            assert grid(pilot).painted - painted <= grid(pilot).size.height


async def test_marked_times_become_leave_and_whom_it_hits_is_told_at_once(clinic: Clinic) -> None:
    under = clinic.book(0, clinic.nair, "09:15", 1)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_calendar(pilot)
        await press(pilot, "right", "g", "space", "down", "down")
        assert "Tue 6 Jan 09:00–09:45 ! 1 booked" in words(pilot)
        await press(pilot, "enter")
        assert shown(pilot) is LeaveForm
        seen = words(pilot)
        assert "2026-01-06T09:00" in seen
        assert "2026-01-06T09:45" in seen
        assert "! 1 appointment is booked there. Tue 06 Jan 09:15 Asha Rao" in seen
        await press(pilot, "tab", "tab", *"theatre", "enter")
        assert shown(pilot) is AffectedDialog
        await press(pilot, "M", "enter")
        assert shown(pilot) is CalendarScreen
        assert "The leave is saved. Appointments: 1 moved." in words(pilot)
        assert "// leave" in picture(pilot)
        assert clinic.find(under).status is Status.RESCHEDULED
        made = leave_of(clinic)[0]
        assert (made.starts_at, made.ends_at, made.reason) == (
            MIDNIGHT + timedelta(days=1, hours=9),
            MIDNIGHT + timedelta(days=1, hours=9, minutes=45),
            "theatre",
        )
        assert grid(pilot).marked is None


async def test_several_days_and_one_whole_day_are_marked(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_calendar(pilot)
        await press(pilot, "space", "space")
        assert grid(pilot).marked == (MIDNIGHT, MIDNIGHT + timedelta(days=1))
        await press(pilot, "right", "right")
        assert grid(pilot).marked == (MIDNIGHT, MIDNIGHT + timedelta(days=3))
        assert "Mon 5 Jan – Wed 7 Jan nobody booked" in words(pilot)
        await press(pilot, "escape")
        assert grid(pilot).marked is None
        await press(pilot, "M", "space", "down", "enter", "ctrl+s")
        made = leave_of(clinic)[0]
        assert (made.starts_at, made.ends_at) == (
            MIDNIGHT + timedelta(days=2),
            MIDNIGHT + timedelta(days=10),
        )


async def test_a_mark_goes_on_into_another_week(clinic: Clinic) -> None:
    late = clinic.book(0, clinic.nair, "09:15", 8)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_calendar(pilot)
        await press(pilot, "space", "right_curly_bracket", "right")
        assert grid(pilot).marked == (MIDNIGHT, MIDNIGHT + timedelta(days=9))
        assert "! 1 booked" in words(pilot)
        await press(pilot, "enter", "ctrl+s", "k", "enter")
        assert "! 1 patient is booked at a time that is gone: c decides" in words(pilot)
        assert clinic.find(late).status is Status.BOOKED


async def test_kept_ones_are_decided_on_until_nobody_is_left(clinic: Clinic) -> None:
    day = busy_weeks(clinic)
    second = clinic.book(5, clinic.nair, "11:00", 1)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_calendar(pilot)
        clinic.do(
            leave.add,
            clinic.nair.id,
            MIDNIGHT + timedelta(days=1, hours=11),
            MIDNIGHT + timedelta(days=1, hours=12),
            "",
            Affected.KEEP,
        )
        await settle(pilot)
        assert "! 2 patients are booked" in picture(pilot)
        await press(pilot, "c")
        assert shown(pilot) is ConflictsDialog
        assert "leave: wedding" in picture(pilot)
        await press(pilot, "x", "y")
        assert clinic.find(second).status is Status.CANCELLED
        await press(pilot, "m")
        assert clinic.find(day["kept"]).status is Status.RESCHEDULED
        assert "Nobody is left to decide on." in words(pilot)
        await press(pilot, "escape")
        assert shown(pilot) is CalendarScreen
        assert "at a time that is gone" not in picture(pilot)
    assert clinic.store.read(system(), conflicts.conflicts).total == 0


async def test_the_desk_decides_for_all_doctors(clinic: Clinic) -> None:
    day = busy_weeks(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await press(pilot, "D")
        assert shown(pilot) is ConflictsDialog
        assert "Meena Pillai A Nair leave: wed" in words(pilot)
        await press(pilot, "a", "y")
        assert clinic.find(day["kept"]).status is Status.RESCHEDULED


async def test_own_leave_is_listed_changed_and_taken_back(clinic: Clinic) -> None:
    busy_weeks(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_calendar(pilot)
        await press(pilot, "v")
        assert shown(pilot) is LeaveDialog
        assert "Fri 09 Jan 2026 17:00 – 20:00" in picture(pilot)
        await press(pilot, "x", "y")
        assert [one.reason for one in leave_of(clinic)] == ["theatre"]
        await press(pilot, "e")
        assert "That one is gone from here" in words(pilot)
        await press(pilot, "down", "e", "tab", "tab", *" 2", "ctrl+s", "escape")
        assert [one.reason for one in leave_of(clinic)] == ["theatre 2"]
        # The same from the place where it stands.
        await press(pilot, *["right"] * 4, "G", "enter")
        assert shown(pilot) is LeaveForm


async def test_own_hours_are_shown(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_calendar(pilot)
        await press(pilot, "H")
        assert shown(pilot) is OwnHours
        assert "09:00 – 13:00" in picture(pilot)
        assert "The administration changes them." in picture(pilot)


async def test_the_mouse_points_at_places(clinic: Clinic) -> None:
    view = clinic.book(0, clinic.nair, "09:15", 1)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await open_calendar(pilot)
        lines = picture(pilot).splitlines()
        y = next(n for n, line in enumerate(lines) if "○ Asha Rao" in line)
        x = lines[y].index("○ Asha Rao")
        await pilot.click(offset=(x + 2, y))
        await settle(pilot)
        assert at_cursor(pilot) == (view.starts_at.date(), Clock(9, 0, 15))
        await pilot.click(offset=(x + 2, y))
        await settle(pilot)
        assert shown(pilot) is AppointmentDetails


def poison(tx: Transaction, texts: list[str]) -> None:
    """Put a text wherever the calendar shows one."""
    for number, text in enumerate(texts[::2], 1):
        tx.session.execute(
            update(table_of(Patient))
            .where(table_of(Patient).c.id == number)
            .values(name=text[:120])
        )
    tx.session.execute(update(table_of(Leave)).values(reason=texts[1][:200]))
    tx.session.execute(update(table_of(Holiday)).values(name=texts[-1][:120]))


@pytest.mark.parametrize("texts", BATCHES)
async def test_hostile_text_is_shown_and_does_nothing(clinic: Clinic, texts: list[str]) -> None:
    busy_weeks(clinic)
    with clinic.store.transaction(system()) as tx:
        poison(tx, texts)
    app = clinic.app()
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        await open_calendar(pilot)
        for keys in (
            ["d"],
            ["M"],
            ["right_curly_bracket", "left_curly_bracket", "w", "right", "right", "right"],
            ["space", "space"],
            ["enter"],
            ["escape", "escape", "v"],
            ["escape", "c"],
            ["escape", "right_curly_bracket"],
        ):
            await pilot.press(*keys)
            await settle(pilot)
            for line in picture(pilot).splitlines():
                assert not OBEYED.search(line), repr(line)
            assert app.is_running


async def test_another_role_has_no_such_tab(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        assert "Calendar" not in picture(pilot)
