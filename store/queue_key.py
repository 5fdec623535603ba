"""What tells a hospital's own queue and its own tasks from those of others on the same Redis."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field

from sqlalchemy import select

from store.database import Database
from store.tables import Hospital, table_of

_HOSPITAL = table_of(Hospital).c


@dataclass(frozen=True, slots=True)
class QueueKey:
    """The name of the queue, and the secret that its tasks are signed with."""

    name: str
    secret: bytes = field(repr=False)


def queue_key(database: Database) -> QueueKey:
    """The key of the hospital in this database, for the processes that have it open.

    Raises:
        Unavailable: the database does not answer.
    """
    with database.begin(write=False) as connection:
        row = connection.execute(select(_HOSPITAL.uid, _HOSPITAL.archive_key)).one()
    secret = hmac.digest(row.archive_key.encode(), b"queue", hashlib.sha256)
    return QueueKey(f"chikitsa-{row.uid[:8]}", secret)
