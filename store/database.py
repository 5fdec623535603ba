"""Opening a database: engine, pragmas, and how a unit of work begins on each engine."""

from __future__ import annotations

import os
import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, ProgrammingError
from sqlalchemy.pool import NullPool

import store.savepoints  # noqa: F401 -- how SQLite is asked for them
from store import last_backup, write_turn
from store.errors import ConnectionBroke, Damaged, StoreError, Unavailable, WrongConfiguration
from store.prepared import bracket

APPLICATION_ID = 0x43484B54
"""Marks a SQLite file as ours ("CHKT" in its header)."""

BUSY_SECONDS = 10.0
"""How long a writer waits for its turn before it is told that the database is busy."""

_BULK_CACHE_KILOBYTES = 32_000
_BULK_LOG_PAGES = 16_000
"""How far the write-ahead log grows before an import copies it into the database, in pages of
4 KiB: rows of names and hashes change the same pages of the indexes in every unit, which after each
would be copied, and synced, again."""

_KEPT_STATEMENTS = 1_000
"""How many statements a connection keeps prepared: all that there are. Once its 128 places are
taken, pysqlite3 lets go of the statement asked least often ever, which is always the newest: what
comes to be asked then is prepared anew each time, at several times the cost of its answer."""

_MOST_KEPT = 8
_OLD_SQLITE = (
    "This SQLite can lose a commit in WAL mode, so the slower DELETE journal is used; "
    "install pysqlite3 for a newer one."
)


@dataclass(frozen=True)
class Database:
    """An open database. `dialect` is `sqlite` or `postgresql`; `notes` are for `chikitsa check`."""

    engine: Engine
    dialect: str
    notes: tuple[str, ...] = ()
    path: Path | None = None
    _turn: Path | None = field(default=None, repr=False)
    _patience: float = BUSY_SECONDS
    _kept: deque[Connection] = field(default_factory=deque, repr=False, compare=False)

    def begin(self, *, write: bool) -> AbstractContextManager[Connection]:
        """A connection inside a transaction. One that writes commits on leaving, and rolls back on
        an error; one that only reads leaves nothing behind.

        Raises:
            Unavailable: the database does not answer, or another writer holds it too long.
        """
        if self.dialect != "sqlite":
            return self._of_pool(write)
        return self._writing() if write else self._unit("BEGIN", "ROLLBACK")

    @contextmanager
    def _of_pool(self, write: bool) -> Iterator[Connection]:
        """PostgreSQL's connections may have died meanwhile, which the pool finds out."""
        with self.engine.connect() as connection:
            if not write:
                yield connection
                return
            with connection.begin():
                yield connection

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self._in_turn(), self._unit("BEGIN IMMEDIATE", "COMMIT") as connection:
            yield connection

    @contextmanager
    def _unit(self, begin: str, end: str) -> Iterator[Connection]:
        """A transaction of SQLite, on a connection that stays open from one to the next: to take
        one from the pool and to give it back costs more than what most units ask. One in which
        something failed is not used again."""
        connection, whole = self._connection(), False
        try:
            bracket(connection, begin)
            yield connection
            bracket(connection, end)
            if connection.in_transaction():
                connection.rollback()  # SQLAlchemy's own idea of one; SQLite's has ended
            whole = True
        finally:
            if whole and len(self._kept) < _MOST_KEPT:
                self._kept.append(connection)
            else:
                connection.close()

    def _connection(self) -> Connection:
        try:
            return self._kept.pop()
        except IndexError:
            return self.engine.connect()

    def _in_turn(self) -> AbstractContextManager[None]:
        return nullcontext() if self._turn is None else write_turn.taken(self._turn, self._patience)

    @contextmanager
    def in_bulk(self) -> Iterator[Database]:
        """The same database for writing by the thousand: on SQLite over connections of its own,
        which keep more of the indexes in memory and copy the log more rarely. Rows of names and
        hashes fall all over them."""
        if self.path is None:
            yield self
            return
        engine = _sqlite_engine(self.path)
        event.listen(engine, "connect", _make_ready_for_bulk)
        bulk = replace(self, engine=engine, _kept=deque())
        try:
            yield bulk
        finally:
            bulk.dispose()

    def dispose(self) -> None:
        """Close every connection."""
        while self._kept:
            self._kept.pop().close()
        self.engine.dispose()


def open_database(url: str, *, create: bool = False, patience: float = BUSY_SECONDS) -> Database:
    """Open the database a URL names: `sqlite:///FILE` or `postgresql://…`.

    Args:
        create: make the SQLite file where it is missing; only `init` and `demo` do.
        patience: how many seconds a writer of SQLite waits for its turn.

    Raises:
        WrongConfiguration: a URL of another kind, or a SQLite file that is missing, empty or
            not a hospital of ours.
    """
    try:
        parsed = make_url(url)
    except Exception as error:
        raise WrongConfiguration("The database URL cannot be read; see [database] url.") from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        return _open_sqlite(parsed, create=create, patience=patience)
    if backend == "postgresql":
        return _open_postgresql(parsed)
    raise WrongConfiguration(
        f"The database {backend!r} is not supported; use sqlite:///FILE or postgresql://…"
    )


