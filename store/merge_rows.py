"""Which rows belong to a patient, told by the schema itself, and giving them to another patient.

Every foreign key to a patient is followed: one that a later table brings is moved as well, unless
it is named among `STAYS`. Nothing here asks for a permission: the rules that call it do.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Column, Table, select, update
from sqlmodel import SQLModel

from store.tables import Appointment, Patient, table_of
from store.transaction import Transaction

STAYS = {
    "patient_merge.merged_id": "says who was merged",
    "patients_apart.one_id": "what was said of that registration; read through the merge",
    "patients_apart.other_id": "the same",
    "patient_search_key.patient_id": "derived; of a merged patient it finds nobody",
}
"""References that a merge leaves where they are, and why."""

Moved = dict[str, list[int]]
"""Ids of rows by the column that refers to the patient, as `table.column`."""

_PATIENT, _VISIT = table_of(Patient), table_of(Appointment)
_AT_ONCE = 500


def references(to: Table = _PATIENT) -> Iterator[Column[int]]:
    """Every column of the schema that refers to a table, in a settled order."""
    for table in sorted(SQLModel.metadata.tables.values(), key=lambda one: one.name):
        for column in table.columns:
            if any(key.column.table is to for key in column.foreign_keys):
                yield column


def moving() -> list[Column[int]]:
    """The references to a patient that a merge moves."""
    return [column for column in references() if str(column) not in STAYS]


def move_all(tx: Transaction, of: int, to: int) -> Moved:
    """Give everything of one patient to another, and tell what it was."""
    moved = {str(column): _move(tx, column, [column == of], to) for column in moving()}
    return {name: ids for name, ids in moved.items() if ids}


def count_all(tx: Transaction, of: int) -> dict[str, int]:
    """How many rows `move_all` would move, by table."""
    counts: dict[str, int] = {}
    for column in moving():
        rows = tx.session.execute(select(_key(column)).where(column == of)).all()
        if rows:
            counts[column.table.name] = counts.get(column.table.name, 0) + len(rows)
    return counts


def move_back(tx: Transaction, moved: Moved, of: int, to: int) -> Moved:
    """Give back what `move_all` moved and is still there, with what came of the appointments
    since: to what they were moved, their records and mails."""
    back: Moved = {}
    for column in moving():
        for some in _pieces(moved.get(str(column), ())):
            found = _move(tx, column, [column == of, _key(column).in_(some)], to)
            back.setdefault(str(column), []).extend(found)
    _follow_successors(tx, back, of, to)
    _follow_appointments(tx, back, of, to)
    return {name: ids for name, ids in back.items() if ids}


def by_table(moved: Moved) -> dict[str, int]:
    """How many rows were moved, by table."""
    counts: dict[str, int] = {}
    for name, ids in moved.items():
        table = name.partition(".")[0]
        counts[table] = counts.get(table, 0) + len(ids)
    return counts


def _follow_successors(tx: Transaction, back: Moved, of: int, to: int) -> None:
    column = _VISIT.c.patient_id
    known = back.setdefault(str(column), [])
    last: Sequence[int] = known[:]
    while last:
        following: list[int] = []
        for some in _pieces(last):
            later = _VISIT.c.predecessor_id.in_(some)
            following += _move(tx, column, [column == of, later], to)
        known += following
        last = following


def _follow_appointments(tx: Transaction, back: Moved, of: int, to: int) -> None:
    visits = back.get(str(_VISIT.c.patient_id), [])
    through = {column.table.name: column for column in references(_VISIT)}
    for column in moving():
        link = through.get(column.table.name)
        if link is None or column.table is _VISIT:
            continue
        for some in _pieces(visits):
            found = _move(tx, column, [column == of, link.in_(some)], to)
            back.setdefault(str(column), []).extend(found)


def _move(tx: Transaction, column: Column[int], conditions: list[object], to: int) -> list[int]:
    """Change a reference to a patient where all conditions hold; the ids of the rows."""
    values: dict[str, object] = {column.name: to}
    if "updated_at" in column.table.columns:
        values |= {"updated_at": tx.now, "updated_by": tx.actor.account_id}
    statement = (
        update(column.table)
        .where(*conditions)  # type: ignore[arg-type]
        .values(values)
        .returning(_key(column))
    )
    return list(tx.session.execute(statement).scalars())


def _pieces(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE))


def _key(column: Column[int]) -> Column[int]:
    (key,) = column.table.primary_key.columns
    return key
