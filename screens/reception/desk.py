"""The reception desk: find a patient, today's queue, the slots of a doctor.

A wide terminal shows all three panels; a narrow one shows the panel that has the focus.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from screens.base import reading
from screens.context import ScreenContext
from screens.reception.news import TellsNews
from screens.reception.one_line import OneLineDialog
from screens.reception.panels import BROAD, WIDE, FinderPanel, QueuePanel
from screens.reception.queue_view import QueueView
from screens.reception.slots_panel import SlotsPanel
from screens.reception.wait import added_words, wait_dialog
from screens.reception.walk_in import WalkInDialog
from screens.shared.booking import BookingDialog
from screens.shared.conflicts import ConflictsDialog
from screens.shared.doctor_dialog import DoctorChoice, DoctorDialog
from screens.shared.merging import TwiceDialog
from screens.shared.names import day_words
from screens.shared.patient_form import PatientForm
from screens.shared.weeks import first_of_week, read_week
from store import availability, patient_search
from store.values import (
    AppointmentView,
    ChangeView,
    PatientView,
    Slot,
    WaitlistEntryView,
)
from widgets.keys import HELP, bind
from widgets.patient_finder import PatientFinder
from widgets.pick_list import PickList
from widgets.slot_chooser import SlotChooser
from widgets.week_grid import DAYS, WeekGrid

_MOST_HITS = 20
_WEEK_WIDTH = 53
_TYPE = "Type a name, a phone number, a patient number or a birth date."


class DeskScreen(QueueView, TellsNews):
    """Finder, queue and slots."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide"), (BROAD, "-broad")]
    TOPICS = frozenset(
        {"appointment", "patient", "doctor", "department", "hours", "leave", "holiday", "hold"}
    )
    BINDINGS: ClassVar[list[BindingType]] = bind(HELP)
    CSS_PATH = "desk.tcss"

    def __init__(self, context: ScreenContext, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.day: date = context.today()
        self.panel = "queue-panel"
        self.wanted: Slot | None = None
        """The slot that was chosen before its patient."""
        self.walking_in = False
        """Whether who is being looked for is here without an appointment."""
        self._two = ("queue-panel", "slots-panel")

    def body(self) -> ComposeResult:
        """The three panels."""
        with Horizontal(id="desk"):
            yield FinderPanel(id="finder-panel", classes="panel")
            yield QueuePanel(id="queue-panel", classes="panel")
            yield SlotsPanel(id="slots-panel", classes="panel")

    @property
    def finder(self) -> PatientFinder:
        """The finder of patients."""
        return self.query_one(PatientFinder)

    @property
    def slots(self) -> SlotsPanel:
        """The slots of the chosen doctor."""
        return self.query_one(SlotsPanel)

    def on_mount(self) -> None:
        """Begin in the queue."""
        self.finder.show_patients([], _TYPE)
        self.action_show_queue()

    # Reading

    def reload(self) -> None:
        """Read all three panels."""
        self.load_queue()
        self.load_slots()
        if self.finder.text:
            self.search(self.finder.text)

    def changed(self, changes: tuple[ChangeView, ...]) -> None:
        """Read again only the panels that these changes concern."""
        self.know_changes(changes)
        topics = {change.topic for change in changes}
        if topics & {"appointment", "patient", "doctor", "department"}:
            self.load_queue()
        doctor_id = self.doctor.id if self.doctor else None
        if topics - {"patient"} and any(c.doctor_id in (None, doctor_id) for c in changes):
            self.load_slots()
        if "patient" in topics and self.finder.text:
            self.search(self.finder.text)

    def second_passed(self, now: datetime) -> None:
        """Count down what others hold."""
        self.slots.grid.pass_second(now)

    def minute_passed(self, now: datetime) -> None:
        """Count the minutes waited, and let slots become past; at midnight, begin a new day."""
        if self.day < now.date():
            self.day = now.date()
            self.reload()
        else:
            self.show_queue(now)
            self.load_slots()

    @reading("slots")
    async def load_slots(self) -> None:
        """Read the chosen doctor's day, or the week that it is in."""
        if self.doctor is None:
            return
        panel, day = self.slots, self.day
        if panel.week:
            first_day = first_of_week(day, self.context.today())
            week = await read_week(self, self.doctor.id, first_day)
            panel.show_week(self.doctor, day, week, self.context.now())
            return
        slots = await self.read(availability.day_slots, self.doctor.id, self.day)
        first = await self.read(availability.first_free, doctor_id=self.doctor.id, n=1)
        panel.show_day(self.doctor, day, slots, self.context.now(), first[0] if first else None)

    @on(PickList.Asked, "#finder")
    def _asked(self, event: PickList.Asked) -> None:
        self.search(event.text)

    @reading("finder")
    async def search(self, text: str) -> None:
        """Find patients."""
        if not text.strip():
            self.finder.show_patients([], _TYPE)
            return
        found = await self.read(patient_search.search, text, limit=_MOST_HITS)
        many = f"The first {len(found)}; type more to narrow."
        some = f"{len(found)} found" if found else "Nobody found. f3 registers a new patient."
        self.finder.show_patients(found, many if len(found) == _MOST_HITS else some)

    # Moving between the panels

    def on_resize(self, event: events.Resize) -> None:
        """Show all panels, or the one in use, as the terminal has room."""
        self._lay_out(event.size.width)

    def _lay_out(self, width: int) -> None:
        # Not by a class and a style sheet, which work only after a key that follows at once.
        # A week takes so much room that one of the other two stands beside it.
        self.slots.styles.width = _WEEK_WIDTH if width >= WIDE and self.slots.week else None
        beside = (self.panel, "slots-panel") if self.panel != "slots-panel" else self._two
        for panel in self.query("#desk > .panel"):
            roomy = width >= WIDE and (not self.slots.week or panel.id in beside)
            panel.display = roomy or panel.id == self.panel

    def _show_panel(self, panel: str, focus: Widget) -> None:
        self.panel = panel
        if panel != "slots-panel":
            self._two = (panel, "slots-panel")
        self._lay_out(self.app.size.width)
        focus.focus()

    def action_find(self) -> None:
        """Into the finder, ready to type anew."""
        self.wanted, self.walking_in = None, False
        self.finder.enter_does("book")
        self._show_panel("finder-panel", self.finder)
        self.finder.field.action_select_all()

    def action_find_walk_in(self) -> None:
        """Find who came without an appointment."""
        self.action_find()
        self.walking_in = True
        self.finder.enter_does("walk-in")
        self.say("Find who came, then enter: walk-in.")

    def action_show_queue(self) -> None:
        """Into the queue."""
        self.wanted = None
        self._show_panel("queue-panel", self.table)

    def action_show_slots(self) -> None:
        """Into the slots; choose a doctor where none is."""
        self._show_panel("slots-panel", self.slots.grid)
        if self.doctor is None:
            self.action_doctor()

    def action_back(self) -> None:
        """Out of what is typed or marked; from the finder's field to its hits, from anywhere else
        to the queue."""
        if self.leave_line():
            return
        if self.finder.field.has_focus and self.finder.patients:
            self.finder.hits.focus()
        else:
            self.action_show_queue()

    def action_day_list(self) -> None:
        """The list of a day."""
        self.show_day_list(self.doctor)

    def action_decide(self) -> None:
        """Whose time is gone, of all doctors."""
        self.app.push_screen(ConflictsDialog(self.context, None))

    def action_twice(self) -> None:
        """Who may be registered twice."""
        self.app.push_screen(TwiceDialog(self.context))

    # The doctor and the day of the slots

    def action_doctor(self) -> None:
        """Choose the doctor whose slots are shown."""
        self.app.push_screen(DoctorDialog(self.context), self._doctor_chosen)

    def _doctor_chosen(self, choice: DoctorChoice | None) -> None:
        if choice is None:
            return
        self.doctor = choice.doctor
        if choice.first is not None:
            self.day = choice.first.starts_at.date()
        self._show_panel("slots-panel", self.slots.grid)
        self.load_slots()

    def action_week(self) -> None:
        """A week of slots, or one day alone."""
        self.slots.turn()
        self._lay_out(self.app.size.width)
        self.load_slots()

    @on(WeekGrid.Beyond, "#desk-week")
    def _beyond(self, event: WeekGrid.Beyond) -> None:
        first = first_of_week(self.day, self.context.today())
        self._go(first + timedelta(days=event.weeks * DAYS))

    @on(SlotChooser.Moved, "#desk-week")
    def _week_moved(self, event: SlotChooser.Moved) -> None:
        """The day is the one on which the cursor is."""
        if event.slot is not None and self.slots.week:
            self.day = event.slot.starts_at.date()

    def action_today(self) -> None:
        """Slots of today."""
        self._go(self.context.today())

    def action_day(self, days: int) -> None:
        """Slots some days on or back, never before today; in the week, days without free slots
        are passed over."""
        if self.slots.week and abs(days) == 1:
            grid = self.slots.query_one(WeekGrid)
            (grid.action_cursor_right if days > 0 else grid.action_cursor_left)()
            return
        self._go(self.day + timedelta(days=days))

    def _go(self, day: date) -> None:
        self.day = max(day, self.context.today())
        self.load_slots()

    # What is done with a patient

    @on(PatientFinder.Picked)
    def _picked(self, event: PatientFinder.Picked) -> None:
        if self.walking_in:
            self.action_walk_in()
        else:
            self.book(event.patient, self.wanted)

    def action_book(self) -> None:
        """Book the patient under the cursor."""
        if self.finder.patient is not None:
            self.book(self.finder.patient, self.wanted)

    @on(SlotChooser.Chosen, "#desk-slots")
    @on(SlotChooser.Chosen, "#desk-week")
    def _slot_chosen(self, event: SlotChooser.Chosen) -> None:
        """A slot first: book the finder's patient into it, or find one."""
        if self.finder.patient is not None:
            self.book(self.finder.patient, event.slot)
        else:
            self.action_find()
            self.wanted = event.slot
            when = f"{day_words(event.slot.starts_at.date(), self.context.today())} "
            when += f"{event.slot.starts_at:%H:%M}"
            self.say(f"Find the patient for {when}, then enter.")

    def book(self, patient: PatientView, slot: Slot | None = None) -> None:
        """Open the booking, on this slot or the chosen doctor's first free one."""
        self.wanted = None
        dialog = BookingDialog(self.context, patient, self.doctor, slot)
        self.app.push_screen(dialog, self._booked)

    def action_one_line(self) -> None:
        """Book by one typed line."""
        self.app.push_screen(OneLineDialog(self.context), self._booked)

    def action_walk_in(self) -> None:
        """Take in the patient under the cursor."""
        if self.finder.patient is not None:
            dialog = WalkInDialog(self.context, self.finder.patient, self.doctor)
            self.app.push_screen(dialog, self._walked_in)

    def _walked_in(self, view: AppointmentView | None) -> None:
        if view is not None:
            self._done([view], f"{view.patient} waits for {view.doctor}: token {view.token}.")
            self.action_show_queue()

    def action_wait_earlier(self) -> None:
        """Put the patient under the cursor on the waiting list."""
        if self.finder.patient is not None:
            self.open_wait(self.finder.patient)

    @reading("wait")
    async def open_wait(self, patient: PatientView) -> None:
        """Ask for what and until when."""
        dialog = await wait_dialog(self, patient, self.doctor)
        self.app.push_screen(dialog, self._waits)

    def _waits(self, entry: WaitlistEntryView | None) -> None:
        if entry is not None:
            self.say(added_words(entry))

    def action_new(self) -> None:
        """Register a patient; what was typed into the finder is taken over."""
        text = self.finder.text.strip()
        digits = sum(character.isdigit() for character in text)
        name, phone = (text, "") if not digits else ("", text if digits >= 6 else "")
        form = PatientForm(self.context, name=name, phone=phone)
        self.app.push_screen(form, self._registered)

    def action_edit(self) -> None:
        """Change the patient under the cursor."""
        if self.finder.patient is not None:
            form = PatientForm(self.context, self.finder.patient)
            self.app.push_screen(form, self._registered)

    def _registered(self, patient: PatientView | None) -> None:
        if patient is not None:
            self.finder.field.value = patient.mrn
            self._show_panel("finder-panel", self.finder.hits)
            self.say(f"{patient.name} has the patient number {patient.mrn}. enter books.")

    def _done(self, views: Sequence[AppointmentView], sentence: str) -> None:
        """A field would take the undo key for a letter, so the focus leaves the finder's."""
        if self.finder.field.has_focus:
            self.finder.hits.focus()
        super()._done(views, sentence)
