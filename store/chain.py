"""The audit chain: how entries are linked, and the lock that keeps one writer at its head.

Each entry's hash covers its own content and the hash before it, so that an entry changed,
removed or slipped in breaks every link behind it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from json.encoder import encode_basestring
from operator import itemgetter
from types import MappingProxyType
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, RowMapping, select, text, true
from sqlmodel import Session

from store.batches import insert_rows
from store.prepared import ONLY_ONE, Prepared
from store.tables import AuditEntry, table_of
from store.values import Actor

GENESIS = "0" * 64
"""What the first entry is linked to."""

LOCK_KEY = 0x43484B01
"""Of the advisory lock behind which PostgreSQL's writers queue for the trail."""


class Pending(NamedTuple):
    """An audit entry that a unit of work will write when it closes."""

    action: str
    entity: str
    entity_id: str
    patient_id: int | None = None
    reason: str = ""
    outcome: str = "ok"
    detail: Mapping[str, Any] = MappingProxyType({})


def append(connection: Connection, actor: Actor, now: datetime, entries: Iterable[Pending]) -> str:
    """Link entries to the chain's head, in order. Call last: on PostgreSQL it takes the lock
    behind which all commits queue, which also gives the feed of changes its order.

    Returns:
        the hash of the last entry, which no other unit of work can have; empty without entries.
    """
    take_turn(connection)
    head = _HEAD.rows(connection, {})
    number, previous = head[0] if head else (0, GENESIS)
    same = {
        "at": now,
        "actor_id": actor.account_id,
        "actor_name": actor.username or actor.name,
        "actor_role": actor.role.value,
        "session_id": actor.session_id,
        "terminal": actor.terminal,
    }
    rows = []
    for entry in entries:
        number += 1
        row = {
            "id": number,
            "action": entry.action,
            "outcome": entry.outcome,
            "entity": entry.entity,
            "entity_id": entry.entity_id,
            "patient_id": entry.patient_id,
            "reason": entry.reason,
            "detail": _DETAIL.encode(entry.detail) if entry.detail else "{}",
            "prev_hash": previous,
        }
        row["hash"] = previous = _digest(row | same, previous)
        rows.append(row)
    insert_rows(connection, _ENTRY, rows, same)
    return previous if rows else ""


def take_turn(connection: Connection) -> None:
    """Queue for the right to write ledgers; SQLite's writers are one at a time already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})


def holds(connection: Connection, entry_hash: str) -> bool:
    """Whether the entry with this hash is in the trail."""
    found = connection.execute(select(_ENTRY.c.id).where(_ENTRY.c.hash == entry_hash)).first()
    return found is not None


def first_broken(connection: Connection | Session) -> tuple[int, int | None]:
    """Check the whole chain.

    Returns:
        how many entries hold, and the number of the first that does not (None: all hold).
    """
    expected, previous = 0, GENESIS
    for row in _in_order(connection):
        expected += 1
        if row["id"] != expected or row["prev_hash"] != previous:
            return expected - 1, expected
        if row["hash"] != _digest(row, previous):
            return expected - 1, expected
        previous = row["hash"]
    return expected, None


def _in_order(connection: Connection | Session) -> Iterator[RowMapping]:
    """Every entry by its number, so many at a time that memory does not grow with the trail."""
    after: ColumnElement[bool] = true()
    while True:
        rows = connection.execute(select(_ENTRY).where(after).order_by(_ENTRY.c.id).limit(_AT_ONCE))
        found = rows.mappings().all()
        yield from found
        if len(found) < _AT_ONCE:
            return
        after = _ENTRY.c.id > found[-1]["id"]


_AT_ONCE = 2_000
_DETAIL = json.JSONEncoder(ensure_ascii=False, sort_keys=True, default=str)
_ENTRY = table_of(AuditEntry)
_HEAD = Prepared(select(_ENTRY.c.id, _ENTRY.c.hash).order_by(_ENTRY.c.id.desc()).limit(ONLY_ONE))
_HASHED = sorted({column.name for column in _ENTRY.columns} - {"hash", "prev_hash"})
_CANONICAL = "{" + ", ".join(f'"{name}": %s' for name in _HASHED) + "}"
_in_order_of_names = itemgetter(*_HASHED)


def _digest(content: Mapping[Any, Any], previous: str) -> str:
    """The hash of an entry: of the one before it, and of its columns as JSON, sorted by name."""
    told = _CANONICAL % tuple(map(_json, _in_order_of_names(content)))
    return hashlib.sha256(f"{previous}\n{told}".encode()).hexdigest()


def _json(value: str | int | datetime | None) -> str:
    """A value as `json.dumps(…, ensure_ascii=False)` writes it; a moment as ISO 8601 in UTC."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return encode_basestring(value)
    if isinstance(value, datetime):
        return encode_basestring(_moment(value))
    return str(value)


@lru_cache(16)
def _moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat()
