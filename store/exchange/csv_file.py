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

UTF_8 = "utf-8"
ENCODINGS = (
    *(UTF_8, "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso8859-1", "iso8859-15", "mac-roman"),
    *("cp437", "cp850", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257"),
)
"""What a file may be in, by Python's names; other names of these (`latin-1`) are understood."""

LARGEST_FILE = 100 * 1024 * 1024
_CHUNK = 1 << 20
_OTHER_DELIMITERS = {";": "semicolons", "\t": "tabs", "|": "bars"}
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
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
    _encoding: str = UTF_8

    def lines(self) -> Iterator[Line]:
        """The rows behind the heading, from the first on each time; empty ones are left out.

        Raises:
            Invalid: the file changed since it was found sound.
        """
        parsed = _parse(self._handle, self._encoding)
        next(parsed, None)
        try:
            yield from parsed
        except (UnicodeDecodeError, csv.Error):
            raise _changed() from None


@contextmanager
def open_csv(path: Path, encoding: str = UTF_8) -> Iterator[CsvFile]:
    """Open a CSV file and see that it is sound: its encoding, commas, one heading, whole quotes.

    Raises:
        Invalid: says what is wrong and where.
    """
    name = _known(encoding)
    with _open_regular(path) as handle:
        before = _state(handle)
        digest = _require_encoding(handle, name)
        heading, rows = _survey(handle, name)
        if _state(handle) != before:
            raise _changed()
        yield CsvFile(heading, rows, digest, handle, name)
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


def _known(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name.removesuffix("-sig")
    except (LookupError, ValueError):
        name = ""
    if name not in ENCODINGS:
        raise Invalid.field(
            "encoding", f"There is no encoding “{encoding[:40]}”; choose {', '.join(ENCODINGS)}."
        )
    return name


def _require_encoding(handle: io.BufferedReader, name: str) -> str:
    """Refuse bytes of another encoding, and NUL, by where they show; returns the SHA-256."""
    decoder = codecs.getincrementaldecoder(name)("strict")
    wide = name.startswith("utf-16")
    as_utf8 = None if wide or name == UTF_8 else codecs.getincrementaldecoder(UTF_8)("strict")
    plain, offset, waiting = True, 0, 0
    digest = hashlib.sha256()
    handle.seek(0)
    while chunk := handle.read(_CHUNK):
        if offset == 0:
            _refuse_other_mark(chunk, name)
        digest.update(chunk)
        plain = plain and chunk.isascii()
        waiting = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk)
            if as_utf8 is not None:
                as_utf8 = _still(as_utf8, chunk)
        except UnicodeDecodeError as error:
            raise _not_in(name, offset - waiting + error.start) from None
        if "\0" in text:
            at = "A letter" if wide else f"Byte {offset + chunk.find(0)}"
            raise Invalid(f"{at} of the file is NUL; it is damaged, no text, or not {name}.")
        offset += len(chunk)
    if waiting := len(decoder.getstate()[0]):
        raise _not_in(name, offset - waiting)
    if as_utf8 is not None and not plain and not as_utf8.getstate()[0]:
        # Letters that make sense as UTF-8 are no accident; read otherwise, they would be garbled.
        raise Invalid(f"The file is UTF-8, not {name}; leave --encoding out.")
    return digest.hexdigest()


def _still(decoder: codecs.IncrementalDecoder, chunk: bytes) -> codecs.IncrementalDecoder | None:
    """The decoder, as long as what it is given is in its encoding."""
    try:
        decoder.decode(chunk)
    except UnicodeDecodeError:
        return None
    return decoder


def _refuse_other_mark(start: bytes, name: str) -> None:
    marked = next((other for mark, other in _MARKS if start.startswith(mark)), None)
    if marked == "utf-32":
        raise Invalid("The file is UTF-32; save it as UTF-8.", offset=0)
    if marked is not None and not name.startswith(marked):
        raise Invalid(
            f"The file is UTF-16; save it as UTF-8, or say --encoding {marked}.", offset=0
        )
    if marked is None and name == "utf-16":
        raise Invalid(
            "The file does not begin with a mark of UTF-16; say utf-16-le or utf-16-be, if it is.",
            offset=0,
        )


def _not_in(name: str, offset: int) -> Invalid:
    if name == UTF_8:
        told = "is not UTF-8; save the file as UTF-8, or name its encoding: --encoding cp1252."
    else:
        told = f"is not {name}; name the encoding that the file is in, or save it as UTF-8."
    return Invalid(f"Byte {offset} of the file {told}", offset=offset)


def _survey(handle: io.BufferedReader, encoding: str) -> tuple[list[str], int]:
    """The heading, and the number of rows behind it, having read the file to its end."""
    parsed = _parse(handle, encoding)
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


def _parse(handle: io.BufferedReader, encoding: str) -> Iterator[Line]:
    handle.seek(0)
    # A mark in front is read over; in UTF-16 without an order of bytes, by the decoder itself.
    name = "utf-8-sig" if encoding == UTF_8 else encoding
    text = io.TextIOWrapper(handle, encoding=name, newline="")
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
