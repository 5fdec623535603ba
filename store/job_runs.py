"""What scheduled work did, when, and when it is due again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, select

from store.permissions import Action, require
from store.reminder_times import next_moment
from store.tables import JobRun, table_of
from store.transaction import Transaction

REMINDERS = "reminders"

_RUN = table_of(JobRun)


@dataclass(frozen=True, slots=True)
class JobView:
    """One kind of scheduled work: its last run with what came of it, and the next, in hospital
    time. None: it never ran, or is switched off."""

    job: str
    last_run: datetime | None
    result: dict[str, Any]
    next_run: datetime | None


def list_jobs(tx: Transaction) -> list[JobView]:
    """All scheduled work."""
    require(tx, Action.JOB_RUN)
    last = tx.session.execute(
        select(_RUN).where(_RUN.c.job == REMINDERS).order_by(_RUN.c.id.desc()).limit(1)
    ).first()
    return [
        JobView(
            REMINDERS,
            None if last is None else tx.local(last.started_at),
            {} if last is None else json.loads(last.result),
            tx.maybe_local(next_moment(tx)),
        )
    ]


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
