"""Reading a CSV file that may be anything: strictly, or not at all.

A file that could be misread is refused whole, with the line or the byte where it stops being
clear; nothing is guessed. It is read twice through one open handle, first for its soundness, then
for its rows, so that memory does not grow with it.
"""

from __future__ import annotations

import codecs
import csv
import errno
import hashlib
import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from store.errors import Invalid

LARGEST_FILE = 100 * 1024 * 1024
_CHUNK = 1 << 20
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_MARKS = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)


class Line(NamedTuple):
    """A row of the file: the physical line it begins on, and its cells."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class CsvFile:
    """An open file that was found sound: its heading, how many rows it has, and its SHA-256."""

    heading: list[str]
    rows: int
    digest: str
    _handle: io.BufferedReader

    def lines(self) -> Iterator[Line]:
        """The rows behind the heading, from the first on each time; empty ones are left out.

        Raises:
            Invalid: the file changed since it was found sound.
        """
        parsed = _parse(self._handle)
        next(parsed, None)
        try:
            yield from parsed
        except (UnicodeDecodeError, csv.Error):
            raise _changed() from None


@contextmanager
def open_csv(path: Path) -> Iterator[CsvFile]:
    """Open a CSV file and see that it is sound: UTF-8, commas, one heading, whole quotes.

    Raises:
        Invalid: says what is wrong and where.
    """
    with _open_regular(path) as handle:
        before = _state(handle)
        digest = _require_utf8(handle)
        heading, rows = _survey(handle)
        if _state(handle) != before:
            raise _changed()
        yield CsvFile(heading, rows, digest, handle)
        if _state(handle) != before:
            raise _changed()


@contextmanager
def _open_regular(path: Path) -> Iterator[io.BufferedReader]:
    """Open a regular file without following a link or waiting for the other end of a pipe."""
    try:
        number = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno == errno.ELOOP:
            raise Invalid("That is a link; name the file itself.") from None
        why = error.strerror if isinstance(error, OSError) else "no file has such a name"
        raise Invalid(f"The file cannot be opened: {why}.") from None
    try:
        _require_regular(os.fstat(number))
    except Invalid:
        os.close(number)
        raise
    with os.fdopen(number, "rb") as handle:
        yield handle


def _require_regular(found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise Invalid("That is not a file with rows in it; name a CSV file.")
    if found.st_size > LARGEST_FILE:
        raise Invalid(
            f"The file has {found.st_size >> 20} MB; {LARGEST_FILE >> 20} MB fit. Split it."
        )


def _state(handle: io.BufferedReader) -> tuple[int, int]:
    found = os.fstat(handle.fileno())
    return found.st_size, found.st_mtime_ns


def _changed() -> Invalid:
    return Invalid("The file changed while it was read; nothing was taken. Try again.")


def _require_utf8(handle: io.BufferedReader) -> str:
    """Refuse other encodings and NUL by the byte where they show; returns the SHA-256."""
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    digest = hashlib.sha256()
    offset = 0
    handle.seek(0)
    while chunk := handle.read(_CHUNK):
        if offset == 0:
            _refuse_other_encoding(chunk)
        digest.update(chunk)
        if (at := chunk.find(b"\0")) >= 0:
            raise Invalid(f"Byte {offset + at} of the file is NUL; it is damaged or no text.")
        waiting = len(decoder.getstate()[0])
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError as error:
            raise _not_utf8(offset - waiting + error.start) from None
        offset += len(chunk)
    if waiting := len(decoder.getstate()[0]):
        raise _not_utf8(offset - waiting)
    return digest.hexdigest()


def _refuse_other_encoding(start: bytes) -> None:
    for mark, name in _MARKS:
        if start.startswith(mark):
            raise Invalid(f"The file is {name}; save it as UTF-8.", offset=0)


def _not_utf8(offset: int) -> Invalid:
    return Invalid(
        f"Byte {offset} of the file is not UTF-8; save the file as UTF-8.", offset=offset
    )


def _survey(handle: io.BufferedReader) -> tuple[list[str], int]:
    """The heading, and the number of rows behind it, having read the file to its end."""
    parsed = _parse(handle)
    last = 0
    try:
        first = next(parsed, None)
        if first is None:
            raise Invalid("The file is empty.")
        heading = _heading(first)
        rows = 0
        for line in parsed:
            last = line.number
            rows += 1
    except csv.Error as error:
        sentence = _csv_sentence(error)
        raise Invalid(f"Behind line {last or 1}: {sentence}", line=last) from None
    return heading, rows


def _heading(first: Line) -> list[str]:
    heading = [" ".join(cell.split()) for cell in first.cells]
    if len(heading) == 1:
        for delimiter, name in _OTHER_DELIMITERS.items():
            if delimiter in heading[0] or delimiter in first.cells[0]:
                raise Invalid(f"The columns are separated by {name}; separate them by commas.")
    doubled = sorted({name for name in heading if name and heading.count(name) > 1})
    if doubled:
        raise Invalid(f"The heading has two columns named {', '.join(doubled)}; rename one.")
    return heading


def _csv_sentence(error: csv.Error) -> str:
    text = str(error)
    if "field larger" in text:
        return f"a cell is longer than {csv.field_size_limit():,} characters."
    if "unexpected end" in text:
        return "a quoted cell is never closed."
    return "a quoted cell is closed before its end; double the quotes inside it."


def _parse(handle: io.BufferedReader) -> Iterator[Line]:
    handle.seek(0)
    text = io.TextIOWrapper(handle, encoding="utf-8-sig", newline="")
    try:
        reader = csv.reader(text, strict=True)
        number = 1
        for cells in reader:
            if not "".join(cells).isspace() and any(cells):
                yield Line(number, cells)
            number = reader.line_num + 1
    finally:
        if not handle.closed:  # or the wrapper would close the handle with itself
            text.detach()
