"""Whether a backup is what its manifest says: its file unaltered, and in it what was in it."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from store import schema, schema_version
from store.backup import files
from store.backup.contents import contents_of
from store.backup.manifest import Manifest, digest_of, read
from store.database import explain
from store.errors import Invalid, Unavailable
from store.front_door import Store
from store.permissions import Action, require
from store.values import Actor

CHECKED = "data.check"
"""The audit trail's word for a backup that was found whole."""


def check(store: Store, actor: Actor, backup: Path) -> Manifest:
    """Look through a backup as a restore does before it replaces anything, and keep in the audit
    trail that it is whole. A dump of PostgreSQL is only compared with its digest: what is in it
    can be read in a database alone, and a restore makes one.

    Raises:
        Forbidden: only administrators may.
        Invalid: it is not what its manifest says, is damaged, or of a newer program.
        Unavailable: it cannot be read.
    """
    store.read(actor, require, Action.BACKUP)
    manifest = read(backup)
    try:
        require_unaltered(backup, manifest)
        if manifest.database == "sqlite":
            with files.looking_into(backup) as connection:
                require_as_written(connection, manifest)
    except OSError as error:
        raise Unavailable(f"{backup} cannot be read: {error.strerror}.") from None
    except DBAPIError as error:
        raise explain(error) from error
    store.write(actor, lambda tx: tx.record(CHECKED, "file", manifest.sha256))
    return manifest


def require_unaltered(backup: Path, manifest: Manifest) -> None:
    """Refuse a file that is not, byte for byte, the one that was taken.

    Raises:
        Invalid: it is not.
    """
    if digest_of(backup) != (manifest.bytes, manifest.sha256):
        raise Invalid(
            f"{backup} is not the file that the manifest was written for: it was altered or cut"
            " off. Take another backup.",
        )


def require_as_written(connection: Connection, manifest: Manifest) -> None:
    """Refuse a database that is not what the manifest says.

    Raises:
        Invalid: it is of a newer program, damaged, or something else is in it.
    """
    if manifest.contents.schema > schema_version.newest():
        raise Invalid(
            f"The backup has schema {manifest.contents.schema}, this program knows"
            f" {schema_version.newest()}. Update the program, then restore.",
        )
    problems = schema.damage(connection)
    if problems:
        raise Invalid(
            f"The backup is damaged: {problems[0]}. Take another backup.",
            problems=problems,
        )
    if contents_of(connection) != manifest.contents:
        raise Invalid("What is in the backup is not what its manifest says. Take another backup.")
