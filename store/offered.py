"""The hours that doctors offered in a month: working hours less leave and holidays.

Everything else of a past month is in what happened, but hours leave no trace when they are changed
later. They are written down when a month is closed, and count from then on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.dialects import postgresql, sqlite

from store.permissions import Action, require
from store.slots import Span, day_bounds, sessions_on, to_minutes
from store.tables import Doctor, Holiday, Leave, OfferedTime, WorkingHours, table_of
from store.transaction import Transaction
from store.values import HoursSession, Month

_HOURS, _LEAVE, _HOLIDAY = table_of(WorkingHours).c, table_of(Leave).c, table_of(Holiday).c
_CLOSED, _DOCTOR = table_of(OfferedTime), table_of(Doctor).c

Offered = dict[tuple[int, Month], int]
"""Minutes by doctor and month."""


def close(tx: Transaction, month: Month) -> None:
    """Write down what each doctor offered in a month that is over; a second time changes
    nothing."""
    require(tx, Action.JOB_RUN)
    doctors = list(tx.session.scalars(select(_DOCTOR.id)))
    rows = [
        {"doctor_id": doctor_id, "month": of.first, "minutes": minutes}
        for (doctor_id, of), minutes in _counted(tx, doctors, [month]).items()
    ]
    if rows:
        dialect = postgresql if tx.dialect == "postgresql" else sqlite
        insert = dialect.insert(_CLOSED).on_conflict_do_nothing(
            index_elements=["doctor_id", "month"]
        )
        tx.session.execute(insert, rows)


def minutes_of(tx: Transaction, doctors: Sequence[int], months: Sequence[Month]) -> Offered:
    """What doctors offered in some months, in four statements: as it was written down where a
    month is closed, else by the hours as they stand now.

    Raises:
        Forbidden: an administrator asks, or a doctor for the own.
    """
    require(tx, Action.STATISTICS_READ, doctor_id=doctors[0] if len(doctors) == 1 else None)
    counted = _counted(tx, doctors, months)
    closed = select(_CLOSED).where(
        _CLOSED.c.doctor_id.in_(doctors), _CLOSED.c.month.in_([one.first for one in months])
    )
    for row in tx.session.execute(closed):
        counted[row.doctor_id, Month.of(row.month)] = row.minutes
    return counted


def _counted(tx: Transaction, doctors: Sequence[int], months: Sequence[Month]) -> Offered:
    first, last = min(months).first, max(months).last
    (start, _), (_, end) = day_bounds(first, tx.timezone), day_bounds(last, tx.timezone)
    rules: dict[int, list[HoursSession]] = defaultdict(list)
    for doctor_id, *session in tx.session.execute(
        select(
            _HOURS.doctor_id,
            _HOURS.weekday,
            _HOURS.start_minute,
            _HOURS.end_minute,
            _HOURS.slot_minutes,
            _HOURS.valid_from,
            _HOURS.valid_to,
        ).where(_HOURS.doctor_id.in_(doctors))
    ):
        rules[doctor_id].append(HoursSession(*session))
    away: dict[int, list[Span]] = defaultdict(list)
    for row in tx.session.execute(
        select(_LEAVE.doctor_id, _LEAVE.starts_at, _LEAVE.ends_at).where(
            _LEAVE.doctor_id.in_(doctors),
            _LEAVE.starts_at < end,
            _LEAVE.ends_at > start,
            _LEAVE.is_active,
        )
    ):
        away[row.doctor_id].append((to_minutes(row.starts_at), to_minutes(row.ends_at)))
    holidays = set(
        tx.session.scalars(select(_HOLIDAY.day).where(_HOLIDAY.day.between(first, last)))
    )
    return {
        (doctor_id, month): sum(
            _left(session.start, session.end, away[doctor_id])
            for day in _days(month)
            if day not in holidays
            for session in sessions_on(rules[doctor_id], day, tx.timezone)
        )
        for doctor_id in doctors
        for month in months
    }


def _left(start: int, end: int, away: Iterable[Span]) -> int:
    """How many minutes of a session no leave covers; leave may overlap other leave."""
    left, reached = 0, start
    for begin, until in sorted(away):
        if reached < min(begin, end):
            left += min(begin, end) - reached
        reached = max(reached, until)
    return left + max(0, end - reached)


def _days(month: Month) -> Iterator[date]:
    return (month.first + timedelta(days=n) for n in range(month.last.day))
