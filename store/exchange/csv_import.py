"""Bringing a CSV file into the hospital by the hospital's own rules.

All or nothing: the whole file is taken in one unit of work, and the first refused row means that
nothing stays (every row is tried all the same, so that the report is complete). On SQLite nobody
else can write meanwhile; a file of many thousand rows is therefore better brought in with
`skip_invalid`, which works in units of 500 rows, keeps the good rows and, when it is interrupted,
goes on where it was when the same file is brought in again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from store.errors import (
    Forbidden,
    ImportRejected,
    Invalid,
    NotSignedIn,
    SessionEnded,
    StoreError,
    Unavailable,
)
from store.exchange.csv_file import CsvFile, Line, open_csv
from store.exchange.directory import Departments, Doctors, Holidays, Hours
from store.exchange.drugs import Drugs
from store.exchange.headings import Headings, understand
from store.exchange.named import Named
from store.exchange.people import Patients
from store.exchange.rejects import Rejects, rejects_file
from store.exchange.report import ImportReport, Tally
from store.exchange.rows import Kind, Unit
from store.exchange.turn import only_import
from store.exchange.visits import Appointments
from store.front_door import Store
from store.permissions import Action, require
from store.transaction import Transaction
from store.values import Actor

KINDS: Mapping[str, type[Kind]] = {
    "departments": Departments,
    "doctors": Doctors,
    "hours": Hours,
    "patients": Patients,
    "appointments": Appointments,
    "holidays": Holidays,
    "formulary": Drugs,
}
"""What can be imported, in the order in which it must be."""

Progress = Callable[[int, int], None]
"""Told how many rows are done, and of how many."""

BATCH = 500
_TELL_EVERY = 100
_ENDS_THE_IMPORT = (Forbidden, NotSignedIn, SessionEnded, Unavailable)


class _TakenBack(Exception):
    """Ends a unit of work that shall leave nothing behind."""

    def __init__(self, counted: Tally) -> None:
        super().__init__("taken back")
        self.counted = counted


@dataclass
class _Run:
    """An import that is under way. `seen` tells on which line each thing of the file stood."""

    name: str
    file: CsvFile
    headings: Headings
    kind: Kind
    rejects: Rejects
    progress: Progress | None
    seen: dict[str, int] = field(default_factory=dict)

    def tell(self, done: int) -> None:
        """Move the progress bar."""
        if self.progress is not None:
            self.progress(done, self.file.rows)


def import_file(
    store: Store,
    actor: Actor,
    kind: str,
    path: Path,
    *,
    dry_run: bool = False,
    mapping: Mapping[str, str] | None = None,
    skip_invalid: bool = False,
    rejects: Path | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Bring a file in; the same file a second time changes nothing.

    Args:
        kind: one of `KINDS`.
        dry_run: try everything, keep nothing, report what would happen.
        mapping: our column to theirs, or to several of theirs joined by `+`.
        skip_invalid: keep the good rows although others are refused.
        rejects: where the refused rows go, with line and reason.
        progress: told the rows done and the rows in all.

    Raises:
        Forbidden: only administrators import.
        Invalid: the file cannot be read, or its heading is not understood.
        ImportRejected: rows were refused, so nothing was taken; `details["rows"]` lists them.
        InUse: another import is running.
    """
    store.read(actor, require, Action.DATA_IMPORT)
    wanted = KINDS.get(kind)
    if wanted is None:
        raise Invalid.field("kind", f"There is no kind “{kind[:40]}”; choose {', '.join(KINDS)}.")
    with open_csv(path) as file:
        headings = understand(file.heading, wanted.columns, mapping)
        with only_import(store.database), rejects_file(rejects, path, file.heading) as refused:
            run = _Run(kind, file, headings, wanted(), refused, progress)
            tally = Tally()
            if headings.unused:
                tally.warn(f"Columns not used: {', '.join(headings.unused)}.")
            if skip_invalid and not dry_run:
                _in_batches(store, actor, run, tally)
            else:
                _at_once(store, actor, run, tally, dry_run=dry_run, keep_good=skip_invalid)
    return tally.report(kind, file.rows, dry_run=dry_run)


