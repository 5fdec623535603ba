"""Putting rows in by the thousand.

What SQLAlchemy makes ready for each row of an INSERT takes longer than the INSERT. Here it is made
ready once for all rows, and the driver is given what the types of the columns make of the values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlmodel import Session

_Column = tuple[str, Callable[[Any], Any] | None]


def insert_rows(
    session: Session | Connection, table: Table, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Put rows into a table; all of them name the same columns."""
    if not rows:
        return
    connection = session.connection() if isinstance(session, Session) else session
    statement, columns, positional = _prepared(table, tuple(rows[0]), connection.dialect)
    if positional:
        made: list[Any] = _by_places(columns, rows)
    else:
        made = [
            {name: row[name] if make is None else make(row[name]) for name, make in columns}
            for row in rows
        ]
    connection.exec_driver_sql(statement, made)


def _by_places(columns: Sequence[_Column], rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """The rows as tuples; columns whose values are made ready are so one by one."""
    values = list(map(itemgetter(*(name for name, _ in columns)), rows))
    if all(make is None for _, make in columns):
        return values
    by_column: list[Iterable[Any]] = list(zip(*values, strict=True))
    for place, (_, make) in enumerate(columns):
        if make is not None:
            by_column[place] = map(make, by_column[place])
    return list(zip(*by_column, strict=True))


@lru_cache(64)
def _prepared(
    table: Table, names: tuple[str, ...], dialect: Dialect
) -> tuple[str, list[_Column], bool]:
    """The statement; the columns in its order, with what makes of a value what the driver takes;
    and whether values go by their places."""
    compiled = table.insert().inline().compile(dialect=dialect, column_keys=list(names))
    order = compiled.positiontup if compiled.positional else names
    columns: list[_Column] = []
    for name in order or names:
        kind = table.c[name].type.dialect_impl(dialect)
        columns.append((name, kind.bind_processor(dialect)))
    return str(compiled), columns, bool(compiled.positional)
