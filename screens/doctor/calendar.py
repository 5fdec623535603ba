"""The doctor's calendar: a day, a week or a month; leave is put in by marking a range."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from screens.base import acting, reading
from screens.context import ScreenContext
from screens.doctor.calendar_keys import DATE, DAY, DECIDE, HOURS, LEAVE, MARK, MONTH, WEEK
from screens.doctor.calendar_text import (
    marked_line,
    marked_text,
    marked_title,
    place_line,
    place_text,
    place_title,
)
from screens.doctor.hours import OwnHours
from screens.doctor.keys import BOOK, CANCEL, DETAILS, MOVE, NO_SHOW, PRINT, UNDO
from screens.doctor.visit_acts import VisitActs
from screens.shared.conflicts import ConflictsDialog
from screens.shared.dialogs import FormDialog
from screens.shared.leave import LeaveDialog, LeaveForm
from store import appointments, calendar, conflicts, datewords, doctors, leave
from store.errors import Invalid
from store.values import AppointmentView, CalendarDay, ChangeView, DoctorView
from widgets.calendar import Calendar
from widgets.calendar_grid import View, month_after, title
from widgets.form import Field, Form
from widgets.keys import DAYS, HELP, bind
from widgets.plain import content, plain


class CalendarScreen(VisitActs):
    """The grid; beside it, or under it where it is narrow, what the cursor is on."""

    TOPICS = frozenset({"appointment", "patient", "leave", "hours", "holiday", "doctor", "hold"})
    BINDINGS: ClassVar[list[BindingType]] = bind(
        MARK,
        LEAVE,
        DATE,
        MOVE,
        CANCEL,
        HELP,
        hidden=(NO_SHOW, UNDO, BOOK, PRINT, DETAILS, DECIDE, DAY, WEEK, MONTH, HOURS, *DAYS),
    )
    CSS = """
    CalendarScreen #grid-panel { width: 1fr; }
    CalendarScreen #beside { width: 36; }
    CalendarScreen.-narrow #beside { display: none; }
    CalendarScreen.-wide #under { display: none; }
    CalendarScreen #under { height: 1; padding: 0 2; text-wrap: nowrap; text-overflow: ellipsis; }
    CalendarScreen #decide { height: 1; padding: 0 2; color: $text-error; display: none; }
    """

    def __init__(self, context: ScreenContext, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.hit: Sequence[AppointmentView] = ()
        self._span: tuple[datetime, datetime] | None = None

    def body(self) -> ComposeResult:
        """What is to be decided, if anything; the grid; what the cursor is on."""
        yield Static("", id="decide", markup=False)
        with Horizontal():
            with Vertical(id="grid-panel", classes="panel") as panel:
                panel.border_subtitle = content(
                    "[$key]d[/] day  [$key]w[/] week  [$key]M[/] month  [$key]\\[ ][/] day  "
                    "[$key]{ }[/] week  [$key]t[/] today  [$key]H[/] hours"
                )
                yield Calendar(self.context.today(), self.context.now())
            with Vertical(id="beside", classes="panel"):
                yield Static("", id="beside-text", markup=False)
        yield Static("", id="under", markup=False)

    @property
    def calendar(self) -> Calendar:
        """The grid."""
        return self.query_one(Calendar)

    def on_mount(self) -> None:
        """Begin in the grid."""
        self.calendar.focus()

    # Reading

    def concerns(self, change: ChangeView) -> bool:
        """Other doctors' days do not matter here."""
        return super().concerns(change) and change.doctor_id in (None, self.doctor_id)

    def reload(self) -> None:
        """Read what is shown, and what is to be decided."""
        self.load()
        self.load_conflicts()

    @reading("calendar")
    async def load(self) -> None:
        """Read the days that the view needs."""
        grid = self.calendar
        days = await self.read(calendar.of_doctor, self.doctor_id, *grid.range)
        grid.show(days, self.context.now())

    @reading("conflicts")
    async def load_conflicts(self) -> None:
        """Read how many wait for a decision."""
        found = await self.read(conflicts.conflicts, doctor_id=self.doctor_id)
        line = self.query_one("#decide", Static)
        line.display = found.total > 0
        who = "1 patient is" if found.total == 1 else f"{found.total} patients are"
        line.update(content("! $who booked at a time that is gone: [b $key]c[/] decides", who=who))

    @on(Calendar.Wanted)
    def _wanted(self) -> None:
        self.load()

    def second_passed(self, now: datetime) -> None:
        """Count down what others hold."""
        if self.calendar.has_holds:
            self.calendar.tick(now)

    def minute_passed(self, now: datetime) -> None:
        """Slots pass; at midnight another day is today."""
        if (now.hour, now.minute) == (0, 0):
            self.reload()
        else:
            self.calendar.tick(now)

    # What the cursor is on

    @on(Calendar.Moved)
    def _moved(self) -> None:
        span = self.calendar.marked
        if span is not None and span != self._span:
            self.hit = ()
            self.load_hit(*span)
        self._span = span
        self._tell()

    @reading("hit")
    async def load_hit(self, start: datetime, end: datetime) -> None:
        """Read whom leave at the marked time would hit."""
        self.hit = await self.read(leave.affected, self.doctor_id, start, end)
        self._tell()

    def _tell(self) -> None:
        grid, now = self.calendar, self.context.now()
        panel, beside = self.query_one("#grid-panel"), self.query_one("#beside")
        if grid.calendar is not None:
            panel.border_title = plain(title(grid.view, grid.day, grid.calendar, now))
        if self._span is not None:
            beside.border_title = plain(marked_title())
            beside_text = marked_text(self._span, self.hit)
            under = marked_line(self._span, self.hit)
        else:
            beside.border_title = plain(place_title(grid.place))
            beside_text = place_text(grid.place, self._day, now)
            under = place_line(grid.place, self._day, now)
        self.query_one("#beside-text", Static).update(beside_text)
        self.query_one("#under", Static).update(under)

    @property
    def _day(self) -> CalendarDay | None:
        grid = self.calendar
        days = grid.calendar.days if grid.calendar else ()
        return next((one for one in days if one.day == grid.day), None)

    # Moving

    def action_view(self, name: str) -> None:
        """A day, a week or a month."""
        self.calendar.switch(View(name))

    def action_today(self) -> None:
        """To today, and to this time of it."""
        self.calendar.go_to(self.context.today())
        self.calendar.go_to_time(self.context.now())

    def action_day(self, days: int) -> None:
        """Some days on; in a month view a week's key goes a month."""
        grid = self.calendar
        if grid.view is View.MONTH and abs(days) == 7:
            grid.go_to(month_after(grid.day, days // 7))
        else:
            grid.go_to(grid.day + timedelta(days=days))

    def action_date(self) -> None:
        """Ask for a day, and go there."""
        self.app.push_screen(GoToDay(self.context), self._go_to)

    def _go_to(self, day: date | None) -> None:
        if day is not None:
            self.calendar.go_to(day)

    def action_back(self) -> None:
        """Drop the mark."""
        self.calendar.drop_mark()

    # Opening

    @on(Calendar.Chosen)
    def _chosen(self) -> None:
        grid, place = self.calendar, self.calendar.place
        if grid.marked is not None:
            self.put_in(grid.marked)
        elif grid.view is View.MONTH:
            grid.switch(View.DAY)
        elif place is None:
            return
        elif place.visit is not None:
            self.open_visit(place.visit.id)
        elif place.leave is not None:
            self.change_leave(place.leave.id)
        else:
            self.say("Nothing is booked here. Mark a range with space to put in leave.")

    async def visit_here(self) -> AppointmentView | None:
        """The appointment under the cursor."""
        place = self.calendar.place
        if place is None or place.visit is None:
            return None
        return await self.read(appointments.get, place.visit.id)

    # Leave

    def action_mark(self) -> None:
        """Begin to mark, or change between times and whole days."""
        self.calendar.mark()

    @acting
    async def put_in(self, span: tuple[datetime, datetime]) -> None:
        """Leave for what is marked."""
        doctor = await self._doctor()
        self.app.push_screen(LeaveForm(self.context, doctor, span=span), self._saved)

    @acting
    async def change_leave(self, leave_id: int) -> None:
        """Change leave as it stands at this moment."""
        doctor, one = await self._doctor(), await self.read(leave.get, leave_id)
        self.app.push_screen(LeaveForm(self.context, doctor, one), self._saved)

    def _saved(self, sentence: str | None) -> None:
        if sentence:
            self.calendar.drop_mark()
            self.say(sentence)
            self.reload()

    @acting
    async def action_leave(self) -> None:
        """All own leave that is not over."""
        self.app.push_screen(LeaveDialog(self.context, await self._doctor()))

    async def _doctor(self) -> DoctorView:
        return await self.read(doctors.get, self.doctor_id)

    def action_hours(self) -> None:
        """The own working hours."""
        self.app.push_screen(OwnHours(self.context, self.doctor_id))

    def action_decide(self) -> None:
        """Whose time is gone."""
        self.app.push_screen(ConflictsDialog(self.context, self.doctor_id))


class GoToDay(FormDialog[date]):
    """Asks for a day; answers with it."""

    TITLE_TEXT = "Go to a day"
    WIDTH = 60

    def body(self) -> ComposeResult:
        """One field."""
        hint = "today, +3d, +2w, mon, 12 dec, 2026-12-31"
        yield Form((Field("date", "Day", hint=hint, required=True, max_length=60),))

    @property
    def unsaved(self) -> bool:
        """Nothing here is lost by leaving."""
        return False

    def save(self, values: dict[str, str]) -> None:
        """Answer with the day."""
        try:
            day = datewords.parse_day(values["date"], self.context.today())
        except Invalid as error:
            self.refused(error)
        else:
            self.dismiss(day)
