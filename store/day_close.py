"""Closing the day: who was booked and did not come is noted as a no-show.

Whoever waits or is in consultation at the close was there. What became of them only the desk and
the doctor know, so they are left as they are, and counted. Like all scheduled work it is a question
about a span of time: run twice it changes nothing twice, run late it catches up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import ColumnElement, func, select

from store import job_runs
from store.errors import Invalid, StoreError
from store.moves import Kind, apply, fetch_for
from store.permissions import Action, require
from store.slots import day_bounds
from store.tables import Appointment, table_of
from store.transaction import Transaction
from store.values import AppointmentStatus

REASON = "did not come by the close of the day"

CATCHES_UP = timedelta(days=31)
"""How far back the work looks by itself; older days are closed by hand."""

_DAY = timedelta(days=1)
_VISIT = table_of(Appointment).c
_THERE = (AppointmentStatus.CHECKED_IN.value, AppointmentStatus.IN_CONSULTATION.value)


@dataclass(frozen=True, slots=True)
class DayClosed:
    """How many were noted as no-shows, and how many visits are left that nobody has ended."""

    no_shows: int
    left_open: int


def close_due(tx: Transaction) -> DayClosed | None:
    """Close the days whose time has come, once; None where there is none."""
    require(tx, Action.JOB_RUN)
    if not tx.rules.close_of_day.enabled:
        return None
    moment = moment_of(tx, _latest_day(tx))
    if job_runs.noted(tx, job_runs.CLOSE_DAY, moment):
        return None
    job_runs.take_turn(tx)
    if job_runs.noted(tx, job_runs.CLOSE_DAY, moment):
        return None
    return _close(tx, tx.now - CATCHES_UP, day_bounds(_latest_day(tx), tx.timezone)[1], moment)


def close(tx: Transaction, day: date | None = None) -> DayClosed:
    """Close a day by hand (None: all up to today), whatever the configured hour.

    Raises:
        Invalid: the day is still to come.
    """
    require(tx, Action.JOB_RUN)
    if day is not None and day > tx.today():
        raise Invalid.field("date", "That day is still to come. Close today, or a day before it.")
    job_runs.take_turn(tx)
    start, end = day_bounds(day or tx.today(), tx.timezone)
    return _close(tx, start if day else tx.now - CATCHES_UP, end, tx.now)


def moment_of(tx: Transaction, day: date) -> datetime:
    """The UTC moment at which a hospital day is closed."""
    return datetime.combine(day, tx.rules.close_of_day.at, tx.timezone).astimezone(UTC)


def next_moment(tx: Transaction) -> datetime | None:
    """When a day is closed next, in UTC; None where the hospital has it done by hand."""
    if not tx.rules.close_of_day.enabled:
        return None
    return moment_of(tx, _latest_day(tx) + _DAY)


def _latest_day(tx: Transaction) -> date:
    """The last hospital day whose close has come."""
    today = tx.today()
    return today if moment_of(tx, today) <= tx.now else today - _DAY


def _close(tx: Transaction, start: datetime, end: datetime, moment: datetime) -> DayClosed:
    within = (_VISIT.starts_at >= start) & (_VISIT.starts_at < end)
    grace = timedelta(minutes=tx.rules.hospital.no_show_grace_minutes)
    missing: list[ColumnElement[bool]] = [
        within,
        _VISIT.starts_at <= tx.now - grace,
        _VISIT.status == AppointmentStatus.BOOKED.value,
    ]
    due = select(_VISIT.id).where(*missing).order_by(_VISIT.starts_at, _VISIT.id)
    no_shows = sum(_note_no_show(tx, visit_id) for visit_id in tx.session.scalars(due).all())
    there = select(func.count()).where(within, _VISIT.status.in_(_THERE))
    left = select(func.count()).where(*missing)
    open_ = tx.session.execute(there).scalar_one() + tx.session.execute(left).scalar_one()
    closed = DayClosed(no_shows, open_)
    result = {"no_shows": closed.no_shows, "left_open": closed.left_open}
    job_runs.note(tx, job_runs.CLOSE_DAY, moment, result)
    tx.record("job.run", "job", job_runs.CLOSE_DAY, detail=result)
    return closed


def _note_no_show(tx: Transaction, appointment_id: int) -> bool:
    """One that cannot be (its record is signed: the patient was there) keeps none of the others."""
    try:
        with tx.attempt():
            apply(tx, fetch_for(tx, Kind.NO_SHOW, appointment_id), Kind.NO_SHOW, REASON)
    except StoreError:
        return False
    return True
