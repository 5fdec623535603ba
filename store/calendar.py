"""A doctor's calendar: hours, leave, holidays, appointments and what others hold, of any days, in
five statements.

Nothing is kept and nothing is written. Hot columns go through Core, without table objects: a
doctor moves through weeks quickly, and a month of a busy one is over a thousand appointments.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import bindparam, select

from store import hold_rows, leave
from store.availability import LONGEST_APPOINTMENT
from store.birth import age_on
from store.errors import Invalid, NotFound
from store.hold_rows import Hold
from store.permissions import Action, require
from store.slots import (
    Busy,
    day_bounds,
    free_starts,
    sessions_on,
    to_minutes,
    to_minutes_up,
    to_moment,
)
from store.tables import Appointment, Doctor, Holiday, Patient, WorkingHours, table_of
from store.transaction import Transaction
from store.values import (
    HOLDS_SLOT,
    AppointmentStatus,
    CalendarDay,
    CalendarVisit,
    DoctorCalendar,
    HoursSession,
    LeaveView,
    Sex,
    Slot,
)

MOST_DAYS = 62
NOT_SHOWN = (
    AppointmentStatus.CANCELLED,
    AppointmentStatus.RESCHEDULED,
    AppointmentStatus.IN_ERROR,
)
"""What is off the calendar: its time is free, or is another appointment's."""

_HOURS, _DOCTOR, _HOLIDAY = table_of(WorkingHours), table_of(Doctor), table_of(Holiday)
_VISIT, _PATIENT = table_of(Appointment), table_of(Patient)

# Made once: putting these together anew costs more than what they ask the database for.
_RULES = (
    select(
        _HOURS.c.weekday,
        _HOURS.c.start_minute,
        _HOURS.c.end_minute,
        _HOURS.c.slot_minutes,
        _HOURS.c.valid_from,
        _HOURS.c.valid_to,
    )
    .select_from(_DOCTOR)
    .outerjoin(_HOURS, (_HOURS.c.doctor_id == _DOCTOR.c.id) & _DOCTOR.c.is_active)
    .where(_DOCTOR.c.id == bindparam("doctor_id"))
)
_VISITS = (
    select(
        _VISIT.c.id,
        _PATIENT.c.name,
        _PATIENT.c.mrn,
        _PATIENT.c.sex,
        _PATIENT.c.birth_date,
        _VISIT.c.starts_at,
        _VISIT.c.ends_at,
        _VISIT.c.status,
        _VISIT.c.overbooked,
        _VISIT.c.walk_in,
    )
    .join(_PATIENT, _PATIENT.c.id == _VISIT.c.patient_id)
    .where(
        _VISIT.c.doctor_id == bindparam("doctor_id"),
        _VISIT.c.starts_at > bindparam("reach"),
        _VISIT.c.starts_at < bindparam("end"),
        _VISIT.c.ends_at > bindparam("start"),
        _VISIT.c.status.not_in([status.value for status in NOT_SHOWN]),
    )
    .order_by(_VISIT.c.starts_at, _VISIT.c.id)
)


def of_doctor(tx: Transaction, doctor_id: int, first_day: date, last_day: date) -> DoctorCalendar:
    """All days from `first_day` to `last_day`, both included.

    Raises:
        Invalid: the days are in the wrong order or too many.
        NotFound: there is no such doctor.
    """
    require(tx, Action.LEAVE_READ, doctor_id=doctor_id)
    if not 0 <= (last_day - first_day).days < MOST_DAYS:
        raise Invalid.field("to", f"Give up to {MOST_DAYS} days, the last not before the first.")
    rules = _hours_rules(tx, doctor_id)
    holidays = holiday_names(tx, first_day, last_day)
    start, end = day_bounds(first_day, tx.timezone)[0], day_bounds(last_day, tx.timezone)[1]
    away = leave.list_leave(tx, doctor_id=doctor_id, start=start, end=end)
    visits = _visits(tx, doctor_id, first_day, last_day)
    busy = Busy(
        [(to_minutes(one.starts_at), to_minutes_up(one.ends_at)) for one in away]
        + [
            (to_minutes(one.starts_at), to_minutes_up(one.ends_at))
            for one in visits
            if one.status in HOLDS_SLOT
        ]
    )
    held = hold_rows.others(tx, [doctor_id], start, end)
    by_day: dict[date, list[CalendarVisit]] = defaultdict(list)
    for one in visits:
        by_day[one.starts_at.date()].append(one)
    days = [first_day + timedelta(days=offset) for offset in range((last_day - first_day).days + 1)]
    return DoctorCalendar(
        doctor_id,
        tuple(
            CalendarDay(
                day,
                holidays.get(day),
                () if day in holidays else _slots(tx, doctor_id, rules, day, busy, held),
                tuple(by_day[day]),
                _leave_on(tx, away, day),
            )
            for day in days
        ),
    )


def _hours_rules(tx: Transaction, doctor_id: int) -> list[HoursSession]:
    """The doctor's weekly sessions; none of somebody who was deactivated.

    Raises:
        NotFound: there is no such doctor.
    """
    rows = tx.session.execute(_RULES, {"doctor_id": doctor_id}).all()
    if not rows:
        raise NotFound(f"There is no doctor {doctor_id}.", entity="doctor", id=doctor_id)
    return [HoursSession(*row) for row in rows if row.weekday is not None]


def holiday_names(tx: Transaction, first_day: date, last_day: date | None) -> dict[date, str]:
    """The holidays from one day to another, both included; None is without end."""
    query = select(_HOLIDAY.c.day, _HOLIDAY.c.name).where(_HOLIDAY.c.day >= first_day)
    if last_day is not None:
        query = query.where(_HOLIDAY.c.day <= last_day)
    return {row.day: row.name for row in tx.session.execute(query)}


def _visits(
    tx: Transaction, doctor_id: int, first_day: date, last_day: date
) -> list[CalendarVisit]:
    """The appointments that overlap these days, in order."""
    start, end = day_bounds(first_day, tx.timezone)[0], day_bounds(last_day, tx.timezone)[1]
    today, local = tx.today(), tx.local
    rows = tx.session.execute(
        _VISITS,
        {
            "doctor_id": doctor_id,
            "start": start,
            "end": end,
            "reach": start - LONGEST_APPOINTMENT,
        },
    )
    return [
        CalendarVisit(
            id_,
            name,
            mrn,
            Sex(sex),
            age_on(born, today) if born else None,
            local(starts_at),
            local(ends_at),
            AppointmentStatus(status),
            overbooked,
            walk_in,
        )
        for id_, name, mrn, sex, born, starts_at, ends_at, status, overbooked, walk_in in rows
    ]


def _slots(
    tx: Transaction,
    doctor_id: int,
    rules: Sequence[HoursSession],
    day: date,
    busy: Busy,
    held: Sequence[Hold],
) -> tuple[Slot, ...]:
    now = to_minutes_up(tx.now)
    slots = []
    for session in sessions_on(rules, day, tx.timezone):
        for start, untaken in free_starts(session, busy):
            end = start + session.slot_minutes
            free = untaken and start >= now
            hold = hold_rows.longest(held, (start, end)) if free and held else None
            slots.append(
                Slot(
                    doctor_id,
                    to_moment(start, tx.timezone),
                    to_moment(end, tx.timezone),
                    free and hold is None,
                    hold.shown if hold else None,
                )
            )
    return tuple(slots)


def _leave_on(tx: Transaction, away: Sequence[LeaveView], day: date) -> tuple[LeaveView, ...]:
    start, end = day_bounds(day, tx.timezone)
    return tuple(one for one in away if one.starts_at < end and one.ends_at > start)
