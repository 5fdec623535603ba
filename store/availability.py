"""Free and taken slots: hours less holidays, leave, appointments and others' holds, in three
statements.

Nothing is written on a read, and no number of doctors or days makes it more statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache, partial
from typing import NamedTuple

from sqlalchemy import BindParameter, bindparam, case, cast, literal, null, select, union_all

from store import hold_rows
from store.errors import Invalid
from store.hold_rows import Hold
from store.one_line import When
from store.permissions import Action, require
from store.slots import (
    Busy,
    Session,
    Span,
    day_bounds,
    free_starts,
    sessions_on,
    to_minutes,
    to_minutes_up,
    to_moment,
)
from store.tables import Appointment, Doctor, Holiday, Leave, SlotHold, WorkingHours, table_of
from store.transaction import Transaction
from store.values import HOLDS_SLOT, HoursSession, Role, Slot

LONGEST_APPOINTMENT = timedelta(days=1)
"""No appointment is longer (the database checks it), so a range scan may begin a day early."""

_MOST_DAYS = 400
_LOOK_AHEAD_DAYS = 60
_CHUNK_DAYS = 10

_HOURS, _LEAVE, _HOLIDAY, _VISIT, _DOCTOR = (
    table_of(WorkingHours).c,
    table_of(Leave).c,
    table_of(Holiday).c,
    table_of(Appointment).c,
    table_of(Doctor).c,
)
_LEAVE_SPAN = (_LEAVE.doctor_id, _LEAVE.starts_at, _LEAVE.ends_at)
_NOBODYS = (
    cast(null(), table_of(SlotHold).c.expires_at.type).label("expires_at"),
    literal("").label("terminal"),
    literal("").label("role"),
)

_VISIT_SPAN = (_VISIT.doctor_id, _VISIT.starts_at, _VISIT.ends_at)

# Made once: to put a statement together takes longer than to run it.
_DOCTORS: BindParameter[int] = bindparam("doctors", expanding=True)
_HOURS_OF = (
    select(
        _HOURS.doctor_id,
        _HOURS.weekday,
        _HOURS.start_minute,
        _HOURS.end_minute,
        _HOURS.slot_minutes,
        _HOURS.valid_from,
        _HOURS.valid_to,
    )
    .join(table_of(Doctor), _DOCTOR.id == _HOURS.doctor_id)
    .where(_HOURS.doctor_id.in_(_DOCTORS), _DOCTOR.is_active)
)
_HOLIDAYS = select(_HOLIDAY.day).where(_HOLIDAY.day.between(bindparam("first"), bindparam("last")))
_AWAY = select(*_LEAVE_SPAN, *_NOBODYS, literal("away").label("kind")).where(
    _LEAVE.doctor_id.in_(_DOCTORS),
    _LEAVE.starts_at < bindparam("end"),
    _LEAVE.ends_at > bindparam("start"),
    _LEAVE.is_active,
)
_TAKEN = select(*_VISIT_SPAN, *_NOBODYS, case((_VISIT.overbooked, "over"), else_="taken")).where(
    _VISIT.doctor_id.in_(_DOCTORS),
    _VISIT.starts_at < bindparam("end"),
    _VISIT.starts_at > bindparam("earliest"),
    _VISIT.ends_at > bindparam("start"),
    _VISIT.status.in_([status.value for status in HOLDS_SLOT]),
)
_SPANS, _SPANS_FOR_PATIENT = (
    union_all(_AWAY, _TAKEN, held.add_columns(literal("held")))
    for held in (hold_rows.OF_OTHER_SESSIONS, hold_rows.OF_OTHER_ACCOUNTS)
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides the slots of some doctors over some days, read at one moment."""

    rules: dict[int, list[HoursSession]]
    holidays: frozenset[date]
    away: dict[int, list[Span]]
    taken: dict[int, list[Span]]
    over: dict[int, list[Span]]
    """Of the taken, what was booked over the limit."""
    held: dict[int, list[Hold]]
    """What others than the actor hold."""

    def sessions(self, tx: Transaction, doctor_id: int, day: date) -> list[Session]:
        """The doctor's sessions of a day; none on a holiday. Leave is not subtracted."""
        if day in self.holidays:
            return []
        return sessions_on(self.rules.get(doctor_id, ()), day, tx.timezone)

    def busy(self, doctor_id: int) -> list[Span]:
        """Leave and appointments of the doctor."""
        return [*self.away.get(doctor_id, ()), *self.taken.get(doctor_id, ())]


