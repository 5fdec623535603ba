"""Questions that are asked all the time: put together by Core once, then asked as they are.

Core decides what a statement says and how values are kept, as everywhere in the store; what is
saved is that it decides anew each time, which takes several times as long as SQLite's answer. So
it pays where a unit of work begins, where a day is shown, where something is booked. Whatever is
asked more rarely is asked by `tx.session.execute`.

SQLite is asked by its bare driver. PostgreSQL is asked through Core's connection, which notices
when the server goes away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import CompoundSelect, Connection, Dialect, Select, literal
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.dml import ReturningDelete, ReturningInsert
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import TypeEngine
from sqlmodel.sql.sqltypes import UTCDateTime

ONLY_ONE = literal(1, literal_execute=True)
"""For the LIMIT of a query: where that is a parameter, SQLite plans the query anew each time."""

Row = tuple[Any, ...]
_Query = Select[Any] | CompoundSelect[Any] | ReturningDelete[Any] | ReturningInsert[Any]
_Convert = Callable[[Any], Any]


class Prepared:
    """A query, or what writes and returns, with named `bindparam`s, of which an expanding one is
    given a list. Its rows are plain tuples, in the order of its columns."""

    def __init__(self, query: _Query) -> None:
        self._query = query
        self._forms: dict[tuple[object, ...], _Form] = {}

    def rows(self, connection: Connection, given: Mapping[str, Any]) -> list[Row]:
        """What it finds; `given` has a value for each parameter, and may have others.

        Raises:
            DBAPIError: as Core would.
        """
        dialect = connection.dialect
        lengths = [len(value) for value in given.values() if type(value) is list]
        form = self._forms.get((dialect.name, *lengths))
        if form is None:
            form = self._forms[dialect.name, *lengths] = _Form(self._query, dialect, given)
        parameters = form.parameters(given)
        if dialect.name != "sqlite":
            return form.values(connection.exec_driver_sql(form.sql, parameters).fetchall())
        return form.values(ask(connection, form.sql, parameters))


def ask(
    connection: Connection, sql: str, parameters: Any = (), *, many: bool = False
) -> Sequence[Any]:
    """What SQLite's bare driver answers to a statement; to as `many` as there are parameters.

    Raises:
        DBAPIError: as Core would.
    """
    try:
        cursor = connection.connection.cursor()
        heard = connection.engine.dispatch.before_cursor_execute
        if heard:  # whoever listens to the engine hears of this statement as of any other
            heard(connection, cursor, sql, parameters, None, many)
        (cursor.executemany if many else cursor.execute)(sql, parameters)
        found = cursor.fetchall()
        cursor.close()
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_of_core(connection, sql, parameters, error) from error
    return found


def bracket(connection: Connection, word: str) -> None:
    """Begin or end a transaction of SQLite.

    Raises:
        DBAPIError: as Core would.
    """
    try:
        connection.connection.execute(word)
    except connection.dialect.loaded_dbapi.Error as error:
        raise _as_of_core(connection, word, (), error) from error


def _as_of_core(connection: Connection, sql: str, parameters: Any, error: Exception) -> Exception:
    kind = connection.dialect.loaded_dbapi.Error
    return DBAPIError.instance(sql, parameters, error, kind)


class _Form:
    """A query in the words of one database, for lists of certain lengths; and how values go in and
    come out."""

    def __init__(self, query: _Query, dialect: Dialect, given: Mapping[str, Any]) -> None:
        compiled = query.compile(dialect=dialect)
        binds = {name: one for one, name in compiled.bind_names.items()}
        asked = {name: given[name] for name, one in binds.items() if one.required}
        state = compiled.construct_expanded_state(asked)
        places = {name: state.parameter_expansion.get(name, [name]) for name in binds}
        puts = {name: _bound_by(one.type, dialect) for name, one in binds.items()}
        self.sql = state.statement
        self._single = [(name, puts[name]) for name in asked if places[name] == [name]]
        self._lists = [(name, places[name]) for name in asked if places[name] != [name]]
        known: dict[str, Any] = dict(state.parameters) | {
            column.key: column.default.arg
            for column in compiled.insert_prefetch or ()
            if isinstance(column.default, ScalarElementColumnDefault)
        }
        self._fixed = {
            place: known[place] if put is None else put(known[place])
            for name, put in puts.items()
            if name not in asked
            for place in places[name]
            if place in known  # what is literal stands in the statement itself
        }
        self._order = state.positiontup
        reads = [_read_by(column.type, dialect) for column in query.exported_columns]
        self._reads = [(at, read) for at, read in enumerate(reads) if read is not None]

    def parameters(self, given: Mapping[str, Any]) -> Any:
        """Values as the driver takes them."""
        kept = dict(self._fixed)
        for name, put in self._single:
            kept[name] = given[name] if put is None else put(given[name])
        for name, places in self._lists:
            kept.update(zip(places, given[name], strict=True))
        return kept if self._order is None else tuple([kept[name] for name in self._order])

    def values(self, found: Sequence[Any]) -> list[Row]:
        """Rows as Core would give them."""
        if not found or not self._reads:
            return list(found)
        columns: list[Iterable[Any]] = list(zip(*found, strict=True))
        for at, read in self._reads:
            columns[at] = map(read, columns[at])
        return list(zip(*columns, strict=True))


def _bound_by(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    put = kind.dialect_impl(dialect).bind_processor(dialect)
    return _remembered(put) if put is not None and _is_text(kind, dialect) else put


def _read_by(kind: TypeEngine[Any], dialect: Dialect) -> _Convert | None:
    read = kind.dialect_impl(dialect).result_processor(dialect, None)
    return _remembered(read) if read is not None and _is_text(kind, dialect) else read


def _is_text(kind: TypeEngine[Any], dialect: Dialect) -> bool:
    """Whether it is of moments that the database keeps as text."""
    return dialect.name == "sqlite" and isinstance(kind, UTCDateTime)


def _remembered(convert: _Convert) -> _Convert:
    """The moments of a hospital are the same few again and again: slots of the days around."""
    return lru_cache(5_000)(convert)
