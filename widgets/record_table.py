"""A table of at most 500 rows that keeps the cursor on its row, whatever happens around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.coordinate import Coordinate
from textual.message import Message
from textual.widgets import DataTable, Static

from widgets.keys import DOWN, FIRST, LAST, LEFT, OPEN, PAGE_DOWN, PAGE_UP, RIGHT, UP, bind
from widgets.plain import cell, plain

PAGE_ROWS = 500
"""More rows than this stall the event loop; the rest is reached by paging or searching."""

MARK = "◆"
"""Stands before a marked row."""

GONE = "That one is no longer in the list; ↓ or ↑ goes on to another."
"""What is said to a key that came after the cursor's row had gone; see `RecordTable.hold`."""

_CELL_PADDING = 1
_SCROLLBAR = 1


@dataclass(frozen=True, slots=True)
class Column:
    """A column: `width` in cells, or None for the one that takes what is left (at least 8)."""

    key: str
    title: str
    width: int | None = None
    right: bool = False


@dataclass(frozen=True, slots=True)
class Tagged:
    """Data with a short word of ours behind it, which stays whole where the data is shortened;
    the styles are rich's."""

    value: str
    tag: str
    style: str
    tag_style: str


Cell = Text | Tagged | str


@dataclass(frozen=True, slots=True)
class Row:
    """A row with the key that it is known by; a str in `cells` is data and shown literally."""

    key: str
    cells: tuple[Cell, ...]


class _Table(DataTable[Text], inherit_bindings=False):
    """The grid itself: rows are chosen, never cells; letters only move."""

    BINDINGS: ClassVar[list[BindingType]] = bind(
        OPEN, hidden=(UP, DOWN, LEFT, RIGHT, PAGE_UP, PAGE_DOWN, FIRST, LAST)
    )

    enter_words = "open"
    """What enter does, for the footer; empty is not shown."""
    let_go = False
    """Whether the cursor has a place, but no row, for its row went."""

    class TakenUp(Message):
        """The cursor has a row again."""

    class AtEdge(Message):
        """A key asked for what is beyond the rows that are there."""

        def __init__(self, where: str) -> None:
            super().__init__()
            self.where = where

    def action_choose(self) -> None:
        """Open the row under the cursor."""
        if not self.let_go:
            self.action_select_cursor()

    def let_cursor_go(self) -> None:
        """Let no row be under the cursor until somebody moves it."""
        self.let_go, self.show_cursor = True, False

    def take_up(self) -> bool:
        """Let the row at the cursor's place be under it; False where one is."""
        if not self.let_go:
            return False
        self.let_go, self.show_cursor = False, True
        self.post_message(self.TakenUp())
        return True

    def on_click(self) -> None:
        """What is pointed at is meant."""
        self.take_up()

    def action_first(self) -> None:
        """To the first row; from there to what is before it."""
        self._go_or_tell(self.cursor_row <= 0, "first", lambda: self.move_cursor(row=0))

    def action_last(self) -> None:
        """To the last row; from there to what is behind it."""
        last = max(0, self.row_count - 1)
        self._go_or_tell(self.cursor_row >= last, "last", lambda: self.move_cursor(row=last))

    def action_cursor_up(self) -> None:
        """A row up."""
        self._go_or_tell(self.cursor_row <= 0, "previous", super().action_cursor_up)

    def action_cursor_down(self) -> None:
        """A row down."""
        at_end = self.cursor_row >= self.row_count - 1
        self._go_or_tell(at_end, "next", super().action_cursor_down)

    def action_page_up(self) -> None:
        """A screenful up."""
        self._go_or_tell(self.cursor_row <= 0, "previous", super().action_page_up)

    def action_page_down(self) -> None:
        """A screenful down."""
        at_end = self.cursor_row >= self.row_count - 1
        self._go_or_tell(at_end, "next", super().action_page_down)

    def _go_or_tell(self, at_edge: bool, where: str, go: Callable[[], object]) -> None:
        if self.take_up():
            return
        if at_edge:
            self.post_message(self.AtEdge(where))
        else:
            go()


