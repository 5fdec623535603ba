"""A doctor's weekly working hours.

Hours are wall-clock rules: minutes from midnight, Monday = 0. Several sessions a day are usual
(morning and evening); each has its own slot length and may be valid for a period only. Where a
change would leave booked appointments outside of the hours, it is refused and lists them, until
somebody has chosen what becomes of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta

from msgspec.structs import astuple
from sqlalchemy import select

from store import consequences
from store.changes import Topic
from store.errors import Invalid
from store.permissions import Action, require
from store.slots import Session, sessions_on, to_minutes, to_minutes_up, to_moment_utc
from store.tables import Doctor, WorkingHours, table_of
from store.transaction import Transaction
from store.values import Affected, AppointmentView, HospitalCause, HoursSession, WorkingHoursView

SHORTEST_SLOT, LONGEST_SLOT = 5, 480
"""Minutes."""

_HOURS = table_of(WorkingHours)
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MOST_SESSIONS = 100
_NEWS_DAYS = 60


def hours_of(tx: Transaction, doctor_id: int) -> list[WorkingHoursView]:
    """A doctor's weekly sessions, by weekday and start.

    Raises:
        NotFound: there is no such doctor.
    """
    require(tx, Action.HOURS_READ, doctor_id=doctor_id)
    tx.fetch(Doctor, doctor_id, "doctor")
    return _stored(tx, doctor_id)


def set_day(
    tx: Transaction,
    doctor_id: int,
    weekday: int,
    sessions: Iterable[HoursSession],
    affected: Affected | None = None,
) -> list[WorkingHoursView]:
    """Replace one weekday's sessions (none: a day off) and return the whole week.

    Raises:
        Invalid: a session that cannot be, is of another weekday, or overlaps another.
        InUse: booked appointments would be left outside; `details["appointments"]` lists them.
        NotFound: there is no such doctor.
    """
    require(tx, Action.HOURS_CHANGE, doctor_id=doctor_id)
    wanted = list(sessions)
    if any(session.weekday != weekday for session in wanted):
        raise Invalid.field("weekday", "Every session must be of the day that is set.")
    stored = _locked(tx, doctor_id)
    kept = [one.session for one in stored if one.session.weekday != weekday]
    return _replace(tx, doctor_id, stored, [*kept, *wanted], affected)


def replace_week(
    tx: Transaction,
    doctor_id: int,
    sessions: Iterable[HoursSession],
    affected: Affected | None = None,
) -> list[WorkingHoursView]:
    """Replace all of a doctor's sessions.

    Raises:
        as `set_day`.
    """
    require(tx, Action.HOURS_CHANGE, doctor_id=doctor_id)
    return _replace(tx, doctor_id, _locked(tx, doctor_id), list(sessions), affected)


def affected(
    tx: Transaction, doctor_id: int, sessions: Iterable[HoursSession]
) -> list[AppointmentView]:
    """The appointments that these hours, in place of the present ones, would leave outside.

    Raises:
        Invalid: as `set_day`.
        NotFound: there is no such doctor.
    """
    require(tx, Action.HOURS_CHANGE, doctor_id=doctor_id)
    tx.fetch(Doctor, doctor_id, "doctor")
    wanted = list(sessions)
    require_sound(wanted)
    before = [one.session for one in _stored(tx, doctor_id)]
    return _left_outside(tx, doctor_id, before, wanted)


def clear(
    tx: Transaction, doctor_id: int, affected: Affected | None = None
) -> list[WorkingHoursView]:
    """Delete all of a doctor's sessions.

    Raises:
        InUse: as `set_day`.
        NotFound: there is no such doctor.
    """
    return replace_week(tx, doctor_id, [], affected)


def _locked(tx: Transaction, doctor_id: int) -> list[WorkingHoursView]:
    """The stored sessions, with bookings of the doctor waiting until this unit is done."""
    tx.lock_doctor(doctor_id)
    tx.fetch(Doctor, doctor_id, "doctor")
    return _stored(tx, doctor_id)


def _replace(
    tx: Transaction,
    doctor_id: int,
    stored: Sequence[WorkingHoursView],
    wanted: Sequence[HoursSession],
    affected: Affected | None,
) -> list[WorkingHoursView]:
    require_sound(wanted)
    before = [one.session for one in stored]
    hit = _left_outside(tx, doctor_id, before, wanted)
    consequences.require_choice(hit, affected, "change of hours")
    _store(tx, doctor_id, stored, wanted)
    tx.record(
        "hours.change",
        "doctor",
        doctor_id,
        detail={
            "sessions": [_shown(one) for one in wanted],
            "affected": affected,
            "before": [astuple(one) for one in before],
            "after": [astuple(one) for one in wanted],
        },
    )
    tx.changed(Topic.HOURS, doctor_id=doctor_id, entity_id=doctor_id)
    _free_new_time(tx, doctor_id, before, wanted)
    consequences.settle(tx, hit, affected, "the doctor's hours have changed", HospitalCause.HOURS)
    return _stored(tx, doctor_id)


def _store(
    tx: Transaction,
    doctor_id: int,
    stored: Sequence[WorkingHoursView],
    wanted: Sequence[HoursSession],
) -> None:
    """Delete and insert only what differs, so that an unchanged session keeps its row."""
    gone = [one.id for one in stored if one.session not in wanted]
    if gone:
        tx.session.execute(_HOURS.delete().where(_HOURS.c.id.in_(gone)))
    known = {one.session for one in stored}
    new = [
        {
            "doctor_id": doctor_id,
            "weekday": one.weekday,
            "start_minute": one.start_minute,
            "end_minute": one.end_minute,
            "slot_minutes": one.slot_minutes,
            "valid_from": one.valid_from,
            "valid_to": one.valid_to,
            **tx.stamps(),
        }
        for one in wanted
        if one not in known
    ]
    if new:
        tx.session.execute(_HOURS.insert(), new)


def _free_new_time(
    tx: Transaction,
    doctor_id: int,
    before: Sequence[HoursSession],
    after: Sequence[HoursSession],
) -> None:
    """Give those who wait for an earlier slot the time that new hours add in the next weeks."""
    new = [one for one in after if one not in before]
    for offset in range(_NEWS_DAYS if new else 0):
        day = tx.today() + timedelta(days=offset)
        known = sessions_on(before, day, tx.timezone)
        for session in sessions_on(new, day, tx.timezone):
            start = session.start
            for old in [*known, Session(session.end, session.end, 0, 0)]:
                if start < min(old.start, session.end):
                    tx.frees(
                        to_moment_utc(start),
                        to_moment_utc(min(old.start, session.end)),
                        doctor_id,
                        wide=True,
                    )
                start = max(start, old.end)


def _left_outside(
    tx: Transaction,
    doctor_id: int,
    before: Sequence[HoursSession],
    after: Sequence[HoursSession],
) -> list[AppointmentView]:
    """Appointments still to come that were within the hours and are not any more."""
    horizon = datetime.max.replace(tzinfo=tx.now.tzinfo)
    return [
        one
        for one in consequences.booked_between(tx, tx.now, horizon, doctor_id)
        if one.starts_at > tx.now and _within(tx, one, before) and not _within(tx, one, after)
    ]


def _within(tx: Transaction, one: AppointmentView, rules: Sequence[HoursSession]) -> bool:
    start, end = to_minutes(one.starts_at), to_minutes_up(one.ends_at)
    day = one.starts_at.date()
    sessions: list[Session] = sessions_on(rules, day, tx.timezone)
    return any(session.start <= start and end <= session.end for session in sessions)


def require_sound(sessions: Sequence[HoursSession]) -> None:
    """Refuse a week that cannot be.

    Raises:
        Invalid: a session that ends before it starts, has slots of a wrong length, or overlaps
            another that is valid at the same time.
    """
    if len(sessions) > _MOST_SESSIONS:
        raise Invalid.field("sessions", f"A week has at most {_MOST_SESSIONS} sessions.")
    for session in sessions:
        _require_possible(session)
    ordered = sorted(sessions, key=lambda one: (one.weekday, one.start_minute))
    for position, earlier in enumerate(ordered):
        for later in ordered[position + 1 :]:
            if _overlap(earlier, later):
                raise Invalid.field(
                    "sessions", f"{_shown(earlier)} overlaps {_shown(later)}. Change one of them."
                )


def _require_possible(session: HoursSession) -> None:
    length = session.end_minute - session.start_minute
    if not 0 <= session.weekday <= 6:
        raise Invalid.field("weekday", "The weekday is a number from 0 (Monday) to 6 (Sunday).")
    if not 0 <= session.start_minute < session.end_minute <= 1440:
        raise Invalid.field("sessions", "A session must end after it starts, on the same day.")
    if not SHORTEST_SLOT <= session.slot_minutes <= LONGEST_SLOT:
        raise Invalid.field(
            "slot_minutes", f"A slot has {SHORTEST_SLOT} to {LONGEST_SLOT} minutes."
        )
    if session.slot_minutes > length:
        raise Invalid.field(
            "slot_minutes",
            f"{_shown(session)}: a slot of {session.slot_minutes} minutes does not fit into it.",
        )
    if session.valid_from and session.valid_to and session.valid_from > session.valid_to:
        raise Invalid.field("valid_to", "The last valid day is before the first.")


def _overlap(one: HoursSession, other: HoursSession) -> bool:
    return (
        one.weekday == other.weekday
        and one.start_minute < other.end_minute
        and other.start_minute < one.end_minute
        and (one.valid_from or date.min) <= (other.valid_to or date.max)
        and (other.valid_from or date.min) <= (one.valid_to or date.max)
    )


def _shown(session: HoursSession) -> str:
    start, end = divmod(session.start_minute, 60), divmod(session.end_minute, 60)
    period = ""
    if session.valid_from or session.valid_to:
        period = f" ({session.valid_from or '…'} to {session.valid_to or '…'})"
    return f"{_DAYS[session.weekday]} {start[0]:02}:{start[1]:02}-{end[0]:02}:{end[1]:02}{period}"


def _stored(tx: Transaction, doctor_id: int) -> list[WorkingHoursView]:
    rows = tx.session.execute(
        select(
            _HOURS.c.id,
            _HOURS.c.weekday,
            _HOURS.c.start_minute,
            _HOURS.c.end_minute,
            _HOURS.c.slot_minutes,
            _HOURS.c.valid_from,
            _HOURS.c.valid_to,
        )
        .where(_HOURS.c.doctor_id == doctor_id)
        .order_by(_HOURS.c.weekday, _HOURS.c.start_minute, _HOURS.c.id)
    )
    return [WorkingHoursView(row.id, doctor_id, HoursSession(*row[1:])) for row in rows]
