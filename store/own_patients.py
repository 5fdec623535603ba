"""The patients of one doctor: who was seen, how often, when last and when next, and their figures.

All is counted from one index of the doctor's appointments, and names are read of a page alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, Subquery, bindparam, case, func, select

from store import patient_search
from store.birth import age_on
from store.errors import NotFound
from store.permissions import Action, require
from store.references import plausible_id
from store.slots import day_bounds
from store.tables import Appointment, Patient, table_of
from store.transaction import Transaction
from store.values import (
    AppointmentStatus,
    OwnPatientsFigures,
    OwnPatientView,
    Page,
    Sex,
)

MOST = 500
"""A list has at most so many rows."""

_VISIT, _PATIENT = table_of(Appointment), table_of(Patient).c
_TOOK_PLACE = _VISIT.c.status.in_(
    [AppointmentStatus.IN_CONSULTATION.value, AppointmentStatus.COMPLETED.value]
)
_MISSED = _VISIT.c.status == AppointmentStatus.NO_SHOW.value
_TO_COME = (_VISIT.c.status == AppointmentStatus.BOOKED.value) & (
    _VISIT.c.starts_at >= bindparam("now", type_=_VISIT.c.starts_at.type)
)
_EACH = (
    select(
        _VISIT.c.patient_id,
        func.sum(case((_TOOK_PLACE, 1), else_=0)).label("visits"),
        func.sum(case((_MISSED, 1), else_=0)).label("missed"),
        func.min(case((_TOOK_PLACE, _VISIT.c.starts_at))).label("first_at"),
        func.max(case((_TOOK_PLACE, _VISIT.c.starts_at))).label("last_at"),
        func.min(case((_TO_COME, _VISIT.c.starts_at))).label("next_at"),
    )
    .where(_VISIT.c.doctor_id == bindparam("doctor_id"))
    .group_by(_VISIT.c.patient_id)
)
"""Of each patient what the doctor's appointments tell."""
_HOW_MANY = select(func.count(_VISIT.c.patient_id.distinct())).where(
    _VISIT.c.doctor_id == bindparam("doctor_id"), _TOOK_PLACE
)


def list_patients(
    tx: Transaction, doctor_id: int, *, text: str = "", limit: int = 100, offset: int = 0
) -> Page[OwnPatientView]:
    """Whom a doctor has seen, the last visit first; with `text` those whom it finds (as in the
    desk's finder), the best first, also those who are only booked yet."""
    require(tx, Action.PATIENT_READ, doctor_id=doctor_id)
    limit = min(limit, MOST)
    if text.strip():
        found = patient_search.search(tx, text, limit)
        views = {view.id: view for view in _of(tx, doctor_id, [one.id for one in found])}
        shown = tuple(views[one.id] for one in found if one.id in views)
        return Page(shown, len(shown))
    each = _EACH.having(func.sum(case((_TOOK_PLACE, 1), else_=0)) > 0)
    page = (
        each.order_by(func.max(case((_TOOK_PLACE, _VISIT.c.starts_at))).desc(), _VISIT.c.patient_id)
        .limit(limit)
        .offset(offset)
        .subquery()
    )
    views_ = _read(tx, doctor_id, page)
    total = offset + len(views_)
    if len(views_) == limit or not views_:
        total = tx.session.execute(_HOW_MANY, _asked(tx, doctor_id)).scalar_one()
    tx.record("patient.list", "patient", "", detail={"shown": len(views_)})
    return Page(tuple(views_), total, offset)


def get(tx: Transaction, doctor_id: int, patient_id: int) -> OwnPatientView:
    """One patient as a doctor knows the patient.

    Raises:
        NotFound: there is no such patient.
    """
    require(tx, Action.PATIENT_READ, patient_id=patient_id)
    require(tx, Action.PATIENT_READ, doctor_id=doctor_id)
    found = _of(tx, doctor_id, [plausible_id(patient_id)])
    if not found:
        raise NotFound(f"The doctor has no patient {patient_id}.", entity="patient", id=patient_id)
    tx.record("patient.read", "patient", patient_id, patient_id=patient_id)
    return found[0]


def figures(tx: Transaction, doctor_id: int) -> OwnPatientsFigures:
    """The figures over all of a doctor's patients."""
    require(tx, Action.STATISTICS_READ, doctor_id=doctor_id)
    month = day_bounds(tx.today().replace(day=1), tx.timezone)[0]
    each = _EACH.subquery()
    seen = each.c.visits > 0
    row = tx.session.execute(
        select(
            func.count(case((seen, 1))).label("patients"),
            func.coalesce(func.sum(each.c.visits), 0).label("visits"),
            func.count(case((each.c.last_at >= month, 1))).label("seen_this_month"),
            func.count(case((each.c.first_at >= month, 1))).label("new_this_month"),
            func.count(case((seen & each.c.next_at.is_not(None), 1))).label("booked_again"),
            func.coalesce(func.sum(each.c.missed), 0).label("missed"),
        ),
        _asked(tx, doctor_id),
    ).one()
    return OwnPatientsFigures(*(int(count) for count in row))


def _of(tx: Transaction, doctor_id: int, ids: Sequence[int]) -> list[OwnPatientView]:
    """Some patients, in no order."""
    each = _EACH.where(_VISIT.c.patient_id.in_(ids)).subquery()
    return _read(tx, doctor_id, each) if ids else []


def _read(tx: Transaction, doctor_id: int, each: Subquery) -> list[OwnPatientView]:
    query = (
        select(
            each,
            _PATIENT.mrn,
            _PATIENT.name,
            _PATIENT.sex,
            _PATIENT.birth_date,
            _PATIENT.phone,
            _PATIENT.is_active,
        )
        .join(table_of(Patient), _PATIENT.id == each.c.patient_id)
        .order_by(each.c.last_at.desc(), each.c.patient_id)
    )
    return [_view(tx, row) for row in tx.session.execute(query, _asked(tx, doctor_id))]


def _asked(tx: Transaction, doctor_id: int) -> dict[str, Any]:
    return {"doctor_id": plausible_id(doctor_id), "now": tx.now}


def _view(tx: Transaction, row: Row[Any]) -> OwnPatientView:
    return OwnPatientView(
        id=row.patient_id,
        mrn=row.mrn,
        name=row.name,
        sex=Sex(row.sex),
        age=age_on(row.birth_date, tx.today()) if row.birth_date else None,
        phone=row.phone,
        active=row.is_active,
        visits=int(row.visits),
        missed=int(row.missed),
        first_at=tx.maybe_local(row.first_at),
        last_at=tx.maybe_local(row.last_at),
        next_at=tx.maybe_local(row.next_at),
    )
