"""What scheduled work did, and when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, func, select, text, update

from store.permissions import Action, require
from store.tables import JobRun, table_of
from store.transaction import Transaction

REMINDERS, CLOSE_DAY, REPORTS = "reminders", "close-day", "reports"
FILE_CHECK = "file-check"
_WORKER = "worker"

_RUN = table_of(JobRun)
_LOCK = 0x43484B31


@dataclass(frozen=True, slots=True)
class LastRun:
    """When work ran last, in hospital time, and what came of it."""

    at: datetime
    result: dict[str, Any]


def last_run(tx: Transaction, job: str) -> LastRun | None:
    """The newest run of a kind of work; None where it never ran."""
    require(tx, Action.JOB_RUN)
    row = tx.session.execute(
        select(_RUN).where(_RUN.c.job == job).order_by(_RUN.c.id.desc()).limit(1)
    ).first()
    return None if row is None else LastRun(tx.local(row.started_at), json.loads(row.result))


def take_turn(tx: Transaction) -> None:
    """Queue with other workers that do scheduled work this moment; SQLite's writers are one at a
    time already."""
    if tx.dialect == "postgresql":
        tx.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def note(tx: Transaction, job: str, scheduled_for: datetime, result: Mapping[str, Any]) -> None:
    """Write down a run that this unit of work is; for the rules that do scheduled work."""
    tx.session.execute(
        _RUN.insert().values(
            job=job,
            scheduled_for=scheduled_for,
            started_at=tx.now,
            ended_at=tx.now,
            result=json.dumps(result),
        )
    )


def noted(tx: Transaction, job: str, scheduled_for: datetime) -> bool:
    """Whether a run for this moment has been written down."""
    run = exists().where(_RUN.c.job == job, _RUN.c.scheduled_for == scheduled_for)
    return bool(tx.session.execute(select(run)).scalar())


def sign_of_life(tx: Transaction, worker: str) -> None:
    """Say that a worker works; what it has done since it began is one run, however long."""
    require(tx, Action.JOB_RUN)
    result = json.dumps({"worker": worker})
    known = tx.session.execute(
        update(_RUN)
        .where(_RUN.c.job == _WORKER, _RUN.c.result == result)
        .values(ended_at=tx.now)
        .returning(_RUN.c.id)
    ).first()
    if known is None:
        note(tx, _WORKER, tx.now, {"worker": worker})


def worker_seen(tx: Transaction) -> datetime | None:
    """When any worker gave its last sign of life (UTC); None where there never was one."""
    require(tx, Action.MAIL_READ)
    query = select(func.max(_RUN.c.ended_at)).where(_RUN.c.job == _WORKER)
    return tx.session.execute(query).scalar()