class RecordTable(Vertical):
    """Rows with an empty state, paged, that stay under the cursor by their key."""

    DEFAULT_CSS = """
    RecordTable { height: 1fr; }
    RecordTable > _Table {
        height: 1fr; background: transparent; overflow-x: hidden; scrollbar-size-vertical: 1;
    }
    RecordTable > .record-table--empty { display: none; padding: 1 1; color: $text-muted; }
    RecordTable.-empty > _Table { height: 1; }
    RecordTable.-empty > .record-table--empty { display: block; }
    RecordTable > .record-table--more { display: none; color: $text-muted; height: 1; }
    RecordTable.-more > .record-table--more { display: block; }
    """

    class Marked(Message):
        """Other rows are marked than before."""

        def __init__(self, table: RecordTable) -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> RecordTable:
            """The table, for `@on(…, "#id")`."""
            return self.table

    class Opened(Message):
        """Enter on a row."""

        def __init__(self, table: RecordTable, key: str) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> RecordTable:
            """The table, for `@on(…, "#id")`."""
            return self.table

    class Beyond(Message):
        """A key asked for rows beyond those that are there: `next`, `previous`, `first`, `last`."""

        def __init__(self, table: RecordTable, where: str) -> None:
            super().__init__()
            self.table = table
            self.where = where

        @property
        def control(self) -> RecordTable:
            """The table, for `@on(…, "#id")`."""
            return self.table

    class Resized(Message):
        """The table has another width: there may be room for other columns."""

        def __init__(self, table: RecordTable) -> None:
            super().__init__()
            self.table = table

        @property
        def control(self) -> RecordTable:
            """The table, for `@on(…, "#id")`."""
            return self.table

    class Moved(Message):
        """The cursor came to another row."""

        def __init__(self, table: RecordTable, key: str | None) -> None:
            super().__init__()
            self.table = table
            self.key = key

        @property
        def control(self) -> RecordTable:
            """The table, for `@on(…, "#id")`."""
            return self.table

    def __init__(
        self,
        columns: Sequence[Column],
        *,
        empty: str,
        enter: str = "open",
        markable: bool = False,
        id: str | None = None,
    ) -> None:
        """`empty` is the sentence for no rows, `enter` what the footer says of that key; with
        `markable` a narrow column before the others shows marks, and numbers when asked to."""
        super().__init__(id=id)
        self.enter = enter
        self.markable = markable
        self.marks: frozenset[str] = frozenset()
        """The keys of marked rows, also of those that are not shown now."""
        self._numbers: dict[str, int] | None = None
        self._leads: tuple[str, ...] = ()
        self.columns = tuple(columns)
        self.empty = empty
        self.rows: tuple[Row, ...] = ()
        self.total = 0
        self.more = ""
        self._reported: str | None = None
        self._drawn_width = self._drawn_lead = 0

    def compose(self) -> ComposeResult:
        """The grid, the sentence for no rows, and the line that tells of more rows."""
        table = _Table(cursor_type="row", zebra_stripes=False, cell_padding=_CELL_PADDING)
        table.enter_words = self.enter
        table.cursor_foreground_priority = "renderable"
        yield table
        yield Static(plain(self.empty), classes="record-table--empty", markup=False)
        yield Static("", classes="record-table--more", markup=False)

    @property
    def grid(self) -> DataTable[Text]:
        """The grid that takes the focus."""
        return self.query_one(_Table)

    @property
    def _table(self) -> _Table:
        return self.query_one(_Table)

    @property
    def selected(self) -> str | None:
        """The key of the row under the cursor; None in an empty table, and where it was let go."""
        row = self.grid.cursor_row
        there = 0 <= row < len(self.rows) and not self._table.let_go
        return self.rows[row].key if there else None

    @property
    def let_go(self) -> bool:
        """Whether the row that was under the cursor is gone, and no other is under it yet."""
        return self._table.let_go

    def hold(self, key: str | None) -> bool:
        """After rows were read anew: where the row with this key, that was under the cursor, is
        gone, let the cursor go, and tell so. What is pressed next was meant for that row, not for
        the one that came into its place; a key that moves, or the mouse, takes one up."""
        if key is None or any(row.key == key for row in self.rows):
            return False
        self._table.let_cursor_go()
        self._report()
        return True

    def take_up(self) -> None:
        """Have the row at the cursor's place under it again."""
        self._table.take_up()

    def focus(self, scroll_visible: bool = True) -> RecordTable:
        """Give the focus to the grid."""
        self.grid.focus(scroll_visible)
        return self

    def show(self, rows: Sequence[Row], *, total: int | None = None, more: str = "") -> None:
        """Show `rows` (the first 500 of `total`, or a page beside which there is `more`); the
        cursor stays on its row by key, and where that row is gone, on its place."""
        shown = tuple(rows[:PAGE_ROWS])
        self.total = total if total is not None else len(rows)
        self.more = more
        self.set_class(not shown, "-empty")
        self.set_class(bool(more) or self.total > len(shown), "-more")
        others = f"{len(shown)} of {self.total:,} shown; search or filter to see the others"
        self.query_one(".record-table--more", Static).update(plain(more or others))
        if self._numbers is not None:
            for row in shown:
                self._numbers.setdefault(row.key, len(self._numbers) + 1)
        same = [row.key for row in shown] == [row.key for row in self.rows]
        if same and shown and self._drawn_lead == self._lead_width:
            self._update_cells(shown)
        else:
            self._refill(shown)
        self._report()

    # Marks and numbers

    def mark(self, keys: Iterable[str]) -> None:
        """Mark these rows and no others."""
        marks = frozenset(keys)
        if marks != self.marks:
            self.marks = marks
            self._redraw()
            self.post_message(self.Marked(self))

    def mark_selected(self) -> None:
        """Mark the row under the cursor, or no more, and go to the next."""
        if self.selected is not None:
            self.mark(self.marks ^ {self.selected})
            self.grid.action_cursor_down()

    def number(self, shown: bool) -> None:
        """Show numbers before the rows, or none. A row keeps its number while they are shown,
        wherever it moves, so that a number that was read means the same when it is typed."""
        keys = [row.key for row in self.rows]
        self._numbers = {key: n for n, key in enumerate(keys, 1)} if shown else None
        self._redraw()

    @property
    def numbered(self) -> dict[int, str]:
        """The keys of the rows by the numbers that are shown before them."""
        shown = {row.key for row in self.rows}
        return {n: key for key, n in (self._numbers or {}).items() if key in shown}

    @property
    def _lead_width(self) -> int:
        return 1 if self._numbers is None else 1 + len(str(max(1, len(self._numbers))))

    @property
    def lead_cells(self) -> int:
        """How wide the column of marks and numbers is."""
        return self._lead_width + 2 * _CELL_PADDING if self.markable else 0

    def _lead(self, row: Row) -> str:
        """What stands before a row: its mark and its number."""
        mark = MARK if row.key in self.marks else ""
        number = "" if self._numbers is None else str(self._numbers.get(row.key, ""))
        return f"{mark}{number:>{self._lead_width - len(mark)}}" if number else mark

    def _redraw(self) -> None:
        if self.is_mounted:
            self.show(self.rows, total=self.total, more=self.more)

    def put_columns(
        self, columns: Sequence[Column], rows: Sequence[Row], *, more: str = ""
    ) -> None:
        """Show rows in other columns."""
        if tuple(columns) != self.columns:
            self.columns = tuple(columns)
            self._refill(tuple(rows[:PAGE_ROWS]))
        self.show(rows, more=more)

    def say_empty(self, sentence: str) -> None:
        """Change the sentence shown when there are no rows."""
        self.empty = sentence
        if self.is_mounted:
            self.query_one(".record-table--empty", Static).update(plain(sentence))

    def move_to(self, key: str) -> bool:
        """Put the cursor on the row with this key; False when there is none."""
        for index, row in enumerate(self.rows):
            if row.key == key:
                self.take_up()
                self.grid.move_cursor(row=index)
                return True
        return False

    def _update_cells(self, rows: tuple[Row, ...]) -> None:
        """Change only the cells that differ: nothing moves, nothing flickers."""
        widths = self._widths()
        leads = tuple(map(self._lead, rows))
        if self.markable:
            for index, (lead, drawn) in enumerate(zip(leads, self._leads, strict=True)):
                if lead != drawn:
                    self.grid.update_cell_at(Coordinate(index, 0), self._lead_cell(lead))
        self._leads = leads
        for index, (old, new) in enumerate(zip(self.rows, rows, strict=True)):
            for place, (before, after) in enumerate(zip(old.cells, new.cells, strict=True)):
                if before != after or getattr(before, "style", "") != getattr(after, "style", ""):
                    column = self.columns[place]
                    self.grid.update_cell_at(
                        Coordinate(index, place + self.markable),
                        self._cell(after, widths[place], column),
                    )
        self.rows = rows

    def _refill(self, rows: tuple[Row, ...]) -> None:
        grid = self.grid
        key, scroll = self._where_to(rows), grid.scroll_y
        self.rows = rows
        self._drawn_width, self._drawn_lead = self.size.width, self._lead_width
        self._leads = tuple(map(self._lead, rows))
        widths = self._widths()
        grid.clear(columns=True)
        if self.markable:
            grid.add_column("", key="mark", width=self._lead_width)
        for column, width in zip(self.columns, widths, strict=True):
            title = cell(column.title, width=width, right=column.right)
            grid.add_column(title, key=column.key, width=width)
        for row, lead in zip(rows, self._leads, strict=True):
            cells = [
                self._cell(value, width, column)
                for value, width, column in zip(row.cells, widths, self.columns, strict=True)
            ]
            before = [self._lead_cell(lead)] if self.markable else []
            grid.add_row(*before, *cells, key=row.key)
        index = next((i for i, row in enumerate(rows) if row.key == key), 0)
        grid.move_cursor(row=index, scroll=False)
        grid.scroll_to(y=scroll, animate=False)

    def _where_to(self, rows: tuple[Row, ...]) -> str | None:
        """The row for the cursor: its own, else the nearest below that is left, else above."""
        left = {row.key for row in rows}
        place = self.grid.cursor_row
        near = [*self.rows[place:], *reversed(self.rows[:place])]
        return next((row.key for row in near if row.key in left), None)

    def _widths(self) -> list[int]:
        """The width of each column; the flexible one takes the rest of the table's width."""
        width = self.size.width or 80
        used = sum((c.width or 0) + 2 * _CELL_PADDING for c in self.columns)
        used += self.lead_cells
        rest = max(8, width - used - _SCROLLBAR)
        return [rest if column.width is None else column.width for column in self.columns]

    def _lead_cell(self, lead: str) -> Text:
        style = "accent" if lead.startswith(MARK) else "text-muted"
        return cell(lead, style=f"bold {self.app.theme_variables[style]}", right=True)

    @staticmethod
    def _cell(value: Cell, width: int, column: Column) -> Text:
        if isinstance(value, str):
            return cell(value, width=width, right=column.right)
        if isinstance(value, Tagged):
            data = cell(value.value, width=width - len(value.tag) - 1, style=value.style)
            tag = cell(value.tag, style=value.tag_style)
            return Text(" ").join([data, tag])
        text = value.copy()
        text.truncate(width, overflow="ellipsis")
        text.justify = "right" if column.right else "left"
        return text

    def on_resize(self, event: events.Resize) -> None:
        """Give the flexible column its new width, and tell of it."""
        if event.size.width != self._drawn_width:
            self._refill(self.rows)
            self.post_message(self.Resized(self))

    @on(_Table.AtEdge)
    def _at_edge(self, event: _Table.AtEdge) -> None:
        event.stop()
        self.post_message(self.Beyond(self, event.where))

    @on(_Table.TakenUp)
    def _taken_up(self, event: _Table.TakenUp) -> None:
        event.stop()
        self._report()

    @on(DataTable.RowSelected)
    def _opened(self, event: DataTable.RowSelected) -> None:
        event.stop()
        if event.row_key.value is not None:
            self.post_message(self.Opened(self, event.row_key.value))

    @on(DataTable.RowHighlighted)
    def _moved(self, event: DataTable.RowHighlighted) -> None:
        event.stop()
        self._report()

    def _report(self) -> None:
        """Tell of the row under the cursor once, however often the grid speaks of it."""
        if self.selected != self._reported:
            self._reported = self.selected
            self.post_message(self.Moved(self, self.selected))
