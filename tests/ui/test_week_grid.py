"""A week of slots side by side."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from store.values import Slot
from tests.ui.clinic import picture
from tests.ui.test_widgets import One
from widgets.week_grid import WeekGrid

KOLKATA = ZoneInfo("Asia/Kolkata")
MONDAY = date(2026, 1, 5)
EIGHT = datetime(2026, 1, 5, 8, 0, tzinfo=KOLKATA)


def slot(day: int, time: str, *, free: bool = True, minutes: int = 15) -> Slot:
    hour, minute = map(int, time.split(":"))
    start = EIGHT.replace(hour=hour, minute=minute) + timedelta(days=day)
    return Slot(1, start, start + timedelta(minutes=minutes), free)


def at(grid: WeekGrid) -> str:
    """Where the cursor is."""
    return f"{grid.selected.starts_at:%a %H:%M}" if grid.selected else "nowhere"


def told(app: One, kind: type[Any]) -> Iterable[Any]:
    return [message for message in app.told if isinstance(message, kind)]


class Listening(One):
    """Keeps what the grid tells."""

    def on_slot_chooser_chosen(self, message: WeekGrid.Chosen) -> None:
        self.told.append(message)

    def on_week_grid_beyond(self, message: WeekGrid.Beyond) -> None:
        self.told.append(message)


async def test_arrows_move_between_free_slots_and_enter_chooses() -> None:
    grid = WeekGrid()
    app = Listening(grid)
    async with app.run_test(size=(80, 24)) as pilot:
        grid.show(
            MONDAY,
            [
                slot(0, "09:00", free=False),
                slot(0, "09:15"),
                slot(0, "09:45"),
                slot(2, "09:30"),
                slot(2, "10:00"),
            ],
            EIGHT,
        )
        grid.focus()
        await pilot.pause()
        assert at(grid) == "Mon 09:15"
        await pilot.press("down")
        assert at(grid) == "Mon 09:45"
        await pilot.press("j", "right")
        assert at(grid) == "Wed 09:30"
        await pilot.press("G", "right")
        await pilot.pause()
        assert at(grid) == "Wed 10:00"
        assert [message.weeks for message in told(app, WeekGrid.Beyond)] == [1]
        await pilot.press("h", "k", "enter")
        (chosen,) = told(app, WeekGrid.Chosen)
        assert f"{chosen.slot.starts_at:%a %H:%M}" == "Mon 09:15"


async def test_each_day_tells_how_many_are_free_or_why_none() -> None:
    grid = WeekGrid()
    async with One(grid).run_test(size=(80, 24)) as pilot:
        grid.show(
            MONDAY,
            [slot(0, "07:00"), slot(1, "09:00"), slot(1, "09:15"), slot(2, "09:00", free=False)],
            EIGHT,
            notes={MONDAY + timedelta(days=3): "[b]Pongal[/"},
        )
        await pilot.pause()
        days, counts, *rows = picture(pilot).splitlines()
        assert days.split()[:4] == ["Mon", "5", "Tue", "6"]
        assert counts.split()[:5] == ["over", "2", "free", "full", "[b]Ponga…"]
        assert "·····" in "".join(rows)


async def test_a_pause_between_sessions_is_a_blank_line_and_long_days_scroll() -> None:
    grid = WeekGrid()
    slots = [slot(0, f"{hour:02}:{m:02}") for hour in (*range(9, 13), 17) for m in (0, 15, 30, 45)]
    async with One(grid).run_test(size=(80, 12)) as pilot:
        grid.show(MONDAY, slots, EIGHT)
        grid.focus()
        await pilot.pause()
        assert "↓ 11 later" in picture(pilot)
        await pilot.press("end")
        await pilot.pause()
        assert at(grid) == "Mon 17:45"
        lines = picture(pilot).splitlines()
        place = next(i for i, line in enumerate(lines) if "12:45" in line)
        assert lines[place + 1].strip() == ""
        assert "↑ 12 earlier" in picture(pilot)


async def test_the_cursor_stays_on_its_time_while_that_is_free() -> None:
    grid = WeekGrid()
    free = [slot(0, "09:00"), slot(0, "09:15"), slot(0, "09:30")]
    async with One(grid).run_test(size=(80, 24)) as pilot:
        grid.show(MONDAY, free, EIGHT)
        assert grid.move_to(free[1].starts_at)
        grid.show(MONDAY, free, EIGHT)
        assert at(grid) == "Mon 09:15"
        grid.show(MONDAY, [free[0], slot(0, "09:15", free=False), free[2]], EIGHT)
        assert at(grid) == "Mon 09:30"
        grid.show(MONDAY, [], EIGHT, empty="No hours.")
        await pilot.pause()
        assert at(grid) == "nowhere"
        assert "No hours." in picture(pilot)
        await pilot.press("enter", "down", "end")


async def test_an_hour_that_comes_twice_is_two_rows_with_their_zones() -> None:
    new_york = ZoneInfo("America/New_York")
    first = datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    slots = [
        Slot(
            1,
            (first + timedelta(hours=n)).astimezone(new_york),
            (first + timedelta(hours=n, minutes=30)).astimezone(new_york),
            True,
        )
        for n in range(2)
    ]
    grid = WeekGrid()
    async with One(grid).run_test(size=(84, 24)) as pilot:
        grid.show(date(2026, 11, 1), slots, first.astimezone(new_york) - timedelta(hours=3))
        grid.focus()
        await pilot.pause()
        shown = picture(pilot)
        assert "01:30 EDT" in shown
        assert "01:30 EST" in shown
        assert grid.selected == slots[0]
        assert grid.selected.starts_at.fold == 0
        await pilot.press("down")
        assert grid.selected is not None
        assert grid.selected.starts_at.fold == 1


async def test_the_mouse_chooses_with_the_second_click() -> None:
    grid = WeekGrid()
    app = Listening(grid)
    async with app.run_test(size=(80, 24)) as pilot:
        grid.show(MONDAY, [slot(0, "09:00"), slot(1, "09:15")], EIGHT)
        await pilot.pause()
        cell = grid.size.width // 7
        await pilot.click(WeekGrid, offset=(cell + 2, 3))
        assert at(grid) == "Tue 09:15"
        await pilot.click(WeekGrid, offset=(cell + 2, 2))
        assert not told(app, WeekGrid.Chosen)
        await pilot.click(WeekGrid, offset=(cell + 2, 3))
        await pilot.pause()
        assert told(app, WeekGrid.Chosen)
