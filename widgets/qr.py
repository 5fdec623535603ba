"""A QR code in the terminal: two modules in a character, dark on light whatever the theme, since a
phone's camera reads it."""

from __future__ import annotations

import segno
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip
from textual.widget import Widget

DARK, LIGHT = "#000000", "#ffffff"
_INK = Style.parse(f"{DARK} on {LIGHT}")
_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}
_QUIET, _QUIET_OF_LARGE, _LARGE = 4, 2, 41


def qr_lines(text: str) -> list[str]:
    """The code's lines, dark as ink, with the quiet zone around it that readers need: 4 modules
    (ISO/IEC 18004), 2 around a large code, which is then as large as a small one: 45 by 23
    characters for 37 and for 41 modules."""
    code = segno.make(text, micro=False, error="l")
    border = _QUIET if code.symbol_size(border=0)[0] < _LARGE else _QUIET_OF_LARGE
    rows = [[bool(module) for module in row] for row in code.matrix_iter(border=border)]
    if len(rows) % 2:
        rows.append([False] * len(rows[0]))
    return [
        "".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(rows[::2], rows[1::2], strict=True)
    ]


class QrCode(Widget):
    """Draws a text as a QR code, in just the room that it takes."""

    def __init__(self, text: str, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines = qr_lines(text)
        self.styles.width, self.styles.height = len(self._lines[0]), len(self._lines)

    def render_line(self, y: int) -> Strip:
        """One line of it."""
        if y >= len(self._lines):
            return Strip.blank(self.size.width)
        return Strip([Segment(self._lines[y], _INK)])
