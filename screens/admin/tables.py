"""The one table screen: a list of any length, narrowed by the words of its filter line, ordered by
a column, in the columns that a person chose, a page of at most 500 rows at a time.

A subclass names a list of the store (`store.listing`), says how its columns are drawn, and adds
what is done with a row.
"""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, TypeVar

from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.content import Content

from screens.admin.columns import ColumnsDialog
from screens.admin.keys import ALL, COLUMNS, EXPORT, ORDER, TURN
from screens.admin.lists import ListScreen
from screens.base import acting, reading
from screens.context import ScreenContext
from store import preferences
from store.errors import Invalid
from store.listing import pages
from store.values import PAGE_ROWS, ListHeading, ListPage, ListPlace
from widgets.keys import bind
from widgets.pick_list import PAUSE_SECONDS
from widgets.plain import content, one_line, plain
from widgets.record_table import Column, RecordTable, Row

T = TypeVar("T")

_LEAST_FLEXIBLE = 12
_UP, _DOWN = "▲", "▼"
_EMPTY: ListPage[Any] = ListPage({}, None, None, before=False, after=False)


@dataclass(frozen=True, slots=True)
class Drawn(Generic[T]):
    """How a column is drawn: `width` in cells, or None for the one that takes what is left."""

    cell: Callable[[T], Text | str]
    width: int | None = None
    right: bool = False


TABLE_KEYS = "  [$key]a[/] all  [$key]s[/] order  [$key]c[/] columns  [$key]E[/] CSV"
"""What every table can do, for the border of its panel."""


