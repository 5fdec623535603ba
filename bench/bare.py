"""Textual by itself, as the limit of what an app can be: `python -m bench.bare MARK|table`."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from textual.app import App, ComposeResult
from textual.widgets import Static

COLUMNS = ("time", "token", "patient", "MRN", "doctor", "status", "wait")
ROWS = 120


class Text(App[None]):
    """One word."""

    def __init__(self, word: str) -> None:
        super().__init__()
        self.word = word

    def compose(self) -> ComposeResult:
        """The word."""
        yield Static(self.word)


def table() -> App[None]:
    """A table like a day's queue, its cursor in the first row."""
    from textual.widgets import DataTable

    class Rows(App[None]):
        def compose(self) -> ComposeResult:
            rows: DataTable[str] = DataTable(cursor_type="row")
            rows.add_columns(*COLUMNS)
            rows.add_rows(_rows())
            yield rows

    return Rows()


def _rows() -> Iterator[tuple[str, ...]]:
    for number in range(ROWS):
        at = f"{9 + number // 12:02}:{number % 12 * 5:02}"
        yield at, f"T{number}", f"Patient {number}", f"{number:06}-1", "Dr Nair", "booked", "12 min"


if __name__ == "__main__":
    (table() if sys.argv[1] == "table" else Text(sys.argv[1])).run()
