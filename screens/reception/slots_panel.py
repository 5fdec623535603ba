"""The desk's panel of the slots of one doctor: a day, or a week."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Static

from screens.reception.keys import DOCTOR, FIND, NEW, ONE_LINE, QUEUE, SLOTS, UNDO, WEEK
from screens.reception.panels import BROAD, WIDE
from screens.shared.names import day_words, short_name
from screens.shared.weeks import Week
from store.values import DoctorView, Slot
from widgets.keys import DAY_BACK, DAY_ON, TODAY, WEEK_BACK, WEEK_ON, bind
from widgets.plain import content, plain
from widgets.slot_chooser import SlotChooser
from widgets.slot_grid import SlotGrid
from widgets.week_grid import DAYS, WeekGrid


class SlotsPanel(Vertical):
    """The slots of one doctor on one day, or in the seven days among which that day is."""

    BINDINGS: ClassVar[list[BindingType]] = bind(
        DOCTOR,
        DAY_BACK,
        DAY_ON,
        WEEK,
        QUEUE,
        hidden=(TODAY, WEEK_BACK, WEEK_ON, FIND, NEW, ONE_LINE, SLOTS, UNDO),
    )

    week = False
    """Whether the week is shown."""

    def compose(self) -> ComposeResult:
        """The grids, of which one is shown, and what their signs mean."""
        self.border_title = plain("Slots")
        self.border_subtitle = content("[$key]w[/] week   [$key]q[/] queue")
        with VerticalScroll(can_focus=False) as day:
            yield SlotGrid(empty="No doctor chosen: d chooses one.", id="desk-slots")
        day.display = not self.week
        week = WeekGrid(empty="No doctor chosen: d chooses one.", id="desk-week")
        week.display = self.week
        yield week
        yield Static("", id="slots-first", markup=False)
        yield Static(
            content(
                "[$slot-free]09:30[/] free [$text-disabled]·····[/] taken\n"
                "[$text-disabled]–[/] past [$text-warning]◷[/] held [$text-muted]‡[/] over"
            ),
            id="slots-legend",
            markup=False,
        )

    @property
    def grid(self) -> SlotChooser:
        """The grid that is shown."""
        return self.query_one(WeekGrid if self.week else SlotGrid)

    def turn(self) -> None:
        """Show the week, or the day again; the cursor stays on its time, and the focus here."""
        before = self.grid
        self.week = not self.week
        self.query_one(VerticalScroll).display = not self.week
        self.query_one(WeekGrid).display = self.week
        if before.has_focus:
            self.grid.focus()

    def show_day(
        self,
        doctor: DoctorView,
        day: date,
        slots: Sequence[Slot],
        now: datetime,
        first: Slot | None,
    ) -> None:
        """Show a day of a doctor, and the first free slot from now on."""
        words = day_words(day, now.date())
        cramped = WIDE <= self.app.size.width < BROAD
        name = short_name(doctor.name) if cramped else doctor.name
        self.border_title = plain(f"{name} · {words}")
        empty = f"{doctor.name} has no hours {words}."
        self.query_one(SlotGrid).show(slots, now, empty=empty)
        self._show_first(first, now)

    def show_week(self, doctor: DoctorView, day: date, week: Week, now: datetime) -> None:
        """Show seven days of a doctor, with the cursor on `day` where that is free."""
        last = week.first + timedelta(days=DAYS - 1)
        month = "" if last.month == week.first.month else f" {week.first:%b}"
        days = f"{week.first.day}{month} – {last.day} {last:%b}"
        self.border_title = plain(f"{doctor.name} · {days}")
        grid = self.query_one(WeekGrid)
        empty = f"{doctor.name} has no hours in these days."
        grid.show(week.first, week.slots, now, notes=week.holidays, empty=empty)
        selected = grid.selected
        if selected is None or selected.starts_at.date() != day:
            grid.move_to_day(day)
        self._show_first(week.first_free, now)

    def _show_first(self, first: Slot | None, now: datetime) -> None:
        sentence = (
            content(
                "first free [b $accent]$time[/] $day",
                time=f"{first.starts_at:%H:%M}",
                day=day_words(first.starts_at.date(), now.date()),
            )
            if first
            else content("[$text-muted]nothing free in two months[/]")
        )
        self.query_one("#slots-first", Static).update(sentence)
