"""The file of refused rows: where each stood, why it was refused, and the row as it was."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from store.errors import Invalid
from store.exchange.cells import plain, safe
from store.exchange.csv_file import Line

LINE, REASON = "line", "reason"


class Rejects(Protocol):
    """Where refused rows go."""

    def write(self, line: Line, reason: str) -> None:
        """Put a refused row down."""
        ...

    def restart(self) -> None:
        """Forget what was put down: the file is gone through again from its start."""
        ...


class NoRejects:
    """Nobody asked for a file."""

    def write(self, line: Line, reason: str) -> None:
        """Refused rows are in the report alone."""

    def restart(self) -> None:
        """Nothing was put down."""


class _RejectsFile:
    def __init__(self, handle: io.TextIOBase, heading: Sequence[str]) -> None:
        self._handle, self._writer = handle, csv.writer(handle)
        # A rejects file that was corrected and comes back has these two columns already.
        self._kept = [place for place, name in enumerate(heading) if name not in (LINE, REASON)]
        self._heading = [LINE, REASON, *(safe(heading[place]) for place in self._kept)]
        self.restart()

    def restart(self) -> None:
        """Leave nothing but the heading."""
        self._handle.seek(0)
        self._handle.truncate()
        self._writer.writerow(self._heading)

    def write(self, line: Line, reason: str) -> None:
        """Put a refused row down."""
        cells = [line.cells[place] for place in self._kept if place < len(line.cells)]
        self._writer.writerow([line.number, safe(reason), *(safe(plain(cell)) for cell in cells)])


@contextmanager
def rejects_file(path: Path | None, source: Path, heading: Sequence[str]) -> Iterator[Rejects]:
    """A CSV file of refused rows, to correct and import again; readable to its owner alone.

    Raises:
        Invalid: the file cannot be written, or it is the very file that is imported.
    """
    if path is None:
        yield NoRejects()
        return
    if path.exists() and path.samefile(source):
        raise Invalid.field("rejects", "The file of refused rows cannot be the imported file.")
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        number = os.open(path, flags, 0o600)
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "no file has such a name"
        raise Invalid.field("rejects", f"The rejects file cannot be written: {why}.") from None
    with os.fdopen(number, "w", encoding="utf-8", newline="") as handle:
        yield _RejectsFile(handle, heading)
