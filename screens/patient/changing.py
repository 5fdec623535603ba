"""Changing one's own appointment: cancelling it, moving it, and the note for the doctor.

What the hospital does not allow (it is too late, it is over) is said in the dialog itself, in the
store's words.
"""

from __future__ import annotations

from datetime import date
from typing import ClassVar
from uuid import uuid4

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from screens.base import Dialog, acting, reading
from screens.context import ScreenContext
from screens.patient.slot_picker import SlotPicker
from screens.patient.words import fact, long_moment
from screens.shared.confirm import Confirm
from screens.shared.holding import SlotKeeper
from screens.shared.weeks import read_first_week, read_week
from store import appointments
from store.errors import SlotTaken, SlotUnavailable, StoreError
from store.values import AppointmentView, ChangeView, DoctorView, Slot
from widgets.form import Field, Form
from widgets.inputs import NoteInput
from widgets.keys import BACK, HELP, NO, YES, KeyAction, bind
from widgets.plain import content, lines, plain

_STAY = KeyAction("ask.stay", "enter", "no", "No (the safe answer)", "no")
_MOST_NOTE = 2000


def _which(view: AppointmentView) -> str:
    return f"{view.doctor}, {view.department}, {long_moment(view.starts_at)}"


class CancelDialog(Dialog[str]):
    """Asks whether to cancel; answers with what was done."""

    TITLE_TEXT = "Cancel the appointment"
    WIDTH = 64
    BINDINGS: ClassVar[list[BindingType]] = bind(YES, NO, HELP, hidden=(_STAY, BACK))

    def __init__(self, context: ScreenContext, view: AppointmentView) -> None:
        super().__init__(context)
        self.view = view

    def body(self) -> ComposeResult:
        """The question."""
        yield Static(
            lines(
                [
                    content("Cancel [b]$which[/]?", which=_which(self.view)),
                    plain("The time is given to somebody else."),
                ]
            ),
            markup=False,
        )

    def action_yes(self) -> None:
        """Cancel it."""
        self.be_quiet()
        self.cancel()

    def action_no(self) -> None:
        """Leave it as it is."""
        self.dismiss(None)

    @acting
    async def cancel(self) -> None:
        """Cancel it; a refusal stays to be read."""
        view = self.view
        await self.write(appointments.cancel, view.id, version=view.version)
        self.dismiss(f"Cancelled: {view.doctor}, {long_moment(view.starts_at)}.")


class NoteDialog(Dialog[str]):
    """The note for the doctor: what to know before the visit."""

    TITLE_TEXT = "Note for the doctor"

    def __init__(self, context: ScreenContext, view: AppointmentView) -> None:
        super().__init__(context)
        self.view = view

    def body(self) -> ComposeResult:
        """The note."""
        yield Static(plain(_which(self.view)), markup=False)
        yield Form(
            (Field("note", "Note", kind="note", value=self.view.note, max_length=_MOST_NOTE),)
        )

    def on_mount(self) -> None:
        """Start behind what is written."""
        self.query_one(Form).focus_first()
        field = self.query_one(NoteInput)
        field.move_cursor(field.document.end)

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        self.be_quiet()
        self.save(event.values["note"])

    @acting
    async def save(self, note: str) -> None:
        """Save it."""
        view = self.view
        await self.write(appointments.change_note, view.id, note, version=view.version)
        self.dismiss("Your note is saved.")


class MoveDialog(Dialog[str]):
    """Another time with the same doctor."""

    TITLE_TEXT = "Move the appointment"
    TOPICS = frozenset({"appointment", "doctor", "hours", "leave", "holiday", "hold"})
    BINDINGS: ClassVar[list[BindingType]] = bind(BACK, HELP)
    CSS = "MoveDialog SlotPicker { height: 14; margin-top: 1; }"

    def __init__(self, context: ScreenContext, view: AppointmentView, doctor: DoctorView) -> None:
        super().__init__(context)
        self.view = view
        self.doctor = doctor
        # One key for all attempts of this dialog: pressing enter twice is one move.
        self.request_id = str(uuid4())
        self.first = context.today()

    def body(self) -> ComposeResult:
        """What it is now, and the doctor's times."""
        yield Static(fact("Now", _which(self.view), width=5), markup=False)
        yield SlotPicker(self.context.now())

    def on_mount(self) -> None:
        """Go to the times."""
        self.keeper = SlotKeeper(self, self.refused, lambda _: None)
        self.set_interval(1, self._second)
        self.query_one(SlotPicker).focus()
        self.load(None)

    def on_unmount(self) -> None:
        """Let others have the time that was asked about."""
        self.keeper.close()

    def _second(self) -> None:
        self.query_one(SlotPicker).pass_second(self.context.now())

    def concerns(self, change: ChangeView) -> bool:
        """Only this doctor's time matters."""
        return super().concerns(change) and change.doctor_id in (None, self.doctor.id)

    def reload(self) -> None:
        """Read the same days again."""
        self.load(self.first)

    @on(SlotPicker.Wanted)
    def _wanted(self, event: SlotPicker.Wanted) -> None:
        self.load(event.first)

    @reading("times")
    async def load(self, first: date | None) -> None:
        """Read seven days; without a first one, those in which the doctor is free first."""
        if first is None:
            week = await read_first_week(self, self.doctor.id, self.context.today())
        else:
            week = await read_week(self, self.doctor.id, first)
        self.first = week.first
        self.query_one(SlotPicker).show(week, self.context.now())

    def action_today(self) -> None:
        """Times of today."""
        self.query_one(SlotPicker).go_to_today()

    def action_day(self, days: int) -> None:
        """Times some days on or back."""
        self.query_one(SlotPicker).go(days)

    @on(SlotPicker.Chosen)
    def _chosen(self, event: SlotPicker.Chosen) -> None:
        self.be_quiet()
        before, after = long_moment(self.view.starts_at), long_moment(event.slot.starts_at)
        question = f"Move it from {before} to {after}?"
        self.keeper.want(event.slot, rests=False)
        self.app.push_screen(Confirm("Move", question), lambda yes: self._asked(event.slot, yes))

    def _asked(self, slot: Slot, yes: bool | None) -> None:
        if yes:
            self.move(slot)
        else:
            self.keeper.want(None, rests=False)

    @acting
    async def move(self, slot: Slot) -> None:
        """Move it; where the time is gone, the times that are free now are shown."""
        self.keeper.pause()
        try:
            view = await self.write(
                appointments.reschedule,
                self.view.id,
                starts_at=slot.starts_at,
                version=self.view.version,
                request_id=self.request_id,
            )
        except StoreError:
            self.keeper.want(None, rests=False)
            self.keeper.resume()
            raise
        self.keeper.close(booked=True)
        self.dismiss(f"Moved to: {view.doctor}, {long_moment(view.starts_at)}.")

    def refused(self, error: StoreError) -> None:
        """Where the time is gone, show at once what is free now."""
        super().refused(error)
        if isinstance(error, SlotTaken | SlotUnavailable):
            self.reload()
