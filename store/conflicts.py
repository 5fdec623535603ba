"""The worklist of appointments that have lost their time: they lie in leave, on a holiday or
outside of the working hours, because somebody chose to keep them or nothing free was found.

Nothing marks them: an appointment is on the list for as long as its time is gone, and off it once
it is moved, cancelled or over, or the time is given back. So the list is worked off to the last.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import accumulate
from typing import Any

from sqlalchemy import ColumnElement, Row, select

from store import calendar, consequences
from store.appointment_views import VISIT, views
from store.errors import ChangedMeanwhile, Invalid
from store.permissions import Action, Scope, require, scope_of
from store.slots import day_bounds, sessions_on, to_moment_utc
from store.tables import Appointment, Doctor, Leave, WorkingHours, table_of
from store.transaction import Transaction
from store.values import (
    Affected,
    AppointmentStatus,
    Clash,
    Conflict,
    Consequence,
    HospitalCause,
    HoursSession,
    Page,
)

MOST_LISTED = 500
_STILL_TO_COME = (AppointmentStatus.BOOKED.value, AppointmentStatus.CHECKED_IN.value)
_NEVER = datetime.min.replace(tzinfo=UTC)
_HOURS, _DOCTOR, _LEAVE = table_of(WorkingHours), table_of(Doctor), table_of(Leave)

Cause = tuple[Clash, str]
"""What took the time, and its reason or name."""


def conflicts(tx: Transaction, *, doctor_id: int | None = None) -> Page[Conflict]:
    """Appointments still to come whose time is gone, of one doctor or of all, in order of time,
    the first 500. A doctor sees the own. Overbooked ones stand outside of hours on purpose: they
    count only in leave or on a holiday.

    At most five statements for any number of doctors and appointments.
    """
    if scope_of(tx, Action.QUEUE_READ) is not Scope.ANY:
        doctor_id = tx.actor.doctor_id if doctor_id is None else doctor_id
    require(tx, Action.QUEUE_READ, doctor_id=doctor_id)
    found = _causes(tx, [] if doctor_id is None else [VISIT.c.doctor_id == doctor_id])
    listed = list(found)[:MOST_LISTED]
    shown = views(tx, VISIT.c.id.in_(listed)) if listed else []
    return Page(tuple(Conflict(one, *found[one.id]) for one in shown), len(found))


def resolve(
    tx: Transaction, appointment_ids: Sequence[int], affected: Affected
) -> list[Consequence]:
    """Cancel appointments of the worklist, or move them to the doctor's next free slots, else the
    department's; the patients hear by mail. One for which nothing is free stays, as `worklist`.

    Raises:
        ChangedMeanwhile: one of them is not on the worklist any more.
        Invalid: it is to be kept; on the worklist it is kept already.
    """
    rows = [tx.fetch(Appointment, one, "appointment") for one in sorted(set(appointment_ids))]
    change = (
        Action.APPOINTMENT_CANCEL if affected is Affected.CANCEL else Action.APPOINTMENT_RESCHEDULE
    )
    for row in rows:
        # Patients may cancel and move too, but by their own rules, which keep the notice period.
        require(tx, Action.QUEUE_READ, doctor_id=row.doctor_id)
        require(tx, change, patient_id=row.patient_id, doctor_id=row.doctor_id)
    if affected is Affected.KEEP:
        raise Invalid.field("affected", "These are kept already. Move or cancel them.")
    for doctor_id in sorted({row.doctor_id for row in rows}):
        tx.lock_doctor(doctor_id)
    found = _causes(tx, [VISIT.c.id.in_([row.id for row in rows])])
    if len(found) < len(rows):
        raise ChangedMeanwhile("Somebody decided on this meanwhile. Look at the list again.")
    done: list[Consequence] = []
    for one in views(tx, VISIT.c.id.in_(list(found))):
        clash, why = found[one.id]
        done += consequences.settle(tx, [one], affected, _reason(clash, why), HospitalCause(clash))
    return done


def _reason(clash: Clash, why: str) -> str:
    """What stands beside the appointment."""
    if clash is Clash.LEAVE:
        return why or "doctor on leave"
    return f"holiday: {why}" if clash is Clash.HOLIDAY else "the doctor's hours have changed"


def _causes(tx: Transaction, conditions: Sequence[ColumnElement[bool]]) -> dict[int, Cause]:
    """The ids of appointments without time, in order of time, each with what took it."""
    rows = tx.session.execute(
        select(
            VISIT.c.id, VISIT.c.doctor_id, VISIT.c.starts_at, VISIT.c.ends_at, VISIT.c.overbooked
        )
        .where(VISIT.c.status.in_(_STILL_TO_COME), VISIT.c.starts_at >= tx.now, *conditions)
        .order_by(VISIT.c.starts_at, VISIT.c.id)
    ).all()
    if not rows:
        return {}
    lost = _LostTime.read(tx, {row.doctor_id for row in rows})
    found = {row.id: lost.cause(row) for row in rows}
    return {key: cause for key, cause in found.items() if cause is not None}


class _Away:
    """A doctor's leave, however much, asked for the first that takes some time."""

    def __init__(self, spans: Sequence[tuple[datetime, datetime, str]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _, _ in ordered]
        self._reasons = [reason for _, _, reason in ordered]
        # How far the n-th and all that begin before it reach.
        self._reach = list(accumulate((end for _, end, _ in ordered), max))

    def taking(self, start: datetime, end: datetime) -> str | None:
        """The reason of the leave that overlaps a span; None where none does."""
        first = bisect_right(self._reach, start)
        if first == len(self._starts) or self._starts[first] >= end:
            return None
        return self._reasons[first]


@dataclass
class _LostTime:
    """Leave, holidays and hours of some doctors from now on; asked in order of time."""

    tx: Transaction
    away: dict[int, _Away]
    holidays: dict[date, str]
    rules: dict[int, list[HoursSession]]
    known: dict[tuple[int, date], list[tuple[datetime, datetime]]] = field(default_factory=dict)
    day: date = date.min
    ends: datetime = _NEVER

    @classmethod
    def read(cls, tx: Transaction, doctor_ids: Iterable[int]) -> _LostTime:
        """Three statements."""
        wanted = sorted(doctor_ids)
        away = defaultdict(list)
        for row in tx.session.execute(
            select(_LEAVE.c.doctor_id, _LEAVE.c.starts_at, _LEAVE.c.ends_at, _LEAVE.c.reason).where(
                _LEAVE.c.doctor_id.in_(wanted), _LEAVE.c.ends_at > tx.now, _LEAVE.c.is_active
            )
        ):
            away[row.doctor_id].append((row.starts_at, row.ends_at, row.reason))
        rules = defaultdict(list)
        for row in tx.session.execute(
            select(
                _HOURS.c.doctor_id,
                _HOURS.c.weekday,
                _HOURS.c.start_minute,
                _HOURS.c.end_minute,
                _HOURS.c.slot_minutes,
                _HOURS.c.valid_from,
                _HOURS.c.valid_to,
            )
            .join(_DOCTOR, _DOCTOR.c.id == _HOURS.c.doctor_id)
            .where(_HOURS.c.doctor_id.in_(wanted), _DOCTOR.c.is_active)
        ):
            rules[row.doctor_id].append(HoursSession(*row[1:]))
        spans = {doctor_id: _Away(leave) for doctor_id, leave in away.items()}
        return cls(tx, spans, calendar.holiday_names(tx, tx.today(), None), rules)

    def cause(self, row: Row[Any]) -> Cause | None:
        """What took an appointment's time; None for one that has it."""
        doctor_id, starts_at, ends_at = row.doctor_id, row.starts_at, row.ends_at
        leave = self.away.get(doctor_id)
        reason = leave.taking(starts_at, ends_at) if leave else None
        if reason is not None:
            return Clash.LEAVE, reason
        if starts_at >= self.ends:
            self.day = self.tx.local(starts_at).date()
            self.ends = day_bounds(self.day, self.tx.timezone)[1]
        if self.day in self.holidays:
            return Clash.HOLIDAY, self.holidays[self.day]
        if row.overbooked or self._within(doctor_id, starts_at, ends_at):
            return None
        return Clash.HOURS, ""

    def _within(self, doctor_id: int, starts_at: datetime, ends_at: datetime) -> bool:
        key = doctor_id, self.day
        sessions = self.known.get(key)
        if sessions is None:
            rules = self.rules.get(doctor_id, ())
            sessions = self.known[key] = [
                (to_moment_utc(one.start), to_moment_utc(one.end))
                for one in sessions_on(rules, self.day, self.tx.timezone)
            ]
        return any(start <= starts_at and ends_at <= end for start, end in sessions)
