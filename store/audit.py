"""Reading the audit trail, and checking that nothing in it was altered."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select

from store import chain
from store.errors import Invalid
from store.permissions import Action, require
from store.tables import AuditEntry, table_of
from store.text import search_key
from store.transaction import Transaction
from store.values import AuditView, Page, Role

_ENTRY = table_of(AuditEntry)


def list_entries(
    tx: Transaction,
    *,
    limit: int = 100,
    offset: int = 0,
    actor: int | str | None = None,
    entity: str | None = None,
    patient_id: int | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> Page[AuditView]:
    """Entries, newest first; `actor` is an account's id or user name, `entity` the kind of thing
    (`appointment`), `start` and `end` are half-open.

    Raises:
        Forbidden: only administrators read the audit trail.
    """
    require(tx, Action.AUDIT_READ)
    conditions = []
    if isinstance(actor, int):
        conditions.append(_ENTRY.c.actor_id == actor)
    elif actor is not None:
        conditions.append(_ENTRY.c.actor_name == search_key(actor))
    if entity is not None:
        conditions.append(_ENTRY.c.entity == entity)
    if patient_id is not None:
        conditions.append(_ENTRY.c.patient_id == patient_id)
    if start is not None:
        conditions.append(_ENTRY.c.at >= start)
    if end is not None:
        conditions.append(_ENTRY.c.at < end)
    rows = tx.session.execute(
        select(_ENTRY).where(*conditions).order_by(_ENTRY.c.id.desc()).limit(limit).offset(offset)
    )
    found = tuple(_view(tx, row) for row in rows)
    count = select(func.count()).select_from(_ENTRY).where(*conditions)
    return Page(found, tx.session.execute(count).scalar_one(), offset)


def verify(tx: Transaction) -> int:
    """How many entries there are, when every one of them is as it was written and none is
    missing between them. That it was asked is itself an entry.

    Raises:
        Forbidden: only administrators read the audit trail.
        Invalid: names the first entry that does not hold.
    """
    require(tx, Action.AUDIT_READ)
    held, broken = chain.first_broken(tx.session)
    if broken is not None:
        raise Invalid(
            f"Audit entry {broken} does not hold: it was altered, or the one before it was taken"
            f" away. The {held} entries before it hold. Keep this database as it is and compare"
            " it with a backup.",
            entry=broken,
            held=held,
        )
    tx.record("audit.verify", "audit_entry", held, detail={"entries": held})
    return held


def _view(tx: Transaction, row: Row[Any]) -> AuditView:
    detail: dict[str, Any] = json.loads(row.detail)
    return AuditView(
        id=row.id,
        at=tx.local(row.at),
        actor=row.actor_name,
        role=Role(row.actor_role),
        action=row.action,
        outcome=row.outcome,
        entity=row.entity,
        entity_id=row.entity_id,
        terminal=row.terminal,
        reason=row.reason,
        detail=detail,
        hash=row.hash,
    )
