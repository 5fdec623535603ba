"""Backups of SQLite: one file that is a database itself."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import Connection, create_engine
from sqlalchemy.pool import NullPool

from store.database import Database, sqlite_driver
from store.errors import InUse, Unavailable

_BESIDE = ("", "-wal", "-shm", "-journal", ".turn")
_IN_USE = (
    "Other programs have the hospital open. Close the app at every terminal, stop the worker, and"
    " try again."
)


def copy_out(database: Database, draft: Path) -> None:
    """Write the database as it stands at one moment into a new file, its owner's alone, while
    others go on writing. In one step: copied page by page, a busy hospital starts it over and
    over."""
    os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    connection = database.engine.raw_connection()
    try:
        with closing(connection.cursor()) as cursor:
            cursor.execute("VACUUM INTO ?", (str(draft),))
    finally:
        connection.close()


@contextmanager
def looking_into(file: Path) -> Iterator[Connection]:
    """A connection to a database file that nobody else has open, for reading; nothing is written,
    not even a journal beside it."""
    driver, _ = sqlite_driver()
    place = f"file:{quote(str(file.absolute()))}?mode=ro&immutable=1"
    engine = create_engine(
        "sqlite://",
        module=driver,
        creator=lambda: driver.connect(place, uri=True),
        poolclass=NullPool,
    )
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


def copy_in(backup: Path, draft: Path) -> None:
    """Copy a backup to where it will be used, its owner's alone."""
    number = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(number, "wb") as target, backup.open("rb") as source:
        shutil.copyfileobj(source, target, 1 << 20)
        target.flush()
        os.fsync(number)


def require_alone(path: Path) -> None:
    """Refuse while another program has the database open. Its journal goes into the file with it,
    so that the file alone is all of it.

    Raises:
        InUse: somebody has.
        Unavailable: the file is damaged so that nobody can tell.
    """
    driver, _ = sqlite_driver()
    connection = driver.connect(str(path), isolation_level=None, timeout=0)
    try:
        # Leaving WAL needs the only connection there is; without WAL, an exclusive lock tells.
        connection.execute("PRAGMA journal_mode=DELETE").fetchone()
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("ROLLBACK")
    except driver.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise InUse(_IN_USE) from None
        raise Unavailable(f"Whether {path} is in use cannot be told: {error}.") from None
    except driver.DatabaseError as error:
        raise Unavailable(f"Whether {path} is in use cannot be told: {error}.") from None
    finally:
        connection.close()


def put_in_place(draft: Path, path: Path, kept: Path) -> None:
    """Let the draft take the database's place, which is kept under another name; at no moment is
    there no database."""
    for ending in _BESIDE[1:-1]:  # of a damaged one; a sound one has none left
        beside = path.with_name(path.name + ending)
        if beside.exists():
            beside.replace(kept.with_name(kept.name + ending))
    if path.exists():
        os.link(path, kept)
    draft.replace(path)


def remove(draft: Path) -> None:
    """Take away a draft that was not put in place, and what its use left beside it."""
    for ending in _BESIDE:
        draft.with_name(draft.name + ending).unlink(missing_ok=True)
