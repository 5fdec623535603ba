"""What the terminal already shows is not sent to it again.

Textual sends all of a widget when anything about it changes: a border that shows the focus costs
the whole panel, a waiting time that counts up the whole queue; over a slow line that is felt. This
keeps what was sent, cell by cell, and lets through only the cells that differ.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.cells import cell_len
from rich.console import Console, RenderableType
from rich.control import Control
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.screen import Screen
from textual.strip import Strip

Cell = tuple[str, str, str]
"""A character (none for the right half of a wide one), and what switches its style on and off."""

_NEAR = 4
"""So few cells between two that differ are sent again: going around them takes more bytes."""
_MOST_STYLES = 4_000


class Written(CompositorUpdate):
    """An update that is written out already."""

    def __init__(self, text: str) -> None:
        self.text = text

    def render_segments(self, console: Console) -> str:  # noqa: ARG002 -- Textual's own
        """The text."""
        return self.text


class LeanApp(App[None], inherit_bindings=False):
    """An app that sends its terminal only what has changed on it.

    After another size and on another tab all is sent, so that whatever else wrote on the terminal
    does not stay there.
    """

    def __init__(self) -> None:
        super().__init__()
        self._shown = Shown()
        self._drawn: Screen[Any] | None = None

    async def _on_resize(self, event: events.Resize) -> None:  # noqa: ARG002 -- Textual's own
        self._shown.forget()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        driver = self._driver
        if (
            not isinstance(renderable, LayoutUpdate | ChopsUpdate)
            or driver is None
            or self.is_headless
            or self._batch_count
            or self._closed
            or not self._running
        ):
            super()._display(screen, renderable)
            return
        if self._drawn is not self.screen_stack[0]:
            self._drawn = self.screen_stack[0]
            self._shown.forget()
        text = self._shown.changes(renderable, self.console)
        if text or self._previous_cursor_position != self.cursor_position:
            super()._display(screen, Written(text))  # type: ignore[arg-type] # as Textual's own
        else:
            self.post_display_hook()


class Shown:
    """The cells that the terminal shows, as far as they are known."""

    def __init__(self) -> None:
        self._lines: dict[int, dict[int, Cell]] = {}
        self._styles: dict[Style | None, tuple[str, str]] = {}

    def forget(self) -> None:
        """Anything may be there: all is sent once more."""
        self._lines.clear()

    def changes(self, update: LayoutUpdate | ChopsUpdate, console: Console) -> str:
        """What is to be written for an update, which is shown from now on; empty for nothing."""
        if len(self._styles) > _MOST_STYLES:
            self._styles.clear()
        pieces = _of_layout(update) if isinstance(update, LayoutUpdate) else _of_chops(update)
        return "".join(
            self._changed(y, x, strip, console) for y, x, strip in pieces if strip is not None
        )

    def _changed(self, y: int, x: int, strip: Strip, console: Console) -> str:
        line = self._lines.setdefault(y, {})
        cells = list(self._cells(strip, console))
        differing = [at for at, cell in enumerate(cells) if line.get(x + at) != cell]
        if not differing:
            return ""
        written = []
        for first, last in _runs(differing):
            if not cells[first][0] and first:
                first -= 1  # noqa: PLW2901 -- the right half comes with the left one
            written.append(Control.move_to(x + first, y).segment.text)
            written.append(_spelled(cells[first : last + 1]))
        line.update(enumerate(cells, x))
        return "".join(written)

    def _cells(self, strip: Strip, console: Console) -> Iterator[Cell]:
        for text, style, control in strip:
            if control:
                continue
            on, off = self._style(style, console)
            if text.isascii():
                yield from ((character, on, off) for character in text)
                continue
            for cluster in _clusters(text):
                yield cluster, on, off
                if cell_len(cluster) == 2:
                    yield "", on, off

    def _style(self, style: Style | None, console: Console) -> tuple[str, str]:
        if style not in self._styles:
            on, off = "", ""
            if style is not None:
                spelled = Strip([Segment("x", style)]).render(console)
                on, _, off = spelled.rpartition("x")
            self._styles[style] = on, off
        return self._styles[style]


def _clusters(text: str) -> Iterator[str]:
    """Characters, each with what is drawn into its cell after it."""
    cluster = ""
    for character in text:
        if cluster and cell_len(character):
            yield cluster
            cluster = ""
        cluster += character
    if cluster:
        yield cluster


def _runs(differing: list[int]) -> Iterator[tuple[int, int]]:
    """First and last of those that are near each other."""
    first = last = differing[0]
    for at in differing[1:]:
        if at - last > _NEAR:
            yield first, last
            first = at
        last = at
    yield first, last


def _spelled(cells: list[Cell]) -> str:
    """Cells as the terminal takes them, each style switched on once."""
    parts: list[str] = []
    text, style = "", cells[0][1:]
    for character, on, off in cells:
        if (on, off) != style:
            parts += (style[0], text, style[1])
            text, style = "", (on, off)
        text += character
    return "".join((*parts, style[0], text, style[1]))


def _of_layout(update: LayoutUpdate) -> Iterator[tuple[int, int, Strip | None]]:
    for y, strips in enumerate(update.strips, update.region.y):
        x = update.region.x
        for strip in strips:
            yield y, x, strip
            x += strip.cell_length


def _of_chops(update: ChopsUpdate) -> Iterator[tuple[int, int, Strip | None]]:
    """As Textual's own `render_segments` takes them apart."""
    for y, first, last in update.spans:
        for end, (x, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if strip is not None and x <= last and end > first:
                whole = first <= x < last and end <= last
                yield y, x, strip if whole else strip.crop(0, min(end, last) - x)
