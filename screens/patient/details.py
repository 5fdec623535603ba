"""An appointment in full, in a patient's words, with everything that happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from screens.base import Dialog, StoreCalls, acting, reading
from screens.context import ScreenContext
from screens.patient.keys import OPEN_RECORD
from screens.patient.record import RecordDialog
from screens.patient.words import event_line, fact, is_to_come, long_moment, what_to_do
from store import appointments, records
from store.values import AppointmentEventView, AppointmentStatus, AppointmentView, ChangeView
from widgets.badges import status_content
from widgets.keys import BACK, HELP, bind
from widgets.plain import content, lines, plain


async def read_visit(screen: StoreCalls, appointment_id: int) -> tuple[AppointmentView, Content]:
    """Read an appointment, and all of it as a text: what happened, what came before and after."""
    view = await screen.read(appointments.get, appointment_id)
    events = await screen.read(appointments.history, view.id)
    links = []
    for words, other in (("Before", view.predecessor_id), ("Moved to", view.successor_id)):
        if other is not None:
            linked = await screen.read(appointments.get, other)
            links.append(fact(words, long_moment(linked.starts_at)))
    return view, _text(view, events, links, screen.context.now())


def _text(
    view: AppointmentView,
    events: Sequence[AppointmentEventView],
    links: Sequence[Content],
    now: datetime,
) -> Content:
    rows = [
        content("[b $accent]$when[/]", when=long_moment(view.starts_at)),
        content("[b]$doctor[/], $department", doctor=view.doctor, department=view.department),
        status_content(view.status, view.waited_minutes(now)),
        *links,
    ]
    if view.reason:
        rows.append(fact("Reason", view.reason))
    if is_to_come(view, now):
        rows.append(fact("To do now", what_to_do(view, now)))
    rows += [plain(""), content("[$text-muted]Your note for the doctor[/]")]
    rows += [plain(view.note or "–"), plain("")]
    rows += [content("[$text-muted]What happened[/]"), *(event_line(one) for one in events)]
    return lines(rows)


class VisitDetails(Dialog[None]):
    """When, with whom, the note, and what happened; `o` opens the record of a completed one."""

    TITLE_TEXT = "Your appointment"
    TOPICS = frozenset({"appointment", "record"})
    BINDINGS: ClassVar[list[BindingType]] = bind(OPEN_RECORD, BACK, HELP)

    def __init__(self, context: ScreenContext, appointment_id: int) -> None:
        super().__init__(context)
        self.appointment_id = appointment_id
        self.completed = False

    def body(self) -> ComposeResult:
        """One text."""
        yield Static("", id="details", markup=False)

    def on_mount(self) -> None:
        """Read it."""
        self.load()

    def concerns(self, change: ChangeView) -> bool:
        """Only this appointment matters."""
        return change.topic == "appointment" and change.entity_id in (None, self.appointment_id)

    def reload(self) -> None:
        """Read it again."""
        self.load()

    @reading("details")
    async def load(self) -> None:
        """Read the appointment, what happened to it, and what came before and after it."""
        text: Content
        view, text = await read_visit(self, self.appointment_id)
        self.query_one("#details", Static).update(text)
        self.completed = view.status is AppointmentStatus.COMPLETED
        self.refresh_bindings()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only a completed visit has a record."""
        return self.completed or action != "open_record"

    def action_open_record(self) -> None:
        """Show what the doctor wrote."""
        self.be_quiet()
        self.open_record()

    @acting
    async def open_record(self) -> None:
        """Open the signed record of this visit, if there is one."""
        record = await self.read(records.of_appointment, self.appointment_id)
        if record is None:
            self.complain("There is no signed record of this visit yet.")
        else:
            self.app.push_screen(RecordDialog(self.context, record))
