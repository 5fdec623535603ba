"""The only road from data to the screen: what a person typed is shown, never obeyed.

Textual reads markup in strings (and runs actions named in it), and passes control characters to
the terminal. Whatever comes from data therefore goes through here: `plain` for widgets, `cell` for
tables, `content` for sentences with data in them, and `NoControls` as the last net before the
terminal. The dangers are listed in OWASP ASVS 5.0, 1.2 and 16.4.1.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.text import Text
from textual.color import Color
from textual.content import Content
from textual.filter import LineFilter

REPLACEMENT = "·"
"""Stands on the screen where a character was that a terminal would obey."""

# Zero-width joiner and non-joiner (U+200C, U+200D) and the direction marks U+200E and U+200F stay:
# Malayalam, Persian and Devanagari are not written without them.
_CONTROLS = (
    r"\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2060\u2066-\u2069\u200b\ufeff"
    r"\ud800-\udfff\U000e0000-\U000e007f"
)
_HARMFUL = re.compile(f"[{_CONTROLS}]")
_LINE_ENDS = re.compile(r"\r\n?|[\x85\u2028\u2029]")
_BLANKS = re.compile(r"[\t\n\r\x0b\x0c\x85\u2028\u2029]+")
_MOST_MARKS = 6


def clean(value: object) -> str:
    """`value` as text that a terminal shows and does not obey; lines stay lines, None is empty."""
    if value is None:
        return ""
    text = _LINE_ENDS.sub("\n", str(value)).replace("\t", " ")
    if text.isascii():
        return _HARMFUL.sub(REPLACEMENT, text)
    return _HARMFUL.sub(REPLACEMENT, _few_marks(text))


def one_line(value: object) -> str:
    """`clean`, with every line end become a blank."""
    return clean(_BLANKS.sub(" ", "" if value is None else str(value)))


def _few_marks(text: str) -> str:
    """`text` with at most six combining marks in a row: more only paint over other lines."""
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.category(character) in ("Mn", "Me") else 0
        if marks <= _MOST_MARKS:
            kept.append(character)
    return "".join(kept)


def shorten(text: str, cells: int) -> str:
    """`text` cut to `cells` columns of the terminal, ending in `…` where it was cut."""
    if cells <= 0:
        return ""
    if cell_len(text) <= cells:
        return text
    return set_cell_size(text, cells - 1).rstrip() + "…"


def plain(value: object) -> Content:
    """Data as content for any widget: literal, without controls."""
    return Content(clean(value))


def cell(value: object, *, width: int | None = None, style: str = "", right: bool = False) -> Text:
    """Data as a table cell on one line, shortened to `width` columns.

    Args:
        style: a rich style such as `bold #60a5fa`, never made of data.
        right: whether it stands at the right, as numbers do.
    """
    text = one_line(value)
    if width is not None:
        text = shorten(text, width)
    return Text(text, style=style, no_wrap=True, justify="right" if right else "left")


def content(template: str, **values: object) -> Content:
    """A sentence of ours in content markup with data in it: `content("[b]$name[/b]", name=…)`.

    The template is written by us; the values are put in literally, on one line each.
    """
    return Content.from_markup(template, **{name: one_line(v) for name, v in values.items()})


def lines(parts: Iterable[Content]) -> Content:
    """Contents under each other."""
    return Content("\n").join(list(parts))


class NoControls(LineFilter):
    """The last net: no control character of any widget reaches the terminal."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Replace what a terminal would obey; Textual's own control segments pass."""
        return [
            Segment(_HARMFUL.sub(REPLACEMENT, segment.text), segment.style, segment.control)
            if not segment.control and _HARMFUL.search(segment.text)
            else segment
            for segment in segments
        ]
