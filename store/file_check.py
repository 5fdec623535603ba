"""The look that a SQLite hospital's file gets when a worker starts, and once each hospital day.

Most statements do not notice damage: what is read may be wrong, and what is written lost. So a
worker that finds it ends, and what was found stands where administrators look until a later look
finds the file whole. PostgreSQL sees to its own files; there nothing is looked at.

The file is read outside of any unit that writes, so that nobody waits for it.
"""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.exc import DBAPIError

from store import job_runs, schema
from store.errors import Damaged, StoreError
from store.front_door import Store
from store.permissions import Action, require
from store.slots import day_bounds
from store.tables import JobRun, table_of
from store.transaction import Transaction
from store.values import Actor

LEASE = timedelta(hours=1)
"""How long one worker's look keeps the others from it: a look that takes longer, or was killed, is
made again. It takes about a second per gigabyte."""

_DAY = timedelta(days=1)
_RUN = table_of(JobRun)
_OURS = _RUN.c.job == job_runs.FILE_CHECK

log = logging.getLogger(__name__)


def look(store: Store, actor: Actor) -> None:
    """Look now, whatever was looked at before.

    Raises:
        Damaged: the file is.
        Unavailable: it does not answer.
    """
    if store.database.dialect == "sqlite":
        _look(store, actor)


def look_daily(store: Store, actor: Actor) -> bool:
    """Look if nobody has yet today; whether it did.

    Raises:
        Damaged: the file is, as found now or by the last who looked.
        Unavailable: it does not answer.
    """
    if not store.write(actor, begin):
        return False
    _look(store, actor)
    return True


def begin(tx: Transaction) -> bool:
    """Take today's look upon oneself; False where it has been made, somebody is at it, or there is
    nothing to look at.

    Raises:
        Damaged: so the last who looked found.
    """
    require(tx, Action.JOB_RUN)
    if tx.dialect != "sqlite":
        return False
    if found := finding(tx):
        raise Damaged(found)
    today, at_it = _today(tx), _RUN.c.started_at > tx.now - LEASE
    taken = exists().where(_OURS, today, or_(_RUN.c.ended_at.is_not(None), at_it))
    if tx.session.execute(select(taken)).scalar():
        return False
    run = {"scheduled_for": _moment(tx), "started_at": tx.now, "result": "{}"}
    tx.session.execute(_RUN.insert().values(job=job_runs.FILE_CHECK, **run))
    return True


def end(tx: Transaction, damage: str) -> None:
    """Write down what was found, the sentence of `Damaged` or nothing; once, however often it is
    found on one day."""
    require(tx, Action.JOB_RUN)
    tx.session.execute(delete(_RUN).where(_OURS, _RUN.c.ended_at.is_(None)))
    result = {"damage": damage[:900]}
    if _newest(tx, _today(tx)) == result:
        return
    job_runs.note(tx, job_runs.FILE_CHECK, _moment(tx), result)
    tx.record("job.run", "job", job_runs.FILE_CHECK, detail=result)


def finding(tx: Transaction) -> str:
    """The damage that the last look found, as a sentence with its remedy; empty where the file was
    whole, or never looked at."""
    require(tx, Action.MAIL_READ)
    return str(_newest(tx).get("damage", ""))


def next_moment(tx: Transaction) -> datetime:
    """When the file is looked at next, in UTC."""
    return day_bounds(tx.today() + _DAY, tx.timezone)[0].astimezone(UTC)


def _look(store: Store, actor: Actor) -> None:
    try:
        schema.require_whole_file(store.database)
    except Damaged as damage:
        log.error("file.damaged", extra={"reason": damage.message})
        _note_damage(store, actor, damage)
        raise
    store.write(actor, end, "")


def _newest(tx: Transaction, *when: ColumnElement[bool]) -> dict[str, str]:
    query = select(_RUN.c.result).where(_OURS, _RUN.c.ended_at.is_not(None), *when)
    result = tx.session.execute(query.order_by(_RUN.c.id.desc()).limit(1)).scalar()
    return {} if result is None else dict(json.loads(result))


def _moment(tx: Transaction) -> datetime:
    """Today's look is due when the hospital's day begins: by then the desks are quiet."""
    return day_bounds(tx.today(), tx.timezone)[0].astimezone(UTC)


def _today(tx: Transaction) -> ColumnElement[bool]:
    return _RUN.c.scheduled_for == _moment(tx)


def _note_damage(store: Store, actor: Actor, damage: Damaged) -> None:
    """So that it stands on the dashboard; where it cannot be written, it is told all the same."""
    try:
        store.write(actor, end, damage.message)
    except (StoreError, DBAPIError):
        log.exception("file.finding_not_written")
