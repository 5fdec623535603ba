"""A PDF page by page: fonts, margins, the line at the head of each page and the one at its foot.

Every text comes in by `safe`, so that nothing from people drives the drawing: no markup, no
placeholder of the library, no character that it would refuse.
"""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fpdf import FPDF
from fpdf.enums import Align, TableBordersLayout, VAlign, WrapMode, XPos, YPos
from fpdf.fonts import FontFace

from jobs.documents.fonts import REMEDY, Chosen, Fonts
from jobs.documents.words import harmless

MUTED, INK, RULE = 96, 20, 190
"""Shades of grey."""

_MAIN, _CORE = "main", "helvetica"
_JOINERS = (0x200C, 0x200D)
_FIRST_SHAPED = 0x0590  # Hebrew
_PAGES, _CORE_PAGES = "\ue000\ue001", "\x7f\x7f"
"""Stand for the number of pages while they are written. Nothing that people write has them:
private characters are shown as unknown, control characters are taken out."""

logging.getLogger("fontTools").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class Pdf:
    """A finished document, and the characters in it that no font here can draw."""

    data: bytes
    missing: frozenset[str] = frozenset()

    @property
    def caution(self) -> str:
        """What to tell whoever made it, where something could not be drawn; else nothing."""
        if not self.missing:
            return ""
        return f"Some of its characters cannot be drawn by any font here. {REMEDY}"


