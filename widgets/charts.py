"""Numbers as columns of characters: eighths of a cell high, readable in 16 colours and in none.

A library for charts was weighed (textual-plotext 1.0.1): it draws axes and legends of its own look,
holds an old plotext fast, and has no cursor that a list could be opened from.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from widgets.keys import FIRST, LAST, LEFT, OPEN, RIGHT, bind
from widgets.plain import content, lines, plain

_HEIGHTS = " ▁▂▃▄▅▆▇█"
_LENGTHS = " ▏▎▍▌▋▊▉█"
_CURSOR = "▲"
_WIDEST = 7


@dataclass(frozen=True, slots=True)
class Pillar:
    """One number of a chart. `label` stands below it where there is room, `words` tell all of it,
    `below` is a second number, drawn small under it on a scale of its own."""

    key: str
    label: str
    value: int
    words: str = ""
    below: int = 0


def bar(value: int, most: int, cells: int) -> str:
    """A number as a bar of up to `cells` cells, `most` being a whole one; what is more than nothing
    is seen."""
    eighths = 0 if most <= 0 else round(value * cells * 8 / most)
    eighths = max(eighths, int(value > 0))
    return ("█" * (eighths // 8) + _LENGTHS[eighths % 8]).strip()


class ColumnChart(Widget):
    """Pillars side by side with a scale at the left. Where `opens`, it takes the focus: the arrows
    choose a pillar, whose words stand in the border of the panel around, and enter opens it."""

    DEFAULT_CSS = """
    ColumnChart { height: 1fr; width: 1fr; min-height: 3; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bind(OPEN, hidden=(LEFT, RIGHT, FIRST, LAST))

    class Opened(Message):
        """Enter on a pillar."""

        def __init__(self, chart: ColumnChart, key: str) -> None:
            super().__init__()
            self.chart = chart
            self.key = key

        @property
        def control(self) -> ColumnChart:
            """The chart, for `@on(…, "#id")`."""
            return self.chart

    def __init__(
        self, *, opens: bool = False, below: str = "", empty: str = "", id: str | None = None
    ) -> None:
        """`below` is the sign of the second numbers; without one there are none."""
        super().__init__(id=id)
        self.can_focus = opens
        self.below = below
        self.empty = empty
        self.pillars: Sequence[Pillar] = ()
        self._at = 0

    def show(self, pillars: Sequence[Pillar]) -> None:
        """Show these; the cursor stays on its pillar, and begins on the last."""
        before = self.chosen
        self.pillars = pillars
        keys = [one.key for one in pillars]
        self._go(keys.index(before.key) if before and before.key in keys else len(keys) - 1)

    @property
    def chosen(self) -> Pillar | None:
        """What the cursor is on."""
        return self.pillars[self._at] if self._at < len(self.pillars) else None

    def _go(self, place: int) -> None:
        self._at = max(0, min(place, len(self.pillars) - 1))
        chosen = self.chosen
        if self.can_focus and self.parent is not None and chosen is not None:
            panel: Widget = self.parent  # type: ignore[assignment]
            panel.border_subtitle = plain(chosen.words)
        self.refresh()

    def action_cursor_left(self) -> None:
        """To the pillar before."""
        self._go(self._at - 1)

    def action_cursor_right(self) -> None:
        """To the pillar behind."""
        self._go(self._at + 1)

    def action_first(self) -> None:
        """To the first."""
        self._go(0)

    def action_last(self) -> None:
        """To the last."""
        self._go(len(self.pillars) - 1)

    def action_choose(self) -> None:
        """Open what the cursor is on."""
        if self.chosen is not None:
            self.post_message(self.Opened(self, self.chosen.key))

    def on_click(self, event: events.Click) -> None:
        """To the pillar under the mouse."""
        place = (event.x - self._scale) // self._each
        if self.can_focus and 0 <= place < len(self.pillars):
            self._go(place)

    # Drawing

    @property
    def _scale(self) -> int:
        """Cells of the scale at the left."""
        highest = max((max(one.value, one.below) for one in self.pillars), default=0)
        return max(3, len(f"{highest:,}")) + 1

    @property
    def _each(self) -> int:
        """Cells of a pillar with the gap behind it."""
        room = (self.size.width or 60) - self._scale
        return max(1, min(_WIDEST, room // max(1, len(self.pillars))))

    def render(self) -> Content:
        """The scale, the pillars, what is below them, and their labels."""
        highest = max((one.value for one in self.pillars), default=0)
        if not highest:
            return content("[$text-muted]$sentence[/]", sentence=self.empty)
        drawn = self._columns(highest, max(1, self.size.height - 1 - bool(self.below)))
        if self.below:
            drawn.append(self._second())
        return lines([*drawn, self._labels()])

    def _columns(self, highest: int, height: int) -> list[Content]:
        heights = [
            max(int(p.value > 0), round(p.value * height * 8 / highest)) for p in self.pillars
        ]
        drawn = []
        for row in range(height - 1, -1, -1):
            told = {height - 1: highest}
            if height >= 4:
                told[(height - 1) // 2] = round(highest * ((height - 1) // 2 + 1) / height)
            scale = f"{told[row]:,}" if row in told else ""
            cells = [_HEIGHTS[max(0, min(8, high - row * 8))] for high in heights]
            drawn.append(self._line(scale, cells, "$accent"))
        return drawn

    def _second(self) -> Content:
        most = max((one.below for one in self.pillars), default=0)
        cells = [
            _HEIGHTS[max(int(one.below > 0), round(one.below * 8 / most))] if most else " "
            for one in self.pillars
        ]
        return self._line(f"{self.below}{most:,}", cells, "$status-missed")

    def _line(self, scale: str, cells: Sequence[str], style: str) -> Content:
        """A row of the chart; under the cursor it is drawn in the colour of keys."""
        each = self._each
        gap = " " if each > 1 else ""
        row = "".join(one * (each - len(gap)) + gap for one in cells)
        start = self._at * each
        here = start if self.has_focus else len(row)
        return Content("").join(
            [
                plain(scale.rjust(self._scale - 1) + " ").stylize("$text-muted"),
                plain(row[:here]).stylize(style),
                plain(row[here : here + each]).stylize("$key"),
                plain(row[here + each :]).stylize(style),
            ]
        )

    def _labels(self) -> Content:
        """As many labels as do not touch; the cursor is a sign in their line."""
        each, row = self._each, ""
        for place, one in enumerate(self.pillars):
            start = place * each
            if one.label and (not row or len(row) < start):
                row = row.ljust(start) + one.label
        row = row.ljust(len(self.pillars) * each)[: max(0, self.size.width - self._scale)]
        at = self._at * each
        here = at if self.has_focus else len(row)
        return content(
            "[$text-muted]$scale$before[/][b $key]$cursor[/][$text-muted]$behind[/]",
            scale=" " * self._scale,
            before=row[:here],
            cursor=_CURSOR if here < len(row) else "",
            behind=row[here + 1 :],
        )