def explain(error: DBAPIError, file: Path | None = None) -> StoreError | DBAPIError:
    """The sentence for a database that failed under us, without its internals. `file` is that of
    SQLite, whose newest backup is named where it is damaged.

    What only a fault of ours can cause (a statement or a value it refuses) is given back as it
    is.
    """
    if isinstance(error, IntegrityError | ProgrammingError | DataError):
        return error
    if error.connection_invalidated:
        return ConnectionBroke()
    return _ailing(str(error.orig), file) or Unavailable(
        "The database does not answer. Try again, or run: chikitsa check"
    )


def _ailing(told: str, file: Path | None) -> Unavailable | None:
    """The sentence for what a database told of the disk, the file or the others who use it."""
    told = told.lower()
    if "full" in told:
        return Unavailable("Cannot save: the disk is full. Free some space and try again.")
    if "readonly" in told or "read-only" in told:
        return Unavailable("Cannot save: the database is read-only here. Check its permissions.")
    if "locked" in told or "busy" in told or ("timeout" in told and "connection" not in told):
        return Unavailable("The database is busy. Try again in a moment.")
    if "malformed" in told or "not a database" in told:
        return Damaged(f"The database file is damaged. {last_backup.remedy(file)}")
    return None


def sqlite_driver() -> tuple[ModuleType, bool]:
    """The SQLite driver to use, and whether its library is safe in WAL mode.

    SQLite 3.7.0 to 3.51.2 can lose a commit when processes write and checkpoint at once (fixed
    in 3.51.3, 3.50.7 and 3.44.6): the bundled newer library is preferred to such a one.
    """
    if _safe_in_wal(sqlite3.sqlite_version_info):
        return sqlite3, True
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        return sqlite3, False
    driver: ModuleType = dbapi2
    return driver, _safe_in_wal(dbapi2.sqlite_version_info)


def _safe_in_wal(version: tuple[int, ...]) -> bool:
    return (
        version >= (3, 51, 3)
        or (3, 50, 7) <= version < (3, 51, 0)
        or (3, 44, 6) <= version < (3, 45, 0)
    )


def _open_sqlite(url: URL, *, create: bool, patience: float) -> Database:
    if not url.database or url.database == ":memory:":
        raise WrongConfiguration("The database must be a file, like sqlite:///chikitsa.db")
    path = Path(url.database).expanduser().absolute()
    if create:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    elif not path.is_file() or path.stat().st_size == 0:
        raise WrongConfiguration(
            f"There is no hospital in {path}. Make one with: chikitsa init", path=str(path)
        )
    driver, safe = sqlite_driver()
    engine = _sqlite_engine(path, create=create, patience=patience)
    notes: tuple[str, ...] = (
        f"SQLite {driver.sqlite_version}, journal {'WAL' if safe else 'DELETE'}",
    )
    if not safe:
        notes += (_OLD_SQLITE,)
    turn = path.with_name(path.name + ".turn")
    return Database(engine, "sqlite", notes, path, turn, patience)


def _sqlite_engine(path: Path, *, create: bool = False, patience: float = BUSY_SECONDS) -> Engine:
    driver, safe = sqlite_driver()
    engine = create_engine(
        f"sqlite:///{path}",
        module=driver,
        pool_size=8,
        max_overflow=24,
        connect_args={"cached_statements": _KEPT_STATEMENTS},
    )
    _prepare_sqlite(engine, "WAL" if safe else "DELETE", create=create, patience=patience)
    return engine


def _make_ready_for_bulk(connection: Any, _record: Any) -> None:
    connection.execute(f"PRAGMA cache_size=-{_BULK_CACHE_KILOBYTES}")
    connection.execute(f"PRAGMA wal_autocheckpoint={_BULK_LOG_PAGES}")


