"""What the lists of a doctor have in common: words that narrow, understood by the store, a page at
a time, and beside the table what the cursor is on."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from screens.base import reading
from screens.context import ScreenContext
from screens.doctor.follow_up import BooksFollowUps
from screens.doctor.keys import FIND
from store.errors import Invalid
from store.values import ChangeView, Page
from widgets.filter_line import FilterLine
from widgets.keys import bind
from widgets.pick_list import PAUSE_SECONDS
from widgets.plain import content, one_line, plain
from widgets.record_table import Column, RecordTable, Row

T = TypeVar("T")


class OwnList(BooksFollowUps, Generic[T]):
    """A list. A subclass gives `read_page`, `key`, `row` and `beside`."""

    TITLE_TEXT: ClassVar[str] = ""
    COLUMNS: ClassVar[tuple[Column, ...]] = ()
    EMPTY: ClassVar[str] = ""
    HINT: ClassVar[str] = ""
    ENTER: ClassVar[str] = "open"
    SIDE_TITLE: ClassVar[str] = ""
    PAGE_ROWS: ClassVar[int] = 100
    """So many rows are read at a time."""
    BEGINS_WITH: ClassVar[str] = ""
    """The words of the filter when the list is opened."""
    BINDINGS: ClassVar[list[BindingType]] = bind(hidden=(FIND,))
    DEFAULT_CSS = """
    OwnList #list-panel { width: 1fr; }
    OwnList #side { display: none; width: 44; }
    OwnList.-wide #side { display: block; }
    """

    def __init__(self, context: ScreenContext, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.items: dict[str, T] = {}
        self.skipped = 0
        self.total = 0

    @abstractmethod
    async def read_page(self, text: str, offset: int) -> Page[T]:
        """Read at most `PAGE_ROWS` of what the words ask for."""

    @abstractmethod
    def key(self, item: T) -> str:
        """What a row is known by."""

    @abstractmethod
    def row(self, item: T) -> Row:
        """A row of the table."""

    @abstractmethod
    def beside(self, item: T) -> Content:
        """What stands beside the table of the row under the cursor."""

    def head(self) -> ComposeResult:
        """What stands above the list."""
        yield from ()

    def body(self) -> ComposeResult:
        """The list, and what the cursor is on."""
        yield from self.head()
        with Horizontal():
            with Vertical(id="list-panel", classes="panel"):
                yield FilterLine(hint=self.HINT)
                yield RecordTable(self.COLUMNS, empty="Reading …", enter=self.ENTER, id="list")
            with Vertical(id="side", classes="panel") as side:
                side.border_title = plain(self.SIDE_TITLE)
                yield Static("", id="side-text", markup=False)

    @property
    def table(self) -> RecordTable:
        """The table."""
        return self.query_one("#list", RecordTable)

    @property
    def filter(self) -> FilterLine:
        """The words that narrow."""
        return self.query_one(FilterLine)

    @property
    def selected(self) -> T | None:
        """What the cursor is on."""
        return self.items.get(self.table.selected or "")

    def on_mount(self) -> None:
        """Begin in the table."""
        if self.BEGINS_WITH:
            self.filter.start(self.BEGINS_WITH)
        self.table.focus()

    # Reading

    def concerns(self, change: ChangeView) -> bool:
        """Other doctors' days do not matter here."""
        return super().concerns(change) and change.doctor_id in (None, self.doctor_id)

    def reload(self) -> None:
        """Read the page that is shown again."""
        self.load()

    @reading("list")
    async def load(self) -> None:
        """Read the page that is shown again."""
        await self._read()

    @reading("list")
    async def narrow(self, pause: float = 0) -> None:
        """Read the first page of what is asked for now, after a pause in typing."""
        await asyncio.sleep(pause)
        self.skipped = 0
        await self._read()

    @on(RecordTable.Beyond, "#list")
    def _beyond(self, event: RecordTable.Beyond) -> None:
        rows = self.PAGE_ROWS
        last = max(0, (self.total - 1) // rows * rows)
        wanted = {
            "next": min(self.skipped + rows, last),
            "previous": max(0, self.skipped - rows),
            "first": 0,
            "last": last,
        }[event.where]
        if wanted != self.skipped:
            self.turn_page(wanted, up=event.where in ("previous", "last"))

    @reading("list")
    async def turn_page(self, offset: int, *, up: bool) -> None:
        """Read other rows; the cursor goes on where it came from."""
        self.skipped = offset
        await self._read()
        self.table.grid.move_cursor(row=len(self.table.rows) - 1 if up else 0)

    async def _read(self) -> None:
        text = self.filter.text.strip()
        try:
            page = await self.read_page(text, self.skipped)
        except Invalid as refusal:
            sentence = refusal.fields.get("filter")
            if not sentence:
                raise
            self.filter.complain(sentence)
            return
        self.filter.be_quiet()
        if not page.items and self.skipped:
            self.skipped = 0  # the rest of the list went meanwhile
            await self._read()
            return
        self.items = {self.key(item): item for item in page.items}
        self.total = page.total
        nothing = "Nothing fits that. esc shows all again." if text else self.EMPTY
        self.table.say_empty(nothing)
        first, last = self.skipped + 1, self.skipped + len(page.items)
        partly = page.total > len(page.items)
        more = f"{first:,}–{last:,} of {page.total:,}; ↓ at the end goes on" if partly else ""
        self.table.show([self.row(item) for item in page.items], more=more)
        self._show_title(text)
        self._show_beside()

    def narrowed_by(self) -> str:
        """What the list is narrowed by besides the words."""
        return ""

    def _show_title(self, text: str) -> None:
        told = "" if self.filter.open else one_line(text)
        parts = [self.TITLE_TEXT, f"{self.total:,}", self.narrowed_by(), told]
        title = " · ".join(part for part in parts if part)
        self.query_one("#list-panel").border_title = plain(title)

    @on(RecordTable.Moved, "#list")
    def _show_beside(self) -> None:
        item = self.selected
        text = self.beside(item) if item is not None else plain("")
        self.query_one("#side-text", Static).update(text)

    # The words

    def action_find(self) -> None:
        """Type words that narrow."""
        self.filter.start()

    @on(FilterLine.Changed)
    def _typed(self) -> None:
        self.narrow(PAUSE_SECONDS)

    @on(FilterLine.Left)
    def _entered(self) -> None:
        self.table.focus()

    def action_back(self) -> None:
        """All again."""
        if self.filter.open:
            self.filter.stop()
        self.table.focus()


def facts_beside(
    name: Content, facts: list[tuple[str, str]], *keys: tuple[str, str]
) -> list[Content]:
    """A name, facts under it, and which key does what with it."""
    told = [
        content("[$text-muted]$label[/]$value", label=f"{label:<13}", value=value)
        for label, value in facts
        if value
    ]
    shown = [content("[b $key]$k[/] $does", k=key, does=does) for key, does in keys]
    return [name, plain(""), *told, plain(""), *shown]
