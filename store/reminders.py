"""Planning reminders: whoever is to be reminded by now and has no reminder yet gets one.

It is a question about a span of time, never about the minute it is, so that running it twice
plans nothing twice and running it late catches up.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, String, cast, exists, literal, select

from store import job_runs, outbox
from store.changes import Topic
from store.permissions import Action, require
from store.reminder_times import DAY, latest_day, moment_of, start_of
from store.tables import Appointment, Patient, table_of
from store.transaction import Transaction
from store.values import AppointmentStatus, MailKind

_VISIT, _PATIENT = table_of(Appointment), table_of(Patient)


@dataclass(frozen=True, slots=True)
class _Batch:
    """The appointments of one hospital day, the moment at which their reminders are due (UTC),
    and how many days ahead that is. Those made after `made_by` need none: the mail of their
    booking says it all."""

    day: date
    days_ahead: int
    due_at: datetime
    made_by: datetime


def plan(tx: Transaction, day: date | None = None) -> tuple[int, int]:
    """Put the reminders that are due into the outbox.

    A patient whose appointment has begun, is not booked any more, or was made after its reminder
    was due, is not reminded. Of several days ahead that have passed together (the worker was
    down), only the last one's reminder is sent.

    Args:
        day: by hand, the appointments of this hospital day at once, whatever the configured hour.

    Returns:
        how many were put into the outbox, and how many patients get none because they have no
        e-mail address or are deactivated.
    """
    require(tx, Action.JOB_RUN)
    job_runs.take_turn(tx)
    batches = list(_due(tx)) if day is None else [_by_hand(tx, day)]
    queued = skipped = 0
    for batch in batches:
        added, passed_over = _plan_batch(tx, batch)
        queued, skipped = queued + added, skipped + passed_over
    _write_down(tx, day, queued, skipped)
    return queued, skipped


def _due(tx: Transaction) -> Iterator[_Batch]:
    if not tx.rules.reminders.enabled:
        return
    reached, nearer = latest_day(tx), -1
    for days_ahead in sorted(set(tx.rules.reminders.days_ahead)):
        for ahead in range(nearer + 1, days_ahead + 1):
            day = reached + timedelta(days=ahead)
            due_at = moment_of(tx, day - timedelta(days=days_ahead))
            yield _Batch(day, days_ahead, due_at, due_at)
        nearer = days_ahead


def _by_hand(tx: Transaction, day: date) -> _Batch:
    """As the reminder that is, or would be, the last to go out of itself by then."""
    ahead = (day - tx.today()).days
    configured = sorted(set(tx.rules.reminders.days_ahead))
    passed = [days for days in configured if days <= ahead]
    return _Batch(day, (passed or configured)[-1 if passed else 0], tx.now, tx.now)


def _plan_batch(tx: Transaction, batch: _Batch) -> tuple[int, int]:
    unplanned = tx.session.execute(_unplanned(tx, batch)).all()
    wanted = [row for row in unplanned if row.email and row.is_active]
    if not wanted:
        return 0, len(unplanned)
    added = tx.session.execute(
        outbox.insert_once(tx).returning(outbox.MESSAGE.c.id),
        [_message(tx, batch, row) for row in wanted],
    ).all()
    if added:
        tx.changed(Topic.OUTBOX)
    return len(added), len(unplanned) - len(wanted)


def _unplanned(tx: Transaction, batch: _Batch) -> Any:
    """Still ahead, still booked, and without this reminder."""
    message = outbox.MESSAGE.c
    suffix = literal(f":%:{batch.days_ahead}")
    planned = exists().where(
        message.appointment_id == _VISIT.c.id,
        message.kind == MailKind.REMINDER.value,
        message.unique_key.like(literal("reminder:") + cast(_VISIT.c.id, String) + suffix),
    )
    return (
        select(
            _VISIT.c.id,
            _VISIT.c.patient_id,
            _VISIT.c.doctor_id,
            _VISIT.c.starts_at,
            _PATIENT.c.email,
            _PATIENT.c.is_active,
        )
        .join(_PATIENT, _PATIENT.c.id == _VISIT.c.patient_id)
        .where(
            _VISIT.c.status == AppointmentStatus.BOOKED.value,
            _VISIT.c.starts_at > tx.now,
            _VISIT.c.starts_at >= start_of(tx, batch.day),
            _VISIT.c.starts_at < start_of(tx, batch.day + DAY),
            _VISIT.c.created_at <= batch.made_by,
            ~planned,
        )
        .order_by(_VISIT.c.starts_at, _VISIT.c.id)
    )


def _message(tx: Transaction, batch: _Batch, row: Row[Any]) -> dict[str, Any]:
    start = row.starts_at.astimezone(UTC).isoformat()
    key = f"reminder:{row.id}:{start}:{batch.days_ahead}"
    message = outbox.new_row(tx, MailKind.REMINDER, key, row.email, batch.due_at, row.starts_at)
    return message | {
        "appointment_id": row.id,
        "patient_id": row.patient_id,
        "doctor_id": row.doctor_id,
    }


def _write_down(tx: Transaction, day: date | None, queued: int, skipped: int) -> None:
    """A run that did something, was asked for by hand, or is the first for its moment."""
    by_hand = day is not None or tx.actor.account_id is not None
    if not by_hand and not tx.rules.reminders.enabled:
        return
    moment = tx.now if by_hand else moment_of(tx, latest_day(tx))
    if not queued and not by_hand and job_runs.noted(tx, job_runs.REMINDERS, moment):
        return
    result = {"queued": queued, "skipped": skipped}
    job_runs.note(tx, job_runs.REMINDERS, moment, result)
    tx.record("job.run", "job", job_runs.REMINDERS, detail=result)
