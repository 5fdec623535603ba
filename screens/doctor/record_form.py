"""The form of a consultation: everything that a record holds, in the order in which it is told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from msgspec import Struct
from msgspec.structs import replace
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from screens.doctor.typed import (
    SPOKEN,
    read_follow_up,
    read_line,
    read_vitals,
    show_line,
    show_vitals,
)
from store.errors import Invalid
from store.record_content import cleaned
from store.values import AppointmentView, RecordInput, Vitals
from widgets.code_search import CodeSearch
from widgets.inputs import LineInput, NoteInput
from widgets.plain import content, plain
from widgets.prescription_grid import COLUMN_TITLES, PrescriptionGrid
from widgets.vitals_row import VITAL_NAMES, VitalsRow

NOTES = ("symptoms", "treatment", "notes")
_LABELS = {
    "symptoms": "Symptoms",
    "vitals": "Vitals",
    "diagnoses": "Diagnoses",
    "treatment": "Treatment",
    "notes": "Notes",
    "follow_up_on": "Follow-up",
}


class Gathered(Struct, frozen=True):
    """What can be kept of what was typed, and what is wrong with the rest.

    `errors` maps the store's names of fields, `lines` the numbers of prescription lines.
    `numbers` are the lines of `content.prescription` as the grid numbers them, `order` all lines
    that were typed, from the top.
    """

    content: RecordInput
    errors: Mapping[str, str] = {}
    lines: Mapping[int, Mapping[str, str]] = {}
    numbers: tuple[int, ...] = ()
    order: tuple[int, ...] = ()

    @property
    def right(self) -> bool:
        """Whether everything typed can be kept."""
        return not self.errors and not self.lines

    @property
    def unkept(self) -> str:
        """The fields that cannot be kept, for a sentence."""
        words = [SPOKEN.get(name, _LABELS.get(name, name)).casefold() for name in self.errors]
        columns = dict(COLUMN_TITLES)
        places = {number: place for place, number in enumerate(self.order, 1)}
        words += [
            f"{columns.get(column, 'reason')} in line {places[number]}"
            for number, wrong in self.lines.items()
            for column in wrong
        ]
        return ", ".join(dict.fromkeys(words))

    def apart_from(self, name: str, line: int) -> Gathered:
        """The same without the errors of the field that is just being typed into."""
        errors = {key: value for key, value in self.errors.items() if key != name}
        lines = {key: value for key, value in self.lines.items() if key != line}
        return replace(self, errors=errors, lines=lines)


class RecordForm(VerticalScroll, can_focus=False):
    """Labels at the left, fields at the right, what is wrong under its field."""

    DEFAULT_CSS = """
    RecordForm { height: 1fr; scrollbar-size-vertical: 1; }
    RecordForm > .record--row { height: auto; }
    RecordForm > .record--row > .record--label { width: 11; color: $text-muted; }
    RecordForm > .record--row.-active > .record--label { color: $accent; }
    RecordForm NoteInput {
        height: auto; min-height: 1; max-height: 6; width: 1fr; background: $field;
        scrollbar-size-vertical: 1; padding: 0;
    }
    RecordForm NoteInput:focus { background: $field-focus; }
    RecordForm #follow-up { width: 16; background: $field; }
    RecordForm #follow-up:focus { background: $field-focus; }
    RecordForm #follow-up-day { width: 1fr; margin-left: 2; color: $text-muted; }
    RecordForm > .record--error {
        display: none; color: $text-error; padding-left: 11; height: auto;
    }
    RecordForm > .record--error.-shown { display: block; }
    RecordForm > #prescription-title { margin-top: 1; height: 1; }
    """

    class Changed(Message):
        """Something is typed differently."""

    class Left(Message):
        """The cursor went to another field, so the one it left can be judged."""

    def __init__(self, today: Callable[[], date], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.today = today
        self.next_visit: AppointmentView | None = None
        """The patient's next appointment with this doctor."""

    def compose(self) -> ComposeResult:
        """The rows."""
        yield from self._row("symptoms", NoteInput(id="symptoms"))
        yield from self._row("vitals", VitalsRow())
        yield from self._row("diagnoses", CodeSearch())
        yield from self._row("treatment", NoteInput(id="treatment"))
        yield from self._row("notes", NoteInput(id="notes"))
        day = Static("", id="follow-up-day", markup=False)
        hint = LineInput(placeholder="+2w, 12 dec", max_length=40, id="follow-up")
        yield from self._row("follow_up_on", hint, day)
        yield Static(
            content(
                "[$text-muted]Prescription[/]   [b $key]f8[/] [$text-muted]takes a line out,[/] "
                "[b $key]f9[/] [$text-muted]puts it back[/]"
            ),
            id="prescription-title",
            markup=False,
        )
        yield PrescriptionGrid()
        yield self._error_line("prescription")

    def _row(self, name: str, *widgets: Widget) -> ComposeResult:
        with Horizontal(classes="record--row"):
            yield Label(plain(_LABELS[name]), classes="record--label", markup=False)
            yield from widgets
        yield self._error_line(name)

    @staticmethod
    def _error_line(name: str) -> Static:
        return Static("", id=f"error-{name}", classes="record--error", markup=False, shrink=True)

    @property
    def vitals(self) -> VitalsRow:
        """The vital signs."""
        return self.query_one(VitalsRow)

    @property
    def diagnoses(self) -> CodeSearch:
        """The diagnoses."""
        return self.query_one(CodeSearch)

    @property
    def grid(self) -> PrescriptionGrid:
        """The prescription."""
        return self.query_one(PrescriptionGrid)

    @property
    def follow_up(self) -> LineInput:
        """The follow-up day."""
        return self.query_one("#follow-up", LineInput)

    def note(self, name: str) -> NoteInput:
        """One of the fields of several lines."""
        return self.query_one(f"#{name}", NoteInput)

    async def put(self, record: RecordInput) -> None:
        """Show a record's content."""
        with self.prevent(NoteInput.Changed, Input.Changed):
            for name in NOTES:
                self.note(name).text = getattr(record, name)
            day = record.follow_up_on
            self.follow_up.value = day.isoformat() if day else ""
        self.vitals.put(show_vitals(record.vitals))
        self.diagnoses.put(record.diagnoses)
        await self.grid.put([show_line(line) for line in record.prescription])
        self._tell_bmi(record.vitals)
        self._tell_day()

    async def renew(self, standing: RecordInput, record: RecordInput) -> None:
        """Show another content, touching only the fields in which it differs from what stands."""
        with self.prevent(NoteInput.Changed, Input.Changed):
            for name in NOTES:
                if getattr(record, name) != getattr(standing, name):
                    self.note(name).text = getattr(record, name)
            if record.follow_up_on != standing.follow_up_on:
                day = record.follow_up_on
                self.follow_up.value = day.isoformat() if day else ""
        before, after = show_vitals(standing.vitals), show_vitals(record.vitals)
        changed = {name: after[name] for name in after if after[name] != before[name]}
        self.vitals.put({**self.vitals.values, **changed})
        if record.diagnoses != standing.diagnoses:
            self.diagnoses.put(record.diagnoses)
        if record.prescription != standing.prescription:
            await self.grid.put([show_line(line) for line in record.prescription])
        self._tell_bmi(record.vitals)
        self._tell_day()

    def gather(self, standing: RecordInput, today: date) -> Gathered:
        """What was typed, as the store would keep it; what it would refuse stays as it is in
        `standing`, and is named."""
        vitals, errors = read_vitals(self.vitals.values, standing.vitals)
        try:
            follow_up = read_follow_up(self.follow_up.value, today)
        except Invalid as refusal:
            errors.update(refusal.fields)
            follow_up = standing.follow_up_on
        read = {number: read_line(text) for number, text in self.grid.typed.items()}
        kept = {number: one.kept for number, one in read.items() if one.kept is not None}
        typed = RecordInput(
            **{name: self.note(name).text for name in NOTES},
            vitals=vitals,
            diagnoses=self.diagnoses.diagnoses,
            follow_up_on=follow_up,
            prescription=tuple(kept.values()),
        )
        lines = {number: one.errors for number, one in read.items() if one.errors}
        record, refused = _keepable(typed, standing, today)
        return Gathered(record, {**errors, **refused}, lines, tuple(kept), tuple(read))

    def show_errors(self, gathered: Gathered, *, go_there: bool) -> None:
        """Say what is wrong under each field; `go_there` puts the cursor into the first."""
        errors = gathered.errors
        self.vitals.show_errors({name: s for name, s in errors.items() if name in VITAL_NAMES})
        for name in (*_LABELS, "prescription"):
            line = self.query_one(f"#error-{name}", Static)
            line.update(content("! $s", s=errors.get(name, "")))
            line.set_class(name in errors, "-shown")
        self.grid.show_errors(gathered.lines)
        if go_there:
            self._go_to_first(errors, gathered.lines)

    def _go_to_first(
        self, errors: Mapping[str, str], lines: Mapping[int, Mapping[str, str]]
    ) -> None:
        for name in ("symptoms", *VITAL_NAMES, "diagnoses", "treatment", "notes", "follow_up_on"):
            if name in errors:
                self._widget(name).focus()
                return
        for number, wrong in lines.items():
            self.grid.focus_on(number, next(iter(wrong)))
            return
        if "prescription" in errors:
            self.grid.rows[0].field("drug").focus()

    def _widget(self, name: str) -> Widget:
        if name in VITAL_NAMES:
            return self.vitals.field(name)
        if name == "diagnoses":
            return self.diagnoses.field
        return self.follow_up if name == "follow_up_on" else self.note(name)

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Light the label of the field in use, and judge the field that was left."""
        for row in self.query(".record--row"):
            row.set_class(row in event.widget.ancestors, "-active")
        self.post_message(self.Left())

    def typing_in(self) -> tuple[str, int]:
        """The field that has the focus, and the prescription line, each empty where it is none."""
        name = next((n for n in VITAL_NAMES if self.vitals.field(n).has_focus), "")
        if self.follow_up.has_focus:
            name = "follow_up_on"
        return name, next((row.number for row in self.grid.rows if row.has_focus_within), 0)

    def clear_error(self, name: str) -> None:
        """A field that is being corrected is no longer marked."""
        self.query_one(f"#error-{name}").remove_class("-shown")

    def _tell_bmi(self, vitals: Vitals) -> None:
        bmi = vitals.bmi
        self.vitals.show_bmi("" if bmi is None else f"{bmi}")

    @property
    def follow_up_day(self) -> date | None:
        """The day that the follow-up words mean; None while they mean none."""
        try:
            return read_follow_up(self.follow_up.value, self.today())
        except Invalid:
            return None

    def tell_next_visit(self, visit: AppointmentView | None) -> None:
        """Show beside the follow-up day when the patient is booked, so that it need not be."""
        self.next_visit = visit
        self._tell_day()

    def _tell_day(self) -> None:
        """The day that the follow-up words mean, while they are typed, and how it is booked."""
        day, told = self.follow_up_day, []
        if day is not None:
            told.append(plain(f"{day:%a %d %B %Y}"))
        elif self.follow_up.value.strip():
            told.append(plain("…"))
        if self.next_visit is not None:
            when = f"{self.next_visit.starts_at:%a %d %b %H:%M}"
            told.append(content("[$text-success]✔ booked $when[/]", when=when))
        elif day is not None:
            told.append(content("[b $key]f12[/] books it"))
        self.query_one("#follow-up-day", Static).update(content("   ").join(told))

    @on(VitalsRow.Changed)
    def _vitals_changed(self) -> None:
        vitals, _ = read_vitals(self.vitals.values, Vitals())
        self._tell_bmi(vitals)
        self.post_message(self.Changed())

    @on(Input.Changed, "#follow-up")
    def _day_changed(self, event: Input.Changed) -> None:
        event.stop()
        self._tell_day()
        self.clear_error("follow_up_on")
        self.post_message(self.Changed())

    @on(Input.Submitted, "#follow-up")
    def _day_entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.screen.focus_next()

    @on(NoteInput.Changed)
    def _note_changed(self, event: NoteInput.Changed) -> None:
        event.stop()
        self.clear_error(event.text_area.id or "")
        self.post_message(self.Changed())

    @on(CodeSearch.Changed)
    def _diagnoses_changed(self) -> None:
        self.clear_error("diagnoses")
        self.post_message(self.Changed())

    @on(PrescriptionGrid.Changed)
    def _prescription_changed(self) -> None:
        self.clear_error("prescription")
        self.post_message(self.Changed())


def field_label(name: str) -> str:
    """What a field is called at the head of a question."""
    return _LABELS.get(name, SPOKEN.get(name, name)).capitalize()


def _keepable(
    typed: RecordInput, standing: RecordInput, today: date
) -> tuple[RecordInput, dict[str, str]]:
    """A record as the store would keep it, and what it would refuse, which is as it stood."""
    try:
        return cleaned(typed, today=today, standing_follow_up=standing.follow_up_on), {}
    except Invalid as refusal:
        refused = refusal.fields
    kept = replace(typed, **{name: getattr(standing, name) for name in refused})
    return cleaned(kept, today=today, standing_follow_up=standing.follow_up_on), refused
