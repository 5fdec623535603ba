"""A doctor's own appointments, narrowed by words, a page at a time."""

from __future__ import annotations

from store import patient_search
from store.appointment_views import VISIT, count, views
from store.permissions import Action, require
from store.slots import day_bounds
from store.transaction import Transaction
from store.values import AppointmentView, Page
from store.visit_words import VisitFilter

MOST = 500
"""A page has at most so many rows."""
_MOST_PATIENTS = 100


def of_doctor(
    tx: Transaction, doctor_id: int, wanted: VisitFilter, *, limit: int = 100, offset: int = 0
) -> Page[AppointmentView]:
    """The doctor's appointments that meet all that is asked: from a first day on the soonest first,
    else the newest first."""
    require(tx, Action.APPOINTMENT_READ, doctor_id=doctor_id)
    conditions = [VISIT.c.doctor_id == doctor_id]
    if wanted.statuses:
        conditions.append(VISIT.c.status.in_([status.value for status in wanted.statuses]))
    if wanted.first is not None:
        conditions.append(VISIT.c.starts_at >= day_bounds(wanted.first, tx.timezone)[0])
    if wanted.last is not None:
        conditions.append(VISIT.c.starts_at < day_bounds(wanted.last, tx.timezone)[1])
    if wanted.patient:
        found = patient_search.search(tx, wanted.patient, _MOST_PATIENTS)
        conditions.append(VISIT.c.patient_id.in_([one.id for one in found]))
    columns = (VISIT.c.starts_at, VISIT.c.id)
    order = tuple(one.asc() if wanted.upwards else one.desc() for one in columns)
    limit = min(limit, MOST)
    rows = views(tx, *conditions, order=order, limit=limit, offset=offset)
    short = len(rows) < limit and bool(rows)
    return Page(tuple(rows), offset + len(rows) if short else count(tx, *conditions), offset)
