"""Figures of the hospital and of a doctor: counted by the database, told by the hospital's days.

A dashboard is four statements, whatever the hospital holds. What is counted over days goes through
an index that has all it asks for, in an order that needs no sorting: appointments of one status
and start are counted as they stand there, and only these counts are put to an hour of the
hospital's clock.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from sqlalchemy import (
    Row,
    Select,
    and_,
    case,
    distinct,
    func,
    select,
    text,
    true,
)

from store import cache
from store.changes import Topic
from store.clock_hours import Days, bounds_of, day_and_hour, each_of, hour_of_clock
from store.errors import Invalid, NotFound
from store.permissions import Action, require
from store.tables import (
    Account,
    Appointment,
    Department,
    Doctor,
    OutboxMessage,
    Patient,
    table_of,
)
from store.transaction import Transaction
from store.values import (
    Activity,
    AppointmentStatus,
    DayTally,
    DoctorFigures,
    HospitalFigures,
    Share,
    Tally,
)

PERIOD_DAYS = 30
MOST_DAYS = 20 * 366
MOST_SHARES = 10

_VISIT, _PATIENT = table_of(Appointment).c, table_of(Patient).c
_DOCTOR, _DEPARTMENT, _ACCOUNT = table_of(Doctor).c, table_of(Department).c, table_of(Account).c
_MAIL = table_of(OutboxMessage).c
# Word for word the condition of the partial index, or no database would use it.
_MAIL_LEFT = text("outbox_message.status NOT IN ('sent', 'discarded')")
_NOT_STANDING = [
    AppointmentStatus.CANCELLED.value,
    AppointmentStatus.RESCHEDULED.value,
    AppointmentStatus.IN_ERROR.value,
]

_COUNTED = (
    Topic.APPOINTMENT,
    Topic.PATIENT,
    Topic.DOCTOR,
    Topic.DEPARTMENT,
    Topic.ACCOUNT,
    Topic.OUTBOX,
)
"""What the hospital's figures are made of; a doctor's name is the account's."""

_Counts = list[tuple[date, int, str, int]]
"""Day and hour by the hospital's clock, status, and how many appointments begin then."""


def of_hospital(
    tx: Transaction, first_day: date | None = None, last_day: date | None = None
) -> HospitalFigures:
    """The administrator's dashboard; the period is the last thirty days unless it is given.

    Raises:
        Invalid: the days are in the wrong order or too many.
    """
    require(tx, Action.STATISTICS_READ)
    period = _period(tx, first_day, last_day)
    return cache.through(
        tx,
        "hospital-figures-1",
        HospitalFigures,
        lambda: _count(tx, period),
        action=Action.STATISTICS_READ,
        topics=_COUNTED,
        given=(tx.today(), *period),
    )


def _count(tx: Transaction, period: Days) -> HospitalFigures:
    counted = tx.session.execute(_how_many()).one()
    shares = _shares(tx, period)
    return HospitalFigures(
        patients=counted.patients,
        doctors=counted.doctors,
        departments=counted.departments,
        mail_waiting=counted.mail_waiting,
        mail_failed=counted.mail_failed,
        activity=_activity(tx, period),
        busiest_departments=_largest(
            (row.department_id, row.department, row.appointments, row.no_shows) for row in shares
        ),
        busiest_doctors=_largest(
            (row.doctor_id, row.doctor, row.appointments, row.no_shows) for row in shares
        ),
    )