class TableScreen(ListScreen[T]):
    """A list of the store. A subclass gives `KIND`, `drawn`, `details`, and its keys."""

    KIND: ClassVar[str] = ""
    ROWS: ClassVar[int] = PAGE_ROWS
    MORE_KEYS: ClassVar[str] = TABLE_KEYS
    BINDINGS: ClassVar[list[BindingType]] = bind(hidden=(ALL, ORDER, TURN, COLUMNS, EXPORT))
    DEFAULT_CSS = """
    TableScreen FilterLine { margin-bottom: 0; }
    TableScreen #details-panel { width: 44; }
    """

    def __init__(self, context: ScreenContext, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.outline = pages.outline(self.KIND)
        self.order = self.outline.order
        self.chosen = self.usual
        self.page: ListPage[T] = _EMPTY
        self._window: tuple[ListPlace | None, bool] = (None, False)
        self._remembered = False

    @abstractmethod
    def drawn(self) -> Mapping[str, Drawn[T]]:
        """How each column of the list is drawn, by its key."""

    async def read_items(self) -> dict[str, T]:
        """The rows of the page."""
        return {str(key): item for key, item in self.page.items.items()}

    def row(self, item: T) -> tuple[Any, ...]:
        """The cells of a row, in the columns that are shown."""
        drawn = self.drawn()
        return tuple(drawn[heading.key].cell(item) for heading in self._fitting())

    def known_by(self, item: T) -> str:
        """Nothing is narrowed here: the store does."""
        return ""

    @property
    def usual(self) -> tuple[str, ...]:
        """The columns that are shown unless somebody chose others."""
        return tuple(one.key for one in self.outline.headings if one.shown)

    @property
    def line(self) -> str:
        """The filter as the store is asked: what is typed, and whether all are shown."""
        also = self.outline.everything if self.show_all else ""
        return f"{self.filter.text} {also}".strip()

    @property
    def hint(self) -> str:
        """An example of the words that this list knows."""
        return self.outline.hint

    # Reading

    @reading("list")
    async def load(self) -> None:
        """Read the page that is shown again, and put the cursor on the row that was just made."""
        await self._load(renewed=True)
        self.go_to_made()
        self.load_details()

    @reading("list")
    async def narrow(self, pause: float = 0) -> None:
        """Read the first page of what is asked for now; after a pause in typing."""
        await asyncio.sleep(pause)
        self._window = (None, False)
        await self._load()
        self.load_details()

    @reading("list")
    async def turn_page(self, where: str) -> None:
        """Read the rows beyond those that are shown."""
        page = self.page
        if where in ("next", "last") and not page.after:
            return
        if where in ("previous", "first") and not page.before:
            return
        self._window = {
            "next": (page.last, False),
            "previous": (page.first, True),
            "first": (None, False),
            "last": (None, True),
        }[where]
        await self._load()
        last = len(self.table.rows) - 1
        self.table.grid.move_cursor(row=last if where in ("previous", "last") else 0)
        self.load_details()

    async def _load(self, *, renewed: bool = False) -> None:
        if not self._remembered:
            self._recall(await self.read(preferences.get, self._preference))
        beyond, backwards = self._window
        try:
            page = await self.read(
                pages.read,
                self.KIND,
                self.line,
                order=self.order,
                beyond=beyond,
                backwards=backwards,
                limit=self.ROWS,
            )
        except Invalid as refusal:
            if "order" in (refusal.details.get("fields") or {}):
                self.order = self.outline.order
            if not self._told_beside_the_filter(refusal):
                self.say(refusal.message)
            return
        self.filter.be_quiet()
        if not page.items and beyond is not None:
            self._window = (None, False)  # the rest of the list went meanwhile
            await self._load(renewed=renewed)
            return
        self.page = page
        self.put(await self.read_items(), renewed=renewed)

    def _told_beside_the_filter(self, refusal: Invalid) -> bool:
        sentence = (refusal.details.get("fields") or {}).get("filter")
        if sentence:
            self.filter.complain(sentence)
        return bool(sentence)

    def _show(self) -> None:
        self.query_one("#list-panel").border_title = plain(self._told())
        narrowed = bool(self.filter.text.strip())
        nothing_fits = "Nothing fits that. esc shows all again."
        self.table.say_empty(nothing_fits if narrowed else self.EMPTY)
        rows = [Row(key, self.row(item)) for key, item in self.items.items()]
        self.table.put_columns(self._columns(), rows, more=self._more())

    def _told(self) -> str:
        page, count = self.page, len(self.items)
        if page.whole:
            counts = str(count)
        elif not page.before:
            counts = f"the first {count}"
        else:
            counts = f"{count} of more" if page.after else f"the last {count}"
        narrowed = "" if self.filter.open else one_line(self.filter.text.strip())
        parts = [self.TITLE_TEXT, counts, self.narrowed_by(), narrowed]
        hidden = len(self.chosen) - len(self._fitting()) if self.chosen != self.usual else 0
        parts.append(f"{hidden} of the columns need more room" if hidden else "")
        return " · ".join(part for part in parts if part)

    def _more(self) -> str:
        page = self.page
        sides = [
            "↑ past the first row: those before" if page.before else "",
            "↓ past the last row: those behind" if page.after else "",
        ]
        return "   ".join(side for side in sides if side)

    # Columns and order

    @property
    def _preference(self) -> str:
        return f"list.{self.KIND}"

    def _recall(self, remembered: str) -> None:
        """Take up what the person chose at another time; columns that are no more are passed
        over."""
        self._remembered = True
        known = dict(part.split("=", 1) for part in remembered.split() if "=" in part)
        headings = {one.key: one for one in self.outline.headings}
        chosen = tuple(key for key in known.get("columns", "").split(",") if key in headings)
        self.chosen = chosen or self.usual
        order = known.get("order", "")
        heading = headings.get(order.removeprefix("-"))
        if heading is not None and heading.sorts:
            self.order = order

    @acting
    async def remember(self) -> None:
        """Keep columns and order for this person."""
        usual = self.chosen == self.usual and self.order == self.outline.order
        value = "" if usual else f"columns={','.join(self.chosen)} order={self.order}"
        await self.write(preferences.put, self._preference, value)

    def _headings(self) -> list[ListHeading]:
        known = {one.key: one for one in self.outline.headings}
        return [known[key] for key in self.chosen]

    def _fitting(self) -> list[ListHeading]:
        """The chosen columns, from the first on, for which the table has room."""
        drawn, room = self.drawn(), (self.table.size.width or 76) - 1 - self.table.lead_cells
        fitting: list[ListHeading] = []
        for heading in self._headings():
            room -= (drawn[heading.key].width or _LEAST_FLEXIBLE) + 2
            if room < 0 and fitting:
                break
            fitting.append(heading)
        return fitting

    def _columns(self) -> list[Column]:
        drawn = self.drawn()
        by, down = self.order.removeprefix("-"), self.order.startswith("-")
        columns = []
        fitting = self._fitting()
        flexible = next((one.key for one in fitting if drawn[one.key].width is None), None)
        for heading in fitting:
            how = drawn[heading.key]
            mark = f" {_DOWN if down else _UP}" if heading.key == by else ""
            width = how.width
            if width is None and heading.key != flexible:
                width = _LEAST_FLEXIBLE
            columns.append(Column(heading.key, heading.title + mark, width, how.right))
        return columns

    def action_order(self) -> None:
        """Order by the next of the columns that are shown, of a long list by the next that has an
        index."""
        keys = [one.key for one in self._fitting() if one.sorts or self.page.whole]
        by = self.order.removeprefix("-")
        if keys in ([], [by]):
            self.say(f"A list of more than {PAGE_ROWS} keeps this order; narrow it, or turn it: S.")
            return
        place = keys.index(by) + 1 if by in keys else 0
        self._put_in_order(keys[place % len(keys)])

    def action_turn_round(self) -> None:
        """The same order the other way round."""
        down = self.order.startswith("-")
        self._put_in_order(self.order.removeprefix("-") if down else f"-{self.order}")

    def _put_in_order(self, order: str) -> None:
        self.order = order
        self.narrow()
        self.remember()

    def action_columns(self) -> None:
        """Choose the columns."""
        dialog = ColumnsDialog(self.context, self.outline.headings, self.chosen)
        self.app.push_screen(dialog, self._columns_chosen)

    def _columns_chosen(self, chosen: tuple[str, ...] | None) -> None:
        if chosen:
            self.chosen = chosen
            self._show()
            self.remember()

    @on(RecordTable.Resized, "#list")
    def _other_width(self) -> None:
        """As many columns as there is room for."""
        if self._remembered:
            self._show()

    # The filter and the pages

    def action_back(self) -> None:
        """Narrow it no more."""
        narrowed = bool(self.filter.text.strip())
        self.filter.stop()
        self.table.focus()
        if narrowed:
            self.narrow()

    def narrowed(self) -> None:
        """Ask the store, after a pause in typing."""
        if self.filter.open:
            self.narrow(PAUSE_SECONDS)

    @on(RecordTable.Beyond, "#list")
    def _beyond(self, event: RecordTable.Beyond) -> None:
        self.turn_page(event.where)

    def action_all(self) -> None:
        """Show those too that are over, or not."""
        if self.outline.everything:
            self.show_all = not self.show_all
            self.narrow()
        else:
            self.say("This list shows all already.")

    def show_only(self, text: str) -> None:
        """Narrow the list by these words, as if they were typed; by none, show all again."""
        if text:
            self.filter.start(text)
        else:
            self.filter.stop()
        self.table.focus()
        self.narrow()

    # Out of the house

    @acting
    async def export(self) -> None:
        """Save all that the filter lets through, in the columns that are shown."""
        papers = self.context.services.papers
        name = f"{self.KIND}-{self.context.now():%Y-%m-%d-%H%M%S}"

        def write(tx: Any) -> str:
            return papers.save_table(
                name,
                lambda stream: pages.write_csv(
                    tx, self.KIND, self.line, stream, order=self.order, columns=self.chosen
                ),
            )

        self.say(await self.read(write))

    def action_export(self) -> None:
        """Save the list as CSV."""
        self.export()


def facts(pairs: list[tuple[str, str]], width: int = 15) -> list[Content]:
    """Labels and values under each other."""
    return [
        content("[$text-muted]$label[/]$value", label=f"{label:<{width}}", value=value)
        for label, value in pairs
    ]
