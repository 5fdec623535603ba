"""The audit chain: how entries are linked, and the lock that keeps one writer at its head.

Each entry's hash covers its own content and the hash before it, so that an entry changed,
removed or slipped in breaks every link behind it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, RowMapping, select, text, true
from sqlmodel import Session

from store.batches import insert_rows
from store.tables import AuditEntry, table_of
from store.values import Actor

GENESIS = "0" * 64
"""What the first entry is linked to."""

LOCK_KEY = 0x43484B01
"""Of the advisory lock behind which PostgreSQL's writers queue for the trail."""


@dataclass(frozen=True, slots=True)
class Pending:
    """An audit entry that a unit of work will write when it closes."""

    action: str
    entity: str
    entity_id: str
    patient_id: int | None = None
    reason: str = ""
    outcome: str = "ok"
    detail: Mapping[str, Any] = field(default_factory=dict)


def append(session: Session, actor: Actor, now: datetime, entries: Iterable[Pending]) -> str:
    """Link entries to the chain's head, in order. Call last: on PostgreSQL it takes the lock
    behind which all commits queue, which also gives the feed of changes its order.

    Returns:
        the hash of the last entry, which no other unit of work can have; empty without entries.
    """
    take_turn(session)
    head = session.execute(
        select(_ENTRY.c.id, _ENTRY.c.hash).order_by(_ENTRY.c.id.desc()).limit(1)
    ).first()
    number, previous = (head.id, head.hash) if head else (0, GENESIS)
    rows = []
    for entry in entries:
        number += 1
        row = _row(number, actor, now, entry, previous)
        previous = row["hash"]
        rows.append(row)
    insert_rows(session, _ENTRY, rows)
    return previous if rows else ""


def take_turn(session: Session) -> None:
    """Queue for the right to write ledgers; SQLite's writers are one at a time already."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK_KEY})


def holds(session: Session, entry_hash: str) -> bool:
    """Whether the entry with this hash is in the trail."""
    found = session.execute(select(_ENTRY.c.id).where(_ENTRY.c.hash == entry_hash)).first()
    return found is not None


def first_broken(connection: Connection | Session) -> tuple[int, int | None]:
    """Check the whole chain.

    Returns:
        how many entries hold, and the number of the first that does not (None: all hold).
    """
    expected, previous = 0, GENESIS
    for row in _in_order(connection):
        expected += 1
        content = {name: row[name] for name in _HASHED}
        if row["id"] != expected or row["prev_hash"] != previous:
            return expected - 1, expected
        if row["hash"] != _digest(content, previous):
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
_CANONICAL = json.JSONEncoder(ensure_ascii=False, sort_keys=True)
_ENTRY = table_of(AuditEntry)
_HASHED = [column.name for column in _ENTRY.columns if column.name not in ("hash", "prev_hash")]


def _row(number: int, actor: Actor, now: datetime, entry: Pending, previous: str) -> dict[str, Any]:
    row: dict[str, Any] = {
        "id": number,
        "at": now,
        "actor_id": actor.account_id,
        "actor_name": actor.username or actor.name,
        "actor_role": actor.role.value,
        "session_id": actor.session_id,
        "terminal": actor.terminal,
        "action": entry.action,
        "outcome": entry.outcome,
        "entity": entry.entity,
        "entity_id": entry.entity_id,
        "patient_id": entry.patient_id,
        "reason": entry.reason,
        "detail": _detail(entry.detail) if entry.detail else "{}",
    }
    return row | {"prev_hash": previous, "hash": _digest(row, previous)}


def _detail(detail: Mapping[str, Any]) -> str:
    return json.dumps(detail, ensure_ascii=False, sort_keys=True, default=str)


def _digest(content: Mapping[str, Any], previous: str) -> str:
    canonical = {
        name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
        for name, value in content.items()
    }
    text_form = _CANONICAL.encode(canonical)
    return hashlib.sha256(f"{previous}\n{text_form}".encode()).hexdigest()
