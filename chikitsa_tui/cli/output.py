"""What commands print: one answer on standard output, as text, JSON or CSV.

Data is never trusted to be harmless: in text and CSV what would drive a terminal becomes `·`, in
JSON it is escaped, and a CSV cell is never a formula.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from pathlib import PurePath
from typing import Any, TextIO, TypeVar
from zoneinfo import ZoneInfo

from msgspec import Struct
from msgspec.structs import asdict

T = TypeVar("T")
Row = Mapping[str, Any]

_ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
_NARROWEST = 8
_STEPS = 1000
_EMPTY: tuple[Any, ...] = (None, "", [], ())


def printable(text: str, *, lines: bool = False) -> str:
    """The text with everything that acts on a terminal shown as `·`; on one line unless `lines`."""
    text = _ACTING.sub("·", text)
    return text if lines else text.replace("\n", " ").replace("\t", " ")


def plain(value: Any, zone: ZoneInfo | None = None) -> Any:
    """A value as JSON knows it; moments as ISO 8601 in `zone`, where it is given."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, datetime):
        return (value.astimezone(zone) if zone else value).isoformat(timespec="seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    return _plain_container(value, zone)


def _plain_container(value: Any, zone: ZoneInfo | None) -> Any:
    if isinstance(value, Struct):
        return {name: plain(part, zone) for name, part in asdict(value).items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = dataclasses.fields(value)
        return {f.name: plain(getattr(value, f.name), zone) for f in fields}
    if isinstance(value, Mapping):
        return {str(plain(k, zone)): plain(v, zone) for k, v in value.items()}
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Iterable):
        return [plain(item, zone) for item in value]
    return str(value)


def to_json(value: Any, zone: ZoneInfo | None = None) -> str:
    """JSON text that is harmless on a terminal and whole for a program."""
    return _harmless(json.dumps(plain(value, zone), ensure_ascii=False, indent=2))


def _on_one_line(simple: Any) -> str:
    return _harmless(json.dumps(simple, ensure_ascii=False))


def _harmless(text: str) -> str:
    """JSON text with everything that acts on a terminal escaped."""
    return _ACTING.sub(lambda found: json.dumps(found.group())[1:-1], text)


@dataclasses.dataclass(frozen=True)
class Output:
    """How one command answers. `zone` is the hospital's; `form` is `text`, `json` or `csv`."""

    zone: ZoneInfo
    form: str = "text"

    def rows(
        self, items: Sequence[T], fields: Callable[[T], Row], *, total: int | None = None
    ) -> None:
        """A list. `total` is the length of the whole where `items` is a piece of it."""
        rows = [fields(item) for item in items]
        if self.form == "json":
            _put(to_json(rows, self.zone), sys.stdout)
        elif self.form == "csv":
            self._csv(rows)
        elif rows:
            _put(self._table(rows), sys.stdout)
        if self.form == "text" and not rows:
            note("Nothing found.")
        if total is not None and total > len(rows):
            note(f"{len(rows):,} of {total:,}; --limit and --offset show the others.")

    def stream(self, items: Iterable[T], fields: Callable[[T], Row], to: TextIO) -> int:
        """A list too long to be held, written as it comes; returns how many there were. JSON is an
        array with a thing on each line."""
        count = 0
        writer = csv.writer(to, lineterminator="\n")
        for count, item in enumerate(items, 1):
            row = fields(item)
            if self.form == "json":
                to.write(("[\n" if count == 1 else ",\n") + _on_one_line(plain(row, self.zone)))
                continue
            if count == 1:
                writer.writerow(row)
            writer.writerow([_csv_cell(self._flat(value)) for value in row.values()])
        if self.form == "json":
            to.write("\n]\n" if count else "[]\n")
        return count

    def one(self, row: Row) -> None:
        """One thing."""
        if self.form == "json":
            _put(to_json(row, self.zone), sys.stdout)
        elif self.form == "csv":
            self._csv([row])
        else:
            _put(self._card(row), sys.stdout)

    def line(self, text: str) -> None:
        """A line of text, cut nowhere."""
        _put(printable(text), sys.stdout)

    def _csv(self, rows: Sequence[Row]) -> None:
        if not rows:
            return
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(rows[0])
        for row in rows:
            writer.writerow([_csv_cell(self._flat(value)) for value in row.values()])
        _put(text.getvalue().removesuffix("\n"), sys.stdout)

    def _table(self, rows: Sequence[Row]) -> str:
        headings = list(rows[0])
        cells = [[printable(self._shown(row[name])) for name in headings] for row in rows]
        right = [isinstance(rows[0][name], int) for name in headings]
        titles = [name.replace("_", " ") for name in headings]
        widths = _fitting([max(map(_width, column)) for column in zip(titles, *cells, strict=True)])
        lines = [
            "  ".join(_pad(c, w, right=r) for c, w, r in zip(line, widths, right, strict=True))
            for line in [titles, *cells]
        ]
        return "\n".join(line.rstrip() for line in lines)

    def _card(self, row: Row) -> str:
        width = max(map(len, row))
        lines = []
        for name, value in row.items():
            text = printable(self._shown(value), lines=True)
            label = name.replace("_", " ").ljust(width)
            lines.append(f"{label}  {text}".rstrip().replace("\n", "\n" + " " * (width + 2)))
        return "\n".join(lines)

    def _shown(self, value: Any) -> str:
        """A value for people: moments in hospital time without the offset."""
        if isinstance(value, datetime):
            return f"{value.astimezone(self.zone):%Y-%m-%d %H:%M}"
        if isinstance(value, bool):
            return "yes" if value else "no"
        if isinstance(value, Mapping):
            return ", ".join(f"{k} {self._shown(v)}" for k, v in value.items() if v not in _EMPTY)
        if isinstance(value, list | tuple):
            return "\n".join(self._shown(item) for item in value)
        simple = plain(value)
        return "" if simple is None else str(simple)

    def _flat(self, value: Any) -> str:
        """A value for a CSV cell: as in JSON, what has parts as JSON text."""
        simple = plain(value, self.zone)
        if simple is None:
            return ""
        if isinstance(simple, bool):
            return "true" if simple else "false"
        return _on_one_line(simple) if isinstance(simple, list | dict) else str(simple)


def note(text: str) -> None:
    """A message beside the answer, on standard error."""
    _put(printable(text, lines=True), sys.stderr)


@contextmanager
def progress(label: str) -> Iterator[Callable[[int, int], None]]:
    """Something to call with how much of how much is done; a bar where a person looks on."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    import typer

    with typer.progressbar(length=_STEPS, label=label, file=sys.stderr) as bar:

        def tell(done: int, total: int) -> None:
            bar.update(_STEPS * done // max(total, 1) - bar.pos)

        yield tell


def _put(text: str, to: TextIO) -> None:
    to.write(f"{text}\n")
    to.flush()


def _csv_cell(text: str) -> str:
    from store.exchange.cells import safe

    return safe(printable(text, lines=True))


def _width(text: str) -> int:
    from rich.cells import cell_len

    return cell_len(text)


def _pad(text: str, width: int, *, right: bool) -> str:
    from rich.cells import set_cell_size

    if _width(text) > width:
        text = set_cell_size(text, width - 1).rstrip() + "…"
    fill = " " * (width - _width(text))
    return fill + text if right else text + fill


def _fitting(widths: list[int]) -> list[int]:
    """Column widths for this terminal: the widest give way; in a pipe nothing is cut."""
    if not sys.stdout.isatty():
        return widths
    room = shutil.get_terminal_size().columns - 2 * (len(widths) - 1)
    widths = list(widths)
    while sum(widths) > room and max(widths) > _NARROWEST:
        widths[widths.index(max(widths))] -= 1
    return widths
