"""The board on the wall of a waiting room: for each doctor the token now served and the next."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from store.values import BoardLine
from widgets.plain import content, lines, shorten

_LINES_EACH = 2
_PAGE_SECONDS = 10
_CALLED_FOR = timedelta(seconds=30)
_NOW_CELLS = 10


class Board(Widget):
    """Fills the screen; what does not fit comes round every ten seconds."""

    DEFAULT_CSS = """
    Board { height: 1fr; width: 1fr; padding: 0 2; }
    """

    def __init__(self) -> None:
        super().__init__()
        self.sentence = ""
        """What is told in place of tokens, when something is wrong."""
        self._rows: Sequence[BoardLine] = ()
        self._now: datetime | None = None
        self._called: dict[int, tuple[str | None, datetime | None]] = {}
        self._first = True

    def show(self, rows: Sequence[BoardLine], now: datetime) -> bool:
        """Show these lines; whether anybody has been called in since the last ones."""
        serving = {row.doctor_id: row.serving for row in rows}
        before = {doctor: token for doctor, (token, _) in self._called.items()}
        new = {
            doctor
            for doctor, token in serving.items()
            if token is not None and token != before.get(doctor) and not self._first
        }
        self._called = {
            doctor: (token, now if doctor in new else self._called.get(doctor, (None, None))[1])
            for doctor, token in serving.items()
        }
        self._rows, self._first, self.sentence = rows, False, ""
        self.tick(now)
        return bool(new)

    def tell(self, sentence: str) -> None:
        """Show a sentence in place of tokens that may be out of date."""
        self.sentence = sentence
        self.refresh()

    def tick(self, now: datetime) -> None:
        """Time has gone on: the next page, and who was called a while ago is no longer lit."""
        self._now = now
        self.refresh()

    def render(self) -> Content:
        """The page of the moment."""
        if self.sentence or not self._rows or self._now is None:
            sentence = self.sentence or "Nobody is waiting."
            return content("\n[$text-muted]$sentence[/]", sentence=sentence)
        room = max(1, (self.size.height - 2) // _LINES_EACH)
        pages = -(-len(self._rows) // room)
        page = int(self._now.timestamp()) // _PAGE_SECONDS % pages
        drawn = [self._heading(page, pages)]
        for row in self._rows[page * room : (page + 1) * room]:
            drawn += [Content(""), self._line(row)]
        return lines(drawn)

    def _widths(self) -> tuple[int, int]:
        """Columns for the doctor, and for those who come next."""
        doctor = max(16, (self.size.width - _NOW_CELLS - 4) * 9 // 16)
        return doctor, max(0, self.size.width - doctor - _NOW_CELLS - 4)

    def _heading(self, page: int, pages: int) -> Content:
        doctor, _ = self._widths()
        return content(
            "[$text-muted]$doctor$now$next  $page[/]",
            doctor="Doctor".ljust(doctor),
            now="Now".ljust(_NOW_CELLS),
            next="Next",
            page=f"{page + 1} of {pages}" if pages > 1 else "",
        )

    def _line(self, row: BoardLine) -> Content:
        doctor, rest = self._widths()
        name = shorten(f"{row.doctor}, {row.department}", doctor - 2)
        token = shorten(row.serving or "–", _NOW_CELLS - 2)
        style = (
            "b reverse $accent" if self._lit(row) else "b $accent" if row.serving else "$text-muted"
        )
        return content(
            f"[b]$name[/]$gap[{style}]$token[/]$space$next",
            name=name,
            gap=" " * (doctor - cell_len(name) - 1),
            token=f" {token} ",
            space=" " * (_NOW_CELLS - cell_len(token) - 1),
            next=self._coming(row.waiting, rest),
        )

    @staticmethod
    def _coming(tokens: Sequence[str], room: int) -> str:
        """As many tokens as there is room for, and how many more wait."""
        for count in range(len(tokens), -1, -1):
            more = len(tokens) - count
            text = "  ".join([*tokens[:count], *([f"+{more}"] if more else [])])
            if cell_len(text) <= room:
                return text
        return ""

    def _lit(self, row: BoardLine) -> bool:
        """Whether somebody was called in a moment ago."""
        _, since = self._called.get(row.doctor_id, (None, None))
        return since is not None and self._now is not None and self._now - since < _CALLED_FOR
