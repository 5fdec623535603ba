"""All scheduled work: when it ran last, what came of it, and when it is due again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from store import day_close, file_check, job_runs, reminder_times, report_times
from store.permissions import Action, require
from store.transaction import Transaction

NEXT: Mapping[str, Callable[[Transaction], datetime | None]] = {
    job_runs.REMINDERS: reminder_times.next_moment,
    job_runs.CLOSE_DAY: day_close.next_moment,
    job_runs.REPORTS: report_times.next_moment,
    job_runs.FILE_CHECK: file_check.next_moment,
}
"""The kinds of work, and what tells when each is due next (UTC)."""

_SQLITE_ALONE = (job_runs.FILE_CHECK,)


@dataclass(frozen=True, slots=True)
class JobView:
    """One kind of scheduled work: its last run with what came of it, and the next, in hospital
    time. None: it never ran, or is switched off."""

    job: str
    last_run: datetime | None
    result: dict[str, Any]
    next_run: datetime | None


def list_jobs(tx: Transaction) -> list[JobView]:
    """Each kind once that there is on this database."""
    require(tx, Action.JOB_RUN)
    return [_view(tx, job) for job in NEXT if tx.dialect == "sqlite" or job not in _SQLITE_ALONE]


def _view(tx: Transaction, job: str) -> JobView:
    last = job_runs.last_run(tx, job)
    return JobView(
        job,
        last.at if last else None,
        last.result if last else {},
        tx.maybe_local(NEXT[job](tx)),
    )