def of_doctor(
    tx: Transaction,
    doctor_id: int,
    first_day: date | None = None,
    last_day: date | None = None,
) -> DoctorFigures:
    """A doctor's numbers; the period is the last thirty days unless it is given.

    Raises:
        Invalid: the days are in the wrong order or too many.
        NotFound: there is no such doctor.
    """
    require(tx, Action.STATISTICS_READ, doctor_id=doctor_id)
    period = _period(tx, first_day, last_day)
    named = select(_ACCOUNT.name).join(Doctor, _DOCTOR.account_id == _ACCOUNT.id)
    name = tx.session.execute(named.where(_DOCTOR.id == doctor_id)).scalar()
    if name is None:
        raise NotFound(f"There is no doctor {doctor_id}.", entity="doctor", id=doctor_id)
    seen, new = tx.session.execute(_patients_seen(tx, doctor_id, period)).one()
    return DoctorFigures(doctor_id, name, seen, new, _activity(tx, period, doctor_id))


def _period(tx: Transaction, first_day: date | None, last_day: date | None) -> Days:
    today = tx.today()
    last = last_day or max(today, first_day or today)
    first = first_day or last - timedelta(days=PERIOD_DAYS - 1)
    if not 0 <= (last - first).days < MOST_DAYS:
        raise Invalid.field("to", "Give up to 20 years, the last day not before the first.")
    return first, last


def _how_many() -> Select[Any]:
    """What there is of patients, doctors, departments and mail, in one statement."""

    def active(of: type[Patient | Doctor | Department]) -> Any:
        table = table_of(of)
        return select(func.count()).select_from(table).where(table.c.is_active).scalar_subquery()

    left = select(func.count()).select_from(OutboxMessage).where(_MAIL_LEFT)
    return select(
        active(Patient).label("patients"),
        active(Doctor).label("doctors"),
        active(Department).label("departments"),
        left.where(_MAIL.status != "failed").scalar_subquery().label("mail_waiting"),
        left.where(_MAIL.status == "failed").scalar_subquery().label("mail_failed"),
    )


def _patients_seen(tx: Transaction, doctor_id: int, period: Days) -> Select[int, int]:
    """How many patients a doctor saw, and how many of them for the first time."""
    start, end = bounds_of(period, tx.timezone)
    before = table_of(Appointment).alias("before")
    known = (
        select(before.c.id)
        .where(
            before.c.patient_id == _VISIT.patient_id,
            before.c.starts_at < start,
            before.c.doctor_id == doctor_id,
            before.c.status == AppointmentStatus.COMPLETED.value,
        )
        .exists()
    )
    seen = select(
        func.count(distinct(_VISIT.patient_id)),
        func.count(distinct(case((~known, _VISIT.patient_id)))),
    )
    return seen.where(
        _VISIT.doctor_id == doctor_id,
        _VISIT.starts_at >= start,
        _VISIT.starts_at < end,
        _VISIT.status == AppointmentStatus.COMPLETED.value,
    )


def _activity(tx: Transaction, period: Days, doctor_id: int | None = None) -> Activity:
    today = tx.today()
    week, month = _week(today), _month(today)
    present = (min(week[0], month[0]), max(week[1], month[1]))
    together = (min(period[0], present[0]), max(period[1], present[1]))
    apart = period[1] < present[0] or present[1] < period[0]
    counts = [
        one
        for days in ((period, present) if apart else (together,))
        for one in _counts(tx, days, doctor_id)
    ]
    by_day: dict[date, list[tuple[str, int]]] = defaultdict(list)
    for day, _, status, number in counts:
        by_day[day].append((status, number))

    def tally(days: Days) -> Tally:
        return Tally.of(pair for day in each_of(days) for pair in by_day.get(day, ()))

    return Activity(
        today=tally((today, today)),
        week=tally(week),
        month=tally(month),
        first_day=period[0],
        last_day=period[1],
        period=tally(period),
        days=tuple(DayTally(day, tally((day, day))) for day in each_of(period)),
        load=_load(counts, period),
    )


def _load(counts: _Counts, period: Days) -> tuple[tuple[int, ...], ...]:
    load = [[0] * 24 for _ in range(7)]
    for day, hour, status, number in counts:
        if period[0] <= day <= period[1] and status not in _NOT_STANDING:
            load[day.weekday()][hour] += number
    return tuple(map(tuple, load))


