"""Handing messages to workers: who has which in hand, for how long, and what came of it.

A worker claims messages with a lease and writes them; before it sends some of them it says that it
begins, which holds only as long as the lease is its own; without any transaction open it sends
them, and says how it went. A lease that ran out is a worker that died: what it had not begun waits
again, of what it had begun nobody can tell whether it arrived. What a worker says of a lease that
is no longer its own changes nothing, except where it alone can tell: it only stood still, and the
mail server took what is in doubt.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    bindparam,
    exists,
    or_,
    select,
    text,
    tuple_,
    update,
)

from store import mail_limits, refused_addresses
from store.changes import Topic
from store.outbox import MESSAGE
from store.permissions import Action, require
from store.sending_log import Taken, Traces
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

IN_DOUBT = "Nobody can tell whether it arrived: "

_CLOCKS_DIFFER = timedelta(seconds=60)
_VISIT = table_of(Appointment)
# Word for word the conditions of the partial indexes, or no database would use them.
_OPEN = text("outbox_message.status IN ('waiting', 'sending', 'uncertain')")
_IN_HAND = text("outbox_message.status = 'sending'")
_NO_LEASE: Mapping[str, Any] = {"lease_until": None, "lease_by": None, "begun": False}
_SENT = (
    update(MESSAGE)
    .where(MESSAGE.c.id == bindparam("its_id"))
    .values(
        status="sent",
        sent_at=bindparam("sent_at"),
        recipient=bindparam("recipient"),
        reply=bindparam("reply"),
        digest=bindparam("digest"),
        last_error=None,
        last_stage=None,
        **_NO_LEASE,
    )
)


@dataclass(frozen=True, slots=True)
class Claim:
    """A message in one worker's hands.

    `attempt` counts this try; `in_doubt` says that an earlier one may have reached the patient,
    `suspect` that a mail server refused the address before; `last_error` is of the last try.
    """

    id: int
    kind: MailKind
    patient_id: int | None
    appointment_id: int | None
    attempt: int
    in_doubt: bool
    worker: str
    suspect: bool = False
    last_error: str | None = None


def claim(
    tx: Transaction,
    *,
    worker: str,
    most: int = 1,
    lease_seconds: float = LEASE_SECONDS,
    traces: Callable[[str], Traces | None] = lambda _worker: None,
) -> list[Claim]:
    """Take messages that are due into `worker`'s hands, the longest due first, `most` of them at
    most and no more than the hospital's limits allow. `traces` tells what a worker left that
    ended; of messages that it had begun without any, nobody can tell whether they arrived."""
    require(tx, Action.MAIL_DELIVER)
    lease = timedelta(seconds=lease_seconds)
    _take_back(tx, lease, traces)
    rows = _next_due(tx, mail_limits.room(tx, most))
    if not rows:
        return []
    tx.session.execute(
        update(MESSAGE)
        .where(MESSAGE.c.id.in_([row.id for row in rows]))
        .values(
            status="sending",
            attempts=MESSAGE.c.attempts + 1,
            lease_until=tx.now + lease,
            lease_by=worker,
            begun=False,
        )
    )
    suspects = refused_addresses.among(tx, {row.recipient for row in rows if row.recipient})
    return [
        Claim(
            row.id,
            MailKind(row.kind),
            row.patient_id,
            row.appointment_id,
            row.attempts + 1,
            row.doubts > 0,
            worker,
            (row.recipient or "").lower() in suspects,
            row.last_error,
        )
        for row in rows
    ]


def begin(tx: Transaction, held: Sequence[Claim], *, lease_seconds: float) -> set[int]:
    """Say that these messages are going to be sent now, and hold them for another lease.

    Returns:
        the ids of those that still are this worker's; no other may be sent.
    """
    return _hold(tx, held, lease_seconds, begun=True)


def keep(tx: Transaction, held: Sequence[Claim], *, lease_seconds: float) -> set[int]:
    """Hold messages for another lease that are slow to write; as `begin`, nothing is sent yet."""
    return _hold(tx, held, lease_seconds, begun=False)


def due(tx: Transaction, most: int) -> int:
    """How many messages could be claimed now, counted up to `most`."""
    require(tx, Action.MAIL_DELIVER)
    if not mail_limits.has_room(tx):
        return 0
    over = MESSAGE.c.lease_until <= tx.now
    query = (
        select(MESSAGE.c.id)
        .where(_OPEN, MESSAGE.c.next_try_at <= tx.now, (MESSAGE.c.status != "sending") | over)
        .limit(most)
    )
    return len(tx.session.execute(query).all())


def mark_sent(
    tx: Transaction, held: Claim, *, recipient: str, reply: str = "", digest: str | None = None
) -> bool:
    """The mail server took it. Returns whether it still was this worker's to say."""
    return bool(mark_all_sent(tx, [(held, recipient, Taken(tx.now, reply, digest))]))


