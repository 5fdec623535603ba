"""Handing messages to workers: who has which in hand, for how long, and what came of it.

A worker claims a message with a lease, sends it without any transaction open, and says how it
went; a lease that ran out is a worker that died, and the message is claimed again. What a worker
says of a lease that is no longer its own changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select, text, update

from store.changes import Topic
from store.outbox import MESSAGE
from store.permissions import Action, require
from store.tables import Appointment, table_of
from store.transaction import Transaction
from store.values import MailKind

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 180))
"""How long a message rests after its first, second, … try that failed for the time being."""

MOST_TRIES = len(BACK_OFF) + 1
DOUBT = timedelta(minutes=15)
"""How long a message rests of which nobody knows whether the mail server took it."""

LEASE_SECONDS = 120.0
"""Longer than any conversation with a mail server that a worker waits for."""

_CLOCKS_DIFFER = timedelta(seconds=60)
_VISIT = table_of(Appointment)
# Word for word the condition of the partial index, or no database would use it.
_OPEN = text("outbox_message.status IN ('waiting', 'sending', 'uncertain')")


@dataclass(frozen=True, slots=True)
class Claim:
    """A message in one worker's hands.

    `attempt` counts this try; `in_doubt` says that an earlier one may have reached the patient.
    """

    id: int
    kind: MailKind
    patient_id: int | None
    appointment_id: int | None
    attempt: int
    in_doubt: bool
    worker: str


def claim(
    tx: Transaction, *, worker: str, limit: int = 1, lease_seconds: float = LEASE_SECONDS
) -> list[Claim]:
    """Take messages that are due into `worker`'s hands, the longest due first.

    Those whose worker died are among them: their lease is over. So is a lease that lies further
    ahead than any lease lasts, because a clock was set back.
    """
    require(tx, Action.MAIL_DELIVER)
    lease = timedelta(seconds=lease_seconds)
    over = (MESSAGE.c.lease_until <= tx.now) | (
        MESSAGE.c.lease_until > tx.now + lease + _CLOCKS_DIFFER
    )
    rows = tx.session.execute(
        select(MESSAGE)
        .where(_OPEN, MESSAGE.c.next_try_at <= tx.now, (MESSAGE.c.status != "sending") | over)
        .order_by(MESSAGE.c.next_try_at, MESSAGE.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if rows:
        tx.session.execute(
            update(MESSAGE)
            .where(MESSAGE.c.id.in_([row.id for row in rows]))
            .values(
                status="sending",
                attempts=MESSAGE.c.attempts + 1,
                lease_until=tx.now + lease,
                lease_by=worker,
            )
        )
    return [
        Claim(
            row.id,
            MailKind(row.kind),
            row.patient_id,
            row.appointment_id,
            row.attempts + 1,
            row.status == "uncertain",
            worker,
        )
        for row in rows
    ]


def due(tx: Transaction, most: int) -> int:
    """How many messages could be claimed now, counted up to `most`."""
    require(tx, Action.MAIL_DELIVER)
    waiting = (MESSAGE.c.status != "sending") | (MESSAGE.c.lease_until <= tx.now)
    query = select(MESSAGE.c.id).where(_OPEN, MESSAGE.c.next_try_at <= tx.now, waiting).limit(most)
    return len(tx.session.execute(query).all())


def mark_sent(tx: Transaction, held: Claim, *, recipient: str) -> bool:
    """The mail server took it. Returns whether it still was this worker's to say."""
    if not _finish(tx, held, status="sent", sent_at=tx.now, recipient=recipient, last_error=None):
        return False
    tx.record("mail.send", "outbox", held.id, patient_id=held.patient_id)
    if held.kind is MailKind.REMINDER and held.appointment_id is not None:
        tx.session.execute(
            update(_VISIT).where(_VISIT.c.id == held.appointment_id).values(reminded_at=tx.now)
        )
    return True


def mark_retry(tx: Transaction, held: Claim, error: str, *, code: int | None = None) -> bool:
    """Refused for the time being: try again later, or give up after the last try."""
    if held.attempt >= MOST_TRIES:
        return mark_failed(tx, held, error, code=code)
    next_try = tx.now + BACK_OFF[held.attempt - 1]
    return _finish(
        tx, held, status="waiting", next_try_at=next_try, last_error=error, last_code=code
    )


def mark_failed(tx: Transaction, held: Claim, error: str, *, code: int | None = None) -> bool:
    """Given up, for an administrator to look at."""
    if not _finish(tx, held, status="failed", last_error=error, last_code=code):
        return False
    tx.record(
        "mail.fail",
        "outbox",
        held.id,
        patient_id=held.patient_id,
        detail={"code": code, "attempt": held.attempt},
        outcome="failed",
    )
    return True


def mark_uncertain(tx: Transaction, held: Claim, error: str) -> bool:
    """The connection was lost while the mail server had the whole message and had not answered.

    It is sent once more after a quarter of an hour, under the same Message-ID; if nobody can tell
    again, a person decides.
    """
    if held.in_doubt:
        return mark_failed(tx, held, f"Nobody can tell whether it arrived: {error}")
    return _finish(
        tx, held, status="uncertain", next_try_at=tx.now + DOUBT, last_error=error, last_code=None
    )


def mark_discarded(tx: Transaction, held: Claim, reason: str) -> bool:
    """No longer true, or too late: nobody is told."""
    if not _finish(tx, held, status="discarded", last_error=reason):
        return False
    tx.record("mail.discard", "outbox", held.id, patient_id=held.patient_id, reason=reason)
    return True


def release(tx: Transaction, held: Claim) -> bool:
    """Put it back as it was, without a try counted: the mail server could not be spoken to."""
    status = "uncertain" if held.in_doubt else "waiting"
    return _finish(tx, held, status=status, attempts=held.attempt - 1)


def _finish(tx: Transaction, held: Claim, **values: Any) -> bool:
    """Change a message that this worker still has in hand."""
    require(tx, Action.MAIL_DELIVER)
    done = tx.session.execute(
        update(MESSAGE)
        .where(
            MESSAGE.c.id == held.id,
            MESSAGE.c.status == "sending",
            MESSAGE.c.lease_by == held.worker,
            MESSAGE.c.attempts == held.attempt,
        )
        .values(lease_until=None, lease_by=None, **values)
        .returning(MESSAGE.c.id)
    ).first()
    if done is None:
        return False
    tx.changed(Topic.OUTBOX, entity_id=held.id)
    return True
