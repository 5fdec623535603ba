"""The feed of committed changes: what open screens and caches go by."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, select
from sqlmodel import Session

from store.batches import insert_rows
from store.tables import Change, table_of
from store.values import ChangeView

_CHANGE = table_of(Change)


class Topic(StrEnum):
    """What kind of thing changed."""

    ACCOUNT = "account"
    SESSION = "session"
    DEPARTMENT = "department"
    DOCTOR = "doctor"
    HOURS = "hours"
    LEAVE = "leave"
    HOLIDAY = "holiday"
    PATIENT = "patient"
    APPOINTMENT = "appointment"
    HOLD = "hold"
    WAITLIST = "waitlist"
    RECORD = "record"
    FORMULARY = "formulary"
    OUTBOX = "outbox"


def pending(
    topic: Topic, at: datetime, doctor_id: int | None, day: date | None, entity_id: int | None
) -> dict[str, Any]:
    """A change's row, to be written when its unit of work closes."""
    return {
        "at": at,
        "topic": topic.value,
        "doctor_id": doctor_id,
        "day": day,
        "entity_id": entity_id,
    }


def append(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Write changes; call behind the audit chain's lock, so that ids rise in commit order."""
    insert_rows(connection, _CHANGE, rows)


def newest(session: Session) -> int:
    """The id of the newest committed change; 0 in a new hospital."""
    return session.execute(select(func.max(_CHANGE.c.id))).scalar() or 0


def since(session: Session, last_id: int, limit: int = 1000) -> list[ChangeView]:
    """The changes behind `last_id`, oldest first, `limit` at most."""
    rows = session.execute(
        select(_CHANGE).where(_CHANGE.c.id > last_id).order_by(_CHANGE.c.id).limit(limit)
    )
    return [ChangeView(row.id, row.topic, row.doctor_id, row.day, row.entity_id) for row in rows]