def mark_all_sent(tx: Transaction, taken: Sequence[tuple[Claim, str, Taken]]) -> set[int]:
    """The mail server took these, each for a recipient, from one worker. Returns the ids of those
    that still were that worker's to say: in its hands, or in doubt since it was taken for dead."""
    require(tx, Action.MAIL_DELIVER)
    mine = _still_to_say(tx, [held for held, _, _ in taken])
    done = [(held, recipient, how) for held, recipient, how in taken if held.id in mine]
    if not done:
        return set()
    tx.session.connection().execute(
        _SENT,
        [
            {
                "its_id": held.id,
                "sent_at": how.at,
                "recipient": recipient,
                "reply": how.reply,
                "digest": how.digest,
            }
            for held, recipient, how in done
        ],
    )
    for held, recipient, _ in done:
        tx.record("mail.send", "outbox", held.id, patient_id=held.patient_id)
        tx.changed(Topic.OUTBOX, entity_id=held.id)
        if held.suspect:
            refused_addresses.forget(tx, recipient)
    reminded = [
        held.appointment_id
        for held, _, _ in done
        if held.kind is MailKind.REMINDER and held.appointment_id is not None
    ]
    if reminded:
        tx.session.execute(
            update(_VISIT).where(_VISIT.c.id.in_(reminded)).values(reminded_at=tx.now)
        )
    return mine


def mark_retry(
    tx: Transaction, held: Claim, error: str, *, code: int | None = None, stage: str | None = None
) -> bool:
    """Refused for the time being: try again later, or give up after the last try."""
    if held.attempt >= MOST_TRIES:
        return mark_failed(tx, held, error, code=code, stage=stage)
    return _finish(
        tx,
        held,
        status="waiting",
        next_try_at=tx.now + BACK_OFF[held.attempt - 1],
        last_error=error,
        last_code=code,
        last_stage=stage,
    )


def mark_failed(
    tx: Transaction,
    held: Claim,
    error: str,
    *,
    code: int | None = None,
    stage: str | None = None,
    address: str | None = None,
) -> bool:
    """Given up, for an administrator to look at. Where the mail server refused the recipient,
    `address` is what it refused; it is marked so that the desk asks for another."""
    given_up = {"last_error": error, "last_code": code, "last_stage": stage}
    if not _finish(tx, held, status="failed", next_try_at=tx.now, **given_up):
        return False
    if address is not None and refused_addresses.is_of_the_address(code, error):
        refused_addresses.note(tx, address, error)
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
        return mark_failed(tx, held, IN_DOUBT + error, stage="answer")
    return _finish(
        tx,
        held,
        status="uncertain",
        doubts=1,
        next_try_at=tx.now + DOUBT,
        last_error=error,
        last_code=None,
        last_stage="answer",
    )


def mark_discarded(tx: Transaction, held: Claim, reason: str) -> bool:
    """No longer true, or too late: nobody is told."""
    if not _finish(tx, held, status="discarded", last_error=reason):
        return False
    tx.record("mail.discard", "outbox", held.id, patient_id=held.patient_id, reason=reason)
    return True


def release(tx: Transaction, held: Claim) -> bool:
    """Put it back as it was, without a try counted: nothing of it was sent."""
    status = "uncertain" if held.in_doubt else "waiting"
    return _finish(tx, held, status=status, attempts=held.attempt - 1)


