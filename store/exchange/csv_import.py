"""Bringing a CSV file into the hospital by the hospital's own rules.

All or nothing: one refused row means that nothing is taken (every row is tried all the same, so
that the report is complete). Directories, which have hundreds of rows, are tried and taken in one
unit of work; patients and appointments, which come by the hundred thousand, are judged before
anything is written, so that others can write meanwhile (`store.exchange.bulk`). With `skip_invalid`
the good rows are taken, in units of 500.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from store.errors import ImportRejected, Invalid, StoreError
from store.exchange.bulk import (
    AT_ONCE,
    BulkKind,
    Checked,
    Values,
    batches_of,
    judge_batch,
    rarely_collecting,
    stand_back,
)
from store.exchange.csv_file import UTF_8, CsvFile, Line, open_csv
from store.exchange.directory import Departments, Doctors, Holidays, Hours
from store.exchange.drugs import Drugs
from store.exchange.headings import Headings, understand
from store.exchange.named import Named
from store.exchange.people import Patients
from store.exchange.rejects import Rejects, rejects_file
from store.exchange.report import ImportReport, Tally
from store.exchange.rows import ENDS_THE_IMPORT, Kind, Unit
from store.exchange.turn import only_import
from store.exchange.visits import Appointments
from store.front_door import Store
from store.permissions import Action, require
from store.transaction import Transaction
from store.values import Actor

_ONE_BY_ONE: Mapping[str, type[Kind]] = {
    "departments": Departments,
    "doctors": Doctors,
    "hours": Hours,
    "holidays": Holidays,
    "formulary": Drugs,
}
_IN_BULK: Mapping[str, type[BulkKind]] = {"patients": Patients, "appointments": Appointments}

KINDS = ("departments", "doctors", "hours", "patients", "appointments", "holidays", "formulary")
"""What can be imported, in the order in which it must be."""

Progress = Callable[[int, int], None]
"""Told how many rows are done, and of how many."""

_TELL_EVERY = 100


class _TakenBack(Exception):
    """Ends a unit of work that shall leave nothing behind."""

    def __init__(self, counted: Tally) -> None:
        super().__init__("taken back")
        self.counted = counted


@dataclass(frozen=True, slots=True)
class _How:
    """Whether nothing shall stay, and whether good rows shall stay although others are refused."""

    dry_run: bool
    keep_good: bool


@dataclass
class _Run:
    """An import that is under way. `seen` tells on which line each thing of the file stood."""

    name: str
    file: CsvFile
    headings: Headings
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
    encoding: str = UTF_8,
) -> ImportReport:
    """Bring a file in; the same file a second time changes nothing.

    Args:
        kind: one of `KINDS`.
        dry_run: try everything, keep nothing, report what would happen.
        mapping: our column to theirs, or to several of theirs joined by `+`.
        skip_invalid: keep the good rows although others are refused.
        rejects: where the refused rows go, with line and reason.
        progress: told the rows done and the rows in all.
        encoding: what the file is in; nothing is guessed.

    Raises:
        Forbidden: only administrators import.
        Invalid: the file cannot be read, or its heading is not understood.
        ImportRejected: rows were refused, so nothing was taken; `details["rows"]` lists them.
        InUse: another import is running.
    """
    store.read(actor, require, Action.DATA_IMPORT)
    if kind not in KINDS:
        raise Invalid.field("kind", f"There is no kind “{kind[:40]}”; choose {', '.join(KINDS)}.")
    with open_csv(path, encoding) as file:
        columns = (_IN_BULK[kind] if kind in _IN_BULK else _ONE_BY_ONE[kind]).columns
        headings = understand(file.heading, columns, mapping)
        with only_import(store.database), rejects_file(rejects, path, file.heading) as refused:
            run = _Run(kind, file, headings, refused, progress)
            tally = Tally()
            if headings.unused:
                tally.warn(f"Columns not used: {', '.join(headings.unused)}.")
            how = _How(dry_run=dry_run, keep_good=skip_invalid)
            if kind in _IN_BULK:
                _in_bulk(store, actor, run, _IN_BULK[kind](), tally, how)
            elif skip_invalid and not dry_run:
                _in_batches(store, actor, run, _ONE_BY_ONE[kind](), tally)
            else:
                _at_once(store, actor, run, _ONE_BY_ONE[kind](), tally, how)
    return tally.report(kind, file.rows, dry_run=dry_run)


def _in_bulk(
    store: Store,
    actor: Actor,
    run: _Run,
    kind: BulkKind,
    tally: Tally,
    how: _How,
) -> None:
    """Judge all rows, then write them, if none was refused or the good ones shall be kept."""
    with (
        closing(Checked(tally)) as checked,
        store.database.in_bulk() as database,
        rarely_collecting(),
    ):
        store = replace(store, database=database)
        _judge(store, actor, run, kind, checked)
        if tally.refused and not how.keep_good:
            raise _rejected(tally, run.file.rows)
        if checked.by_rule and kind.rule is not None:
            _by_rule(store, actor, run, kind.rule, checked, how)
        if not how.dry_run:
            _write(store, actor, run, kind, checked)
    run.tell(run.file.rows)


def _judge(store: Store, actor: Actor, run: _Run, kind: BulkKind, checked: Checked) -> None:
    done = 0
    for batch in batches_of(run.file.lines()):
        read: list[tuple[Line, Values]] = []
        refused: list[tuple[Line, StoreError]] = []
        for line in batch:
            try:
                read.append((line, run.headings.values(line)))
            except Invalid as refusal:
                refused.append((line, refusal))
        refused += store.read(actor, judge_batch, kind, read, run.seen, checked)
        for line, why in sorted(refused, key=lambda one: one[0].number):
            checked.tally.refuse(line.number, why.message)
            run.rejects.write(line, why.message)
        done += len(batch)
        run.tell(done // 2)


def _by_rule(
    store: Store,
    actor: Actor,
    run: _Run,
    rule: Kind,
    checked: Checked,
    how: _How,
) -> None:
    """What the rules may still refuse goes first, in one unit of work: then nothing is written
    yet of the others."""

    def whole(tx: Transaction) -> Tally:
        unit = Unit(tx, Tally(), Named(tx))
        for line, values in checked.by_rule:
            _try(unit, rule, line, values, run.rejects.write)
        if how.dry_run or (unit.tally.refused and not how.keep_good):
            raise _TakenBack(unit.tally)
        return unit.tally

    try:
        counted = store.write(actor, whole)
    except _TakenBack as back:
        counted = back.counted
    checked.tally.add(counted)
    if counted.refused and not how.keep_good:
        raise _rejected(checked.tally, run.file.rows)


def _write(store: Store, actor: Actor, run: _Run, kind: BulkKind, checked: Checked) -> None:
    """All in one unit of work where they are few, else unit by unit."""
    tally, rows = checked.tally, run.file.rows

    def whole(tx: Transaction, *, look_again: bool) -> None:
        for contents in checked.units():
            kind.write(tx, contents, tally, look_again=look_again)
        _note(tx, run, tally)

    if checked.rows <= AT_ONCE:
        _insist(store, actor, whole)
        return
    done = 0
    for contents in checked.units():
        _insist(store, actor, partial(kind.write, contents=contents, tally=tally))
        done += len(contents)
        run.tell(rows - (checked.rows - done) // 2)
        stand_back()
    store.write(actor, _note, run, tally)


def _insist(store: Store, actor: Actor, write: Callable[..., None]) -> None:
    """Write a unit; where the database refuses it, because somebody was quicker with a row of it,
    once more and with a look at what is there. A savepoint would do, but costs SQLite more time
    than all that it is put around."""
    try:
        store.write(actor, write, look_again=False)
    except IntegrityError:
        store.write(actor, write, look_again=True)


def _at_once(
    store: Store,
    actor: Actor,
    run: _Run,
    kind: Kind,
    tally: Tally,
    how: _How,
) -> None:
    """Everything in one unit of work, which stays only if no row is refused."""

    def whole(tx: Transaction) -> Tally:
        run.rejects.restart()
        counted = _take(tx, run, kind, _counted_out(run), run.rejects.write)
        if how.dry_run or counted.refused:
            raise _TakenBack(counted)
        _note(tx, run, counted)
        return counted

    try:
        counted = store.write(actor, whole)
    except _TakenBack as back:
        counted = back.counted
    run.tell(run.file.rows)
    if counted.refused and not how.keep_good:
        raise _rejected(counted, run.file.rows)
    tally.add(counted)


def _counted_out(run: _Run) -> Iterator[Line]:
    for done, line in enumerate(run.file.lines()):
        if done % _TELL_EVERY == 0:
            run.tell(done)
        yield line


def _in_batches(store: Store, actor: Actor, run: _Run, kind: Kind, tally: Tally) -> None:
    """Good rows in units of `BATCH` rows, refused rows to the file once their unit stands."""
    done = 0
    for batch in batches_of(run.file.lines()):
        counted, refused = store.write(actor, _take_batch, run, kind, batch)
        for line, reason in refused:
            run.rejects.write(line, reason)
        tally.add(counted)
        done += len(batch)
        run.tell(done)
    store.write(actor, _note, run, tally)


def _take_batch(
    tx: Transaction, run: _Run, kind: Kind, batch: Sequence[Line]
) -> tuple[Tally, list[tuple[Line, str]]]:
    refused: list[tuple[Line, str]] = []
    counted = _take(tx, run, kind, batch, lambda line, reason: refused.append((line, reason)))
    return counted, refused


def _take(
    tx: Transaction,
    run: _Run,
    kind: Kind,
    lines: Iterable[Line],
    refuse: Callable[[Line, str], None],
) -> Tally:
    """Try every row; a refused one leaves nothing behind."""
    unit = Unit(tx, Tally(), Named(tx))
    for line in lines:
        try:
            values = run.headings.values(line)
        except Invalid as refusal:
            unit.tally.refuse(line.number, refusal.message)
            refuse(line, refusal.message)
            continue
        if _try(unit, kind, line, values, refuse):
            _note_repetition(unit, run, line, kind.key(values))
    return unit.tally


def _try(
    unit: Unit, kind: Kind, line: Line, values: Values, refuse: Callable[[Line, str], None]
) -> bool:
    """Take one row if its rules let it in; returns whether they do."""
    try:
        with unit.tx.attempt():
            outcome = kind.take(unit, values)
    except ENDS_THE_IMPORT:
        raise
    except StoreError as refusal:
        unit.tally.refuse(line.number, refusal.message)
        refuse(line, refusal.message)
        return False
    unit.tally.count(outcome)
    return True


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
