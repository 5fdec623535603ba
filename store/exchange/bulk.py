"""Files of patients and appointments, which come by the hundred thousand.

Such a file is first gone through without writing anything: every row is cleaned, looked for among
what is here, and judged; one refused row and nothing is taken. Then it is written. A small file is
one unit of work. A larger one is written in units of `UNIT` rows, between which others have their
turn, because nothing can be refused any more: what stops it then (a kill, a full disk) leaves whole
rows, and the same file again goes on where it was.
"""

from __future__ import annotations

import gc
import pickle
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, BinaryIO, ClassVar, Protocol

from store.errors import StoreError
from store.exchange.csv_file import Line
from store.exchange.headings import Columns
from store.exchange.report import Outcome, Tally
from store.exchange.rows import ENDS_THE_IMPORT, Kind
from store.transaction import Transaction

BATCH = 500
UNIT = 1_500
AT_ONCE = 1_000
"""A file of so many rows at most is one unit of work."""

TURN_SECONDS = 0.004
"""How long the writer stands back between two units: others look for their turn more often."""

_ROWS_AND_MORE = 200_000
"""More objects than the rows of a unit are made of."""

Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ToWrite:
    """A row that is to be written: as what it counts, and what of it the kind wants again.
    `by_rule` is whether it can still be refused, because the hospital's rules decide on it."""

    outcome: Outcome
    content: Any
    by_rule: bool = False


Verdict = Outcome | ToWrite | StoreError
"""What becomes of a row: it is here already, is to be written, or is refused."""


class BulkKind(Protocol):
    """How the rows of one kind of file are judged and written, many at once."""

    columns: ClassVar[Columns]
    rule: ClassVar[Kind | None]
    """Takes the rows that are `by_rule`."""

    def key(self, values: Values) -> str:
        """What makes two rows of the file the same thing."""
        ...

    def judge(
        self, tx: Transaction, rows: Sequence[tuple[int, Values]], tally: Tally
    ) -> list[Verdict]:
        """What becomes of each row, told by its line and our columns, no two of them the same
        thing. Nothing is written."""
        ...

    def write(
        self, tx: Transaction, contents: Sequence[Any], tally: Tally, *, look_again: bool
    ) -> None:
        """Write rows that were judged, but what somebody else has written since: where the
        database has refused that, it is looked for once more (`look_again`)."""
        ...


@dataclass
class Checked:
    """A file that was gone through: its rows to write, kept in a file without a name."""

    tally: Tally
    by_rule: list[tuple[Line, Values]] = field(default_factory=list)
    rows: int = 0
    _staged: BinaryIO = field(default_factory=tempfile.TemporaryFile)
    _unit: list[Any] = field(default_factory=list)

    def stage(self, contents: Sequence[Any]) -> None:
        """Put the contents of a batch aside."""
        self.rows += len(contents)
        self._unit += contents
        if len(self._unit) >= UNIT:
            self._put_aside(UNIT)

    def _put_aside(self, rows: int) -> None:
        pickle.dump(self._unit[:rows], self._staged, pickle.HIGHEST_PROTOCOL)
        del self._unit[:rows]

    def units(self) -> Iterator[list[Any]]:
        """What was put aside, unit by unit, as often as it is asked for."""
        if self._unit:
            self._put_aside(len(self._unit))
        self._staged.seek(0)
        while True:
            try:
                # This process wrote it, into a file that nobody else can open.
                yield pickle.load(self._staged)  # noqa: S301
            except EOFError:
                return

    def close(self) -> None:
        """Let the file go."""
        self._staged.close()


def batches_of(lines: Iterable[Line]) -> Iterator[list[Line]]:
    """The lines, `BATCH` at a time."""
    rest = iter(lines)
    while batch := list(islice(rest, BATCH)):
        yield batch


def judge_batch(
    tx: Transaction,
    kind: BulkKind,
    read: Sequence[tuple[Line, Values]],
    seen: dict[str, int],
    checked: Checked,
) -> list[tuple[Line, StoreError]]:
    """Judge a batch and put aside what is to be written; returns what is refused."""
    refused: list[tuple[Line, StoreError]] = []
    contents: list[Any] = []
    waiting = list(read)
    while waiting:
        waiting, firsts = _repeated_and_firsts(kind, waiting, seen, checked.tally)
        rows = [(line.number, values) for line, values, _ in firsts]
        verdicts = kind.judge(tx, rows, checked.tally)
        for (line, values, key), verdict in zip(firsts, verdicts, strict=True):
            if isinstance(verdict, StoreError):
                if isinstance(verdict, ENDS_THE_IMPORT):
                    raise verdict
                refused.append((line, verdict))
                continue
            if key:
                seen.setdefault(key, line.number)
            if isinstance(verdict, Outcome):
                checked.tally.count(verdict)
            elif verdict.by_rule:
                checked.by_rule.append((line, values))
            else:
                checked.tally.count(verdict.outcome)
                contents.append(verdict.content)
    checked.stage(contents)
    return refused


def _repeated_and_firsts(
    kind: BulkKind,
    rows: Sequence[tuple[Line, Values]],
    seen: Mapping[str, int],
    tally: Tally,
) -> tuple[list[tuple[Line, Values]], list[tuple[Line, Values, str]]]:
    """Rows that may be a thing again of which the first is not judged yet, and the others with
    what makes them the same thing. What is certainly a thing again is counted here."""
    later, firsts, here = [], [], set()
    for line, values in rows:
        key = kind.key(values)
        if key and key in seen:
            tally.count(Outcome.UNCHANGED)
            tally.warn(f"Line {line.number} repeats line {seen[key]}; it was taken once.")
        elif key and key in here:
            later.append((line, values))
        else:
            here.add(key)
            firsts.append((line, values, key))
    return later, firsts


@contextmanager
def rarely_collecting() -> Iterator[None]:
    """Look for cycles rarely: rows make none, and hundreds of them at a time would be gone through
    again and again."""
    before = gc.get_threshold()
    gc.set_threshold(_ROWS_AND_MORE)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def stand_back() -> None:
    """Let others have their turn to write."""
    time.sleep(TURN_SECONDS)
