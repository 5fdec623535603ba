"""Lists of the house: departments, doctors, their leave, holidays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, select

from store.departments import department_query
from store.doctors import doctor_query, doctor_view
from store.leave import leave_query, leave_view
from store.list_words import Asked, ListWord, WordKind
from store.listing import resolve
from store.listing.kinds import (
    SPAN,
    STATE,
    Conditions,
    ListColumn,
    ListKind,
    Narrowed,
    moment,
    states,
)
from store.permissions import Action
from store.tables import Account, Department, Doctor, Holiday, Leave, table_of
from store.text import begins
from store.transaction import Transaction
from store.values import DepartmentView, DoctorView, HolidayView, LeaveView

_DEPARTMENT, _DOCTOR, _ACCOUNT = table_of(Department), table_of(Doctor), table_of(Account)
_LEAVE, _HOLIDAY = table_of(Leave), table_of(Holiday)

_DEPARTMENT_WORD = ListWord("department", WordKind.NAME, "cardio")
_DOCTOR_WORD = ListWord("doctor", WordKind.NAME, "nair")
_WHEN = ListWord(
    "when", WordKind.CHOICE, "all", {"coming": "coming", "past": "past", "over": "past", "all": ""}
)
_TAKEN_BACK = ListWord(
    "state",
    WordKind.CHOICE,
    "taken-back",
    {"active": "active", "taken-back": "inactive", "all": "all"},
)
_AND_DOCTOR = _DOCTOR.join(_ACCOUNT, _ACCOUNT.c.id == _DOCTOR.c.account_id)


def _narrow_departments(tx: Transaction, asked: Asked) -> Narrowed:
    found = Conditions()
    found.all(*states(asked, _DEPARTMENT.c.is_active))
    if asked.words:
        rows = tx.session.execute(select(_DEPARTMENT.c.id, _DEPARTMENT.c.name))
        found.any_of(_DEPARTMENT.c.id, [row.id for row in rows if begins(asked.text, row.name)])
    return found.done()


def _departments(tx: Transaction, ids: Sequence[int]) -> Mapping[int, DepartmentView]:
    rows = tx.session.execute(department_query(_DEPARTMENT.c.id.in_(ids)))
    return {row.id: DepartmentView(*row) for row in rows}


DEPARTMENTS: ListKind[DepartmentView] = ListKind(
    name="departments",
    action=Action.DEPARTMENT_READ,
    source=_DEPARTMENT,
    id=_DEPARTMENT.c.id,
    columns=(
        ListColumn("name", "Department", lambda one: one.name, order=_DEPARTMENT.c.name_key),
        ListColumn("doctors", "Doctors", lambda one: one.doctors),
        ListColumn("description", "Description", lambda one: one.description, shown=False),
        ListColumn("state", "State", lambda one: _state(one.active)),
    ),
    order="name",
    words=(STATE,),
    narrow=_narrow_departments,
    views=_departments,
    everything="state:all",
)


def _narrow_doctors(tx: Transaction, asked: Asked) -> Narrowed:
    found = Conditions()
    found.all(*states(asked, _DOCTOR.c.is_active))
    found.any_of(_DOCTOR.c.department_id, resolve.departments(tx, asked.of("department")))
    if asked.words:
        rows = tx.session.execute(doctor_query())
        known = {row.id: (row.name, row.username, row.department) for row in rows}
        fitting = [key for key, names in known.items() if begins(asked.text, *names)]
        found.any_of(_DOCTOR.c.id, fitting)
    return found.done()


def _doctors(tx: Transaction, ids: Sequence[int]) -> Mapping[int, DoctorView]:
    rows = tx.session.execute(doctor_query(_DOCTOR.c.id.in_(ids)))
    return {row.id: doctor_view(tx, row) for row in rows}


DOCTORS: ListKind[DoctorView] = ListKind(
    name="doctors",
    action=Action.DOCTOR_READ,
    source=_AND_DOCTOR,
    id=_DOCTOR.c.id,
    columns=(
        ListColumn("name", "Doctor", lambda one: one.name, order=_ACCOUNT.c.name),
        ListColumn("department", "Department", lambda one: one.department),
        ListColumn("username", "User name", lambda one: one.username, order=_ACCOUNT.c.username),
        ListColumn("qualification", "Qualification", lambda one: one.qualification, shown=False),
        ListColumn("registration", "Registration", lambda one: one.registration, shown=False),
        ListColumn("email", "E-mail", lambda one: one.email, shown=False),
        ListColumn("phone", "Phone", lambda one: one.phone, shown=False),
        ListColumn("queue", "Queue", lambda one: one.queue_code, shown=False),
        ListColumn("state", "State", lambda one: _state(one.active)),
    ),
    order="name",
    words=(_DEPARTMENT_WORD, STATE),
    narrow=_narrow_doctors,
    views=_doctors,
    everything="state:all",
)


def _narrow_leave(tx: Transaction, asked: Asked) -> Narrowed:
    found = Conditions()
    found.all(*states(asked, _LEAVE.c.is_active))
    found.any_of(_LEAVE.c.doctor_id, resolve.doctors(tx, (*asked.of("doctor"), *asked.words)))
    found.days(tx, _LEAVE.c.starts_at, asked)
    if asked.start is None and asked.end is None:
        found.all(*_when(asked, _LEAVE.c.ends_at, tx.now))
    return found.done()


def _leave(tx: Transaction, ids: Sequence[int]) -> Mapping[int, LeaveView]:
    rows = tx.session.execute(leave_query().where(_LEAVE.c.id.in_(ids)))
    return {row.id: leave_view(tx, row) for row in rows}


def _leave_state(one: LeaveView) -> str:
    return "active" if one.active else "taken back"


LEAVE: ListKind[LeaveView] = ListKind(
    name="leave",
    action=Action.LEAVE_READ,
    source=_LEAVE,
    id=_LEAVE.c.id,
    columns=(
        ListColumn("from", "From", lambda one: moment(one.starts_at), order=_LEAVE.c.starts_at),
        ListColumn("to", "To", lambda one: moment(one.ends_at)),
        ListColumn("doctor", "Doctor", lambda one: one.doctor),
        ListColumn("reason", "Reason", lambda one: one.reason),
        ListColumn("state", "State", _leave_state, shown=False),
    ),
    order="from",
    words=(_DOCTOR_WORD, _WHEN, _TAKEN_BACK, *SPAN),
    narrow=_narrow_leave,
    views=_leave,
    everything="when:all",
)


def _narrow_holidays(tx: Transaction, asked: Asked) -> Narrowed:
    found = Conditions()
    day = _HOLIDAY.c.day
    if asked.start is not None:
        found.all(day >= asked.start)
    if asked.end is not None:
        found.all(day <= asked.end)
    if asked.start is None and asked.end is None:
        found.all(*_when(asked, day, tx.today(), including=True))
    if asked.words:
        rows = tx.session.execute(select(_HOLIDAY.c.id, _HOLIDAY.c.name, day))
        found.any_of(
            _HOLIDAY.c.id,
            [row.id for row in rows if begins(asked.text, row.name, f"{row.day:%d %B %Y %A}")],
        )
    return found.done()


def _holidays(tx: Transaction, ids: Sequence[int]) -> Mapping[int, HolidayView]:
    query = select(_HOLIDAY.c.id, _HOLIDAY.c.day, _HOLIDAY.c.name).where(_HOLIDAY.c.id.in_(ids))
    return {row.id: HolidayView(*row) for row in tx.session.execute(query)}


HOLIDAYS: ListKind[HolidayView] = ListKind(
    name="holidays",
    action=Action.HOLIDAY_READ,
    source=_HOLIDAY,
    id=_HOLIDAY.c.id,
    columns=(
        ListColumn("day", "Day", lambda one: one.date.isoformat(), order=_HOLIDAY.c.day),
        ListColumn("weekday", "Weekday", lambda one: f"{one.date:%A}"),
        ListColumn("name", "Name", lambda one: one.name),
    ),
    order="day",
    words=(_WHEN, *SPAN),
    narrow=_narrow_holidays,
    views=_holidays,
    everything="when:all",
)


def _state(active: bool) -> str:
    return "active" if active else "inactive"


def _when(
    asked: Asked, end: ColumnElement[Any], now: Any, *, including: bool = False
) -> list[ColumnElement[bool]]:
    """What is still to come, unless `when:` asks for what is over, or for all."""
    wanted = set(asked.of("when")) or {"coming"}
    if len(wanted) > 1 or "" in wanted:
        return []
    coming = end >= now if including else end > now
    over = end < now if including else end <= now
    return [coming if wanted == {"coming"} else over]