def read_plan(tx: Transaction, doctor_ids: Sequence[int], first_day: date, last_day: date) -> Plan:
    """Read hours, holidays, leave, occupying appointments and holds of doctors over inclusive
    days."""
    start, _ = day_bounds(first_day, tx.timezone)
    _, end = day_bounds(last_day, tx.timezone)
    asked = hold_rows.asked(tx, doctor_ids, start, end)
    asked |= {"first": first_day, "last": last_day, "earliest": start - LONGEST_APPOINTMENT}
    rules: dict[int, list[HoursSession]] = defaultdict(list)
    for row in tx.session.execute(_HOURS_OF, asked):
        rules[row.doctor_id].append(HoursSession(*row[1:]))
    holidays = frozenset(tx.session.execute(_HOLIDAYS, asked).scalars())
    patient = tx.actor.role is Role.PATIENT
    spans = tx.session.execute(_SPANS_FOR_PATIENT if patient else _SPANS, asked).all()
    plan = Plan(
        rules,
        holidays,
        away=defaultdict(list),
        taken=defaultdict(list),
        over=defaultdict(list),
        held=defaultdict(list),
    )
    for row in spans:
        doctor_id, starts_at, ends_at, *_, kind = row
        if kind == "held":
            plan.held[doctor_id].append(hold_rows.hold_of(tx, row))
            continue
        span = (to_minutes(starts_at), to_minutes_up(ends_at))
        (plan.away if kind == "away" else plan.taken)[doctor_id].append(span)
        if kind == "over":
            plan.over[doctor_id].append(span)
    return plan


def day_slots(tx: Transaction, doctor_id: int, day: date) -> list[Slot]:
    """All of a doctor's slots of a day, free or not, in order."""
    return slots_between(tx, [doctor_id], day, day)


def slots_between(
    tx: Transaction, doctor_ids: Sequence[int], first_day: date, last_day: date
) -> list[Slot]:
    """All slots of some doctors over inclusive days, free or not, by start, then doctor.

    Slots that have begun already, that leave covers, or that somebody else holds, are not free;
    one's own hold makes no difference.

    Raises:
        Invalid: the days are in the wrong order or too many.
    """
    return _slots(tx, doctor_ids, first_day, last_day, free_only=False)


def free_slots(
    tx: Transaction, doctor_ids: Sequence[int], first_day: date, last_day: date
) -> list[Slot]:
    """As `slots_between`, only the free ones."""
    return _slots(tx, doctor_ids, first_day, last_day, free_only=True)


def _slots(
    tx: Transaction,
    doctor_ids: Sequence[int],
    first_day: date,
    last_day: date,
    *,
    free_only: bool,
) -> list[Slot]:
    require(tx, Action.SLOT_READ)
    if last_day < first_day or (last_day - first_day).days >= _MOST_DAYS:
        raise Invalid.field("to", f"Give up to {_MOST_DAYS} days, the last not before the first.")
    return read_slots(tx, doctor_ids, first_day, last_day, free_only=free_only)


