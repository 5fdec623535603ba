"""Leaving a mail server alone that cannot be used, so that nothing waits for it in vain.

What one worker found out is known to all, on every machine, and to the administrator; no message
is counted a try for it. With the first message that goes through, all is forgotten.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from store.changes import Topic
from store.permissions import Action, require
from store.tables import MailChannel, table_of
from store.transaction import Transaction

_CHANNEL = table_of(MailChannel)
_PAUSES = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15))
_JITTER = 0.2
_LONGEST = _PAUSES[-1] * (1 + _JITTER)
_LONGEST_REASON = 500


class Trouble(StrEnum):
    """How far one came with a mail server that cannot be used."""

    CONNECTION = "connection"
    GREETING = "greeting"
    TLS = "tls"
    SIGN_IN = "sign-in"
    SENDER = "sender"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True)
class ChannelView:
    """A mail server that cannot be used: at what, since when, how often it was tried, the sentence
    of it, and when it is tried next; hospital time."""

    trouble: Trouble
    reason: str
    since: datetime
    failures: int
    next_try: datetime

    @property
    def needs_somebody(self) -> bool:
        """Whether waiting will not mend it: a password, a certificate, a sender's address."""
        return self.trouble in (Trouble.TLS, Trouble.SIGN_IN, Trouble.SENDER)


def standing(tx: Transaction) -> ChannelView | None:
    """What is wrong with the mail server; None as long as nothing is known to be."""
    require(tx, Action.MAIL_READ)
    row = tx.session.get(MailChannel, 1)
    if row is None:
        return None
    return ChannelView(
        Trouble(row.trouble),
        row.reason,
        tx.local(row.since),
        row.failures,
        tx.local(row.rests_until),
    )


def resting(tx: Transaction) -> str | None:
    """Why nothing is to be tried at this moment; None where it may be."""
    require(tx, Action.MAIL_DELIVER)
    row = tx.session.execute(select(_CHANNEL.c.rests_until, _CHANNEL.c.reason)).first()
    # A pause further ahead than any pause lasts is a clock that was set back.
    shut = row is not None and tx.now < row.rests_until <= tx.now + _LONGEST
    return row.reason if row is not None and shut else None


def note_down(tx: Transaction, trouble: Trouble, reason: str) -> None:
    """The server could not be used: leave it alone for 1, 5, then 15 minutes, give or take a
    fifth, so that several workers do not come back together. Of several that found it out
    together it counts once; the trail is told when it begins and when the cause is another."""
    require(tx, Action.MAIL_DELIVER)
    if resting(tx) is not None:
        return
    row = tx.session.get(MailChannel, 1, with_for_update=True)
    if row is None:
        row = MailChannel(
            trouble=trouble.value, reason="", since=tx.now, failures=0, rests_until=tx.now
        )
        is_news = True
    else:
        is_news = row.trouble != trouble
    pause = _PAUSES[min(row.failures, len(_PAUSES) - 1)]
    factor = 1 + random.uniform(-_JITTER, _JITTER)  # noqa: S311 -- spreads the workers
    row.trouble, row.reason = trouble.value, reason[:_LONGEST_REASON]
    row.failures += 1
    row.rests_until = tx.now + pause * factor
    tx.session.add(row)
    tx.session.flush()
    tx.changed(Topic.OUTBOX)
    if is_news:
        tx.record(
            "mail.channel-down",
            "mail",
            "server",
            reason=row.reason,
            outcome="failed",
            detail={"trouble": row.trouble},
        )


def note_up(tx: Transaction) -> None:
    """The server took a message."""
    require(tx, Action.MAIL_DELIVER)
    if tx.session.scalars(_CHANNEL.delete().returning(_CHANNEL.c.id)).all():
        tx.record("mail.channel-up", "mail", "server")
        tx.changed(Topic.OUTBOX)
