"""Labels at the left, text at the right, and the text stays at the right where it wraps."""

from __future__ import annotations

from collections.abc import Sequence

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from widgets.plain import lines, plain

LABEL_CELLS = 14
_LEAST_TEXT = 12

Fact = tuple[Content, Content]
"""A label of at most `LABEL_CELLS - 1` cells, and the text that belongs to it. An empty text
makes the label a heading over the whole width."""


class FactSheet(Widget):
    """Facts under each other, as high as they need."""

    DEFAULT_CSS = """
    FactSheet { height: auto; width: 1fr; }
    """

    def __init__(self, facts: Sequence[Fact] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.facts = tuple(facts)

    def show(self, facts: Sequence[Fact]) -> None:
        """Show these facts instead."""
        self.facts = tuple(facts)
        self.refresh(layout=True)

    def render(self) -> Content:
        """The facts at the present width."""
        return lines(self._wrapped(self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the text wraps to."""
        return len(self._wrapped(width))

    def _wrapped(self, width: int) -> list[Content]:
        shown: list[Content] = []
        room = max(_LEAST_TEXT, width - LABEL_CELLS)
        for label, text in self.facts:
            if not text.plain:
                shown += label.wrap(max(_LEAST_TEXT, width)) if label.plain else [plain("")]
                continue
            for number, line in enumerate(text.wrap(room)):
                left = label if number == 0 else plain("")
                shown.append(left.pad_right(LABEL_CELLS - left.cell_length) + line)
        return shown