def _prepare_sqlite(engine: Engine, journal: str, *, create: bool, patience: float) -> None:
    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # the driver must not begin transactions by itself
        if engine.url.database is not None:
            _refuse_without_its_log(Path(engine.url.database))
        try:
            _refuse_foreign_file(connection, create=create)
            prepare(connection)
        except StoreError:
            raise
        except Exception as error:
            raise _not_opened(engine.url.database, error) from error

    def prepare(connection: Any) -> None:
        for pragma in (
            f"journal_mode={journal}",
            "synchronous=FULL",
            "foreign_keys=ON",
            "recursive_triggers=ON",  # or REPLACE would slip past the append-only triggers
            f"busy_timeout={int(patience * 1000)}",
            "temp_store=MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        driver = _driver_of(connection)
        if not driver.in_transaction:  # units that only read have begun by themselves
            # A deferred transaction that later writes fails at once when another has written since.
            connection.exec_driver_sql("BEGIN IMMEDIATE")


def _driver_of(connection: Connection) -> Any:
    """The driver's connection under SQLAlchemy's."""
    return connection.connection.driver_connection


def _refuse_foreign_file(connection: Any, *, create: bool) -> None:
    (found,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if found == APPLICATION_ID or (create and tables == 0):
        return
    raise WrongConfiguration("The database file is not a hospital of Chikitsa; it is left alone.")


def _refuse_without_its_log(path: Path) -> None:
    """Refuse a file whose newest commits are missing: SQLite would go on from the last it finds,
    and say nothing. The index (-shm) of a write-ahead log is made after the log and goes before it,
    so that where one and the same index is there and no log, somebody took the log away."""
    log, index = (path.with_name(path.name + end) for end in ("-wal", "-shm"))
    try:
        before, missing = index.stat().st_ino, not log.exists()
        if not missing or index.stat().st_ino != before:
            return
    except OSError:
        return
    raise WrongConfiguration(
        f"{log} has gone, and with it the newest entries of the hospital; nothing was touched. "
        f"Put it back. If it is lost: {last_backup.remedy(path)}; or take {index.name} away as "
        "well, to go on without those entries."
    )


def _not_opened(file: str | None, error: Exception) -> StoreError:
    """Why a file that is there could not be opened."""
    told, path = str(error).lower(), Path(file) if file else None
    if "not a database" in told:
        return WrongConfiguration(
            "The database file is not a SQLite database. If it was the hospital's: "
            f"{last_backup.remedy(path)}"
        )
    if any(one in told for one in ("unable to open", "readonly", "read-only", "disk i/o")):
        return Unavailable(
            f"{file} cannot be opened: SQLite needs to write there, and into its folder. "
            "Check who owns them, and that the disk is neither full nor read-only."
        )
    return _ailing(told, path) or Unavailable(f"{file} cannot be opened: {error}.")


_PATIENCE = {
    "connect_timeout": "5",
    # A line that was cut says nothing: without these a query waits a quarter of an hour for it.
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "6000",
    "fallback_application_name": "chikitsa",
}
_SERVER_PATIENCE = {
    "timezone": "UTC",
    "lock_timeout": "10s",
    "statement_timeout": "60s",
    "idle_in_transaction_session_timeout": "60s",
    # A host that is cut off in the middle of a transaction keeps its locks until the server
    # notices, which must be sooner than others give up waiting for them.
    "tcp_keepalives_idle": "3",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "2",
    "tcp_user_timeout": "7000",
}


def _open_postgresql(url: URL) -> Database:
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        pool_pre_ping=True,
        pool_size=8,
        max_overflow=24,
        connect_args=_patience(url),
    )
    return Database(engine, "postgresql", ("PostgreSQL",))


def _patience(url: URL) -> dict[str, Any]:
    """How long a connection is waited for, as libpq takes it; what the URL itself says wins."""
    own = url.query.get("options", "")
    ours = " ".join(f"-c {name}={value}" for name, value in _SERVER_PATIENCE.items())
    options = f"{ours} {own if isinstance(own, str) else ' '.join(own)}".rstrip()
    given = {name: value for name, value in _PATIENCE.items() if name not in url.query}
    return given | {"options": options}


def role_in(url: str) -> str:
    """The role that a URL of PostgreSQL names.

    Raises:
        WrongConfiguration: it names none, or cannot be read.
    """
    try:
        role = make_url(url).username
    except Exception as error:
        raise WrongConfiguration("The database URL cannot be read; see [database].") from error
    if not role:
        raise WrongConfiguration(
            "With [database] owner_url, url and jobs_url name their roles:"
            " postgresql://ROLE@HOST/DATABASE"
        )
    return role


def listening_connection(database: Database) -> Any:
    """A psycopg connection beside the pool, for LISTEN alone; commits by itself.

    Raises:
        psycopg.OperationalError: PostgreSQL does not answer.
    """
    import psycopg

    url = database.engine.url
    _, where = database.engine.dialect.create_connect_args(url)
    return psycopg.connect(autocommit=True, **{**where, **_patience(url)})


def unpooled(database: Database) -> Engine:
    """An engine on the same database whose connections are closed after use (migrations)."""
    if database.dialect == "sqlite":
        driver, _ = sqlite_driver()
        return create_engine(database.engine.url, module=driver, poolclass=NullPool)
    return create_engine(database.engine.url, poolclass=NullPool)