def _at_once(
    store: Store, actor: Actor, run: _Run, tally: Tally, *, dry_run: bool, keep_good: bool
) -> None:
    """Everything in one unit of work, which stays only if no row is refused."""

    def whole(tx: Transaction) -> Tally:
        run.rejects.restart()
        counted = _take(tx, run, _counted_out(run), run.rejects.write)
        if dry_run or counted.refused:
            raise _TakenBack(counted)
        _note(tx, run, counted)
        return counted

    try:
        counted = store.write(actor, whole)
    except _TakenBack as back:
        counted = back.counted
    run.tell(run.file.rows)
    if counted.refused and not keep_good:
        raise _rejected(counted, run.file.rows)
    tally.add(counted)


def _counted_out(run: _Run) -> Iterator[Line]:
    for done, line in enumerate(run.file.lines()):
        if done % _TELL_EVERY == 0:
            run.tell(done)
        yield line


def _in_batches(store: Store, actor: Actor, run: _Run, tally: Tally) -> None:
    """Good rows in units of `BATCH` rows, refused rows to the file once their unit stands."""
    lines = run.file.lines()
    done = 0
    while batch := list(islice(lines, BATCH)):
        counted, refused = store.write(actor, _take_batch, run, batch)
        for line, reason in refused:
            run.rejects.write(line, reason)
        tally.add(counted)
        done += len(batch)
        run.tell(done)
    store.write(actor, _note, run, tally)


def _take_batch(
    tx: Transaction, run: _Run, batch: Sequence[Line]
) -> tuple[Tally, list[tuple[Line, str]]]:
    refused: list[tuple[Line, str]] = []
    counted = _take(tx, run, batch, lambda line, reason: refused.append((line, reason)))
    return counted, refused


def _take(
    tx: Transaction, run: _Run, lines: Iterable[Line], refuse: Callable[[Line, str], None]
) -> Tally:
    """Try every row; a refused one leaves nothing behind."""
    unit = Unit(tx, Tally(), Named(tx))
    for line in lines:
        try:
            values = run.headings.values(line)
            with tx.attempt():
                outcome = run.kind.take(unit, values)
        except _ENDS_THE_IMPORT:
            raise
        except StoreError as refusal:
            unit.tally.refuse(line.number, refusal.message)
            refuse(line, refusal.message)
        else:
            unit.tally.count(outcome)
            _note_repetition(unit, run, line, run.kind.key(values))
    return unit.tally


def _note_repetition(unit: Unit, run: _Run, line: Line, key: str) -> None:
    first = run.seen.setdefault(key, line.number)
    if key and first != line.number:
        unit.tally.warn(f"Line {line.number} repeats line {first}; it was taken once.")


def _note(tx: Transaction, run: _Run, tally: Tally) -> None:
    """That a file came in is an audit entry: which, by its SHA-256, and with what result."""
    tx.record(
        "data.import",
        "file",
        run.file.digest,
        detail={
            "kind": run.name,
            "rows": run.file.rows,
            "added": tally.added,
            "updated": tally.updated,
            "unchanged": tally.unchanged,
            "refused": tally.refused,
        },
    )


def _rejected(counted: Tally, rows: int) -> ImportRejected:
    first = counted.rejected[0]
    count = "1 row was" if counted.refused == 1 else f"{counted.refused} rows were"
    return ImportRejected(
        f"Nothing was taken: {count} refused of {rows}, the first on line {first.line}:"
        f" {first.reason} Correct them, or take the others with --skip-invalid.",
        rows=[{"line": one.line, "reason": one.reason} for one in counted.rejected],
        refused=counted.refused,
        warnings=list(counted.warnings),
    )
