"""The patient's home: the next appointment, what to do now, and all appointments."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.base import RoleScreen, acting, reading
from screens.context import ScreenContext
from screens.messages import TabWanted
from screens.patient.changing import CancelDialog, MoveDialog, NoteDialog
from screens.patient.details import VisitDetails, read_visit
from screens.patient.keys import CANCEL, DECLINE, EARLIER, EDIT, MOVE, NEW, TAKE, WAITS
from screens.patient.waiting import (
    JoinDialog,
    MyWaits,
    last_words,
    offer_lines,
    read_waits,
    waits_line,
)
from screens.patient.words import (
    fact,
    is_to_come,
    long_moment,
    next_of,
    short_moment,
    what_to_do,
)
from screens.shared.names import day_words
from store import appointments, doctors, waitlist
from store.errors import ChangedMeanwhile, OfferGone, OfferOver, StoreError
from store.values import AppointmentStatus, AppointmentView, OfferView, WaitlistEntryView
from widgets.badges import status_content, status_text
from widgets.keys import bind
from widgets.plain import cell, content, lines, plain
from widgets.record_table import Column, RecordTable, Row

_COLUMNS = (
    Column("when", "When", 17),
    Column("doctor", "Doctor"),
    Column("department", "Department", 16),
    Column("status", "Status", 17),
)
_NOBODY = "You have no appointment yet. n books one."
_OVER = (
    AppointmentStatus.COMPLETED,
    AppointmentStatus.CANCELLED,
    AppointmentStatus.LEFT,
    AppointmentStatus.IN_ERROR,
)
_BOOK_TAB = 2


class HomeScreen(RoleScreen):
    """The next appointment above, all appointments below it; a wide terminal shows the details of
    the one under the cursor beside the next one."""

    TOPICS = frozenset({"appointment", "doctor", "waitlist"})
    BINDINGS: ClassVar[list[BindingType]] = bind(
        NEW, MOVE, CANCEL, EDIT, EARLIER, hidden=(TAKE, DECLINE, WAITS)
    )
    CSS = """
    HomeScreen #offer-panel { height: auto; border: round $warning; display: none; }
    HomeScreen #above { height: 8; }
    HomeScreen #next-panel { width: 1fr; }
    HomeScreen #details-panel { width: 1fr; display: none; }
    HomeScreen.-wide #details-panel { display: block; }
    HomeScreen.-wide.-high #above { height: 15; }
    """

    def __init__(self, context: ScreenContext, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.visits: dict[str, AppointmentView] = {}
        self.waits: list[WaitlistEntryView] = []
        self._known: set[int] | None = None

    def body(self) -> ComposeResult:
        """Three panels, and above them an offer while there is one."""
        with Vertical():
            with Vertical(id="offer-panel", classes="panel") as panel:
                panel.border_title = plain("An earlier time is free")
                yield Static("", id="offer", markup=False)
            with Horizontal(id="above"):
                with Vertical(id="next-panel", classes="panel") as panel:
                    panel.border_title = plain("Your next appointment")
                    yield Static("", id="next", markup=False)
                with VerticalScroll(id="details-panel", classes="panel", can_focus=False) as panel:
                    panel.border_title = plain("Details")
                    yield Static("", id="visit", markup=False)
            with Vertical(id="visits-panel", classes="panel") as panel:
                panel.border_title = plain("Your appointments")
                yield RecordTable(_COLUMNS, empty=_NOBODY, id="visits")

    @property
    def table(self) -> RecordTable:
        """All appointments."""
        return self.query_one("#visits", RecordTable)

    def on_mount(self) -> None:
        """Begin in the table."""
        self.table.focus()

    def reload(self) -> None:
        """Read the appointments, and what the waiting list offers."""
        self.load()
        self.load_waits()

    def minute_passed(self, now: datetime) -> None:
        """What is to come becomes past by time alone, and an offer ends."""
        self._show()
        if any(one.offer and one.offer.expires_at <= now for one in self.waits):
            self.load_waits()
        else:
            self._show_offer()

    @reading("waits")
    async def load_waits(self) -> None:
        """Read what I wait for, and what of it is offered."""
        before = {one.id: one.offer for one in self.waits}
        self.waits = await read_waits(self)
        for one in self.waits:
            if before.get(one.id) and not one.offer and (sentence := last_words(one)):
                self.say(f"{sentence}. You stay on the waiting list.")
        self._show_offer()
        self._show()

    @property
    def offered(self) -> WaitlistEntryView | None:
        """What is offered: of several, that which ends first."""
        entries = [one for one in self.waits if one.offer is not None]
        return min(
            entries,
            key=lambda one: one.offer.expires_at.timestamp() if one.offer else 0,
            default=None,
        )

    def _show_offer(self) -> None:
        entry = self.offered
        self.query_one("#offer-panel").display = entry is not None
        rows = [] if entry is None else offer_lines(entry, self.context.now())
        self.query_one("#offer", Static).update(lines(rows))

    @reading("visits")
    async def load(self) -> None:
        """Read the own appointments, those to come first."""
        page = await self.read(appointments.list_appointments, newest_first=True)
        shown = [v for v in page.items if v.status is not AppointmentStatus.RESCHEDULED]
        self.visits = {str(view.id): view for view in shown}
        self._show()
        self._go_to_new_ones()
        self.load_visit(self.table.selected)

    @reading("visit")
    async def load_visit(self, key: str | None) -> None:
        """Read the appointment under the cursor; only a wide terminal shows it."""
        text: Content = plain("")
        if key in self.visits and self.has_class("-wide"):
            _, text = await read_visit(self, int(key))
        self.query_one("#visit", Static).update(text)

    @on(RecordTable.Moved, "#visits")
    def _moved(self, event: RecordTable.Moved) -> None:
        self.load_visit(event.key)

    def _in_order(self) -> list[AppointmentView]:
        """Those to come, the soonest first; then the past, the latest first."""
        now = self.context.now()
        coming = [view for view in self.visits.values() if is_to_come(view, now)]
        past = [view for view in self.visits.values() if not is_to_come(view, now)]
        return [*reversed(coming), *past]

    def _show(self) -> None:
        now = self.context.now()
        views = self._in_order()
        coming = sum(is_to_come(view, now) for view in views)
        title = f"Your appointments · {coming} to come · {len(views) - coming} over"
        self.query_one("#visits-panel").border_title = plain(title)
        self.table.show([self._row(view, now) for view in views])
        self.query_one("#next", Static).update(self._next(next_of(views, now), now))

    def _row(self, view: AppointmentView, now: datetime) -> Row:
        style = "" if is_to_come(view, now) else self.colours["text-muted"]
        cells: tuple[Text | str, ...] = (
            cell(short_moment(view.starts_at, now.date()), style=style),
            cell(view.doctor, style=style),
            cell(view.department, style=style),
            status_text(view, now, self.colours, self.context.wait_limits),
        )
        return Row(str(view.id), cells)

    def _next(self, view: AppointmentView | None, now: datetime) -> Content:
        waiting = [waits_line(self.waits)] if self.waits else []
        if not waiting and view is not None and view.status is AppointmentStatus.BOOKED:
            waiting = [content("[$text-muted]Too late?   [/][$key]a[/] tells of an earlier time")]
        if view is None:
            return lines(
                [
                    plain("You have no appointment to come."),
                    content("[$key]n[/] books one."),
                    *waiting,
                ]
            )
        words = day_words(view.starts_at.date(), now.date())
        soon = f"  ({words})" if words in ("today", "tomorrow") else ""
        return lines(
            [
                content("[b $accent]$when[/]$soon", when=long_moment(view.starts_at), soon=soon),
                content(
                    "[b]$doctor[/], $department", doctor=view.doctor, department=view.department
                ),
                status_content(view.status, view.waited_minutes(now)),
                fact("Your note", view.note or "none: e writes one for the doctor"),
                fact("To do now", what_to_do(view, now)),
                *waiting,
            ]
        )

    def _go_to_new_ones(self) -> None:
        """Put the cursor on what was booked since the last look, here or elsewhere."""
        known, self._known = self._known, {view.id for view in self.visits.values()}
        now = self.context.now()
        new = [
            view
            for view in self.visits.values()
            if known is not None and view.id not in known and is_to_come(view, now)
        ]
        if new:
            self.table.move_to(str(new[0].id))
            verb = "Moved to" if new[0].predecessor_id else "Booked"
            self.say(f"{verb}: {new[0].doctor}, {long_moment(new[0].starts_at)}.")

    # What is done with an appointment

    def _changeable(self) -> AppointmentView | None:
        """The appointment under the cursor, unless there is plainly nothing left to change."""
        view = self.visits.get(self.table.selected or "")
        if view is None:
            self.say(_NOBODY)
        elif view.status in _OVER:
            self.say("That appointment is over and stays as it is. n books another.")
            return None
        return view

    def action_book(self) -> None:
        """Go to the booking."""
        self.post_message(TabWanted(_BOOK_TAB))

    @on(RecordTable.Opened, "#visits")
    def _opened(self, event: RecordTable.Opened) -> None:
        self.app.push_screen(VisitDetails(self.context, int(event.key)))

    def action_cancel(self) -> None:
        """Ask, then cancel the appointment under the cursor."""
        view = self._changeable()
        if view is not None:
            self.app.push_screen(CancelDialog(self.context, view), self._done)

    def action_edit(self) -> None:
        """Change the note of the appointment under the cursor."""
        view = self._changeable()
        if view is not None:
            self.app.push_screen(NoteDialog(self.context, view), self._done)

    def action_move(self) -> None:
        """Choose another time for the appointment under the cursor."""
        view = self._changeable()
        if view is not None:
            self.open_move(view)

    @reading("move")
    async def open_move(self, view: AppointmentView) -> None:
        """Open the times of the appointment's doctor."""
        doctor = await self.read(doctors.get, view.doctor_id)
        self.app.push_screen(MoveDialog(self.context, view, doctor), self._done)

    # The waiting list

    def action_wait_earlier(self) -> None:
        """Be told of an earlier time than the appointment under the cursor."""
        view = self._changeable()
        if view is not None:
            self.app.push_screen(JoinDialog(self.context, view), self._done)

    def action_show_waits(self) -> None:
        """Show what I wait for."""
        self.app.push_screen(MyWaits(self.context), lambda _: self.load_waits())

    def action_take(self) -> None:
        """Take what is offered."""
        entry = self.offered
        if entry is None or entry.offer is None:
            self.say("No earlier time is offered at present. a asks to be told of one.")
        else:
            self.take(entry, entry.offer)

    @acting
    async def take(self, entry: WaitlistEntryView, offer: OfferView) -> None:
        """Book it, or move the appointment that was to become earlier there."""
        await self.write(waitlist.accept, entry.id, offer_id=offer.id)
        self.reload()

    def action_decline(self) -> None:
        """Not that time."""
        entry = self.offered
        if entry is None or entry.offer is None:
            self.say("No earlier time is offered at present.")
        else:
            self.turn_down(entry, entry.offer)

    @acting
    async def turn_down(self, entry: WaitlistEntryView, offer: OfferView) -> None:
        """It goes to somebody else; I wait on."""
        await self.write(waitlist.decline, entry.id, offer_id=offer.id)
        self.waits = []
        self.load_waits()
        self.say("That time goes to somebody else. You stay on the waiting list.")

    def refused(self, error: StoreError) -> None:
        """Where an offer is gone, show at once what stands."""
        super().refused(error)
        if isinstance(error, OfferGone | OfferOver | ChangedMeanwhile):
            self.load_waits()

    def _done(self, sentence: str | None) -> None:
        if sentence:
            self.say(sentence)
            self.reload()