def _counts(tx: Transaction, days: Days, doctor_id: int | None) -> _Counts:
    """The appointments of these days by day, hour and status. For the hospital each status is a
    range of the index over status and start; for a doctor, the index over doctor and start."""
    start, end = bounds_of(days, tx.timezone)
    number = func.count().label("number")
    alike = select(_VISIT.status, _VISIT.starts_at, number).group_by(
        _VISIT.status, _VISIT.starts_at
    )
    if doctor_id is None:
        alike = alike.where(_VISIT.status.in_([status.value for status in AppointmentStatus]))
    else:
        alike = alike.where(_VISIT.doctor_id == doctor_id)
    found = alike.where(_VISIT.starts_at >= start, _VISIT.starts_at < end).subquery()
    hour = hour_of_clock(found.c.starts_at, days, tx.timezone, tx.dialect).label("hour")
    query = select(hour, found.c.status, func.sum(found.c.number)).group_by(hour, found.c.status)
    return [
        (*day_and_hour(hours), status, int(how_many))
        for hours, status, how_many in tx.session.execute(query)
    ]


def _shares(tx: Transaction, period: Days) -> list[Row[Any]]:
    """The standing appointments of each doctor in each department."""
    counted = _counted_by_doctor(tx, period).subquery()
    names = table_of(Account).alias("doctor_account")
    query = (
        select(counted, _DEPARTMENT.name.label("department"), names.c.name.label("doctor"))
        .join(Department, _DEPARTMENT.id == counted.c.department_id)
        .join(Doctor, _DOCTOR.id == counted.c.doctor_id)
        .join(names, names.c.id == _DOCTOR.account_id)
        .where(counted.c.appointments > 0)
    )
    return list(tx.session.execute(query))


def _counted_by_doctor(tx: Transaction, period: Days) -> Select[Any]:
    """From departments and doctors into the index, which has both and all that is counted. Each
    database is told so in its own way; by itself it reads the appointments of all, and sorts."""
    start, end = bounds_of(period, tx.timezone)
    visits = and_(
        _VISIT.department_id == _DEPARTMENT.id,
        _VISIT.doctor_id == _DOCTOR.id,
        _VISIT.starts_at >= start,
        _VISIT.starts_at < end,
        _VISIT.status.not_in(_NOT_STANDING),
    )
    missed = case((_VISIT.status == AppointmentStatus.NO_SHOW.value, 1))
    numbers = (
        func.count(_VISIT.doctor_id).label("appointments"),
        func.count(missed).label("no_shows"),
    )
    pairs = (_DEPARTMENT.id.label("department_id"), _DOCTOR.id.label("doctor_id"))
    if tx.dialect == "postgresql":
        each = select(*numbers).where(visits).correlate(Department, Doctor).lateral("each")
        beside = select(*pairs, each.c.appointments, each.c.no_shows).select_from(Department)
        return beside.join(Doctor, true()).join(each, true())
    outer = select(*pairs, *numbers).select_from(Department).outerjoin(Doctor, true())
    return outer.outerjoin(Appointment, visits).group_by(_DEPARTMENT.id, _DOCTOR.id)


def _largest(parts: Iterable[tuple[int, str, int, int]]) -> tuple[Share, ...]:
    """The largest of shares that come in parts, by name where they are equal."""
    sums: dict[tuple[int, str], list[int]] = defaultdict(lambda: [0, 0])
    for key, name, appointments, no_shows in parts:
        sums[key, name][0] += appointments
        sums[key, name][1] += no_shows
    shares = [Share(key, name, *numbers) for (key, name), numbers in sums.items()]
    shares.sort(key=lambda one: (-one.appointments, one.name, one.id))
    return tuple(shares[:MOST_SHARES])


def _week(day: date) -> Days:
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def _month(day: date) -> Days:
    first = day.replace(day=1)
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
