"""The doctor's today: who is next, who waits and how long, and what was left unfinished."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from screens.base import acting, reading
from screens.context import ScreenContext
from screens.doctor.keys import (
    BOOK,
    CANCEL,
    DETAILS,
    DRAFTS,
    MOVE,
    NEXT,
    NO_SHOW,
    PRINT,
    QUEUE,
    UNDO,
)
from screens.doctor.today_text import (
    COLUMNS,
    DRAFT_COLUMNS,
    activity_line,
    at_a_glance,
    draft_row,
    queue_row,
    side_text,
)
from screens.doctor.visit_acts import VisitActs
from screens.shared.confirm import Confirm
from store import appointments, desk, records, statistics
from store.values import AppointmentStatus as Status
from store.values import AppointmentView, ChangeView, RecordView
from widgets.keys import HELP, bind
from widgets.plain import content, plain
from widgets.record_table import RecordTable

_WRITTEN_HERE = (Status.CHECKED_IN, Status.IN_CONSULTATION)
"""Appointments whose draft is reached through the queue."""


class TodayScreen(VisitActs):
    """The doctor's queue of the day."""

    TOPICS = frozenset({"appointment", "patient", "record"})
    BINDINGS: ClassVar[list[BindingType]] = bind(
        NEXT,
        NO_SHOW,
        UNDO,
        CANCEL,
        HELP,
        hidden=(MOVE, BOOK, PRINT, DETAILS, DRAFTS, QUEUE),
    )
    CSS_PATH = "today.tcss"

    def __init__(self, context: ScreenContext, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.queue: dict[str, AppointmentView] = {}
        self.begun: dict[str, RecordView] = {}
        """All unsigned records, by their appointment's number."""
        self.drafts: dict[str, RecordView] = {}
        """Those that the queue does not lead to."""
        self.next: AppointmentView | None = None
        self._loaded = False

    def body(self) -> ComposeResult:
        """What is next; what is unfinished, if anything; the queue; the row under the cursor."""
        yield Static("", id="glance", markup=False)
        with Vertical(id="drafts-panel", classes="panel") as drafts:
            drafts.border_title = plain("Unfinished records")
            drafts.border_subtitle = content("[$key]d[/] go there   [$key]enter[/] goes on writing")
            yield RecordTable(DRAFT_COLUMNS, empty="", id="drafts")
        with Horizontal(id="today"):
            with Vertical(id="queue-panel", classes="panel"):
                yield RecordTable(COLUMNS, empty="Reading …", id="queue")
            with Vertical(id="side", classes="panel") as side:
                side.border_title = plain("Appointment")
                yield Static("", id="side-text", markup=False)

    @property
    def table(self) -> RecordTable:
        """The queue."""
        return self.query_one("#queue", RecordTable)

    def on_mount(self) -> None:
        """Begin in the queue."""
        self.query_one("#drafts-panel").display = False
        self.table.focus()

    # Reading

    def concerns(self, change: ChangeView) -> bool:
        """Other doctors' days do not matter here."""
        own = self.context.actor.doctor_id
        return super().concerns(change) and change.doctor_id in (None, own)

    def reload(self) -> None:
        """Read the day."""
        self.load()

    @reading("queue")
    async def load(self) -> None:
        """Read the queue, who is next, and the drafts."""
        rows = await self.read(desk.queue, doctor_id=self.doctor_id)
        self.next = await self.read(desk.next_waiting, self.doctor_id)
        drafts = await self.read(records.open_drafts)
        figures = await self.read(statistics.of_doctor, self.doctor_id)
        self.query_one("#queue-panel").border_subtitle = activity_line(figures.activity)
        self.queue = {str(row.id): row for row in rows}
        reached = {row.id for row in rows if row.status in _WRITTEN_HERE}
        self.begun = {str(one.appointment_id): one for one in drafts}
        self.drafts = {
            str(one.appointment_id): one
            for one in drafts
            if one.appointment_id is not None and one.appointment_id not in reached
        }
        self.table.say_empty("Nobody is booked with you today.")
        self._show()

    def _show(self) -> None:
        now, colours = self.context.now(), self.colours
        rows = list(self.queue.values())
        self.query_one("#queue-panel").border_title = plain(_counts(rows))
        next_id = self.next.id if self.next else None
        limits = self.context.wait_limits
        self.table.show([queue_row(row, row.id == next_id, now, colours, limits) for row in rows])
        self.query_one("#glance", Static).update(at_a_glance(rows, self.next, now, self.begun))
        panel = self.query_one("#drafts-panel")
        had_focus = panel.has_focus_within
        panel.display = bool(self.drafts)
        self.query_one("#drafts", RecordTable).show(
            [draft_row(one, colours) for one in self.drafts.values()]
        )
        if had_focus and not self.drafts:
            self.table.focus()
        self._show_side()

    def minute_passed(self, now: datetime) -> None:
        """Count the minutes waited; at midnight, begin a new day."""
        if (now.hour, now.minute) == (0, 0):
            self.reload()
        else:
            self._show()

    @on(RecordTable.Moved, "#queue")
    def _show_side(self) -> None:
        row = self._row()
        text = side_text(row, self.context.now()) if row else plain("")
        self.query_one("#side-text", Static).update(text)

    def _row(self) -> AppointmentView | None:
        return self.queue.get(self.table.selected or "")

    def action_show_queue(self) -> None:
        """Into the queue."""
        self.table.focus()

    def action_show_drafts(self) -> None:
        """Into the unfinished records."""
        if self.drafts:
            self.query_one("#drafts", RecordTable).focus()
        else:
            self.say("No record is unfinished.")

    def action_back(self) -> None:
        """From the unfinished records to the queue."""
        self.table.focus()

    # Seeing patients

    def action_next(self) -> None:
        """Call in who waits next; with somebody still there, ask."""
        inside = [row for row in self.queue.values() if row.status is Status.IN_CONSULTATION]
        if inside and self.next is not None:
            question = (
                f"{inside[0].patient} is still in consultation. "
                f"Call in {self.next.patient} all the same?"
            )
            self.app.push_screen(
                Confirm("Next patient", question), lambda yes: self.call_in_next() if yes else None
            )
        else:
            self.call_in_next()

    def who_comes(self) -> str:
        """When the next one is booked."""
        booked = [row for row in self.queue.values() if row.status is Status.BOOKED]
        return f" The next one is booked at {booked[0].starts_at:%H:%M}." if booked else ""

    @on(RecordTable.Opened, "#queue")
    def _opened(self, event: RecordTable.Opened) -> None:
        row = self.queue.get(event.key)
        if row is not None:
            self.open_row(row)

    @on(RecordTable.Opened, "#drafts")
    def _draft_opened(self, event: RecordTable.Opened) -> None:
        self.resume_draft(int(event.key))

    @acting
    async def open_row(self, row: AppointmentView) -> None:
        """Whatever is due with the row."""
        await self.open_it(row)

    @acting
    async def resume_draft(self, appointment_id: int) -> None:
        """Go on with a record from earlier."""
        self.consult(await self.read(appointments.get, appointment_id))

    def stay_with(self, visit: AppointmentView) -> None:
        """Keep the cursor on the visit."""
        self.table.move_to(str(visit.id))

    def go_on_from(self, visit: AppointmentView) -> None:
        """Put the cursor on who is next."""
        if self.next is not None:
            self.table.move_to(str(self.next.id))

    async def visit_here(self) -> AppointmentView | None:
        """The appointment under the cursor of the queue."""
        return self._row()


def _counts(rows: list[AppointmentView]) -> str:
    count = Counter(row.status for row in rows)
    parts = [
        f"{count[status]} {word}"
        for status, word in (
            (Status.BOOKED, "booked"),
            (Status.CHECKED_IN, "waiting"),
            (Status.IN_CONSULTATION, "in consultation"),
            (Status.COMPLETED, "done"),
            (Status.NO_SHOW, "no-show"),
        )
    ]
    return " · ".join(["Today", *parts])
