"""The board on the wall of the waiting room: tokens, and never a name of a patient."""

from __future__ import annotations

from itertools import groupby

from sqlalchemy import select

from store.appointment_views import VISIT
from store.appointments import own_only
from store.permissions import Action, require
from store.slots import day_bounds
from store.tables import Account, Department, Doctor, QueueToken, table_of
from store.transaction import Transaction
from store.values import AppointmentStatus, BoardLine

_DOCTOR, _ACCOUNT = table_of(Doctor), table_of(Account)
_DEPARTMENT, _TOKEN = table_of(Department), table_of(QueueToken)
_HERE = [AppointmentStatus.CHECKED_IN.value, AppointmentStatus.IN_CONSULTATION.value]


def now_serving(tx: Transaction, *, department_id: int | None = None) -> list[BoardLine]:
    """Whom each doctor sees now and who comes next, of the doctors for whom somebody is here
    today, by name of the doctor. A doctor sees the own line alone.

    Of several in consultation the one called in last is served; those who wait stand in the order
    in which `desk.next_waiting` calls them.
    """
    require(tx, Action.QUEUE_READ, doctor_id=tx.actor.doctor_id)
    start, end = day_bounds(tx.today(), tx.timezone)
    here = (
        select(
            VISIT.c.doctor_id,
            VISIT.c.status,
            VISIT.c.started_at,
            _TOKEN.c.label,
            _ACCOUNT.c.name.label("doctor"),
            _DEPARTMENT.c.name.label("department"),
        )
        .join(_TOKEN, (_TOKEN.c.appointment_id == VISIT.c.id) & _TOKEN.c.voided_at.is_(None))
        .join(_DOCTOR, _DOCTOR.c.id == VISIT.c.doctor_id)
        .join(_ACCOUNT, _ACCOUNT.c.id == _DOCTOR.c.account_id)
        .join(_DEPARTMENT, _DEPARTMENT.c.id == VISIT.c.department_id)
        .where(
            VISIT.c.starts_at >= start,
            VISIT.c.starts_at < end,
            VISIT.c.status.in_(_HERE),
            *own_only(tx),
        )
        .order_by(
            _ACCOUNT.c.name,
            VISIT.c.doctor_id,
            VISIT.c.starts_at,
            VISIT.c.walk_in,
            VISIT.c.checked_in_at,
            VISIT.c.id,
        )
    )
    if department_id is not None:
        here = here.where(VISIT.c.department_id == department_id)
    found = []
    for doctor_id, group in groupby(tx.session.execute(here), lambda row: row.doctor_id):
        rows = list(group)
        waiting = [row for row in rows if row.status == AppointmentStatus.CHECKED_IN]
        inside = [row for row in rows if row.status == AppointmentStatus.IN_CONSULTATION]
        served = max(inside, key=lambda row: row.started_at, default=None)
        found.append(
            BoardLine(
                doctor_id=doctor_id,
                doctor=rows[0].doctor,
                department=rows[0].department,
                serving=served.label if served is not None else None,
                waiting=tuple(row.label for row in waiting),
            )
        )
    return found
