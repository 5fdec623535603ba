"""Appointments of the whole hospital: the list, one with its events, what may become of it, its
record."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from screens.admin.keys import FIND, MOVE, RECORD, STATUS, STEP_BACK, WITHDRAW
from screens.admin.reading import ReadingDialog, record_of_visit
from screens.admin.tables import TABLE_KEYS, Drawn, TableScreen
from screens.base import Dialog, acting, reading
from screens.context import ScreenContext
from screens.shared.booking import BookingDialog
from screens.shared.confirm import AskReason
from screens.shared.details import AppointmentDetails, in_full
from store import appointments, desk, doctors, undo
from store.moves import Kind, possible
from store.values import AppointmentView
from widgets.badges import status_text, status_words
from widgets.keys import BACK, HELP, bind
from widgets.plain import cell
from widgets.record_table import Column, RecordTable, Row

_RULES: Mapping[Kind, Callable[..., AppointmentView]] = {
    Kind.CHECK_IN: desk.check_in,
    Kind.START: appointments.start,
    Kind.COMPLETE: lambda tx, visit_id, **how: appointments.complete(
        tx, visit_id, sign=False, **how
    ),
    Kind.CANCEL: appointments.cancel,
    Kind.NO_SHOW: appointments.no_show,
    Kind.LEFT: appointments.left,
    Kind.IN_ERROR: appointments.mark_in_error,
}
_WORDS: Mapping[Kind, tuple[str, str]] = {
    Kind.CHECK_IN: ("check in", "the patient is there; a token is drawn"),
    Kind.START: ("call in", "the consultation begins"),
    Kind.COMPLETE: ("complete", "the consultation is over; a draft stays with its doctor"),
    Kind.CANCEL: ("cancel", "the patient hears by mail"),
    Kind.NO_SHOW: ("no-show", "the patient did not come"),
    Kind.LEFT: ("left", "the patient left without being seen"),
    Kind.IN_ERROR: ("in error", "it never should have been; needs a reason"),
}
_WITH_REASON = frozenset({Kind.CANCEL, Kind.LEFT, Kind.IN_ERROR})


class AppointmentsScreen(TableScreen[AppointmentView]):
    """All appointments, the latest first."""

    KIND = "appointments"
    TITLE_TEXT = "Appointments"
    EMPTY = "There is no appointment yet."
    MORE_KEYS = f"[$key]m[/] move  [$key]u[/] undo{TABLE_KEYS}"
    TOPICS = frozenset({"appointment"})
    BINDINGS: ClassVar[list[BindingType]] = bind(
        STATUS, WITHDRAW, RECORD, FIND, hidden=(MOVE, STEP_BACK)
    )

    def drawn(self) -> Mapping[str, Drawn[AppointmentView]]:
        """When, who, with whom, how it stands."""
        muted = self.colours["text-muted"]
        return {
            "when": Drawn(lambda one: f"{one.starts_at:%d %b %y %H:%M}", 15),
            "patient": Drawn(lambda one: one.patient),
            "mrn": Drawn(lambda one: cell(one.mrn, style=muted), 9),
            "doctor": Drawn(lambda one: one.doctor, 15),
            "department": Drawn(lambda one: one.department, 16),
            "status": Drawn(self._status, 17),
            "token": Drawn(lambda one: one.token or "–", 6),
            "note": Drawn(lambda one: one.note or "–", 24),
            "reason": Drawn(lambda one: one.reason or "–", 24),
            "phone": Drawn(lambda one: one.patient_phone or "–", 14),
            "walk-in": Drawn(lambda one: "walk-in" if one.walk_in else "–", 8),
            "over": Drawn(lambda one: "‡ over" if one.overbooked else "–", 10),
            "id": Drawn(lambda one: cell(one.id, style=muted), 10, right=True),
        }

    def _status(self, one: AppointmentView) -> Any:
        context = self.context
        return status_text(one, context.now(), self.colours, context.wait_limits)

    async def details(self, item: AppointmentView) -> Content:
        """All of it, with its events."""
        events = await self.read(appointments.history, item.id)
        return in_full(item, events, self.context.now())

    def open_details(self) -> None:
        """The same in a dialog that stays true."""
        self.with_selected(
            lambda one: self.app.push_screen(AppointmentDetails(self.context, one.id))
        )

    # What may become of it

    def action_status(self) -> None:
        """Choose what becomes of the one under the cursor."""
        self.with_selected(
            lambda one: self.app.push_screen(
                MovesDialog(self.context, one), lambda kind: self._chosen(one, kind)
            )
        )

    def action_withdraw(self) -> None:
        """Cancel the one under the cursor."""
        self.with_selected(lambda one: self._chosen(one, Kind.CANCEL))

    def _chosen(self, one: AppointmentView, kind: Kind | None) -> None:
        if kind is None:
            return
        if kind not in _WITH_REASON:
            self.take(one, kind)
            return
        word, meaning = _WORDS[kind]
        question = (
            f"{one.patient}, {one.starts_at:%a %d %b %Y %H:%M}, {one.doctor}: {word}; {meaning}."
        )
        needed = kind is Kind.IN_ERROR
        asked = AskReason(word.capitalize(), question, required=needed, enter=word)
        self.app.push_screen(
            asked, lambda reason: None if reason is None else self.take(one, kind, reason)
        )

    @acting
    async def take(self, one: AppointmentView, kind: Kind, reason: str | None = None) -> None:
        """Take the step, unless somebody was faster."""
        how: dict[str, Any] = {} if reason is None else {"reason": reason}
        if kind is not Kind.IN_ERROR:
            how["version"] = one.version
        after = await self.write(_RULES[kind], one.id, **how)
        sentence = f"{after.patient}: {status_words(after.status)}."
        self.done(sentence, became=after, undo=True)

    def action_step_back(self) -> None:
        """Take back the last step of the one under the cursor; or the step just taken, where that
        took its appointment out of the list."""
        self.with_acted_on(self.take_back)

    @acting
    async def take_back(self, one: AppointmentView) -> None:
        """Undo it, where the rules allow."""
        after = await self.write(undo.undo, one.id)
        sentence = f"Undone: {after.patient} is {status_words(after.status)} again."
        self.done(sentence, go_to=after.id)

    def action_move(self) -> None:
        """Move the one under the cursor to another time."""
        self.with_selected(self.open_move)

    @reading("move")
    async def open_move(self, one: AppointmentView) -> None:
        """Open the slots of its doctor."""
        doctor = await self.read(doctors.get, one.doctor_id)
        dialog = BookingDialog(self.context, None, doctor, moving=one)
        self.app.push_screen(dialog, self._at_another_time)

    def _at_another_time(self, after: AppointmentView | None) -> None:
        if after is not None:
            when = f"{after.starts_at:%a %d %b %H:%M}"
            sentence = f"{after.patient} is moved to {when}, {after.doctor}."
            self.done(sentence, go_to=after.id, became=after, undo=True)

    # Its record

    def action_record(self) -> None:
        """Read what was written of the visit."""
        self.with_selected(self.open_record)

    @reading("open")
    async def open_record(self, one: AppointmentView) -> None:
        """Read it; that is noted in the audit trail."""
        found = await self.read(record_of_visit, one.id)
        if not found:
            self.say(f"No signed record of this visit of {one.patient}.")
            return
        title = f"{one.patient} · {one.mrn}"
        self.app.push_screen(ReadingDialog(self.context, found, title=title))


class MovesDialog(Dialog[Kind]):
    """What may become of an appointment as it stands; enter takes one."""

    TITLE_TEXT = "What becomes of it?"
    WIDTH = 70
    BINDINGS: ClassVar[list[BindingType]] = bind(BACK, HELP)

    def __init__(self, context: ScreenContext, one: AppointmentView) -> None:
        super().__init__(context, title=f"{one.patient} · {status_words(one.status)}")
        self.one = one

    def body(self) -> ComposeResult:
        """The steps that its status allows."""
        kinds = [kind for kind in _RULES if kind in possible(self.one.status)]
        table = RecordTable(
            (Column("step", "Step", 12), Column("meaning", "What it means")),
            empty="Nothing can become of it any more.",
            enter="take it",
        )
        table.styles.height = len(kinds) + 2
        self.kinds = kinds
        yield table

    def on_mount(self) -> None:
        """Show them."""
        table = self.query_one(RecordTable)
        table.show([Row(kind.value, _WORDS[kind]) for kind in self.kinds])
        table.focus()

    @on(RecordTable.Opened)
    def _opened(self, event: RecordTable.Opened) -> None:
        event.stop()
        self.dismiss(Kind(event.key))
