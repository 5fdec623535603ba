"""Appointments as they leave the store: one join, built without table objects."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from store.birth import age_on
from store.errors import NotFound
from store.tables import (
    Account,
    Appointment,
    Department,
    Doctor,
    Patient,
    QueueToken,
    RefusedAddress,
    table_of,
)
from store.transaction import Transaction
from store.values import AppointmentStatus, AppointmentView, Sex

VISIT = table_of(Appointment)
_NEXT = VISIT.alias("successor")
_PATIENT, _DOCTOR, _ACCOUNT = table_of(Patient), table_of(Doctor), table_of(Account)
_DEPARTMENT, _TOKEN = table_of(Department), table_of(QueueToken)
_REFUSED = table_of(RefusedAddress)


def find(tx: Transaction, appointment_id: int) -> AppointmentView:
    """One appointment with its names.

    Raises:
        NotFound: there is no such appointment.
    """
    rows = views(tx, VISIT.c.id == appointment_id, limit=1)
    if not rows:
        raise NotFound(
            f"There is no appointment {appointment_id}.", entity="appointment", id=appointment_id
        )
    return rows[0]


def views(
    tx: Transaction,
    *conditions: ColumnElement[bool],
    order: tuple[ColumnElement[Any], ...] = (),
    limit: int | None = None,
    offset: int = 0,
) -> list[AppointmentView]:
    """Appointments that meet all conditions, by start and id unless ordered otherwise."""
    query = _joined().where(*conditions).order_by(*(order or (VISIT.c.starts_at, VISIT.c.id)))
    if limit is not None:
        query = query.limit(limit).offset(offset)
    return [_view(tx, row) for row in tx.session.execute(query)]


def count(tx: Transaction, *conditions: ColumnElement[bool]) -> int:
    """How many appointments meet all conditions."""
    query = select(func.count()).select_from(VISIT).where(*conditions)
    return tx.session.scalars(query).one()


def _joined() -> Select[Any]:
    return (
        select(
            VISIT,
            _PATIENT.c.mrn,
            _PATIENT.c.name.label("patient_name"),
            _PATIENT.c.sex,
            _PATIENT.c.birth_date,
            _PATIENT.c.phone,
            _ACCOUNT.c.name.label("doctor_name"),
            _DEPARTMENT.c.name.label("department_name"),
            _TOKEN.c.label.label("token"),
            _NEXT.c.id.label("successor_id"),
            _REFUSED.c.address.label("refused_address"),
        )
        .join(_PATIENT, _PATIENT.c.id == VISIT.c.patient_id)
        .join(_DOCTOR, _DOCTOR.c.id == VISIT.c.doctor_id)
        .join(_ACCOUNT, _ACCOUNT.c.id == _DOCTOR.c.account_id)
        .join(_DEPARTMENT, _DEPARTMENT.c.id == VISIT.c.department_id)
        .outerjoin(_TOKEN, (_TOKEN.c.appointment_id == VISIT.c.id) & (_TOKEN.c.voided_at.is_(None)))
        .outerjoin(_NEXT, _NEXT.c.predecessor_id == VISIT.c.id)
        .outerjoin(_REFUSED, _REFUSED.c.address == _PATIENT.c.email)
    )


def _view(tx: Transaction, row: Row[Any]) -> AppointmentView:
    return AppointmentView(
        id=row.id,
        patient_id=row.patient_id,
        mrn=row.mrn,
        patient=row.patient_name,
        patient_sex=Sex(row.sex),
        patient_age=age_on(row.birth_date, tx.today()) if row.birth_date else None,
        patient_phone=row.phone,
        doctor_id=row.doctor_id,
        doctor=row.doctor_name,
        department_id=row.department_id,
        department=row.department_name,
        starts_at=tx.local(row.starts_at),
        ends_at=tx.local(row.ends_at),
        status=AppointmentStatus(row.status),
        token=row.token,
        overbooked=row.overbooked,
        walk_in=row.walk_in,
        note=row.note,
        version=row.version,
        checked_in_at=tx.maybe_local(row.checked_in_at),
        started_at=tx.maybe_local(row.started_at),
        completed_at=tx.maybe_local(row.completed_at),
        reason=row.reason,
        successor_id=row.successor_id,
        predecessor_id=row.predecessor_id,
        overbook_reason=row.overbook_reason,
        mail_refused=row.refused_address is not None,
    )
