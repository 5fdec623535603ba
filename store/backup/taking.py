"""Taking a backup: of one moment, while everybody goes on, and looked through before it counts."""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from store import last_backup
from store.backup import files
from store.backup.contents import Contents, contents_of
from store.backup.manifest import Manifest, digest_of, keep, manifest_file, sync, taken
from store.database import explain
from store.errors import Invalid, Unavailable
from store.front_door import Store
from store.permissions import Action, require
from store.schema import damage
from store.values import Actor

TAKEN = "data.backup"
"""The audit trail's word for a backup that was taken, and looked through."""


def take(store: Store, actor: Actor, backup: Path) -> Manifest:
    """Write the whole hospital into a file, and what is in it into `FILE.manifest` beside it.

    Both are readable to their owner alone. What every transaction had committed before is in it,
    nothing of any half.

    Raises:
        Forbidden: only administrators take backups.
        Duplicate: a file has that name already.
        Invalid: what was written is damaged, because the database is.
        Unavailable: the place cannot be written, or `pg_dump` is missing or failed.
    """
    store.read(actor, require, Action.BACKUP)
    if backup.exists() or manifest_file(backup).exists():
        raise taken(backup)
    draft = backup.with_name(f".{backup.name}.{os.getpid()}")
    moment = store.now()
    try:
        contents = _write(store, draft)
        sync(draft)
        size, digest = digest_of(draft)
        manifest = Manifest(store.database.dialect, moment, size, digest, contents)
        keep(draft, backup, manifest)
        if store.database.path is not None:
            last_backup.note(store.database.path, backup)
    except OSError as error:
        raise Unavailable(f"{backup} cannot be written: {error.strerror}.") from None
    finally:
        files.remove(draft)
    detail = {"bytes": size, "audit_entries": contents.audit_entries}
    store.write(actor, lambda tx: tx.record(TAKEN, "file", digest, detail=detail))
    return manifest


def _write(store: Store, draft: Path) -> Contents:
    try:
        if store.database.dialect == "sqlite":
            return _write_file(store, draft)
        return _write_dump(store, draft)
    except DBAPIError as error:
        raise explain(error, store.database.path) from error


def _write_file(store: Store, draft: Path) -> Contents:
    try:
        files.copy_out(store.database, draft)
    except OSError:
        raise
    except Exception as error:
        raise Unavailable(f"The backup cannot be written: {error}.") from error
    with files.looking_into(draft) as connection:
        _require_sound(damage(connection))
        return contents_of(connection)


def _write_dump(store: Store, draft: Path) -> Contents:
    from store.backup import dumps  # and psycopg, which SQLite has no use for

    engine = store.database.engine.execution_options(isolation_level="REPEATABLE READ")
    with engine.connect() as connection, connection.begin():
        for patience in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(text(f"SET LOCAL {patience} = 0"))
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        dumps.dump(store.database.engine.url, draft, snapshot)
        _require_sound(damage(connection))
        return contents_of(connection)


def _require_sound(problems: list[str]) -> None:
    if problems:
        raise Invalid(
            f"The database is damaged, so no backup was made: {problems[0]}. Keep it as it is, and"
            " restore the newest backup.",
            problems=problems,
        )
