"""What lists have in common: a filter, a table, and the details of the one under the cursor,
beside the table where it is wide and behind enter everywhere. A list that is short enough to be
read whole stands here; those that the store reads a page at a time are in `tables.py`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.admin.keys import FIND
from screens.base import RoleScreen, reading
from screens.context import ScreenContext
from screens.shared.dialogs import Details
from store.text import begins
from widgets.filter_line import FilterLine
from widgets.keys import bind
from widgets.plain import content, one_line, plain
from widgets.record_table import GONE, Column, RecordTable, Row

T = TypeVar("T")


class ListScreen(RoleScreen, Generic[T]):
    """A list. A subclass gives `read_items`, `row`, `known_by` and `details`."""

    TITLE_TEXT: ClassVar[str] = ""
    COLUMNS: ClassVar[tuple[Column, ...]] = ()
    EMPTY: ClassVar[str] = ""
    MARKABLE: ClassVar[bool] = False
    """Whether rows can be marked; see `marked.py`."""
    MORE_KEYS: ClassVar[str] = ""
    """Keys that the key bar has no room for, in markup; they stand in the panel's border."""
    BINDINGS: ClassVar[list[BindingType]] = bind(hidden=(FIND,))
    DEFAULT_CSS = """
    ListScreen #list-panel { width: 1fr; }
    ListScreen #details-panel { display: none; width: 48; }
    ListScreen.-wide #details-panel { display: block; }
    """

    def __init__(self, context: ScreenContext, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.items: dict[str, T] = {}
        self.show_all = False
        self.departed: T | None = None
        """What was under the cursor until it left the list, as long as nothing else is."""
        self._became: T | None = None
        self._go_to: str | None = None

    @abstractmethod
    async def read_items(self) -> dict[str, T]:
        """Read what is listed, by the key of its row."""

    @abstractmethod
    def row(self, item: T) -> tuple[Any, ...]:
        """The cells of a thing."""

    @abstractmethod
    def known_by(self, item: T) -> str:
        """The words by which the filter finds it."""

    @abstractmethod
    async def details(self, item: T) -> Content:
        """All there is to tell of it."""

    def narrowed_by(self) -> str:
        """What the list is narrowed by, for its title."""
        return "all" if self.show_all else ""

    def body(self) -> ComposeResult:
        """The list and the details."""
        with Horizontal():
            with Vertical(id="list-panel", classes="panel") as panel:
                panel.border_subtitle = content(self.MORE_KEYS)
                yield FilterLine(hint=self.hint)
                yield from self.lines()
                yield RecordTable(self.COLUMNS, empty=self.EMPTY, markable=self.MARKABLE, id="list")
            with VerticalScroll(id="details-panel", classes="panel", can_focus=False) as panel:
                panel.border_title = plain("Details")
                yield Static("", id="details", markup=False)

    def lines(self) -> ComposeResult:
        """Further lines to type into, between the filter and the table."""
        yield from ()

    @property
    def hint(self) -> str:
        """What may be typed into the filter, for its empty field."""
        return "the beginnings of words"

    @property
    def searched(self) -> str:
        """Of what is typed, the beginnings of words by which the list is narrowed here."""
        return self.filter.text

    @property
    def table(self) -> RecordTable:
        """The table."""
        return self.query_one("#list", RecordTable)

    @property
    def filter(self) -> FilterLine:
        """The filter."""
        return self.query_one(FilterLine)

    @property
    def selected(self) -> T | None:
        """The thing under the cursor."""
        return self.items.get(self.table.selected or "")

    def on_mount(self) -> None:
        """Begin in the table."""
        self.table.focus()

    def reload(self) -> None:
        """Read the list."""
        self.load()

    @reading("list")
    async def load(self) -> None:
        """Read the list, and put the cursor on the row that was just made."""
        self.put(await self.read_items())
        self.go_to_made()
        self.load_details()

    def put(self, items: dict[str, T], *, renewed: bool = True) -> None:
        """Show these. Where they are `renewed` and lack what was under the cursor, nothing is under
        it until somebody moves it: the next key is not for the row that came into that place."""
        before, item = self.table.selected, self.selected
        self.items = items
        self._show()
        if not renewed:
            self.table.take_up()
        elif self.table.hold(before):
            self.departed = self._became or item
        self._became = None

    def _show(self) -> None:
        shown = {
            key: item
            for key, item in self.items.items()
            if begins(self.searched, self.known_by(item))
        }
        counts = str(len(shown))
        if len(shown) != len(self.items):
            counts += f" of {len(self.items)}"
        parts = [self.TITLE_TEXT, counts, one_line(self.narrowed_by())]
        title = " · ".join(part for part in parts if part)
        self.query_one("#list-panel").border_title = plain(title)
        nothing_fits = "Nothing begins like that. esc shows all again."
        self.table.say_empty(nothing_fits if self.items else self.EMPTY)
        self.table.show([Row(key, self.row(item)) for key, item in shown.items()])

    @reading("details")
    async def load_details(self) -> None:
        """Read the details of what the cursor is on; only a wide terminal shows them."""
        item = self.selected
        shown = item is not None and self.has_class("-wide")
        text: Content = await self.details(item) if item is not None and shown else plain("")
        self.query_one("#details", Static).update(text)

    @on(RecordTable.Moved, "#list")
    def _moved(self) -> None:
        if self.table.selected is not None:
            self.departed = None
        self.load_details()

    @on(RecordTable.Opened, "#list")
    def _opened(self) -> None:
        self.open_details()

    @reading("open")
    async def open_details(self) -> None:
        """Show the details in a dialog."""
        item = self.selected
        if item is not None:
            text = await self.details(item)
            self.app.push_screen(Details(self.context, text, title=self.TITLE_TEXT))

    # The filter

    def action_find(self) -> None:
        """Narrow the list."""
        self.filter.start()

    def action_back(self) -> None:
        """Narrow it no more."""
        self.filter.stop()
        self.table.focus()

    def narrowed(self) -> None:
        """Something else is typed into the filter."""
        self.table.take_up()
        self._show()

    @on(FilterLine.Changed)
    def _filter_changed(self) -> None:
        self.narrowed()

    @on(FilterLine.Left)
    def _filter_left(self) -> None:
        self.table.focus()

    def action_all(self) -> None:
        """Show those too that are over, or not."""
        self.show_all = not self.show_all
        self.load()

    def go_to_made(self) -> None:
        """Put the cursor on the row that was just made, if there is one, whichever reading shows it
        first: the feed of changes may overtake the one that was begun for it."""
        if self._go_to is not None:
            self.table.move_to(self._go_to)
            self._go_to = None

    def done(
        self,
        sentence: str,
        *,
        go_to: int | None = None,
        became: T | None = None,
        undo: bool = False,
    ) -> None:
        """Tell what was done (and with `undo`, which key takes it back), and read the list again.
        `became` is what came of the thing under the cursor, for `with_acted_on` where the list
        shows it no more."""
        if undo:
            self.say(sentence, key="u", verb="undo")
        else:
            self.say(sentence)
        if self.table.let_go:
            self.departed = became or self.departed
        else:
            self._became = became
        if go_to is not None:
            self._go_to = str(go_to)
        self.load()

    def with_selected(self, act: Callable[[T], object]) -> None:
        """Do something with the thing under the cursor, or say that there is none."""
        item = self.selected
        if item is not None:
            act(item)
        elif self.table.let_go and self.items:
            self.say(GONE)
        else:
            self.say("There is nothing under the cursor.")

    def with_acted_on(self, act: Callable[[T], object]) -> None:
        """The same with what has just left the list from under the cursor: to take back what was
        done with it."""
        if self.departed is not None and self.table.let_go:
            act(self.departed)
        else:
            self.with_selected(act)
