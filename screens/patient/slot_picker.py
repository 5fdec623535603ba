"""The free times of one doctor, as a week or as a day, moved through with the day keys."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.message import Message
from textual.widgets import Static

from screens.patient.keys import CHOOSE_DAY, FIRST_FREE
from screens.shared.names import day_words
from screens.shared.weeks import Week, first_of_week
from store.values import Slot
from widgets.keys import DAYS, bind
from widgets.plain import content
from widgets.slot_chooser import SlotChooser
from widgets.slot_grid import SlotGrid
from widgets.week_grid import DAYS as WEEK
from widgets.week_grid import WeekGrid


class SlotPicker(Vertical):
    """A week grid and a day grid, one of them shown; it asks with `Wanted` for other days.

    The day keys run actions of the screen (`day`, `today`), which hand them to `go`.
    """

    DEFAULT_CSS = """
    SlotPicker { height: 1fr; }
    SlotPicker > #picker-title { height: 1; margin-bottom: 1; }
    SlotPicker > #picker-legend { height: 1; margin-top: 1; }
    SlotPicker > #picker-day { height: 1fr; display: none; }
    SlotPicker.-day > #picker-day { display: block; }
    SlotPicker.-day > WeekGrid { display: none; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bind(CHOOSE_DAY, FIRST_FREE, hidden=DAYS)

    class Chosen(Message):
        """A free slot was chosen."""

        def __init__(self, slot: Slot) -> None:
            super().__init__()
            self.slot = slot

    class Wanted(Message):
        """The days from `first` on are to be read and shown."""

        def __init__(self, first: date) -> None:
            super().__init__()
            self.first = first

    def __init__(self, now: datetime, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.now = now
        self.day = now.date()
        """The day on which the cursor is, or which the day view shows."""
        self.week: Week | None = None
        self._goal: datetime | None = None

    def compose(self) -> ComposeResult:
        """Which days, the two grids, and what the signs mean."""
        yield Static("", id="picker-title", markup=False)
        yield WeekGrid(empty="Choose a doctor: the free times are shown here.", id="picker-week")
        with VerticalScroll(id="picker-day", can_focus=False):
            yield SlotGrid(empty="")
        yield Static(
            content(
                "[$slot-free]09:30[/] free   [$text-disabled]·····[/] taken   "
                "[$text-warning]◷[/] held   "
                "[$key]\\[ ][/] day   [$key]{ }[/] week   [$key]t[/] today"
            ),
            id="picker-legend",
            markup=False,
        )

    @property
    def shows_day(self) -> bool:
        """Whether one day alone is shown."""
        return self.has_class("-day")

    @property
    def today(self) -> date:
        """The day on which it was shown last."""
        return self.now.date()

    @property
    def _weeks(self) -> WeekGrid:
        return self.query_one(WeekGrid)

    @property
    def _hours(self) -> SlotGrid:
        return self.query_one(SlotGrid)

    def focus(self, scroll_visible: bool = True) -> SlotPicker:
        """Give the focus to the grid that is shown."""
        (self._hours if self.shows_day else self._weeks).focus(scroll_visible)
        return self

    def pass_second(self, now: datetime) -> None:
        """Count down what others hold."""
        (self._hours if self.shows_day else self._weeks).pass_second(now)

    def start_anew(self) -> None:
        """Forget the last doctor's days."""
        self.week, self._goal, self.day = None, None, self.today
        self._weeks.show(self.today, [], self.now, empty="")
        self._hours.show([], self.now, empty="")
        self.query_one("#picker-title", Static).update("")

    def show(self, week: Week, now: datetime) -> None:
        """Show a week; the cursor stays on its time, or goes where it was sent."""
        self.week, self.now = week, now
        self._weeks.show(
            week.first, week.slots, now, notes=week.holidays, empty=self._nothing("in these days")
        )
        selected = self._weeks.selected
        if self._goal is not None and self._weeks.move_to(self._goal):
            self.day = self._goal.date()
        elif selected is None or selected.starts_at.date() != self.day:
            self._weeks.move_to_day(self.day)
        self._goal = None
        self._show_day()
        self._show_title()

    def _show_day(self) -> None:
        if self.week is None:
            return
        slots = [slot for slot in self.week.slots if slot.starts_at.date() == self.day]
        holiday = self.week.holidays.get(self.day)
        empty = f"{holiday}: a holiday." if holiday else self._nothing("on this day")
        self._hours.show(slots, self.now, empty=empty)

    def _nothing(self, when: str) -> str:
        free = self.week.first_free if self.week else None
        if free is None:
            return f"No hours {when}, and nothing free in the next two months."
        return f"No hours {when}. f goes to the first free time, {self._moment(free)}."

    def _moment(self, slot: Slot) -> str:
        return f"{day_words(slot.starts_at.date(), self.today)} {slot.starts_at:%H:%M}"

    def _show_title(self) -> None:
        if self.week is None:
            return
        first, last = self.week.first, self.week.first + timedelta(days=WEEK - 1)
        if self.shows_day:
            words = day_words(self.day, self.today)
            days = f"{self.day:%A} {self.day.day} {self.day:%B %Y}"
            days += f", {words}" if words in ("today", "tomorrow") else ""
        else:
            days = f"{first.day} {first:%B} – {last.day} {last:%B %Y}"
        free = self.week.first_free
        title = (
            content("[b]$days[/]   first free [b $accent]$at[/]", days=days, at=self._moment(free))
            if free
            else content("[b]$days[/]   [$text-muted]nothing free in two months[/]", days=days)
        )
        self.query_one("#picker-title", Static).update(title)

    # Moving through the days

    def go_to_today(self) -> None:
        """To today."""
        self._go(self.today)

    def go(self, days: int) -> None:
        """Some days on or back, never before today; in the week, days without free times are
        passed over."""
        if self.shows_day or abs(days) != 1:
            self._go(self.day + timedelta(days=days))
        else:
            (self._weeks.action_cursor_right if days > 0 else self._weeks.action_cursor_left)()
            self._follow_cursor()

    def action_first_free(self) -> None:
        """To the first free time of all."""
        if self.week is not None and self.week.first_free is not None:
            self.go_to(self.week.first_free)

    def go_to(self, slot: Slot) -> None:
        """To this very time."""
        self._goal = slot.starts_at
        self._go(self._goal.date())

    def action_view(self) -> None:
        """A week, or one day alone."""
        self.toggle_class("-day")
        self._show_day()
        self._show_title()
        self.focus()

    def _go(self, day: date) -> None:
        self.day = max(day, self.today)
        first = first_of_week(self.day, self.today)
        if self.week is None or first != self.week.first:
            self.post_message(self.Wanted(first))
            return
        if self._goal is not None:
            self._weeks.move_to(self._goal)
            self._goal = None
        else:
            self._weeks.move_to_day(self.day)
        self._show_day()
        self._show_title()

    @on(WeekGrid.Beyond)
    def _beyond(self, event: WeekGrid.Beyond) -> None:
        event.stop()
        if self.week is not None and (event.weeks > 0 or self.week.first > self.today):
            self._go(self.week.first + timedelta(days=event.weeks * WEEK))

    @on(SlotChooser.Moved)
    def _moved(self, event: SlotChooser.Moved) -> None:
        event.stop()
        self._follow_cursor()

    def _follow_cursor(self) -> None:
        selected = self._weeks.selected
        if selected is not None and not self.shows_day:
            self.day = selected.starts_at.date()

    @on(SlotChooser.Chosen)
    def _chosen(self, event: SlotChooser.Chosen) -> None:
        event.stop()
        self.post_message(self.Chosen(event.slot))
