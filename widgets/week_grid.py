"""Seven days of one doctor's slots side by side: the arrows move between free ones, enter chooses.

A free slot shows its time, a taken one dots, a past one a dash, one that somebody holds a clock.
Under each day stands how many are free.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import BindingType
from textual.content import Content

from store.values import Slot
from widgets.keys import (
    DOWN,
    FIRST,
    LAST,
    LEFT,
    OPEN,
    PAGE_DOWN,
    PAGE_UP,
    RIGHT,
    UP,
    bind,
)
from widgets.plain import content, lines, shorten
from widgets.slot_chooser import HELD, OVER, PAST, TAKEN, SlotChooser, held_words, moment_of

DAYS = 7
_HEADING_LINES = 2
_ROOMY = 8
"""So wide a column has room for ` Sat 10` and ` 28 free` and a blank behind."""

Clock = tuple[int, int, int]
"""Hour, minute and fold: the wall clock of a row. Where clocks go back an hour comes twice."""


def clock_of(slot: Slot) -> Clock:
    """The row in which a slot stands."""
    return (slot.starts_at.hour, slot.starts_at.minute, slot.starts_at.fold)


class WeekGrid(SlotChooser):
    """A column for each day, a row for each time at which any of them has a slot."""

    DEFAULT_CSS = """
    WeekGrid { height: 1fr; width: 1fr; min-height: 5; }
    """

    BINDINGS: ClassVar[list[BindingType]] = bind(
        OPEN, hidden=(UP, DOWN, LEFT, RIGHT, PAGE_UP, PAGE_DOWN, FIRST, LAST)
    )

    class Beyond(SlotChooser.Told):
        """The cursor wants to leave the seven days: `weeks` is -1 or 1."""

        def __init__(self, grid: WeekGrid, weeks: int) -> None:
            super().__init__(grid)
            self.weeks = weeks

    def __init__(self, *, empty: str = "No slots.", id: str | None = None) -> None:
        super().__init__(empty=empty, id=id)
        self.first: date | None = None
        self.notes: Mapping[date, str] = {}
        self.rows: list[Clock | None] = []
        self._slots: dict[tuple[date, Clock], Slot] = {}
        self._top = 0

    def show(
        self,
        first: date,
        slots: Sequence[Slot],
        now: datetime,
        *,
        notes: Mapping[date, str] | None = None,
        empty: str | None = None,
    ) -> None:
        """Show seven days from `first`; `notes` are words for days without slots (a holiday)."""
        self.first, self.notes = first, notes or {}
        self._slots = {(slot.starts_at.date(), clock_of(slot)): slot for slot in slots}
        self.rows = self._rows()
        self.empty = self.empty if empty is None else empty
        self.take(slots, now)
        self._reveal()
        self.refresh()
        self.post_message(self.Moved(self, self.selected))

    def tick(self, now: datetime) -> None:
        """Time has gone on: holds come to their end."""
        self.take(self.slots, now)
        self.refresh()

    def _rows(self) -> list[Clock | None]:
        """All times in order, and None for the pause between a morning and an evening."""
        ends: dict[Clock, int] = {}
        for (_, clock), slot in self._slots.items():
            minutes = int((slot.ends_at.timestamp() - moment_of(slot)) // 60)
            ends[clock] = max(ends.get(clock, 0), _minutes(clock) + minutes)
        rows: list[Clock | None] = []
        reached = 24 * 60
        for clock in sorted(ends):
            if _minutes(clock) > reached:
                rows.append(None)
            reached = ends[clock]
            rows.append(clock)
        return rows

    def move_to_day(self, day: date) -> bool:
        """Put the cursor on the first free slot of a day, if it has one."""
        slot = next((slot for slot in self.free if slot.starts_at.date() == day), None)
        if slot is not None:
            self._go(slot)
        return slot is not None

    # Drawing

    @property
    def _days(self) -> list[date]:
        return [self.first + timedelta(days=n) for n in range(DAYS)] if self.first else []

    @property
    def _cell(self) -> int:
        return max(6, (self.size.width or 70) // DAYS)

    @property
    def _room(self) -> int:
        """How many rows are seen at once; one line is kept to tell of those that are not."""
        room = max(1, (self.size.height or 20) - _HEADING_LINES - bool(self.held))
        return room if len(self.rows) <= room else max(1, room - 1)

    def render(self) -> Content:
        """The days, how many are free on each, and the rows that there is room for."""
        if self.first is None:
            return content("[$text-muted]$sentence[/]", sentence=self.empty)
        drawn = [self._heading(), self._counts()]
        if not self.rows:
            return lines([*drawn, Content(""), self._sentence(self.empty)])
        last = self._top + self._room
        drawn += [self._row(clock) for clock in self.rows[self._top : last]]
        above = sum(clock is not None for clock in self.rows[: self._top])
        below = sum(clock is not None for clock in self.rows[last:])
        if above or below:
            words = [f"↑ {above} earlier"] * bool(above) + [f"↓ {below} later"] * bool(below)
            drawn.append(self._sentence("   ".join(words)))
        return lines([*drawn, *self._told()])

    def _told(self) -> list[Content]:
        """Who holds what, in one line."""
        if not self.held or self.now is None:
            return []
        words = " · ".join(
            f"{slot.starts_at:%a %H:%M} {held_words(held, self.now)}" for slot, held in self.held
        )
        width = (self.size.width or 70) - 3
        return [content("[$text-warning] $sign[/] $t", sign=HELD, t=shorten(words, width))]

    def _row(self, clock: Clock | None) -> Content:
        if clock is None:
            return Content("")
        return Content("").join([self._draw(day, clock) for day in self._days])

    @staticmethod
    def _sentence(words: str) -> Content:
        return content("[$text-muted] $words[/]", words=words)

    def _heading(self) -> Content:
        today = self.now.date() if self.now else None
        return Content("").join(
            content(
                "[b $accent]$t[/]" if day == today else "[b]$t[/]",
                t=self._fit(f" {day:%a} {day.day}"),
            )
            for day in self._days
        )

    def _counts(self) -> Content:
        return Content("").join(self._count(day) for day in self._days)

    def _count(self, day: date) -> Content:
        slots = [slot for (on, _), slot in self._slots.items() if on == day]
        free = sum(self._is_free(slot) for slot in slots)
        if free:
            counted = f" {free} free" if self._cell >= _ROOMY else f" {free}"
            return content("[$slot-free]$t[/]", t=self._fit(counted))
        if slots:
            words = "over" if all(map(self._has_begun, slots)) else "full"
        else:
            words = self.notes.get(day, "–")
        return content("[$text-disabled]$t[/]", t=self._fit(f" {words}"))

    def _fit(self, text: str) -> str:
        text = shorten(text, self._cell - 1 if self._cell >= _ROOMY else self._cell)
        return text + " " * (self._cell - cell_len(text))

    def _draw(self, day: date, clock: Clock) -> Content:
        slot = self._slots.get((day, clock))
        if slot is None:
            return Content(" " * self._cell)
        if self._is_free(slot):
            return self._draw_choice(slot, *self._time(slot))
        if self._held_now(slot) and not self._has_begun(slot):
            return content("[$text-warning]$t[/]", t=self._fit(f"{HELD}{slot.starts_at:%H:%M}"))
        taken = f"··{OVER}··" if slot.overbooked else TAKEN
        sign = PAST if self._has_begun(slot) else taken
        return content("[$text-disabled]$t[/]", t=self._fit(f" {sign}"))

    def _time(self, slot: Slot) -> tuple[str, str]:
        """The time, with the zone where the clock shows it twice, and the blanks behind it."""
        at = slot.starts_at
        twice = at.replace(fold=0).utcoffset() != at.replace(fold=1).utcoffset()
        text = shorten(f" {at:%H:%M %Z} " if twice else f" {at:%H:%M} ", self._cell)
        return text, " " * (self._cell - cell_len(text))

    # Moving

    def _reveal(self) -> None:
        """Scroll so that the cursor's row is seen."""
        slot = self.selected
        row = self.rows.index(clock_of(slot)) if slot is not None else 0
        room = self._room
        self._top = max(0, min(max(self._top, row - room + 1), row, len(self.rows)))
        self._top = min(self._top, max(0, len(self.rows) - room))

    def on_resize(self) -> None:
        """Keep the cursor in sight."""
        self._reveal()

    def _step_day(self, by: int) -> None:
        """To the nearest free time of the next day that has one; at the edge, ask for more."""
        here = self.selected
        if here is None:
            self.post_message(self.Beyond(self, by))
            return
        day, minutes = here.starts_at.date(), _minutes(clock_of(here))
        others = [slot for slot in self.free if (slot.starts_at.date() - day).days * by > 0]
        if not others:
            self.post_message(self.Beyond(self, by))
            return
        nearest = min(abs((slot.starts_at.date() - day).days) for slot in others)
        column = [s for s in others if abs((s.starts_at.date() - day).days) == nearest]
        self._go(min(column, key=lambda slot: abs(_minutes(clock_of(slot)) - minutes)))

    def _step(self, by: int) -> None:
        """To a free time of the same day, earlier or later."""
        here = self.selected
        if here is None:
            return
        day = [s for s in self.free if s.starts_at.date() == here.starts_at.date()]
        index = day.index(here) + by
        self._go(day[max(0, min(len(day) - 1, index))])

    def action_cursor_left(self) -> None:
        """To the day before."""
        self._step_day(-1)

    def action_cursor_right(self) -> None:
        """To the next day."""
        self._step_day(1)

    def action_cursor_up(self) -> None:
        """To an earlier time."""
        self._step(-1)

    def action_cursor_down(self) -> None:
        """To a later time."""
        self._step(1)

    def action_page_up(self) -> None:
        """Much earlier."""
        self._step(-self._room)

    def action_page_down(self) -> None:
        """Much later."""
        self._step(self._room)

    def action_first(self) -> None:
        """To the first free slot of the seven days."""
        if self.free:
            self._go(self.free[0])

    def action_last(self) -> None:
        """To the last free slot of the seven days."""
        if self.free:
            self._go(self.free[-1])

    def on_mouse_scroll_down(self) -> None:
        """Later rows."""
        self._top = min(self._top + 1, max(0, len(self.rows) - self._room))
        self.refresh()

    def on_mouse_scroll_up(self) -> None:
        """Earlier rows."""
        self._top = max(0, self._top - 1)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """Move to the slot under the mouse; a second click chooses it."""
        row, column = event.y - _HEADING_LINES + self._top, event.x // self._cell
        if not (event.y >= _HEADING_LINES and row < len(self.rows) and column < DAYS):
            return
        clock = self.rows[row]
        slot = self._slots.get((self._days[column], clock)) if clock is not None else None
        if slot is not None and self._is_free(slot):
            self._go_or_choose(slot)


def _minutes(clock: Clock) -> int:
    return clock[0] * 60 + clock[1]
