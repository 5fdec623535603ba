"""Numbers in rows and columns; the cursor goes to each of them, and enter opens what it counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from widgets.keys import DOWN, FIRST, LAST, LEFT, OPEN, RIGHT, UP, bind
from widgets.plain import content, lines, plain, shorten

_LEAST_LABEL = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is written; `style` is a theme variable of ours, such as `$status-missed`."""

    text: str
    style: str = "$foreground"


@dataclass(frozen=True, slots=True)
class FigureRow:
    """A row of figures, known by its key."""

    key: str
    label: str
    figures: tuple[Figure, ...]
    style: str = "$text-muted"


class FigureGrid(Widget, can_focus=True):
    """Rows of figures under headings, as high as they need."""

    DEFAULT_CSS = """
    FigureGrid { height: auto; width: 1fr; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bind(OPEN, hidden=(UP, DOWN, LEFT, RIGHT, FIRST, LAST))

    class Opened(Message):
        """Enter on a figure: `key` is its row's, `column` counts from 0."""

        def __init__(self, grid: FigureGrid, key: str, column: int) -> None:
            super().__init__()
            self.grid = grid
            self.key = key
            self.column = column

        @property
        def control(self) -> FigureGrid:
            """The grid, for `@on(…, "#id")`."""
            return self.grid

    def __init__(
        self, headings: Sequence[str] = (), *, cells: int = 8, id: str | None = None
    ) -> None:
        """`cells` is the width of a column; without headings there is one."""
        super().__init__(id=id)
        self.headings = tuple(headings)
        self.cells = cells
        self.rows: Sequence[FigureRow] = ()
        self._row, self._column = 0, 0

    def show(self, rows: Sequence[FigureRow]) -> None:
        """Show these; the cursor stays on its row."""
        key = self.rows[self._row].key if self.rows else ""
        self.rows = rows
        place = next((n for n, row in enumerate(rows) if row.key == key), 0)
        self._row = min(place, max(0, len(rows) - 1))
        self.refresh(layout=True)

    @property
    def _top(self) -> int:
        """Lines above the first row."""
        return 1 if self.headings else 0

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A line for each row, and one for the headings."""
        return len(self.rows) + self._top

    # Moving

    def _go(self, row: int, column: int) -> None:
        self._row = max(0, min(row, len(self.rows) - 1))
        self._column = max(0, min(column, max(1, len(self.headings)) - 1))
        self.refresh()

    def action_cursor_up(self) -> None:
        """To the figure above."""
        self._go(self._row - 1, self._column)

    def action_cursor_down(self) -> None:
        """To the figure below."""
        self._go(self._row + 1, self._column)

    def action_cursor_left(self) -> None:
        """To the figure at the left."""
        self._go(self._row, self._column - 1)

    def action_cursor_right(self) -> None:
        """To the figure at the right."""
        self._go(self._row, self._column + 1)

    def action_first(self) -> None:
        """To the first row."""
        self._go(0, self._column)

    def action_last(self) -> None:
        """To the last row."""
        self._go(len(self.rows) - 1, self._column)

    def action_choose(self) -> None:
        """Open what the figure counts."""
        if self.rows:
            self.post_message(self.Opened(self, self.rows[self._row].key, self._column))

    def on_click(self, event: events.Click) -> None:
        """To the figure under the mouse."""
        label = self._label
        if event.y >= self._top:
            self._go(event.y - self._top, (event.x - label) // self.cells)

    # Drawing

    @property
    def _label(self) -> int:
        """Cells of the labels."""
        columns = max(1, len(self.headings))
        return max(_LEAST_LABEL, (self.size.width or 40) - columns * self.cells)

    def render(self) -> Content:
        """Headings and rows."""
        drawn = [self._row_line(number, row) for number, row in enumerate(self.rows)]
        if self.headings:
            words = "".join(f"{one} ".rjust(self.cells) for one in self.headings)
            space = " " * self._label
            drawn.insert(0, content("[$text-muted]$space$words[/]", space=space, words=words))
        return lines(drawn)

    def _row_line(self, number: int, row: FigureRow) -> Content:
        label = shorten(row.label, self._label).ljust(self._label)
        parts = [plain(label).stylize(row.style)]
        for column, figure in enumerate(row.figures):
            here = self.has_focus and (number, column) == (self._row, self._column)
            style = "b reverse $accent" if here else figure.style
            text = f" {figure.text} "
            gap = " " * (self.cells - len(text))
            parts += [plain(gap), plain(text).stylize(style)]
        return Content("").join(parts)
