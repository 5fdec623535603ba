"""Choosing the columns of a list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from screens.admin.keys import SHOWN, TAKE, USUAL
from screens.base import Dialog
from screens.context import ScreenContext
from store.values import PAGE_ROWS, ListHeading
from widgets.keys import BACK, HELP, bind
from widgets.plain import plain
from widgets.record_table import Column, RecordTable, Row

_COLUMNS = (Column("title", "Column"), Column("order", "Can be ordered by", 24))


class ColumnsDialog(Dialog[tuple[str, ...]]):
    """Marked columns are shown; they keep the place that they have in the list."""

    TITLE_TEXT = "Columns"
    WIDTH = 60
    BINDINGS: ClassVar[list[BindingType]] = bind(SHOWN, USUAL, BACK, HELP, hidden=(TAKE,))

    def __init__(
        self, context: ScreenContext, headings: Sequence[ListHeading], chosen: Sequence[str]
    ) -> None:
        super().__init__(context)
        self.headings = headings
        self.before = tuple(chosen)

    def body(self) -> ComposeResult:
        """The columns, those marked that are shown."""
        table = RecordTable(_COLUMNS, empty="", enter="take these", markable=True)
        table.styles.height = min(14, len(self.headings) + 1)
        yield table
        yield Static(
            plain("◆ is shown. Where there is no room for all, the last ones wait."), markup=False
        )

    def on_mount(self) -> None:
        """Show them."""
        table = self.query_one(RecordTable)
        table.show([Row(one.key, (one.title, _order_words(one))) for one in self.headings])
        table.mark(self.before)
        table.focus()

    def action_show_or_not(self) -> None:
        """Show the column under the cursor, or not."""
        self.be_quiet()
        self.query_one(RecordTable).mark_selected()

    def action_usual(self) -> None:
        """Mark the usual ones."""
        self.query_one(RecordTable).mark(one.key for one in self.headings if one.shown)

    def action_take(self) -> None:
        """Show the marked ones."""
        marks = self.query_one(RecordTable).marks
        if marks:
            self.dismiss(tuple(one.key for one in self.headings if one.key in marks))
        else:
            self.complain("Leave at least one column marked.")

    @on(RecordTable.Opened)
    def _opened(self, event: RecordTable.Opened) -> None:
        event.stop()
        self.action_take()


def _order_words(heading: ListHeading) -> str:
    return "lists of any length" if heading.sorts else f"lists of at most {PAGE_ROWS}"
