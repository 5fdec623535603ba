"""The desk's slots as a week."""

from __future__ import annotations

from datetime import timedelta

import pytest

from screens.reception.desk import DeskScreen
from screens.shared.booking import BookingDialog
from tests.ui.clinic import OPENING, Clinic, picture, press, settle, sign_in
from tests.ui.test_desk_queue import desk_of
from widgets.week_grid import WeekGrid

WIDE, SMALL = (120, 40), (80, 24)
NAIR = ("d", *"nair", "enter")


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_one_key_shows_the_week_and_a_slot_of_it_is_booked(
    clinic: Clinic, size: tuple[int, int]
) -> None:
    async with clinic.app().run_test(size=size) as pilot:
        await sign_in(pilot)
        await press(pilot, *NAIR, "w")
        assert "Dr Anita Nair · 5 – 11 Jan" in picture(pilot)
        assert "Sat 10" in picture(pilot)
        await press(pilot, "l", "j", "enter")
        await pilot.press(*"asha r", "enter")
        await settle(pilot)
        assert isinstance(pilot.app.screen, BookingDialog)
        await press(pilot, "enter")
        (view,) = clinic.of(0)
        assert view.starts_at == OPENING + timedelta(days=1, hours=1, minutes=15)


async def test_days_and_weeks_go_on_and_the_day_view_keeps_the_day(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await press(pilot, *NAIR, "w", "right_curly_bracket")
        assert "12 – 18 Jan" in picture(pilot)
        await press(pilot, *["right_square_bracket"] * 6)  # over a Sunday without hours
        assert "19 – 25 Jan" in picture(pilot)
        await press(pilot, "w")
        assert "Dr Anita Nair · Mon 19 Jan" in picture(pilot)
        await press(pilot, "w", "t", "left_square_bracket", "left_curly_bracket")
        assert desk_of(pilot).day == OPENING.date()


async def test_a_slot_taken_elsewhere_leaves_the_week_and_its_cursor_stays(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        await press(pilot, *NAIR, "w", "l", "l")
        grid = desk_of(pilot).query_one(WeekGrid)
        before = grid.selected
        assert before is not None
        clinic.book(0, clinic.nair, "09:00", day=1)
        await settle(pilot)
        assert grid.selected is not None
        assert grid.selected.starts_at == before.starts_at
        assert grid.has_focus
        assert sum(not slot.free for slot in grid.slots) == 1


async def test_a_wide_terminal_shows_the_week_beside_what_is_used(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        screen = pilot.app.screen
        assert isinstance(screen, DeskScreen)

        def shown() -> set[str | None]:
            return {panel.id for panel in screen.query("#desk > .panel") if panel.display}

        await press(pilot, *NAIR, "w")
        assert shown() == {"queue-panel", "slots-panel"}
        await press(pilot, "slash")
        assert shown() == {"finder-panel", "slots-panel"}
        await press(pilot, "escape", "s", "w")
        assert shown() == {"finder-panel", "queue-panel", "slots-panel"}
