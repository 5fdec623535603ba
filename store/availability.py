"""Free and taken slots: hours less holidays, leave, appointments and others' holds, in two
statements, and a third where somebody holds a slot.

Nothing is written on a read, and no number of doctors or days makes it more statements.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import compress
from operator import itemgetter
from zoneinfo import ZoneInfo

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Integer,
    bindparam,
    case,
    literal,
    literal_column,
    select,
    union_all,
)

from store import hold_rows
from store.errors import Invalid
from store.hold_rows import Hold
from store.minutes import minutes, minutes_up
from store.one_line import When
from store.permissions import Action, require
from store.prepared import Prepared
from store.slots import (
    Busy,
    Session,
    Span,
    day_bounds,
    sessions_on,
    to_minutes_up,
    to_moment,
)
from store.tables import Appointment, Doctor, Holiday, Leave, WorkingHours, table_of
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
_LEAVE_SPAN = (_LEAVE.doctor_id, minutes(_LEAVE.starts_at), minutes_up(_LEAVE.ends_at))
_VISIT_SPAN = (_VISIT.doctor_id, minutes(_VISIT.starts_at), minutes_up(_VISIT.ends_at))


def _literally(word: str) -> ColumnElement[str]:
    """A word of ours as it stands, no parameter of the statement."""
    return literal(word, literal_execute=True)


_DOCTORS: BindParameter[int] = bindparam("doctors", expanding=True)
_NOBODY: ColumnElement[int] = literal_column("0", Integer)
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
    .where(
        _HOURS.doctor_id.in_(_DOCTORS),
        _HOURS.weekday.between(bindparam("weekday"), bindparam("last_weekday")),
        _DOCTOR.is_active,
    )
)
_HOLIDAYS = select(
    *[_NOBODY.label(name) for name in ("doctor", "weekday", "start", "end", "slot")],
    _HOLIDAY.day,
    _HOLIDAY.day.label("until"),
).where(_HOLIDAY.day.between(bindparam("first"), bindparam("last")))
_RULES = Prepared(union_all(_HOURS_OF, _HOLIDAYS))
"""The hours of doctors, and the holidays as the rules of nobody (0)."""
_AWAY = select(*_LEAVE_SPAN, _literally("away")).where(
    _LEAVE.doctor_id.in_(_DOCTORS),
    _LEAVE.starts_at < bindparam("end"),
    _LEAVE.ends_at > bindparam("start"),
    _LEAVE.is_active,
)
_TAKEN = select(
    *_VISIT_SPAN, case((_VISIT.overbooked, _literally("over")), else_=_literally("taken"))
).where(
    _VISIT.doctor_id.in_(_DOCTORS),
    _VISIT.starts_at < bindparam("end"),
    _VISIT.starts_at > bindparam("earliest"),
    _VISIT.ends_at > bindparam("start"),
    _VISIT.status.in_([_literally(status.value) for status in HOLDS_SLOT]),
)
_SPANS, _SPANS_FOR_PATIENT = (
    Prepared(union_all(_AWAY, _TAKEN, held.with_only_columns(*hold_rows.SPAN, _literally("held"))))
    for held in (hold_rows.OF_OTHER_SESSIONS, hold_rows.OF_OTHER_ACCOUNTS)
)


_Placed = tuple[int, int, Slot]
"""A slot behind what places it among others: its first minute and its doctor."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides the slots of some doctors over some days, read at one moment."""

    rules: dict[int, list[HoursSession]]
    holidays: set[date]
    away: dict[int, list[Span]]
    taken: dict[int, list[Span]]
    over: dict[int, list[Span]]
    """What was booked over the limit, and is not among the taken."""
    held: dict[int, list[Hold]]
    """What others than the actor hold."""

    def sessions(self, tx: Transaction, doctor_id: int, day: date) -> list[Session]:
        """The doctor's sessions of a day; none on a holiday. Leave is not subtracted."""
        if day in self.holidays:
            return []
        return sessions_on(self.rules.get(doctor_id, ()), day, tx.timezone)

    @staticmethod
    def overlaps(spans: Mapping[int, Sequence[Span]], doctor_id: int, span: Span) -> bool:
        """Whether one of these spans of the doctor's has some of that time."""
        return any(_overlap(span, one) for one in spans.get(doctor_id, ()))

    def busy(self, doctor_id: int) -> list[Span]:
        """Leave and appointments of the doctor."""
        spans = (self.away, self.taken, self.over)
        return [span for some in spans for span in some.get(doctor_id, ())]


