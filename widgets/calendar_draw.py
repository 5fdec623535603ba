"""The lines of a calendar's grid, each as one strip; and how its places look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.calendar_grid import Grid, GridRow, Place, View, fit
from widgets.calendar_marks import Mark
from widgets.plain import one_line

LEAST_CELLS = 11
"""A column of a week is at least so wide; a narrow week shows fewer days and says which others
there are."""

LOOKS = {
    "heading": "text-style: bold;",
    "today": "color: $accent; text-style: bold;",
    "outside": "color: $text-disabled;",
    "count": "color: $text-muted;",
    "label": "color: $text-muted;",
    "hour": "color: $foreground;",
    "free": "color: $slot-free;",
    "held": "color: $text-warning;",
    "past": "color: $text-disabled;",
    "leave": "color: $text-muted;",
    "holiday": "color: $text-muted;",
    "now": "color: $token;",
    "more": "color: $key;",
    "cursor": "background: $block-cursor-background; color: $block-cursor-foreground;"
    " text-style: bold;",
    "blurred": "background: $block-cursor-blurred-background;",
    "marked": "background: $field-focus; color: $token;",
    "status-booked": "color: $status-booked;",
    "status-waiting": "color: $status-waiting;",
    "status-consultation": "color: $status-consultation;",
    "status-done": "color: $status-done;",
    "status-missed": "color: $status-missed;",
}
"""The style of each kind of place, in CSS; no two differ by colour alone, each has its sign."""

_CURSOR, _MARKED = "▌", "┃"


def shown_columns(grid: Grid, width: int) -> int:
    """How many days there is room for."""
    if grid.view is not View.WEEK:
        return grid.columns
    return max(1, min(grid.columns, (width - grid.gutter) // LEAST_CELLS))


def widths(grid: Grid, width: int, first: int) -> list[tuple[int, int]]:
    """The columns in sight from `first` on, each with its width."""
    count = shown_columns(grid, width)
    each, rest = divmod(max(count, width - grid.gutter), count)
    return [(first + n, each + (n < rest)) for n in range(count)]


@dataclass(frozen=True)
class Drawing:
    """A grid with a cursor and a mark, as it looks at one moment.

    `style` makes a place's style from its name and that of what lies over it.
    """

    grid: Grid
    width: int
    first_column: int
    column: int | None
    stop: int
    here: Place | None
    mark: Mark | None
    cursor_style: str
    style: Callable[[str, str], Style]

    def line(self, y: int, top: int) -> Strip:
        """The line `y` of what is in sight when `top` lines are scrolled out of it."""
        headings = self.grid.headings
        segments: list[Segment] = []
        if y < len(headings):
            segments = self._heading(y)
        elif (index := y - len(headings) + top) < len(self.grid.rows):
            segments = self._row(self.grid.rows[index])
        return Strip(segments).adjust_cell_length(self.width, self.style("blank", ""))

    def _heading(self, y: int) -> list[Segment]:
        gutter = fit(self._more(y), "", self.grid.gutter)
        segments = [Segment(gutter, self.style("more", ""))]
        for number, width in widths(self.grid, self.width, self.first_column):
            place = self.grid.headings[y][number]
            segments.append(Segment(" " + _text(place, width - 1), self.style(place.style, "")))
        return segments

    def _more(self, y: int) -> str:
        """Which days of a narrow week are not in sight: earlier ones above, later ones below."""
        days, first = self.grid.headings[0], self.first_column
        behind = first + shown_columns(self.grid, self.width)
        if y == 0 and first > 0:
            return f"‹{days[first - 1].day:%a}"
        if y == 1 and behind < self.grid.columns:
            return f"{days[behind].day:%a}›"
        return ""

    def _row(self, row: GridRow) -> list[Segment]:
        gutter = fit(row.label, "", self.grid.gutter)
        segments = [Segment(gutter, self.style(row.style, ""))]
        for number, width in widths(self.grid, self.width, self.first_column):
            place = row.places[number]
            lead, over = " ", ""
            if row.stop == self.stop and number == self.column:
                lead, over = _CURSOR, self.cursor_style
            elif row.stop is not None and self._is_marked(place):
                lead, over = _MARKED, "marked"
            text = lead + _text(place, width - 1)
            segments.append(Segment(text, self.style(place.style, over)))
        return segments

    def _is_marked(self, place: Place) -> bool:
        return bool(self.mark and self.here and self.mark.covers(place, self.here))


def _text(place: Place, width: int) -> str:
    """The place's text; the short one where the whole does not fit."""
    fitted = fit(one_line(place.text), place.fill, width)
    if place.short and fitted.rstrip().endswith("…"):
        return fit(one_line(place.short), place.fill, width)
    return fitted
