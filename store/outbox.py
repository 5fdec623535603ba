"""Messages owed: written in the transaction of their cause, never without it.

Nothing of a message's text rests here. What it says is read from the hospital when it is sent, so
that nobody is told what is no longer true. Delivering is `dispatch.py`'s business.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Insert, Row, bindparam, func, select
from sqlalchemy.dialects import postgresql, sqlite

from store.changes import Topic
from store.errors import IllegalTransition, NotFound
from store.permissions import Action, require
from store.prepared import Prepared
from store.tables import OutboxMessage, Patient, table_of
from store.transaction import Transaction
from store.values import MailKind, OutboxStatus, OutboxView, Page

MESSAGE = table_of(OutboxMessage)
"""The outbox as a Core table, for the rules that plan, list and deliver."""

SUBJECTS = {
    MailKind.BOOKED: "Your appointment",
    MailKind.RESCHEDULED: "Your appointment was moved",
    MailKind.CANCELLED: "Your appointment was cancelled",
    MailKind.REMINDER: "Appointment reminder",
    MailKind.RECORDS: "The papers you asked for",
    MailKind.PAPER: "A paper for you",
    MailKind.OFFER: "An earlier time is free",
    MailKind.REPORT: "Monthly activity report",
    MailKind.SECURITY: "Your account",
    MailKind.CODE: "Your account",
}
"""What stands on the outside of a message: nothing of whom, of what, or of when."""

_PATIENT = table_of(Patient)
_ADDRESS = Prepared(select(_PATIENT.c.email).where(_PATIENT.c.id == bindparam("id")))
SHOWN_AS = {
    "waiting": OutboxStatus.WAITING,
    "sending": OutboxStatus.WAITING,
    "uncertain": OutboxStatus.WAITING,
    "held": OutboxStatus.HELD,
    "sent": OutboxStatus.SENT,
    "failed": OutboxStatus.FAILED,
    "discarded": OutboxStatus.DISCARDED,
}
"""What the stored statuses are called outside."""

_TRIED_AGAIN = ("waiting", "uncertain")
_INSERT_ONCE: Mapping[str, Insert] = {
    name: dialect.insert(MESSAGE).on_conflict_do_nothing(index_elements=["unique_key"])
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}
_NAMED = (
    *("kind", "unique_key", "recipient", "subject", "message_id", "created_at", "due_at"),
    *("next_try_at", "expires_at", "status", "attempts", "parameters"),
    *("appointment_id", "patient_id", "doctor_id"),
)
"""The columns of a message that is owed to a patient."""
_ENQUEUE = {
    name: Prepared(
        insert.values({column: bindparam(column) for column in _NAMED}).returning(MESSAGE.c.id)
    )
    for name, insert in _INSERT_ONCE.items()
}


def enqueue(
    tx: Transaction,
    kind: MailKind,
    unique_key: str,
    *,
    appointment_id: int | None = None,
    patient_id: int | None = None,
    doctor_id: int | None = None,
    due_at: datetime | None = None,
    expires_at: datetime | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> None:
    """Owe a patient a message; for other rules of the store, in their own unit of work.

    The same `unique_key` is the same message, however often it is asked for. A patient without an
    e-mail address gets none, nor is anything owed that is past its `expires_at` already.

    Args:
        due_at: not before this UTC moment; None is at once.
        expires_at: from this UTC moment on it is no longer worth sending.
        parameters: what was chosen for it; no text and nothing medical.
    """
    recipient = _address_of(tx, patient_id)
    if recipient is None or (expires_at is not None and expires_at <= tx.now):
        return
    row = new_row(tx, kind, unique_key, recipient, due_at or tx.now, expires_at) | {
        "appointment_id": appointment_id,
        "patient_id": patient_id,
        "doctor_id": doctor_id,
        "parameters": json.dumps(dict(parameters or {})),
    }
    for (message_id,) in tx.rows(_ENQUEUE[tx.dialect], row):
        tx.changed(Topic.OUTBOX, entity_id=message_id)


def list_messages(
    tx: Transaction,
    *,
    status: OutboxStatus | None = None,
    kind: MailKind | None = None,
    appointment_id: int | None = None,
    limit: int = 500,
    offset: int = 0,
) -> Page[OutboxView]:
    """The messages that meet every filter, newest first."""
    require(tx, Action.MAIL_READ)
    conditions: list[ColumnElement[bool]] = []
    if status is not None:
        stored = [name for name, shown in SHOWN_AS.items() if shown is status]
        conditions.append(MESSAGE.c.status.in_(stored))
    if kind is not None:
        conditions.append(MESSAGE.c.kind == kind.value)
    if appointment_id is not None:
        conditions.append(MESSAGE.c.appointment_id == appointment_id)
    total = tx.session.execute(select(func.count()).select_from(MESSAGE).where(*conditions))
    rows = tx.session.execute(
        select(MESSAGE).where(*conditions).order_by(MESSAGE.c.id.desc()).limit(limit).offset(offset)
    )
    return Page(tuple(message_view(tx, row) for row in rows), total.scalar_one(), offset)


def counts(tx: Transaction) -> dict[OutboxStatus, int]:
    """How many messages wait, were sent, failed and were discarded."""
    require(tx, Action.MAIL_READ)
    found = dict.fromkeys(OutboxStatus, 0)
    query = select(MESSAGE.c.status, func.count()).group_by(MESSAGE.c.status)
    for status, number in tx.session.execute(query):
        found[SHOWN_AS[status]] += number
    return found


def get(tx: Transaction, message_id: int) -> OutboxView:
    """One message.

    Raises:
        NotFound: there is none with this number.
    """
    require(tx, Action.MAIL_READ)
    row = stored(tx, message_id)
    return message_view(tx, row)


def retry(tx: Transaction, message_id: int) -> OutboxView:
    """Try a message again now, with all its tries before it.

    It still is not sent when what it says is no longer true.

    Raises:
        NotFound: there is none with this number.
        IllegalTransition: it was sent, or a worker is sending it this moment.
    """
    require(tx, Action.MAIL_CHANGE)
    row = _fetch_changeable(tx, message_id)
    row.status, row.attempts, row.doubts, row.next_try_at = "waiting", 0, 0, tx.now
    return _save(tx, row, "mail.retry")


def discard(tx: Transaction, message_id: int) -> OutboxView:
    """Give a message up.

    Raises:
        NotFound: there is none with this number.
        IllegalTransition: it was sent, or a worker is sending it this moment.
    """
    require(tx, Action.MAIL_CHANGE)
    row = _fetch_changeable(tx, message_id)
    row.status = "discarded"
    return _save(tx, row, "mail.discard")


def new_row(
    tx: Transaction,
    kind: MailKind,
    unique_key: str,
    recipient: str,
    due_at: datetime,
    expires_at: datetime | None,
) -> dict[str, Any]:
    """The columns of a message that waits from now on."""
    return {
        "kind": kind.value,
        "unique_key": unique_key,
        "recipient": recipient,
        "subject": SUBJECTS[kind],
        "message_id": f"<{uuid.uuid4()}@mail.chikitsa>",
        "created_at": tx.now,
        "due_at": due_at,
        "next_try_at": due_at,
        "expires_at": expires_at,
        "status": "waiting",
        "attempts": 0,
        "parameters": "{}",
    }


def insert_once(tx: Transaction) -> Insert:
    """An INSERT into the outbox that passes over a `unique_key` which is there already."""
    return _INSERT_ONCE[tx.dialect]


def _address_of(tx: Transaction, patient_id: int | None) -> str | None:
    if patient_id is None:
        return None
    found = tx.rows(_ADDRESS, {"id": patient_id})
    return found[0][0] if found else None


def _fetch_changeable(tx: Transaction, message_id: int) -> OutboxMessage:
    row = tx.fetch(OutboxMessage, message_id, "message")
    if row.status == "sent":
        raise IllegalTransition("This message was sent already.", status=row.status)
    if row.status == "sending" and row.lease_until is not None and row.lease_until > tx.now:
        raise IllegalTransition(
            "A worker is sending this message just now. Look again in a minute.", status=row.status
        )
    return row


def _save(tx: Transaction, row: OutboxMessage, action: str) -> OutboxView:
    assert row.id is not None
    row.lease_until, row.lease_by = None, None
    tx.session.add(row)
    tx.session.flush()
    tx.record(action, "outbox", row.id, patient_id=row.patient_id)
    tx.changed(Topic.OUTBOX, entity_id=row.id)
    return get(tx, row.id)


def stored(tx: Transaction, message_id: int, kind: MailKind | None = None) -> Row[Any]:
    """The row of a message, of this kind alone where one is given; for rules that have asked.

    Raises:
        NotFound: there is none with this number, or it is of another kind.
    """
    query = select(MESSAGE).where(MESSAGE.c.id == message_id)
    if kind is not None:
        query = query.where(MESSAGE.c.kind == kind.value)
    row = tx.session.execute(query).first()
    if row is None:
        raise NotFound(f"There is no message {message_id}.", entity="message", id=message_id)
    return row


def message_view(tx: Transaction, row: Row[Any]) -> OutboxView:
    """A row of the outbox as it leaves the store."""
    return OutboxView(
        id=row.id,
        kind=MailKind(row.kind),
        to=row.recipient or "",
        subject=row.subject,
        status=SHOWN_AS[row.status],
        attempts=row.attempts,
        last_error=row.last_error,
        due_at=tx.local(row.due_at),
        sent_at=tx.maybe_local(row.sent_at),
        message_id=row.message_id,
        appointment_id=row.appointment_id,
        patient_id=row.patient_id,
        state=row.status,
        stage=row.last_stage,
        code=row.last_code,
        next_try_at=tx.local(row.next_try_at) if row.status in _TRIED_AGAIN else None,
        in_doubt=row.doubts > 0,
        reply=row.reply,
        digest=row.digest,
    )
