"""A doctor's weekly working hours: several sessions a day, each with its slots and its period."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from screens.admin.hours_change import WeekChange, WeekForm, change_week
from screens.admin.hours_copy import CopyDayForm
from screens.admin.keys import COPY_DAY
from screens.base import reading
from screens.context import ScreenContext
from screens.shared.affected import MayHitAppointments
from screens.shared.dialogs import what_was_chosen
from screens.shared.entries import EntriesDialog
from screens.shared.hours_table import HOURS_COLUMNS, hours_cells
from screens.shared.words import WEEKDAYS, clock_text, parse_minute, parse_weekdays
from store import datewords, schedule
from store.errors import Invalid
from store.values import Affected, DoctorView, HoursSession, TimeStep, WorkingHoursView
from widgets.form import Field, Form
from widgets.keys import bind
from widgets.plain import content
from widgets.record_table import RecordTable

_USUAL_SLOT = "15"


class HoursDialog(EntriesDialog[HoursSession], MayHitAppointments):
    """The week of a doctor."""

    TOPICS = frozenset({"hours"})
    CSS = "HoursDialog RecordTable { height: 15; }"
    BINDINGS: ClassVar[list[BindingType]] = bind(hidden=(COPY_DAY,))

    def __init__(self, context: ScreenContext, doctor: DoctorView) -> None:
        super().__init__(context, doctor, title=f"Working hours of {doctor.name}")

    def on_mount(self) -> None:
        """Tell of the keys for which the key bar has no room."""
        more = content(" [$key]c[/] copy the day  [$key]u[/] undo ")
        self.query_one("#dialog").border_subtitle = more

    def body(self) -> ComposeResult:
        """The sessions."""
        yield RecordTable(HOURS_COLUMNS, empty="No working hours yet. n enters the first ones.")

    @reading("hours")
    async def load(self) -> None:
        """Read the sessions."""
        rows = await self.read(schedule.hours_of, self.doctor.id)
        self.show_entries({str(one.id): one.session for one in rows}, hours_cells)

    def form(self, entry: HoursSession | None = None) -> SessionForm:
        """A session of the week."""
        return SessionForm(self.context, self.doctor, entry)

    def action_copy_day(self) -> None:
        """Let other days take the hours of the day under the cursor."""
        self.be_quiet()
        entry = self.selected_entry()
        if entry is not None:
            week = list(self.entries.values())
            form = CopyDayForm(self.context, self.doctor, week, entry.weekday)
            self.app.push_screen(form, self.saved)

    def question(self, entry: HoursSession) -> str:
        """Which session goes."""
        day, hours, _, _ = hours_cells(entry)
        return f"Remove {day} {hours} from the week?"

    def step(self) -> tuple[TimeStep, int] | None:
        """The last change of the week."""
        return TimeStep.HOURS, self.doctor.id

    def take_out(self, entry: HoursSession) -> None:
        """Take the session out of the week."""
        self.change(
            lambda tx, affected: change_week(tx, self.doctor.id, WeekChange([entry], ()), affected),
            self._removed,
        )

    def _removed(self, _: list[WorkingHoursView], affected: Affected | None) -> None:
        self.saved(f"The hours are removed.{what_was_chosen(affected)}")


class SessionForm(WeekForm):
    """A session of one weekday, or the same one of several; answers with what was done."""

    TITLE_TEXT = "New working hours"
    # What is wrong between sessions stands beside where they begin.
    OTHER_NAMES: ClassVar = {"sessions": "start"}

    def __init__(
        self, context: ScreenContext, doctor: DoctorView, session: HoursSession | None = None
    ) -> None:
        super().__init__(context, doctor, title="Change the working hours" if session else "")
        self.session = session

    def body(self) -> ComposeResult:
        """The form."""
        s = self.session
        yield Form(
            (
                Field(
                    "weekday",
                    "Day",
                    value=WEEKDAYS[s.weekday] if s else "",
                    hint="mon, mon-fri or mon wed fri",
                    required=True,
                    max_length=60,
                ),
                Field(
                    "start",
                    "From",
                    value=_clock(s.start_minute if s else None),
                    hint="09:00",
                    required=True,
                ),
                Field(
                    "end",
                    "To",
                    value=_clock(s.end_minute if s else None),
                    hint="13:00",
                    required=True,
                ),
                Field(
                    "slot_minutes",
                    "Minutes a slot",
                    value=str(s.slot_minutes) if s else _USUAL_SLOT,
                    required=True,
                    max_length=4,
                ),
                Field(
                    "valid_from",
                    "Valid from",
                    value=_day(s.valid_from if s else None),
                    hint="always",
                ),
                Field(
                    "valid_to", "Valid until", value=_day(s.valid_to if s else None), hint="always"
                ),
            )
        )
        yield Static("", id="hit", markup=False)

    def read_change(self, values: dict[str, str]) -> WeekChange:
        """These sessions in the place of the one that is changed."""
        gone = [self.session] if self.session is not None else []
        return WeekChange(gone, parse_sessions(values, self.context.today()))


def parse_sessions(values: dict[str, str], today: date) -> list[HoursSession]:
    """The sessions that a form describes.

    Raises:
        Invalid: one sentence for each field that cannot be read.
    """
    refused: dict[str, str] = {}
    days: list[int] = []
    start = end = slot = 0
    period: dict[str, date | None] = {"valid_from": None, "valid_to": None}
    try:
        days = parse_weekdays(values["weekday"])
    except Invalid as error:
        refused |= error.fields
    try:
        start = parse_minute(values["start"], "start")
    except Invalid as error:
        refused |= error.fields
    try:
        end = parse_minute(values["end"], "end")
    except Invalid as error:
        refused |= error.fields
    if values["slot_minutes"].strip().isdecimal():
        slot = int(values["slot_minutes"])
    else:
        refused["slot_minutes"] = "Write a number of minutes, such as 15."
    for name in period:
        try:
            if values[name].strip():
                period[name] = datewords.parse_day(values[name], today, field=name)
        except Invalid as error:
            refused |= error.fields
    if not refused and end <= start:
        refused["end"] = "A session must end after it starts, on the same day."
    if refused:
        raise Invalid(next(iter(refused.values())), fields=refused)
    return [HoursSession(day, start, end, slot, **period) for day in days]


def _clock(minute: int | None) -> str:
    return "" if minute is None else clock_text(minute)


def _day(day: date | None) -> str:
    return "" if day is None else day.isoformat()
