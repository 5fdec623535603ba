"""A prescription as a grid of fields: a line for each drug, and always an empty one to go on in.

Text in, text out. Enter goes from field to field and on to the next line, up and down stay in
their column. A whole line typed into the drug's field is spread over the columns when the field is
left, and under the line that is being written stands what it comes to. A line that is warned of
shows why, and a field for the reason why it stands all the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct
from msgspec.structs import astuple, replace
from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from widgets.inputs import LineInput
from widgets.plain import content, lines, plain

PAUSE_SECONDS = 0.3
"""How long the typist pauses before a drug is checked."""


class LineText(Struct, frozen=True):
    """A prescription line as typed; `answer` is why it stands in spite of a warning."""

    drug: str = ""
    dose: str = ""
    route: str = ""
    frequency: str = ""
    duration_days: str = ""
    quantity: str = ""
    instructions: str = ""
    answer: str = ""

    @property
    def blank(self) -> bool:
        """Whether nothing is typed."""
        return not any(text.strip() for text in astuple(self))


class LineReader(Protocol):
    """Whoever understands what is typed into the drug's field."""

    def understood(self, text: LineText, *, typed: bool) -> tuple[LineText, bool]:
        """The line with the drug's field spread over the columns, and whether that said how the
        drug is taken; `typed` says that somebody wrote into the field here."""
        ...

    def total(self, text: LineText) -> str:
        """How much is handed out, or nothing."""
        ...

    def words(self, text: LineText) -> str:
        """The line in plain words."""
        ...

    def unread(self, text: str) -> str:
        """What in the drug's field was not understood, and is kept as instruction."""
        ...

    def offers(self, text: str) -> Sequence[str]:
        """Drugs for what stands in the drug's field, none where it names one already."""
        ...

    def taken(self, text: str, offer: str) -> str:
        """What stands in the drug's field with an offer in place of the drug."""
        ...


class DrugInput(LineInput):
    """The drug's field: the right arrow at its end takes the drug that is offered."""

    class Taken(Message):
        """The offer is wanted."""

    def action_cursor_right(self, select: bool = False) -> None:
        """Move, or take the offer."""
        if not select and self.cursor_position == len(self.value):
            self.post_message(self.Taken())
        super().action_cursor_right(select)


_COLUMNS: tuple[tuple[str, str, int], ...] = (
    ("drug", "drug", 200),
    ("dose", "dose", 80),
    ("route", "route", 40),
    ("frequency", "M-N-N", 80),
    ("duration_days", "days", 10),
    ("quantity", "total", 10),
    ("instructions", "when, how", 500),
)
"""Field, title, most characters."""

COLUMN_TITLES = tuple((name, title) for name, title, _ in _COLUMNS)
"""What each field is called."""