class Paper(FPDF):
    """A document in one main font with others standing in.

    Args:
        texts: everything that will be written, so that the fonts can be chosen.
        head: stands at the top of every page from the one numbered `head_from` on.
        foot: stands at the bottom of every page, before its number.
        page_words: how that is told; takes the page's number and how many there are.
    """

    def __init__(
        self,
        fonts: Fonts,
        texts: Iterable[str],
        *,
        title: str,
        made_at: datetime,
        size: str | tuple[float, float] = "A4",
        margin: float = 18,
        head: str = "",
        head_from: int = 1,
        foot: str = "",
        page_words: str = "page {} of {}",
    ) -> None:
        super().__init__(orientation="portrait", unit="mm", format=size)
        given = [*texts, title, head, foot, page_words]
        self.chosen = fonts.choose(harmless(text) for text in given)
        self._missing = self.chosen.missing | {c for t in given for c in t if _private(c)}
        self._joined = ""
        self._head, self._head_from, self._foot = head, head_from, foot
        self._page_words = page_words
        self._add_fonts(self.chosen)
        self._pages = _PAGES if self.chosen.main else _CORE_PAGES
        self.alias_nb_pages(self._pages)
        self.core_fonts_encoding = "cp1252"
        self.set_margin(margin)
        self.set_auto_page_break(True, margin + (6 if foot else 0))
        self.set_title(self.safe(title))
        self.set_creator("Chikitsa")
        self.set_creation_date(made_at)
        self.add_page()

    def safe(self, text: str, *, lines: bool = False) -> str:
        """A text as it can be drawn, which is then to be drawn next."""
        text = unicodedata.normalize("NFC", harmless(text, lines=lines))
        missing, sign = self._missing, self.chosen.sign
        if missing:
            text = "".join(sign if c in missing else c for c in text)
        if self.chosen.main is None:
            return text.encode("cp1252", "ignore").decode("cp1252")
        # Shaping costs three times the rest, and plain letters have nothing to be shaped.
        self.set_text_shaping(_needs_shaping(text))
        return text

    def header(self) -> None:
        """The line at the head of a page."""
        if self._head and self.page_no() >= self._head_from:
            shaping = self.text_shaping  # of the text that the new page goes on with
            self.style(9, grey=MUTED)
            self._cell(self.safe(self._head), 5)
            self.rule()
            self.text_shaping = shaping

    def footer(self) -> None:
        """The line at the foot of a page, with its number."""
        if not self._foot:
            return
        shaping = self.text_shaping
        self.set_y(-self.b_margin + 2)
        self.style(8, grey=MUTED)
        page = self._page_words.format(self.page_no(), self._pages)
        words = f"{self.safe(self._foot)}  ·  {page}"
        self.multi_cell(
            0, 4, words, align=Align.C, wrapmode=WrapMode.WORD, new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
        self.text_shaping = shaping

    def style(self, size: float, *, bold: bool = False, grey: int = INK) -> None:
        """How the next text looks; `size` in points."""
        self.set_font(_MAIN if self.chosen.main else _CORE, "B" if bold else "", size)
        self.set_text_color(grey)

    def line_of(
        self,
        text: str,
        size: float = 10,
        *,
        bold: bool = False,
        grey: int = INK,
        centred: bool = False,
        indent: float = 0,
    ) -> None:
        """A text in as many lines as it needs; words too long for a line are broken."""
        self.style(size, bold=bold, grey=grey)
        self.set_x(self.l_margin + indent)
        self._cell(self.safe(text, lines=True), size * 0.47, centred=centred)

    def fact(self, label: str, value: str, size: float = 10, *, width: float = 24) -> None:
        """A label, and beside it a value in as many lines as it needs; `width` in mm."""
        self.style(size, grey=MUTED)
        self.cell(width, size * 0.47, self.safe(label))
        self.style(size)
        self.multi_cell(
            0,
            size * 0.47,
            self.safe(value, lines=True),
            align=Align.L,
            wrapmode=WrapMode.WORD,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )

    def beside(
        self, left: str, right: str, size: float = 10, *, bold: bool = False, grey: int = INK
    ) -> None:
        """A text, and another at the right edge that no line of the first runs into. Only the
        left one is `bold` and `size` points large."""
        self.style(10)
        shown = self.safe(right)
        width = self.get_string_width(shown) + 2
        top, height = self.get_y(), size * 0.47
        self.set_xy(self.w - self.r_margin - width, top)
        self.cell(width, height, shown, align=Align.R)
        self.set_xy(self.l_margin, top)
        self.style(size, bold=bold, grey=grey)
        self._cell(self.safe(left), height, width=self.epw - width)
        self.set_y(max(self.get_y(), top + height))

    def rule(self, *, heavy: bool = False) -> None:
        """A line across the page, thin unless `heavy`."""
        self.set_draw_color(INK if heavy else RULE)
        self.set_line_width(0.6 if heavy else 0.2)
        y = self.get_y() + 1
        self.line(self.l_margin, y, self.w - self.r_margin, y)
        self.set_line_width(0.2)
        self.set_y(y + 2)

    def place_for_signature(self, lines: Sequence[str], *, width: float, height: float) -> None:
        """A line to sign above at the right edge, with who signs below; never apart from each
        other. `width` in mm, `height` that of the empty place."""
        if self.will_page_break(height + 6 * len(lines)):
            self.add_page()
        self.ln(height)
        left = self.w - self.r_margin - width
        self.set_draw_color(INK)
        self.line(left, self.get_y(), left + width, self.get_y())
        self.ln(1)
        for number, line in enumerate(lines):
            self.style(10 if number == 0 else 9, bold=number == 0)
            self.set_x(left)
            self._cell(self.safe(line), 4.7, width=width)

    def part(self, together: float) -> None:
        """Begin a part of the document: on a new page where `together` mm do not fit any more, else
        below a line."""
        if self.will_page_break(together):
            self.add_page()
        else:
            self.ln(4)
            self.rule()

    def grid(
        self,
        headings: Sequence[str],
        rows: Iterable[Sequence[str]],
        widths: Sequence[int],
        *,
        bold: int | None = None,
    ) -> None:
        """A table whose headings come again on every page; `bold` is the column that stands out.
        A cell may have several lines."""
        self.style(9)
        self.set_draw_color(RULE)
        rows = [[self.safe(cell, lines=True) for cell in row] for row in (headings, *rows)]
        if self.chosen.main is not None:
            self.set_text_shaping(any(_needs_shaping(cell) for row in rows for cell in row))
        with self.table(
            col_widths=tuple(widths),
            text_align=Align.L,
            v_align=VAlign.T,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            line_height=5,
            padding=(1, 1, 1, 0),
            wrapmode=WrapMode.WORD,
        ) as table:
            for row in rows:
                line = table.row()
                for column, cell in enumerate(row):
                    line.cell(cell, style=FontFace(emphasis="B") if column == bold else None)
        self.style(9)

    def finish(self) -> Pdf:
        """The document, with a sentence at its end where something in it could not be drawn."""
        if self._missing:
            self.ln(3)
            self.line_of(unknown_words(self.chosen.sign), 8, grey=MUTED)
        return Pdf(bytes(self.output()), frozenset(self._missing))

    def get_fallback_font(self, char: str, style: str = "") -> str | None:
        """The stand-in for a character; a joiner stays with the letters that it joins, or they
        would be drawn apart."""
        if ord(char) in _JOINERS and self._joined:
            return self._joined
        found: str | None = super().get_fallback_font(char, style)
        self._joined = found or ""
        return found

    def _set_font_for_page(self, *args: Any, **kwargs: Any) -> str:
        """What sets the font; within a line that begins in a stand-in fpdf2 (2.8.9) sets the main
        one for that line alone and takes it for set, so that the next text would be drawn in the
        letters of another font. It is set on the page first."""
        lost = kwargs.get("wrap_in_text_object") is False and not self.current_font_is_set_on_page
        setting: str = super()._set_font_for_page(*args, **kwargs)
        if lost:
            self._out(f"BT {setting} ET")
        return setting

    def _cell(self, text: str, height: float, *, centred: bool = False, width: float = 0) -> None:
        self.multi_cell(
            width,
            height,
            text,
            align=Align.C if centred else Align.L,
            wrapmode=WrapMode.WORD,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )

    def _add_fonts(self, chosen: Chosen) -> None:
        if chosen.main is None:
            return
        for number, face in enumerate((chosen.main, *chosen.others)):
            name = _MAIN if number == 0 else f"other{number}"
            self.add_font(name, "", face.regular)
            if number == 0 or face.bold:
                self.add_font(name, "B", face.bold or face.regular)
        if chosen.others:
            names = [f"other{number}" for number in range(1, len(chosen.others) + 1)]
            self.set_fallback_fonts(names, exact_match=False)
        for style in ("", "B"):
            font: Any = self.fonts[_MAIN + style]
            for joiner in _JOINERS:
                font.cmap.pop(joiner, None)


def _needs_shaping(text: str) -> bool:
    """Whether its letters change with their neighbours: any script behind the Latin, Greek and
    Cyrillic ones, and marks that are set over letters."""
    return not text.isascii() and any(
        (ord(c) >= _FIRST_SHAPED and not 0x2000 <= ord(c) < 0x2C00) or unicodedata.combining(c)
        for c in text
    )


def unknown_words(sign: str) -> str:
    """The sentence that explains the sign."""
    return f"{sign} stands for a character that no font on this computer can draw. {REMEDY}"


def _private(character: str) -> bool:
    return unicodedata.category(character) in ("Co", "Cn")
