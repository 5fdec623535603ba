"""A doctor's weekly working hours: several sessions a day, each with its slots and its period."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.widgets import Static

from screens.base import reading
from screens.context import ScreenContext
from screens.shared.dialogs import FormDialog, MayHitAppointments, what_was_chosen
from screens.shared.entries import EntriesDialog
from screens.shared.hours_table import HOURS_COLUMNS, hours_cells
from screens.shared.leave import hit_words
from screens.shared.words import (
    WEEKDAYS,
    clock_text,
    parse_minute,
    parse_weekdays,
)
from store import datewords, schedule
from store.errors import ChangedMeanwhile, Invalid
from store.values import (
    Affected,
    AppointmentView,
    DoctorView,
    HoursSession,
    TimeStep,
    WorkingHoursView,
)
from widgets.form import Field, Form
from widgets.plain import content, plain
from widgets.record_table import RecordTable

if TYPE_CHECKING:
    from store.transaction import Transaction

_USUAL_SLOT = "15"


def change_week(
    tx: Transaction,
    doctor_id: int,
    gone: HoursSession | None,
    new: Sequence[HoursSession],
    affected: Affected | None,
) -> list[WorkingHoursView]:
    """Take a session out of the week as it is stored now and put others in, in one unit.

    Raises:
        ChangedMeanwhile: the session that goes is not there any more.
        as `schedule.replace_week`.
    """
    stored = [one.session for one in schedule.hours_of(tx, doctor_id)]
    if gone is not None and gone not in stored:
        raise ChangedMeanwhile("Somebody changed these hours meanwhile. Look at them again.")
    kept = [one for one in stored if one != gone]
    return schedule.replace_week(tx, doctor_id, [*kept, *new], affected)


def hit_by(
    tx: Transaction, doctor_id: int, gone: HoursSession | None, new: Sequence[HoursSession]
) -> list[AppointmentView]:
    """Whom `change_week` would leave outside of the hours.

    Raises:
        Invalid: the week cannot be; says which sessions overlap.
    """
    kept = [one.session for one in schedule.hours_of(tx, doctor_id) if one.session != gone]
    return schedule.affected(tx, doctor_id, [*kept, *new])


class HoursDialog(EntriesDialog[HoursSession], MayHitAppointments):
    """The week of a doctor."""

    TOPICS = frozenset({"hours"})
    CSS = "HoursDialog RecordTable { height: 15; }"

    def __init__(self, context: ScreenContext, doctor: DoctorView) -> None:
        super().__init__(context, doctor, title=f"Working hours of {doctor.name}")

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
            lambda tx, affected: change_week(tx, self.doctor.id, entry, (), affected),
            self._removed,
        )

    def _removed(self, _: list[WorkingHoursView], affected: Affected | None) -> None:
        self.saved(f"The hours are removed.{what_was_chosen(affected)}")


class SessionForm(FormDialog[str], MayHitAppointments):
    """A session of one weekday, or the same one of several; answers with what was done."""

    TITLE_TEXT = "New working hours"
    # What is wrong between sessions stands beside where they begin.
    OTHER_NAMES: ClassVar = {"sessions": "start"}
    CSS = "SessionForm #hit { height: auto; margin-top: 1; }"

    def __init__(
        self, context: ScreenContext, doctor: DoctorView, session: HoursSession | None = None
    ) -> None:
        super().__init__(context, title="Change the working hours" if session else "")
        self.doctor = doctor
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

    @on(Form.Changed)
    def _typed(self) -> None:
        form = self.query_one(Form)
        values = {name: form.value(name) for name in form.fields}
        try:
            sessions = parse_sessions(values, self.context.today())
        except Invalid:
            self.query_one("#hit", Static).update("")
        else:
            self.load_hit(sessions)

    @reading("hit")
    async def load_hit(self, sessions: Sequence[HoursSession]) -> None:
        """Tell before saving whom this week leaves outside, or which sessions overlap."""
        told = plain("")
        try:
            hit = await self.read(hit_by, self.doctor.id, self.session, sessions)
            told = hit_words(hit) if hit else told
        except Invalid as error:
            told = content("[$text-error]! $why[/]", why=error.message)
        self.query_one("#hit", Static).update(told)

    def save(self, values: dict[str, str]) -> None:
        """Read what was typed, all that is wrong with it at once, then save it."""
        try:
            sessions = parse_sessions(values, self.context.today())
        except Invalid as error:
            self.refused(error)
            return
        self.change(
            lambda tx, affected: change_week(tx, self.doctor.id, self.session, sessions, affected),
            self._saved,
        )

    def _saved(self, _: list[WorkingHoursView], affected: Affected | None) -> None:
        self.dismiss(f"The hours are saved.{what_was_chosen(affected)}")


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
