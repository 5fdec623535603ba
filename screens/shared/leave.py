"""A doctor's leave, put in, changed and taken back, by the doctor or on the doctor's behalf."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from screens.base import acting, reading
from screens.context import ScreenContext
from screens.shared.affected import MayHitAppointments
from screens.shared.dialogs import FormDialog, what_became
from screens.shared.entries import EntriesDialog
from screens.shared.words import parse_span, span_words, typed_span
from store import leave
from store.errors import Invalid
from store.values import Affected, AppointmentView, Consequence, DoctorView, LeaveView, TimeStep
from widgets.form import Field, Form
from widgets.plain import content, lines, plain
from widgets.record_table import Column, RecordTable

_COLUMNS = (Column("when", "When", 42), Column("reason", "Reason"))


class LeaveDialog(EntriesDialog[LeaveView]):
    """Leave of a doctor that is not over."""

    TOPICS = frozenset({"leave"})
    CSS = "LeaveDialog RecordTable { height: 12; }"

    def __init__(self, context: ScreenContext, doctor: DoctorView) -> None:
        super().__init__(context, doctor, title=f"Leave of {doctor.name}")
        self._form: LeaveForm | None = None

    def body(self) -> ComposeResult:
        """The list."""
        yield RecordTable(_COLUMNS, empty="No leave to come. n puts some in.")

    @reading("leave")
    async def load(self) -> None:
        """Read what is not over."""
        found = await self.read(
            leave.list_leave, doctor_id=self.doctor.id, start=self.context.now()
        )
        self.show_entries({str(one.id): one for one in found}, _cells)
        if self._form is not None and self._form.made is not None:
            self.query_one(RecordTable).move_to(str(self._form.made))
            self._form = None

    def form(self, entry: LeaveView | None = None) -> LeaveForm:
        """From when until when."""
        self._form = LeaveForm(self.context, self.doctor, entry)
        return self._form

    def question(self, entry: LeaveView) -> str:
        """Which leave goes."""
        when = span_words(entry.starts_at, entry.ends_at)
        return f"Take the leave of {when} back? Patients can be booked then again."

    def step(self) -> tuple[TimeStep, int] | None:
        """Putting in the leave under the cursor."""
        entry = self.selected_entry()
        return (TimeStep.LEAVE, entry.id) if entry else None

    @acting
    async def take_out(self, entry: LeaveView) -> None:
        """Take the leave back."""
        await self.write(leave.delete, entry.id)
        self.saved("The leave is taken back.")


def _cells(one: LeaveView) -> tuple[str, str]:
    return span_words(one.starts_at, one.ends_at), one.reason or "–"


class LeaveForm(FormDialog[str], MayHitAppointments):
    """From when until when, and why; answers with what was done."""

    TITLE_TEXT = "New leave"

    CSS = "LeaveForm #hit { height: auto; margin-top: 1; }"

    def __init__(
        self,
        context: ScreenContext,
        doctor: DoctorView,
        one: LeaveView | None = None,
        *,
        span: tuple[datetime, datetime] | None = None,
    ) -> None:
        """`span` fills in a new leave, half-open."""
        super().__init__(context, title="Change the leave" if one else "")
        self.doctor = doctor
        self.one = one
        self.span = (one.starts_at, one.ends_at) if one else span
        self.made: int | None = None
        """The id of the leave, once it is saved."""

    def body(self) -> ComposeResult:
        """The form."""
        one = self.one
        first, last = typed_span(*self.span) if self.span else ("", "")
        yield Static(
            plain(
                "Days count whole, the last included; or give times: mon 14:00, 2026-12-31T10:30."
            ),
            markup=False,
        )
        yield Form(
            (
                Field(
                    "starts_at",
                    "From",
                    value=first,
                    hint="tomorrow, 12 dec, +3d, mon 14:00",
                    required=True,
                    max_length=60,
                ),
                Field(
                    "ends_at",
                    "To",
                    value=last,
                    hint="the last day; empty: one day",
                    max_length=60,
                ),
                Field("reason", "Reason", value=one.reason if one else "", max_length=200),
            )
        )
        yield Static("", id="hit", markup=False)

    def on_mount(self) -> None:
        """Tell at once whom it hits."""
        if self.span is not None:
            self.load_hit(*self.span)

    @on(Form.Changed)
    def _typed(self, event: Form.Changed) -> None:
        if event.name == "reason":
            return
        form = self.query_one(Form)
        try:
            span = parse_span(form.value("starts_at"), form.value("ends_at"), self.context.now())
        except Invalid:
            self.query_one("#hit", Static).update("")
        else:
            if span[0] < span[1]:
                self.load_hit(*span)

    @reading("hit")
    async def load_hit(self, start: datetime, end: datetime) -> None:
        """Tell whom leave at this time hits; a refusal of the time itself waits for saving."""
        try:
            hit = await self.read(leave.affected, self.doctor.id, start, end)
        except Invalid:
            hit = []
        self.query_one("#hit", Static).update(hit_words(hit) if hit else plain(""))

    def save(self, values: dict[str, str]) -> None:
        """Read the times, then save."""
        try:
            start, end = parse_span(values["starts_at"], values["ends_at"], self.context.now())
        except Invalid as error:
            self.refused(error)
            return
        one, reason = self.one, values["reason"]
        if one is None:
            doctor_id = self.doctor.id
            self.change(
                lambda tx, affected: leave.add(tx, doctor_id, start, end, reason, affected),
                self._saved,
            )
        else:
            self.change(
                lambda tx, affected: leave.update(
                    tx,
                    one.id,
                    starts_at=start,
                    ends_at=end,
                    reason=reason,
                    affected=affected,
                    version=one.version,
                ),
                self._saved,
            )

    def _saved(self, done: tuple[LeaveView, list[Consequence]], affected: Affected | None) -> None:
        self.made = done[0].id
        self.dismiss(f"The leave is saved.{what_became(done[1])}")


def hit_words(hit: Sequence[AppointmentView], most: int = 4) -> Content:
    """Whom leave would hit: how many, and the first of them."""
    count = "1 appointment is" if len(hit) == 1 else f"{len(hit)} appointments are"
    told = [content("[$text-error]! $count booked there.[/]", count=count)]
    told += [
        content(
            "  [$text-muted]$at[/] $patient",
            at=f"{one.starts_at:%a %d %b %H:%M}",
            patient=one.patient,
        )
        for one in hit[:most]
    ]
    if len(hit) > most:
        told.append(content("  [$text-muted]and $more more[/]", more=len(hit) - most))
    return lines(told)