def _next_due(tx: Transaction, most: int) -> Sequence[Row[Any]]:
    """Locked; without those that have to wait for the limits' sake."""
    while most > 0:
        rows = tx.session.execute(
            select(MESSAGE)
            .where(_OPEN, MESSAGE.c.next_try_at <= tx.now, MESSAGE.c.status != "sending")
            .order_by(MESSAGE.c.next_try_at, MESSAGE.c.id)
            .limit(most)
            .with_for_update(skip_locked=True)
        ).all()
        late = mail_limits.put_off(tx, rows)
        if len(late) < len(rows) or not rows:
            return [row for row in rows if row.id not in late]
    return []


def _take_back(tx: Transaction, lease: timedelta, traces: Callable[[str], Traces | None]) -> None:
    """Take from workers that died what they had in hand. A lease that lies further ahead than any
    lease lasts is over too: a clock was set back."""
    ahead = tx.now + lease + _CLOCKS_DIFFER
    over = or_(MESSAGE.c.lease_until <= tx.now, MESSAGE.c.lease_until > ahead)
    if not tx.session.execute(select(exists().where(_IN_HAND, over))).scalar():
        return
    left: dict[str, Traces | None] = {}
    for row in tx.session.execute(
        select(MESSAGE).where(_IN_HAND, over).with_for_update(skip_locked=True)
    ).all():
        if row.lease_by not in left:
            left[row.lease_by] = traces(row.lease_by)
        _take_one_back(tx, row, left[row.lease_by])


def _take_one_back(tx: Transaction, row: Row[Any], left: Traces | None) -> None:
    held = Claim(
        row.id,
        MailKind(row.kind),
        row.patient_id,
        row.appointment_id,
        row.attempts,
        row.doubts > 0,
        row.lease_by,
    )
    known = left is not None and (row.id, row.attempts) in left.handed_over
    taken = left.handed_over[row.id, row.attempts] if left is not None and known else None
    if taken is not None:
        mark_all_sent(tx, [(held, row.recipient, taken)])
        return
    if not row.begun or (left is not None and left.whole and not known):
        release(tx, held)
        return
    mark_uncertain(tx, held, "the worker that sent it ended over it.")
    if not held.in_doubt:
        since = min(row.lease_until, tx.now)
        tx.session.execute(
            update(MESSAGE).where(MESSAGE.c.id == row.id).values(next_try_at=since + DOUBT)
        )


def _hold(tx: Transaction, held: Sequence[Claim], lease_seconds: float, *, begun: bool) -> set[int]:
    require(tx, Action.MAIL_DELIVER)
    rows = tx.session.scalars(
        update(MESSAGE)
        .where(*_of_tries(held), _is_in_hand(held))
        .values(lease_until=tx.now + timedelta(seconds=lease_seconds), begun=begun)
        .returning(MESSAGE.c.id)
    )
    return set(rows)


def _still_to_say(tx: Transaction, held: Sequence[Claim]) -> set[int]:
    """The ids of those of which their worker may say that they arrived, locked."""
    in_doubt = MESSAGE.c.status == "uncertain"  # and its try the last one: nobody sent it since
    query = select(MESSAGE.c.id).where(*_of_tries(held), or_(_is_in_hand(held), in_doubt))
    return set(tx.session.scalars(query.with_for_update()))


def _of_tries(held: Sequence[Claim]) -> tuple[ColumnElement[bool], ...]:
    return (
        MESSAGE.c.id.in_([one.id for one in held]),
        tuple_(MESSAGE.c.id, MESSAGE.c.attempts).in_([(one.id, one.attempt) for one in held]),
    )


def _is_in_hand(held: Sequence[Claim]) -> ColumnElement[bool]:
    return and_(MESSAGE.c.status == "sending", MESSAGE.c.lease_by == held[0].worker)


def _finish(tx: Transaction, held: Claim, **values: Any) -> bool:
    """Change a message that this worker still has in hand."""
    require(tx, Action.MAIL_DELIVER)
    done = tx.session.execute(
        update(MESSAGE).where(_is_held(held)).values(**_NO_LEASE, **values).returning(MESSAGE.c.id)
    ).first()
    if done is None:
        return False
    tx.changed(Topic.OUTBOX, entity_id=held.id)
    return True


def _is_held(held: Claim) -> ColumnElement[bool]:
    return and_(
        MESSAGE.c.id == held.id,
        MESSAGE.c.status == "sending",
        MESSAGE.c.lease_by == held.worker,
        MESSAGE.c.attempts == held.attempt,
    )