def read_plan(tx: Transaction, doctor_ids: Sequence[int], first_day: date, last_day: date) -> Plan:
    """Read hours, holidays, leave, occupying appointments and holds of doctors over inclusive
    days."""
    start, _ = day_bounds(first_day, tx.timezone)
    _, end = day_bounds(last_day, tx.timezone)
    one_day = first_day == last_day
    asked = hold_rows.asked(tx, doctor_ids, start, end) | {
        "first": first_day,
        "last": last_day,
        "earliest": start - LONGEST_APPOINTMENT,
        "weekday": first_day.weekday() if one_day else 0,
        "last_weekday": first_day.weekday() if one_day else 6,
    }
    rules: dict[int, list[HoursSession]] = defaultdict(list)
    holidays = set()
    for doctor_id, *rule in tx.rows(_RULES, asked):
        if doctor_id:
            rules[doctor_id].append(_hours_session(*rule))
        else:
            holidays.add(rule[-1])
    spans: dict[str, dict[int, list[Span]]] = defaultdict(lambda: defaultdict(list))
    query = _SPANS_FOR_PATIENT if tx.actor.role is Role.PATIENT else _SPANS
    for row in tx.rows(query, asked):
        spans[row[3]][row[0]].append(row[1:3])
    held: dict[int, list[Hold]] = defaultdict(list)
    if "held" in spans:
        for hold in hold_rows.others(tx, doctor_ids, start, end):
            held[hold.doctor_id].append(hold)
    return Plan(rules, holidays, spans["away"], spans["taken"], spans["over"], held)


_hours_session = lru_cache(2_000)(HoursSession)
"""The same few hours are those of many doctors, and of every day."""


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
    found = [
        one for doctor_id in doctor_ids for one in _slots_of(tx, plan, doctor_id, days, free_only)
    ]
    if len(doctor_ids) > 1:
        found.sort(key=itemgetter(0, 1))
    return [slot for _, _, slot in found]


def _slots_of(
    tx: Transaction, plan: Plan, doctor_id: int, days: Sequence[date], free_only: bool
) -> list[_Placed]:
    """A doctor's slots in order."""
    now, busy = to_minutes_up(tx.now), Busy(plan.busy(doctor_id))
    over, held = plan.over.get(doctor_id, ()), plan.held.get(doctor_id, ())
    found: list[_Placed] = []
    for day in days:
        for session in plan.sessions(tx, doctor_id, day):
            free = busy.free(session)
            begun = bisect_left(session.starts(), now)
            free[:begun] = bytes(begun)
            slots = _free_slots(doctor_id, session, tx.timezone)
            if free_only and not held:
                found.extend(compress(slots, free))
                continue
            for (start, _, slot), is_free in zip(slots, free, strict=True):
                span = (start, start + session.slot_minutes)
                hold = hold_rows.longest(held, span) if is_free and held else None
                overbooked = bool(over) and any(_overlap(span, one) for one in over)
                told = _told(slot, bool(is_free), hold, overbooked)
                if told.free or not free_only:
                    found.append((start, doctor_id, told))
    return found


def _told(slot: Slot, free: bool, hold: Hold | None, overbooked: bool) -> Slot:
    """A slot with what is in its way."""
    if free and hold is None and not overbooked:
        return slot
    shown = hold.shown if hold is not None else None
    return Slot(
        slot.doctor_id, slot.starts_at, slot.ends_at, free and hold is None, shown, overbooked
    )


@lru_cache(2_000)
def _free_slots(doctor_id: int, session: Session, timezone: ZoneInfo) -> tuple[_Placed, ...]:
    """A session's slots as they are while nothing takes them: made once, for they are looked at
    again and again."""
    found = []
    for start in session.starts():
        starts_at, ends_at = (
            _moment(minute, timezone) for minute in (start, start + session.slot_minutes)
        )
        found.append((start, doctor_id, Slot(doctor_id, starts_at, ends_at, free=True)))
    return tuple(found)


_moment = lru_cache(10_000)(to_moment)


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