class _Line(Vertical):
    """One line of the grid, with what is wrong with it below."""

    def __init__(self, number: int, text: LineText, reader: LineReader | None) -> None:
        super().__init__()
        self.number = number
        self.text = text
        self.reader = reader
        self.answered_for = text.drug.strip() if text.answer else ""
        """The drug that the reason was given for."""
        self.computed = reader.total(text) if reader else ""
        """The total that was computed: it follows the other columns until somebody types one."""
        self.warnings: tuple[str, ...] = ()

    def compose(self) -> ComposeResult:
        """The fields, the errors, the warning with its reason."""
        with Horizontal(classes="grid--row"):
            for name, _, most in _COLUMNS:
                kind = DrugInput if name == "drug" else LineInput
                yield kind(
                    getattr(self.text, name),
                    max_length=most,
                    classes=f"grid-{name}",
                    select_on_focus=name == "quantity",
                )
        yield Static("", classes="grid--preview", markup=False)
        yield Static("", classes="grid--error", markup=False, shrink=True)
        yield Static("", classes="grid--warning", markup=False, shrink=True)
        with Horizontal(classes="grid--answer"):
            yield Label("why all the same", classes="grid--label")
            yield LineInput(self.text.answer, max_length=500, classes="grid-answer")

    def field(self, name: str) -> LineInput:
        """The field of a column, or of the reason."""
        return self.query_one(f".grid-{name}", LineInput)

    @property
    def typed(self) -> LineText:
        """What stands in the line."""
        return LineText(**{name: self.field(name).value for name in LineText.__struct_fields__})

    @property
    def meant(self) -> tuple[LineText, bool]:
        """What the line comes to, and whether the drug's field says how it is taken."""
        text = self.typed
        if self.reader is None:
            return text, False
        return self.reader.understood(text, typed=text.drug != self.text.drug)

    @property
    def drug(self) -> str:
        """The drug that is meant."""
        return self.meant[0].drug.strip()

    def spread(self) -> bool:
        """Put what stands in the drug's field into the columns; whether it said how the drug is
        taken."""
        (meant, told), typed = self.meant, self.typed
        if meant != typed:
            for name, _, _ in _COLUMNS:
                with self.prevent(Input.Changed):
                    self.field(name).value = getattr(meant, name)
            self.field("drug").cursor_position = len(meant.drug)
            self.computed = self.reader.total(meant) if self.reader else ""
        self.text = replace(self.text, drug=meant.drug)
        return told

    def count(self) -> None:
        """Let the total follow, unless somebody typed one."""
        total, typed = self.field("quantity"), self.typed
        if self.reader is not None and total.value.strip() in ("", self.computed):
            self.computed = self.reader.total(typed)
            with self.prevent(Input.Changed):
                total.value = self.computed

    def preview(self) -> None:
        """Say under the line that is being written what it comes to, and what is offered."""
        shown = self.query_one(".grid--preview", Static)
        drug = self.field("drug")
        if self.reader is None or self.typed.blank or not self.has_focus_within:
            shown.remove_class("-shown")
            return
        told = self.reader.words(self.meant[0])
        parts = [content("[$text-muted]= $told[/]", told=told)] if told else []
        unread = self.reader.unread(drug.value) if drug.has_focus else ""
        if unread:
            parts.append(content("[$text-warning]as written: $unread[/]", unread=unread))
        offers = self.reader.offers(drug.value) if drug.has_focus else ()
        if offers:
            first, *others = offers
            also = f" · also {', '.join(others)}" if others else ""
            parts.append(
                content("[b $key]→[/] $first[$text-muted]$also[/]", first=first, also=also)
            )
        shown.update(lines(parts))
        shown.set_class(bool(parts), "-shown")
        self._come_into_sight()

    def _come_into_sight(self) -> None:
        """Scroll to the line being written with all that is said below it."""
        if self.has_focus_within:
            self.call_after_refresh(self.scroll_visible, animate=False)

    def on_descendant_focus(self) -> None:
        """Say what the line comes to."""
        self.preview()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        """Spread what was typed, if the cursor went elsewhere and not the whole terminal."""
        self.call_later(self._left, event.widget)

    def _left(self, widget: Widget) -> None:
        focused = self.screen.focused if self.is_attached else None
        if focused is None or not self.is_mounted:
            return
        if widget.has_class("grid-drug") and focused is not widget and self.spread():
            self.post_message(PrescriptionGrid.Changed())
        self.preview()

    @property
    def inputs(self) -> list[LineInput]:
        """The fields that can be reached now, in order."""
        names = [name for name, _, _ in _COLUMNS]
        return [self.field(name) for name in ([*names, "answer"] if self.warnings else names)]

    def show_errors(self, errors: Mapping[str, str]) -> None:
        """Mark what is refused and say why."""
        for name, _, _ in _COLUMNS:
            self.field(name).set_class(name in errors, "-wrong")
        line = self.query_one(".grid--error", Static)
        line.update(lines([content("! $s", s=sentence) for sentence in errors.values()]))
        line.set_class(bool(errors), "-shown")

    def show_warnings(self, warnings: Sequence[str]) -> None:
        """Warn of the line's drug; a reason given for another drug no longer counts."""
        self.warnings = tuple(warnings)
        if self.answered_for != self.drug:
            self.field("answer").value = ""
        line = self.query_one(".grid--warning", Static)
        line.update(lines([content("⚠ $s", s=sentence) for sentence in warnings]))
        line.set_class(bool(warnings), "-shown")
        self.query_one(".grid--answer").set_class(bool(warnings), "-shown")
        self._come_into_sight()


