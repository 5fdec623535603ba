"""One import at a time, so that two people do not bring in the same file side by side."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from store.database import Database, explain
from store.errors import InUse

_LOCK_KEY = 0x43484B10
_SENTENCE = "Another import is running. Try again when it has finished."


@contextmanager
def only_import(database: Database) -> Iterator[None]:
    """Hold the hospital's turn to import; it ends with the process, however that ends.

    Raises:
        InUse: somebody else has it.
        Unavailable: the database does not answer.
    """
    if database.path is not None:
        with _file_lock(database.path.with_name(database.path.name + ".import")):
            yield
        return
    try:
        connection = database.engine.connect()
    except DBAPIError as error:
        raise explain(error) from error
    with connection:
        # A lock of the session, not of a transaction: the import has transactions of its own.
        taken = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK_KEY})
        if not taken.scalar():
            raise InUse(_SENTENCE)
        connection.commit()
        try:
            yield
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})
            connection.commit()


@contextmanager
def _file_lock(path: Path) -> Iterator[None]:
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUse(_SENTENCE) from None
        yield
    finally:
        os.close(handle)
