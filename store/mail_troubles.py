"""What keeps mail from its recipients, in sentences for an administrator: a mail server that cannot
be used, a worker that nobody has seen or that a damaged file has ended, many messages refused for
good."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import func, select, text

from store import file_check, job_runs, mail_channel
from store.outbox import MESSAGE
from store.permissions import Action, require
from store.transaction import Transaction

MANY_REFUSED = 5
"""So many messages may be refused for good within an hour, their addresses being right; more is a
fault of the hospital's mail, not of one message."""

_HOUR = timedelta(hours=1)
_PATIENCE = timedelta(minutes=5)
_WAITS = MESSAGE.c.status.in_(("waiting", "uncertain"))
# Word for word the condition of the partial index.
_LEFT = text("outbox_message.status NOT IN ('sent', 'discarded')")


def sentences(tx: Transaction) -> tuple[str, ...]:
    """All that is wrong just now; empty where nothing is known to be."""
    require(tx, Action.MAIL_READ)
    return tuple(_sentences(tx))


def refused_lately(tx: Transaction) -> int:
    """How many messages a mail server refused for good within the last hour, not on account of
    their recipient."""
    require(tx, Action.MAIL_READ)
    query = (
        select(func.count())
        .select_from(MESSAGE)
        .where(
            _LEFT,
            MESSAGE.c.status == "failed",
            MESSAGE.c.last_stage == "data",
            MESSAGE.c.last_code >= 500,
            MESSAGE.c.next_try_at > tx.now - _HOUR,
        )
    )
    return int(tx.session.execute(query).scalar_one())


def _sentences(tx: Transaction) -> Iterator[str]:
    if damage := file_check.finding(tx):
        yield damage
    down = mail_channel.standing(tx)
    if down is not None:
        told = f"{down.reason} So since {down.since:%d %b %H:%M};"
        told += f" tried next at {down.next_try:%H:%M}."
        yield told + (" Waiting will not mend it: see [mail]." if down.needs_somebody else "")
    overdue = MESSAGE.c.next_try_at < tx.now - _PATIENCE
    seen = job_runs.worker_seen(tx)
    late = seen is None or seen < tx.now - _PATIENCE
    if late and tx.session.execute(select(MESSAGE.c.id).where(_LEFT, _WAITS, overdue)).first():
        since = f"since {tx.local(seen):%d %b %H:%M}" if seen else "so far"
        yield f"No worker was seen {since}, and mail waits. Start one: chikitsa worker"
    refused = refused_lately(tx)
    if refused > MANY_REFUSED:
        yield (
            f"{refused} messages were refused for good within an hour, whoever they were to."
            " See chikitsa outbox list --status failed"
        )