class PrescriptionGrid(Vertical):
    """The lines of a prescription."""

    DEFAULT_CSS = """
    PrescriptionGrid { height: auto; }
    PrescriptionGrid _Line { height: auto; }
    PrescriptionGrid .grid--row, PrescriptionGrid #grid-titles { height: 1; }
    PrescriptionGrid #grid-titles Label { color: $text-muted; text-wrap: nowrap; }
    PrescriptionGrid LineInput { background: $field; margin-right: 1; padding: 0; }
    PrescriptionGrid LineInput:focus { background: $field-focus; }
    PrescriptionGrid LineInput.-wrong { color: $text-error; text-style: underline; }
    PrescriptionGrid .grid-drug { width: 3fr; }
    PrescriptionGrid .grid-dose { width: 9; }
    PrescriptionGrid .grid-route { width: 6; }
    PrescriptionGrid .grid--preview { display: none; height: auto; padding-left: 1; }
    PrescriptionGrid .grid-frequency { width: 8; }
    PrescriptionGrid .grid-duration_days { width: 5; }
    PrescriptionGrid .grid-quantity { width: 6; }
    PrescriptionGrid .grid-instructions { width: 3fr; margin-right: 0; }
    PrescriptionGrid #grid-titles Label { margin-right: 1; }
    PrescriptionGrid #grid-titles .grid-instructions { margin-right: 0; }
    PrescriptionGrid .grid--error { display: none; color: $text-error; height: auto; }
    PrescriptionGrid .grid--warning {
        display: none; color: $text-error; text-style: bold; height: auto;
    }
    PrescriptionGrid .grid--answer { display: none; height: 1; }
    PrescriptionGrid .grid--label { color: $text-error; margin-right: 1; }
    PrescriptionGrid .grid-answer { width: 1fr; margin-right: 0; }
    PrescriptionGrid .-shown { display: block; }
    """

    class Changed(Message):
        """The prescription is another than before."""

    class DrugTyped(Message):
        """A drug stands in a line; whoever knows answers with `show_warnings`."""

        def __init__(self, line: int, drug: str) -> None:
            super().__init__()
            self.line = line
            self.drug = drug

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.reader: LineReader | None = None
        """Who understands shorthand; without one a line is what stands in its columns."""
        self.taken_out: list[LineText] = []
        self._made = 0
        self._pauses: dict[int, Timer] = {}

    def compose(self) -> ComposeResult:
        """The titles and an empty line."""
        with Horizontal(id="grid-titles"):
            for name, title, _ in _COLUMNS:
                yield Label(plain(title), classes=f"grid-{name}", markup=False)
        yield self._make(LineText())

    @property
    def rows(self) -> list[_Line]:
        """All lines that have their fields, the empty one at the end included: neither one that
        is just being put in nor one that is being taken out."""
        there = (row for row in self.query(_Line) if row.is_attached and row.is_mounted)
        return [row for row in there if not row.has_class("-gone")]

    @property
    def typed(self) -> dict[int, LineText]:
        """What stands in each line that is not blank, by the line's number."""
        found = {row.number: row.typed for row in self.rows}
        return {number: text for number, text in found.items() if not text.blank}

    async def put(self, texts: Iterable[LineText]) -> None:
        """Show these lines and an empty one; each drug is asked about."""
        for row in self.query(_Line):
            row.add_class("-gone")
            await row.remove()
        await self.add([])
        await self.add(texts)

    async def add(self, texts: Iterable[LineText]) -> None:
        """Put lines before the empty one at the end."""
        made = [self._make(text) for text in texts]
        end = self.rows[-1] if self.rows else None
        if end is None or not end.typed.blank:
            made.append(self._make(LineText()))
            end = None
        await self.mount(*made, before=end)
        for row in made:
            self._ask(row.number)
        if made:
            self.post_message(self.Changed())

    def show_warnings(self, line: int, warnings: Sequence[str]) -> None:
        """Warn of a line's drug."""
        row = self._row(line)
        if row is not None:
            row.show_warnings(warnings)

    def show_errors(self, errors: Mapping[int, Mapping[str, str]]) -> None:
        """Say what is wrong with each line; lines not named are right."""
        for row in self.rows:
            row.show_errors(errors.get(row.number, {}))

    def spread(self) -> None:
        """Put what stands in drugs' fields into the columns, as leaving them does."""
        for row in self.rows:
            if row.spread():
                self.post_message(self.Changed())

    def read_with(self, reader: LineReader) -> None:
        """From here on, let this one understand what is typed."""
        self.reader = reader
        for row in self.query(_Line):
            row.reader = reader
        for row in self.rows:
            row.preview()

    def unanswered(self) -> int | None:
        """The first line whose warning has no reason yet."""
        for row in self.rows:
            if row.warnings and not row.field("answer").value.strip():
                return row.number
        return None

    def focus_on(self, line: int, column: str) -> None:
        """Put the cursor into a field."""
        row = self._row(line)
        if row is not None:
            row.field(column).focus()

    def drop_line(self) -> None:
        """Take out the line under the cursor."""
        row = self._focused_row()
        if row is None or row.typed.blank:
            return
        rows = self.rows
        following = rows[rows.index(row) + 1]
        self.taken_out.append(row.typed)
        row.add_class("-gone")
        following.field("drug").focus()
        row.remove()
        self.post_message(self.Changed())

    async def put_back(self) -> None:
        """Put the line that was taken out last back at the end."""
        if self.taken_out:
            await self.add([self.taken_out.pop()])

    def _make(self, text: LineText) -> _Line:
        self._made += 1
        return _Line(self._made, text, self.reader)

    def _row(self, number: int) -> _Line | None:
        return next((row for row in self.rows if row.number == number), None)

    def _focused_row(self) -> _Line | None:
        return next((row for row in self.rows if row.has_focus_within), None)

    def _ask(self, number: int) -> None:
        pause = self._pauses.pop(number, None)
        if pause is not None:
            pause.stop()
        row = self._row(number)
        if row is not None:
            self.post_message(self.DrugTyped(number, row.drug))

    @on(Input.Changed)
    async def _typed(self, event: Input.Changed) -> None:
        event.stop()
        event.input.remove_class("-wrong")
        row = next(one for one in event.input.ancestors if isinstance(one, _Line))
        if event.input.has_class("grid-drug"):
            pause = self._pauses.pop(row.number, None)
            if pause is not None:
                pause.stop()
            number = row.number
            self._pauses[number] = self.set_timer(PAUSE_SECONDS, lambda: self._ask(number))
        elif event.input.has_class("grid-answer"):
            row.answered_for = row.drug
        if _column(event.input) in ("dose", "route", "frequency", "duration_days"):
            row.count()
        row.preview()
        self.post_message(self.Changed())
        if row is self.rows[-1] and not row.typed.blank:
            await self.mount(self._make(LineText()))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        """Enter goes on: to the next field, then to the next line."""
        event.stop()
        row = self._focused_row()
        if row is None:
            return
        rows = self.rows
        if _column(event.input) == "drug" and row.spread() and row is not rows[-1]:
            self.post_message(self.Changed())
            rows[rows.index(row) + 1].field("drug").focus()
            return
        order = [field for one in rows for field in one.inputs]
        place = order.index(row.field(_column(event.input)))
        if place + 1 < len(order) and not (row is rows[-1] and row.typed.blank):
            order[place + 1].focus()

    @on(DrugInput.Taken)
    def _take_offer(self, event: DrugInput.Taken) -> None:
        event.stop()
        row = self._focused_row()
        if row is None or row.reader is None:
            return
        field = row.field("drug")
        offers = row.reader.offers(field.value)
        if offers:
            field.value = row.reader.taken(field.value, offers[0])
            field.cursor_position = len(field.value)

    def on_key(self, event: events.Key) -> None:
        """Up and down, in the same column."""
        row = self._focused_row()
        if row is None or event.key not in ("up", "down"):
            return
        rows, column = self.rows, "drug"
        for name, _, _ in _COLUMNS:
            column = name if row.field(name).has_focus else column
        place = rows.index(row) + (1 if event.key == "down" else -1)
        if 0 <= place < len(rows):
            event.stop()
            rows[place].field(column).focus()


def without_answer(text: LineText) -> LineText:
    """A line to be prescribed again: what was answered then is to be answered anew."""
    return replace(text, answer="")


def _column(field: Input) -> str:
    return next(name.removeprefix("grid-") for name in field.classes if name.startswith("grid-"))
