"""A doctor's calendar: a day, a week or a month, drawn line by line (Textual's Line API).

The cursor is a day and a time, not a line, so that it stays where it is while the days under it
are read anew. After anything changes, the lines in sight are made again and only those that
differ from what stands on the screen are sent to the terminal.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from store.values import DoctorCalendar
from widgets.calendar_draw import LOOKS, Drawing, shown_columns, widths
from widgets.calendar_grid import (
    Clock,
    Grid,
    Place,
    Span,
    View,
    fit,
    month_after,
    range_of,
)
from widgets.calendar_marks import Mark
from widgets.calendar_month import month_grid
from widgets.calendar_times import time_grid
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

FIRST_YEAR, LAST_YEAR = 1900, 2200


class Calendar(ScrollView, can_focus=True):
    """The grid of a view. It is told what to show; it tells where its cursor goes."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"calendar--{name}" for name in LOOKS}
    DEFAULT_CSS = """
    Calendar {
        height: 1fr; width: 1fr; background: transparent;
        overflow-x: hidden; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
    }
    """ + "".join(f"Calendar > .calendar--{name} {{ {look} }}\n" for name, look in LOOKS.items())
    BINDINGS: ClassVar[list[BindingType]] = bind(
        OPEN, hidden=(UP, DOWN, LEFT, RIGHT, PAGE_UP, PAGE_DOWN, FIRST, LAST)
    )
    enter_words = "open"

    class Told(Message):
        """Something that the calendar tells of itself."""

        def __init__(self, calendar: Calendar) -> None:
            super().__init__()
            self.calendar = calendar

        @property
        def control(self) -> Calendar:
            """The calendar, for `@on(…, "#id")`."""
            return self.calendar

    class Wanted(Told):
        """The cursor is on a day that has not been read: show `calendar.range`."""

    class Moved(Told):
        """The cursor is at another place, or another thing stands there, or marks changed."""

    class Chosen(Told):
        """Enter on `calendar.place`, or on what is marked."""

    def __init__(self, day: date, now: datetime, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.view = View.WEEK
        self.day = day
        self.now = now
        self.calendar: DoctorCalendar | None = None
        self.grid: Grid | None = None
        self.clock: Clock | None = None
        self._nth = 0
        self._mark: Mark | None = None
        self._first_column = 0
        self._stops: list[tuple[Clock, int]] = []
        self._strips: dict[int, Strip] = {}
        self.painted = 0
        """How many lines were sent to the terminal because they differed; what moving costs."""

    # What is shown

    @property
    def range(self) -> tuple[date, date]:
        """The days that the view needs, both included."""
        return range_of(self.view, self.day)

    def show(self, calendar: DoctorCalendar, now: datetime) -> None:
        """Show these days, if they are those the view needs; the cursor stays where it is."""
        self.now = now
        if (calendar.first, calendar.last) == self.range:
            self.calendar = calendar
            self._build()

    @property
    def has_holds(self) -> bool:
        """Whether any slot that is shown was held by somebody when it was read."""
        days = self.calendar.days if self.calendar else ()
        return any(slot.held for day in days for slot in day.slots)

    def tick(self, now: datetime) -> None:
        """Time has passed: slots are over, and the line of the present moves."""
        self.now = now
        self._build()

    def switch(self, view: View) -> None:
        """Another view of the same day."""
        if view is not self.view:
            self.view = view
            self.post_message(self.Wanted(self))

    def _build(self) -> None:
        if self.calendar is None or not self.size.height:
            return
        shown = (self.calendar.first, self.calendar.last)
        if shown != self.range:
            return  # what the view needs is being read
        if self.view is View.MONTH:
            self.grid = month_grid(self.calendar.days, self.day, self.now, self._room(1))
        else:
            self.grid = time_grid(self.calendar.days, self.view, self.now)
            if self.clock is None:
                self.clock = Clock.of(self.now)
        stops = (row for row in self.grid.rows if row.stop is not None)
        self._stops = [(row.clock or Clock(0, 0, 0), row.nth) for row in stops]
        self.virtual_size = Size(self._width, len(self.grid.headings) + len(self.grid.rows))
        self._follow()

    def _room(self, headings: int) -> int:
        return max(1, self.size.height - headings)

    # Where the cursor is

    @property
    def _column(self) -> int | None:
        """The cursor's column; None while its day is not shown."""
        grid, calendar = self.grid, self.calendar
        if grid is None or calendar is None:
            return None
        offset = (self.day - calendar.first).days
        return offset % grid.columns if 0 <= offset < len(calendar.days) else None

    @property
    def _stop(self) -> int:
        """The cursor's stop: the week of a month, else the row of its time or the one before."""
        grid, calendar = self.grid, self.calendar
        if grid is None or calendar is None:
            return 0
        if grid.view is View.MONTH:
            return (self.day - calendar.first).days // grid.columns
        return max(0, bisect_right(self._stops, (self.clock or Clock(0, 0, 0), self._nth)) - 1)

    @property
    def place(self) -> Place | None:
        """What is under the cursor."""
        column, grid = self._column, self.grid
        if grid is None or column is None or not grid.rows:
            return None
        return grid.rows[grid.first_row(self._stop)].places[column]

    def go_to(self, day: date) -> None:
        """Put the cursor on a day, which may have to be read first."""
        if day == self.day or not FIRST_YEAR < day.year < LAST_YEAR:
            return
        before, self.day = self.range, day
        if self.range != before or self.calendar is None:
            self.post_message(self.Wanted(self))
        elif self.view is View.MONTH:
            self._build()
        else:
            self._follow()

    def go_to_time(self, moment: datetime) -> None:
        """Put the cursor on a time of its day."""
        self.clock, self._nth = Clock.of(moment), 0
        self._follow()

    def _go_to_stop(self, stop: int) -> None:
        grid = self.grid
        if grid is None:
            return
        row = grid.rows[grid.first_row(max(0, min(stop, grid.stops() - 1)))]
        self.clock, self._nth = row.clock, row.nth
        self._follow()

    def _follow(self) -> None:
        """Keep the cursor in sight, and paint what has changed."""
        grid, column = self.grid, self._column
        if grid is None:
            return
        shown = shown_columns(grid, self._width)
        if column is not None:
            self._first_column = min(self._first_column, column)
            self._first_column = max(self._first_column, column - shown + 1)
        self._first_column = max(0, min(self._first_column, grid.columns - shown))
        row, room = grid.first_row(self._stop), self._room(len(grid.headings))
        stop = self._stop
        last = max((n for n, one in enumerate(grid.rows) if one.stop == stop), default=row)
        # The first and last line of the day bring the lines without a place into sight too.
        top = 0 if stop == 0 else row
        top = min(max(int(self.scroll_y), last - room + 1), top)
        if top != int(self.scroll_y):
            self.scroll_to(y=top, animate=False)
        self._paint()
        self.post_message(self.Moved(self))

    # Marking

    @property
    def marked(self) -> Span | None:
        """The marked range, half-open; None while nothing is being marked."""
        here = self.place
        if self._mark is None or here is None:
            return None
        return self._mark.span(here, self.now.tzinfo)

    def mark(self) -> None:
        """Begin to mark at the cursor; once more: whole days, or times again."""
        here = self.place
        if self._mark is not None:
            self._mark = replace(self._mark, whole_days=not self._mark.whole_days)
        elif here is not None:
            self._mark = Mark(here)
        self._show_mark()

    def drop_mark(self) -> None:
        """Mark nothing."""
        self._mark = None
        self._show_mark()

    def _show_mark(self) -> None:
        self.enter_words = "open" if self._mark is None else "put in leave"
        self.refresh_bindings()
        self._follow()

    # Drawing

    @property
    def _width(self) -> int:
        return int(self.scrollable_content_region.width)

    def _drawing(self) -> Drawing | None:
        if self.grid is None:
            return None
        return Drawing(
            self.grid,
            self._width,
            self._first_column,
            self._column,
            self._stop,
            self.place,
            self._mark,
            "cursor" if self.has_focus else "blurred",
            self._style,
        )

    def render_line(self, y: int) -> Strip:
        """A line of what is in sight."""
        if y not in self._strips:
            self._strips[y] = self._draw(self._drawing(), y)
        return self._strips[y]

    def _paint(self) -> None:
        """Make the lines in sight anew, and send those that differ."""
        drawing = self._drawing()
        for y in range(self.size.height):
            strip = self._draw(drawing, y)
            if self._strips.get(y) != strip:
                self._strips[y] = strip
                self.painted += 1
                self.refresh(Region(0, y, self.size.width, 1))

    def _draw(self, drawing: Drawing | None, y: int) -> Strip:
        if drawing is not None:
            return drawing.line(y, int(self.scroll_y))
        words = fit(" Reading …" if y == 0 else "", "", self._width)
        return Strip([Segment(words, self._style("count"))], self._width)

    def _style(self, name: str, over: str = "") -> Style:
        style = self.rich_style
        for one in (name, over):
            if one in LOOKS:
                style += self.get_component_rich_style(f"calendar--{one}", partial=True)
        return style

    # What happens

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other lines come into sight."""
        super().watch_scroll_y(old_value, new_value)
        self._strips.clear()

    def notify_style_update(self) -> None:
        """Another theme."""
        super().notify_style_update()
        self._strips.clear()

    def on_resize(self) -> None:
        """Another room."""
        self._strips.clear()
        self._build()

    def on_focus(self) -> None:
        """The cursor shines."""
        self._paint()

    def on_blur(self) -> None:
        """The cursor is pale."""
        self._paint()

    def on_click(self, event: events.Click) -> None:
        """Go to what is under the mouse; a second click opens it."""
        grid, calendar = self.grid, self.calendar
        if grid is None or calendar is None:
            return
        index = event.y - len(grid.headings) + int(self.scroll_y)
        left = grid.gutter
        for number, width in widths(grid, self._width, self._first_column):
            if left <= event.x < left + width and event.y >= len(grid.headings):
                self._clicked(grid, index, number)
            left += width

    def _clicked(self, grid: Grid, index: int, number: int) -> None:
        row = grid.rows[index] if index < len(grid.rows) else None
        if row is None or row.stop is None:
            return
        day = row.places[number].day
        if (day, row.stop) == (self.day, self._stop):
            self.action_choose()
        elif grid.view is View.MONTH:
            self.go_to(day)
        else:
            self.day = day
            self._go_to_stop(row.stop)

    def action_choose(self) -> None:
        """Open what the cursor is on, or what is marked."""
        if self.place is not None:
            self.post_message(self.Chosen(self))

    def action_cursor_left(self) -> None:
        """A day back."""
        self.go_to(self.day - timedelta(days=1))

    def action_cursor_right(self) -> None:
        """A day on."""
        self.go_to(self.day + timedelta(days=1))

    def _down(self, by: int) -> None:
        if self.view is View.MONTH:
            self.go_to(self.day + timedelta(days=7 * by))
        else:
            self._go_to_stop(self._stop + by)

    def action_cursor_up(self) -> None:
        """Earlier; in a month, a week back."""
        self._down(-1)

    def action_cursor_down(self) -> None:
        """Later; in a month, a week on."""
        self._down(1)

    def action_page_up(self) -> None:
        """Much earlier; in a month, a month back."""
        if self.view is View.MONTH:
            self.go_to(month_after(self.day, -1))
        else:
            self._go_to_stop(self._stop - self._room(3))

    def action_page_down(self) -> None:
        """Much later; in a month, a month on."""
        if self.view is View.MONTH:
            self.go_to(month_after(self.day, 1))
        else:
            self._go_to_stop(self._stop + self._room(3))

    def action_first(self) -> None:
        """The first of the day; of a month, its first day."""
        if self.view is View.MONTH:
            self.go_to(self.day.replace(day=1))
        else:
            self._go_to_stop(0)

    def action_last(self) -> None:
        """The last of the day; of a month, its last day."""
        if self.view is View.MONTH:
            self.go_to(month_after(self.day.replace(day=1), 1) - timedelta(days=1))
        elif self.grid is not None:
            self._go_to_stop(self.grid.stops() - 1)
