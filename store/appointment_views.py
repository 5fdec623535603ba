"""Appointments as they leave the store: one join, built without table objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache, partial
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, bindparam, func, select

from store.birth import age_on
from store.errors import NotFound
from store.prepared import Prepared
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

_COLUMNS: Mapping[str, ColumnElement[Any]] = {
    "mrn": _PATIENT.c.mrn,
    "patient": _PATIENT.c.name,
    "patient_sex": _PATIENT.c.sex,
    "patient_age": _PATIENT.c.birth_date,
    "patient_phone": _PATIENT.c.phone,
    "doctor": _ACCOUNT.c.name,
    "department": _DEPARTMENT.c.name,
    "token": _TOKEN.c.label,
    "successor_id": _NEXT.c.id,
    "mail_refused": _REFUSED.c.address,
}
"""What a view's fields are read from, where not from the appointment's column of the same name."""
_FIELDS = AppointmentView.__struct_fields__
_MOMENTS = ("starts_at", "ends_at", "checked_in_at", "started_at", "completed_at")
_SEX = {one.value: one for one in Sex}
_STATUS = {one.value: one for one in AppointmentStatus}


def find(tx: Transaction, appointment_id: int) -> AppointmentView:
    """One appointment with its names.

    Raises:
        NotFound: there is no such appointment.
    """
    found = prepared_views(tx, _ONE, {"id": appointment_id})
    if not found:
        raise NotFound(
            f"There is no appointment {appointment_id}.", entity="appointment", id=appointment_id
        )
    return found[0]


def views(
    tx: Transaction,
    *conditions: ColumnElement[bool],
    order: tuple[ColumnElement[Any], ...] = (),
    limit: int | None = None,
    offset: int = 0,
) -> list[AppointmentView]:
    """Appointments that meet all conditions, by start and id unless ordered otherwise."""
    query = joined(*conditions, order=order)
    if limit is not None:
        query = query.limit(limit).offset(offset)
    return _views_of(tx, tx.session.execute(query).all())


def count(tx: Transaction, *conditions: ColumnElement[bool]) -> int:
    """How many appointments meet all conditions."""
    query = select(func.count()).select_from(VISIT).where(*conditions)
    return tx.session.scalars(query).one()


def prepared_views(
    tx: Transaction, query: Prepared, given: Mapping[str, Any]
) -> list[AppointmentView]:
    """The appointments of a `joined` query that is asked often."""
    return _views_of(tx, tx.rows(query, given))


def joined(
    *conditions: ColumnElement[bool], order: tuple[ColumnElement[Any], ...] = ()
) -> Select[Any]:
    """Appointments with their names that meet all conditions, by start and id unless ordered
    otherwise."""
    return (
        select(*[(_COLUMNS if name in _COLUMNS else VISIT.c)[name].label(name) for name in _FIELDS])
        .select_from(VISIT)
        .join(_PATIENT, _PATIENT.c.id == VISIT.c.patient_id)
        .join(_DOCTOR, _DOCTOR.c.id == VISIT.c.doctor_id)
        .join(_ACCOUNT, _ACCOUNT.c.id == _DOCTOR.c.account_id)
        .join(_DEPARTMENT, _DEPARTMENT.c.id == VISIT.c.department_id)
        .outerjoin(_TOKEN, (_TOKEN.c.appointment_id == VISIT.c.id) & (_TOKEN.c.voided_at.is_(None)))
        .outerjoin(_NEXT, _NEXT.c.predecessor_id == VISIT.c.id)
        .outerjoin(_REFUSED, _REFUSED.c.address == _PATIENT.c.email)
        .where(*conditions)
        .order_by(*(order or (VISIT.c.starts_at, VISIT.c.id)))
    )


_ONE = Prepared(joined(VISIT.c.id == bindparam("id")))


def _views_of(tx: Transaction, rows: Sequence[Any]) -> list[AppointmentView]:
    """Rows of `joined` as views, column by column: a day has many of them."""
    today = tx.today()
    read: dict[str, Callable[[Any], Any]] = {
        "patient_sex": _SEX.__getitem__,
        "patient_age": partial(_age, today=today),
        "status": _STATUS.__getitem__,
        "mail_refused": lambda address: address is not None,
    }
    read |= dict.fromkeys(_MOMENTS, partial(_local, timezone=tx.timezone))
    columns = [
        map(read[name], column) if name in read else column
        for name, column in zip(_FIELDS, zip(*rows, strict=True), strict=False)
    ]
    return list(map(AppointmentView, *columns)) if columns else []


@lru_cache(5_000)
def _local(moment: datetime | None, timezone: ZoneInfo) -> datetime | None:
    """The moments of a hospital's days are the same few again and again."""
    return moment.astimezone(timezone) if moment is not None else None


@lru_cache(5_000)
def _age(born: date | None, today: date) -> int | None:
    """And so are its patients."""
    return age_on(born, today) if born else None
