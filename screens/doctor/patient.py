"""One patient over time: what must not be overlooked, the figures, and every visit and record."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static

from screens.base import acting, reading
from screens.context import ScreenContext
from screens.doctor.keys import BOOK, CANCEL, DETAILS, MOVE, NO_SHOW, PRINT, UNDO
from screens.doctor.patient_panel import allergy_line, diagnosis_words, takes_line
from screens.doctor.record import RecordScreen
from screens.doctor.visit_acts import VisitActs
from store import own_patients, patients, prescriptions, timeline
from store.values import AppointmentView, ChangeView, OwnPatientView, RecordStatus, TimelineEntry
from widgets.badges import status_text
from widgets.keys import BACK, HELP, bind
from widgets.patient_finder import sex_and_age
from widgets.plain import cell, content, plain
from widgets.record_table import Column, RecordTable, Row

_REACH = 500
_COLUMNS = (
    Column("when", "When", 15),
    Column("what", "", 17),
    Column("told", "Diagnosis, drugs"),
)


class PatientScreen(VisitActs):
    """The patient's timeline; enter opens what is under the cursor."""

    TOPICS = frozenset({"appointment", "record", "patient"})
    BINDINGS: ClassVar[list[BindingType]] = bind(
        BOOK, MOVE, CANCEL, BACK, HELP, hidden=(NO_SHOW, UNDO, PRINT, DETAILS)
    )
    CSS = """
    PatientScreen #facts-panel { height: auto; }
    PatientScreen #facts-panel Static { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    """

    def __init__(self, context: ScreenContext, patient_id: int, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.patient_id = patient_id
        self.patient: OwnPatientView | None = None
        self.entries: dict[str, TimelineEntry] = {}

    def body(self) -> ComposeResult:
        """The facts, then the timeline."""
        with Vertical(id="facts-panel", classes="panel"):
            yield Static("", id="allergies", markup=False)
            yield Static("", id="takes", markup=False)
            yield Static("", id="figures", markup=False)
        with Vertical(classes="panel") as panel:
            panel.border_title = plain("Timeline")
            yield RecordTable(_COLUMNS, empty="Nothing yet.", id="timeline")

    @property
    def table(self) -> RecordTable:
        """The timeline."""
        return self.query_one("#timeline", RecordTable)

    def on_mount(self) -> None:
        """Begin in the timeline."""
        self.table.focus()

    def concerns(self, change: ChangeView) -> bool:
        """Other patients do not matter here."""
        of_patient = change.topic != "patient" or change.entity_id in (None, self.patient_id)
        return super().concerns(change) and of_patient

    def reload(self) -> None:
        """Read the patient and the timeline."""
        self.load()

    @reading("timeline")
    async def load(self) -> None:
        """Read the patient and the timeline."""
        who = self.patient_id
        self.patient = patient = await self.read(own_patients.get, self.doctor_id, who)
        allergies = await self.read(patients.allergies, who)
        running = await self.read(prescriptions.running, who)
        page = await self.read(timeline.of_patient, who, limit=_REACH)
        self.query_one("#facts-panel").border_title = content(
            "$name  $who  $mrn",
            name=patient.name,
            who=sex_and_age(patient.sex, patient.age),
            mrn=patient.mrn,
        )
        self.query_one("#allergies", Static).update(allergy_line(allergies))
        self.query_one("#takes", Static).update(takes_line(running))
        self._show_figures(patient)
        self.entries = {_key(entry): entry for entry in page.items}
        rows = [self._row(key, entry) for key, entry in self.entries.items()]
        self.table.show(rows, total=page.total)

    def _show_figures(self, one: OwnPatientView) -> None:
        since = f"since {one.first_at:%b %Y}" if one.first_at else "none yet"
        comes = f"{one.next_at:%a %d %b %H:%M}" if one.next_at else "not booked"
        self.query_one("#figures", Static).update(
            content(
                "[$text-muted]visits[/] $visits $since   [$text-muted]no-shows[/] $missed   "
                "[$text-muted]next[/] $comes   [$text-muted]phone[/] $phone",
                visits=one.visits,
                since=since,
                missed=one.missed,
                comes=comes,
                phone=one.phone or "–",
            )
        )

    def _row(self, key: str, entry: TimelineEntry) -> Row:
        one = entry.visit or entry.record
        assert one is not None
        by = "" if one.doctor_id == self.doctor_id else f"{one.doctor}: "
        return Row(
            key,
            (
                cell(f"{entry.at:%d %b %y %H:%M}"),
                self._what(entry),
                cell(by + told(entry)),
            ),
        )

    def _what(self, entry: TimelineEntry) -> Text:
        if entry.visit is not None:
            return status_text(
                entry.visit, self.context.now(), self.colours, self.context.wait_limits
            )
        return cell("✔ record", style=self.colours["text-muted"])

    async def visit_here(self) -> AppointmentView | None:
        """The appointment under the cursor, if it is one of one's own."""
        entry = self.entries.get(self.table.selected or "")
        return entry.visit if entry is not None else None

    @on(RecordTable.Opened, "#timeline")
    def _opened(self, event: RecordTable.Opened) -> None:
        self.open_entry(self.entries[event.key])

    @acting
    async def open_entry(self, entry: TimelineEntry) -> None:
        """The record where it is signed; else whatever is due with the appointment."""
        record = entry.record
        if record is not None and record.status is RecordStatus.SIGNED:
            self.app.push_screen(RecordScreen(self.context, record.id, self.tab))
        elif entry.visit is not None:
            await self.open_it(entry.visit)

    @acting
    async def action_follow_up(self) -> None:
        """Book the patient again; from the day on that the record under the cursor gives."""
        entry = self.entries.get(self.table.selected or "")
        record = entry.record if entry is not None else None
        self.book_again(self.patient_id, record.content.follow_up_on if record else None)

    def action_back(self) -> None:
        """Back to the list."""
        self.dismiss(None)


def told(entry: TimelineEntry) -> str:
    """Diagnoses and drugs in few words; a draft says that it is one."""
    record = entry.record
    if record is None:
        return entry.visit.note if entry.visit is not None else ""
    drugs = ", ".join(dict.fromkeys(one.item.drug for one in record.prescription))
    begun = "" if record.status is RecordStatus.SIGNED else "○ draft: "
    return begun + " · ".join(part for part in (diagnosis_words(record), drugs) if part)


def _key(entry: TimelineEntry) -> str:
    if entry.visit is not None:
        return f"visit-{entry.visit.id}"
    assert entry.record is not None
    return f"record-{entry.record.id}"
