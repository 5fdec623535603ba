"""How much mail goes out: so much to one patient on a day, so much to all within a minute.

A limit guards against what nobody means, a program that books in a circle or an import that went
wrong. It delays what can wait and loses nothing: that an appointment was moved or cancelled, and
whatever concerns today or tomorrow, goes out all the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, func, select, text, update

from store.outbox import MESSAGE
from store.reminder_times import DAY, moment_of, start_of
from store.transaction import Transaction
from store.values import MailKind

_LOCK = 0x43484B30
_MINUTE = timedelta(minutes=1)
_CAN_WAIT = frozenset({MailKind.BOOKED.value, MailKind.REMINDER.value, MailKind.OFFER.value})


def room(tx: Transaction, wanted: int) -> int:
    """How many of so many messages may be taken in hand now, by the limit of a minute."""
    most = tx.rules.mail.most_per_minute
    if not most:
        return wanted
    if tx.dialect == "postgresql":  # SQLite's writers are one at a time already
        tx.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    return max(0, min(wanted, most - _under_way(tx)))


def has_room(tx: Transaction) -> bool:
    """As `room`, for looking only."""
    most = tx.rules.mail.most_per_minute
    return not most or _under_way(tx) < most


def put_off(tx: Transaction, rows: Sequence[Row[Any]]) -> set[int]:
    """Put off to the morning what can wait and is more than its patient is to get today; returns
    the ids of those messages."""
    most = tx.rules.mail.most_per_patient
    concerned = {row.patient_id for row in rows if _waits(tx, row)} if most else set()
    if not concerned:
        return set()
    had = _had_today(tx, concerned)
    late = set()
    for row in rows:
        if row.patient_id not in concerned:
            continue
        if had[row.patient_id] >= most and _waits(tx, row):
            late.add(row.id)
        else:
            had[row.patient_id] += 1
    if late:
        morning = moment_of(tx, tx.today() + DAY)
        tx.session.execute(
            update(MESSAGE).where(MESSAGE.c.id.in_(late)).values(next_try_at=morning)
        )
    return late


def _waits(tx: Transaction, row: Row[Any]) -> bool:
    after_tomorrow = start_of(tx, tx.today() + 2 * DAY)
    soon = row.expires_at is not None and row.expires_at < after_tomorrow
    return row.patient_id is not None and row.kind in _CAN_WAIT and not soon


def _had_today(tx: Transaction, patient_ids: set[int]) -> Counter[int]:
    midnight = start_of(tx, tx.today())
    went = (MESSAGE.c.sent_at >= midnight) | (MESSAGE.c.status == "sending")
    query = (
        select(MESSAGE.c.patient_id, func.count())
        .where(MESSAGE.c.patient_id.in_(patient_ids), went)
        .group_by(MESSAGE.c.patient_id)
    )
    return Counter({row[0]: row[1] for row in tx.session.execute(query)})


def _under_way(tx: Transaction) -> int:
    lately = select(func.count()).where(MESSAGE.c.sent_at > tx.now - _MINUTE)
    in_hand = select(func.count()).where(MESSAGE.c.status == "sending")
    sent, held = tx.session.execute(lately).scalar_one(), tx.session.execute(in_hand).scalar_one()
    return int(sent + held)