def read_slots(
    tx: Transaction,
    doctor_ids: Sequence[int],
    first_day: date,
    last_day: date,
    *,
    free_only: bool = False,
) -> list[Slot]:
    """As `slots_between`, for a rule that looks at slots on behalf of the hospital itself."""
    plan = read_plan(tx, doctor_ids, first_day, last_day)
    days = [first_day + timedelta(days=n) for n in range((last_day - first_day).days + 1)]
    found = [slot for one in doctor_ids for slot in _slots_of(tx, plan, one, days, free_only)]
    if len(doctor_ids) > 1:
        found.sort(key=lambda one: (one.span[0], one.doctor_id))
    moment = lru_cache(None)(partial(to_moment, timezone=tx.timezone))
    return [
        Slot(
            one.doctor_id,
            moment(one.span[0]),
            moment(one.span[1]),
            one.free,
            one.hold.shown if one.hold else None,
            one.over,
        )
        for one in found
    ]


class _Slot(NamedTuple):
    """A slot in minutes since the epoch, of which many need no more."""

    doctor_id: int
    span: Span
    free: bool
    hold: Hold | None
    over: bool


def _slots_of(
    tx: Transaction, plan: Plan, doctor_id: int, days: Sequence[date], free_only: bool
) -> Iterator[_Slot]:
    now = to_minutes_up(tx.now)
    busy = Busy(plan.busy(doctor_id))
    over, held = plan.over.get(doctor_id, ()), plan.held.get(doctor_id, ())
    for day in days:
        for session in plan.sessions(tx, doctor_id, day):
            for start, untaken in free_starts(session, busy):
                span = (start, start + session.slot_minutes)
                free = untaken and start >= now
                hold = hold_rows.longest(held, span) if free and held else None
                if free_only and (hold or not free):
                    continue
                overbooked = bool(over) and any(_overlap(span, one) for one in over)
                yield _Slot(doctor_id, span, free and hold is None, hold, overbooked)


def first_free(
    tx: Transaction,
    *,
    doctor_id: int | None = None,
    department_id: int | None = None,
    n: int = 3,
    after: datetime | None = None,
    when: When | None = None,
) -> list[Slot]:
    """The first `n` free slots of a doctor or of a department, not before `after`; with `when`
    only those at such a time of day, and not before its day.

    Looks two months ahead; fewer than `n` means that there are no more.
    """
    doctor_ids = [doctor_id] if doctor_id is not None else doctors_of(tx, department_id)
    not_before = max(after, tx.now) if after else tx.now
    day = tx.local(not_before).date()
    if when is not None and when.day is not None:
        day = max(day, when.day)
    last = day + timedelta(days=_LOOK_AHEAD_DAYS)
    found: list[Slot] = []
    while len(found) < n and day <= last and doctor_ids:
        until = min(day + timedelta(days=_CHUNK_DAYS - 1), last)
        found += [
            slot
            for slot in free_slots(tx, doctor_ids, day, until)
            if slot.starts_at >= not_before and (when is None or when.fits(slot.starts_at))
        ]
        day = until + timedelta(days=1)
    return found[:n]


def nearest(tx: Transaction, doctor_id: int, moment: datetime, n: int = 3) -> list[Slot]:
    """The doctor's `n` free slots nearest to a moment, in order of time."""
    today = tx.today()
    day = max(tx.local(moment).date(), today)
    around = free_slots(tx, [doctor_id], max(today, day - timedelta(days=1)), day)
    around += first_free(tx, doctor_id=doctor_id, n=n, after=day_bounds(day, tx.timezone)[1])
    around.sort(key=lambda slot: abs((slot.starts_at - moment).total_seconds()))
    return sorted(around[:n], key=lambda slot: slot.starts_at.timestamp())


def doctors_of(tx: Transaction, department_id: int | None) -> list[int]:
    """The ids of a department's active doctors; of all doctors for None."""
    query = select(_DOCTOR.id).where(_DOCTOR.is_active).order_by(_DOCTOR.id)
    if department_id is not None:
        query = query.where(_DOCTOR.department_id == department_id)
    return list(tx.session.execute(query).scalars())


def _overlap(one: Span, other: Span) -> bool:
    return one[0] < other[1] and other[0] < one[1]
