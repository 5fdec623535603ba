"""Putting rows in, and looking for rows, by the thousand.

What SQLAlchemy makes ready for each row of an INSERT, and for each value of an IN, takes longer
than the statement. Here it is made ready once for all: the driver is given what the types of the
columns make of the values of an INSERT, and a list of values as one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from operator import itemgetter
from typing import Any

from sqlalchemy import (
    ARRAY,
    Column,
    ColumnElement,
    Connection,
    Dialect,
    String,
    Table,
    any_,
    func,
    literal,
    literal_column,
    select,
    tuple_,
)
from sqlmodel import Session

from store.prepared import ask

_Make = Callable[[Any], Any]
_Column = tuple[str, _Make | None]


def insert_rows(
    session: Session | Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    same: Mapping[str, Any] | None = None,
) -> None:
    """Put rows into a table; all of them name the same columns. `same` are columns that have one
    value in all of them."""
    if not rows:
        return
    connection = session.connection() if isinstance(session, Session) else session
    shared = same or {}
    names = (*rows[0], *shared)
    statement, columns = _prepared(table, names, connection.dialect)
    made_by_column = _by_column(columns, rows, shared)
    made: list[Any] = list(zip(*made_by_column, strict=False))  # what is the same has no end
    if connection.dialect.name == "sqlite":
        ask(connection, statement, made, many=True)
        return
    order = [name for name, _ in columns]
    connection.exec_driver_sql(statement, [dict(zip(order, row, strict=True)) for row in made])


def one_of_many(dialect: str, column: Column[Any], values: Iterable[Any]) -> ColumnElement[bool]:
    """The condition that a column of texts, numbers or days is one of many values."""
    if dialect == "postgresql":
        # A cast to the column's length would cut a longer text short, and find it.
        kind = String() if column.type.python_type is str else column.type
        return column == any_(literal(list(values), ARRAY(kind)))
    listed = func.json_each(json.dumps(list(values), default=str)).table_valued("value")
    return column.in_(select(listed.c.value))


def one_of_many_pairs(
    dialect: str, columns: tuple[Column[str], Column[str]], pairs: Sequence[tuple[str, str]]
) -> ColumnElement[bool]:
    """The condition that two columns of texts are together one of many pairs."""
    if dialect == "postgresql":
        sides = [literal([pair[side] for pair in pairs], ARRAY(String())) for side in (0, 1)]
        there = func.unnest(*sides).table_valued("one", "other").render_derived()
        return tuple_(*columns).in_(select(there.c.one, there.c.other))
    there = func.json_each(json.dumps(pairs)).table_valued("value")
    one, other = (there.c.value.op("->>")(literal_column(place)) for place in ("0", "1"))
    return tuple_(*columns).in_(select(one, other))


def _by_column(
    columns: Sequence[_Column], rows: Sequence[Mapping[str, Any]], same: Mapping[str, Any]
) -> list[Iterable[Any]]:
    """Of each column the values of all rows, as the driver takes them; what occurs again and
    again is made ready once."""
    made: dict[_Make, _Made] = {}
    values: list[Iterable[Any]] = []
    for name, make in columns:
        ready = None if make is None else made.setdefault(make, _Made(make))
        if name in same:
            values.append(repeat(same[name] if ready is None else ready[same[name]]))
        elif ready is None:
            values.append(map(itemgetter(name), rows))
        else:
            values.append(map(ready.__getitem__, map(itemgetter(name), rows)))
    return values


class _Made(dict[Any, Any]):
    """Each value as it is made ready, once."""

    def __init__(self, make: _Make) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> Any:
        made = self[value] = self._make(value)
        return made


@lru_cache(64)
def _prepared(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[str, list[_Column]]:
    """The statement; and the columns in its order, with what makes of a value what the driver
    takes."""
    compiled = table.insert().inline().compile(dialect=dialect, column_keys=list(names))
    order = compiled.positiontup if compiled.positional else names
    made_by: dict[str, _Make | None] = {}
    columns: list[_Column] = []
    for name in order or names:
        kind = table.c[name].type
        if repr(kind) not in made_by:
            made_by[repr(kind)] = kind.dialect_impl(dialect).bind_processor(dialect)
        columns.append((name, made_by[repr(kind)]))
    return str(compiled), columns
