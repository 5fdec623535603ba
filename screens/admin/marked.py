"""Rows of a table that are marked, to be acted on at once: by `space`, or by their numbers. Marks
stay when the filter hides their rows and when another page is shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from screens.admin.keys import MARK, ROWS
from screens.admin.tables import TABLE_KEYS, TableScreen
from screens.context import ScreenContext
from widgets.filter_line import FilterLine
from widgets.keys import bind
from widgets.plain import content
from widgets.record_table import MARK as MARK_SIGN
from widgets.record_table import RecordTable
from widgets.row_ranges import WrongRows, parse_rows

T = TypeVar("T")


class MarkingScreen(TableScreen[T]):
    """A table whose rows can be marked. A subclass says in `MARK_HINT`, in markup, which keys act
    on all that are."""

    MARKABLE = True
    MARK_HINT: ClassVar[str] = ""
    MORE_KEYS: ClassVar[str] = f"[$key]space[/] [$key]#[/] mark{TABLE_KEYS}"
    BINDINGS: ClassVar[list[BindingType]] = bind(hidden=(MARK, ROWS))
    DEFAULT_CSS = "MarkingScreen #marks { display: none; height: 1; }"

    def __init__(self, context: ScreenContext, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.marked: dict[str, T] = {}

    def lines(self) -> ComposeResult:
        """Where numbers of rows are typed, and how many are marked."""
        yield FilterLine(hint="3-7, or 3,5-7, or all", label="Rows", enter="mark", id="rows")
        yield Static("", id="marks", markup=False)

    @property
    def _rows_line(self) -> FilterLine:
        return self.query_one("#rows", FilterLine)

    def targets(self) -> Sequence[T]:
        """What is acted on: all that is marked, else what is under the cursor."""
        if self.marked:
            return tuple(self.marked.values())
        one = self.selected
        return () if one is None else (one,)

    def action_mark(self) -> None:
        """Mark the row under the cursor, or no more."""
        self.table.mark_selected()

    def action_rows(self) -> None:
        """Mark rows by their numbers."""
        self.table.number(True)
        self._rows_line.start("")

    @on(FilterLine.Left, "#rows")
    def _rows_entered(self, event: FilterLine.Left) -> None:
        event.stop()
        numbered = self.table.numbered
        try:
            chosen = parse_rows(event.text, list(numbered))
        except WrongRows as wrong:
            self._rows_line.complain(str(wrong))
            return
        self.table.mark(self.table.marks | {numbered[number] for number in chosen})
        self._leave_rows()

    def _leave_rows(self) -> None:
        self._rows_line.stop()
        self.table.number(False)
        self.table.focus()

    @on(RecordTable.Marked, "#list")
    def _marked(self, event: RecordTable.Marked) -> None:
        known = self.marked | self.items
        self.marked = {key: known[key] for key in event.table.marks if key in known}
        note = self.query_one("#marks", Static)
        note.display = bool(self.marked)
        count = content("[b $accent]$sign $n marked[/]  ", sign=MARK_SIGN, n=len(self.marked))
        note.update(count + content(self.MARK_HINT) + content("  [$key]esc[/] unmarks"))

    def action_back(self) -> None:
        """Out of the line of numbers; else no more marks; else narrow it no more."""
        if self._rows_line.open:
            self._leave_rows()
        elif self.marked and self.table.grid.has_focus:
            self.table.mark(())
        else:
            super().action_back()
