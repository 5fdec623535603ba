"""The rows behind the waiting list: entries as they leave the store."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Row, Select, func, select

from store.errors import NotFound
from store.permissions import Action, Scope, require, scope_of
from store.references import plausible_id
from store.tables import (
    Account,
    Department,
    Doctor,
    Patient,
    table_of,
)
from store.transaction import Transaction
from store.values import (
    OfferOutcome,
    OfferView,
    WaitlistEnd,
    WaitlistEntryView,
    WaitlistStatus,
)
from store.wishes import ENTRY, IN_ORDER, OFFER, OPEN, Link, current_links

_PATIENT, _DOCTOR = table_of(Patient), table_of(Doctor)
_ACCOUNT, _DEPARTMENT = table_of(Account), table_of(Department)
_OFFERED, _OFFERING = _DOCTOR.alias("offered"), _ACCOUNT.alias("offering")
_ROOM = _DEPARTMENT.alias("room")


def views(
    tx: Transaction,
    *conditions: ColumnElement[bool],
    limit: int | None = None,
    offset: int = 0,
) -> list[WaitlistEntryView]:
    """Entries that meet all conditions, who came first in front."""
    query = _joined().where(*conditions).order_by(*IN_ORDER)
    if limit is not None:
        query = query.limit(limit).offset(offset)
    rows = tx.session.execute(query).all()
    offers = _newest_offers(tx, [row.id for row in rows])
    links = current_links(tx, [row.appointment_id for row in rows if row.appointment_id])
    return [_view(tx, row, offers.get(row.id), links.get(row.appointment_id)) for row in rows]


def count(tx: Transaction, *conditions: ColumnElement[bool]) -> int:
    """How many entries meet all conditions."""
    joined = _joined().where(*conditions).subquery()
    return tx.session.scalars(select(func.count()).select_from(joined)).one()


def seen_by(tx: Transaction, entry_id: int, action: Action) -> WaitlistEntryView:
    """The entry as it is before anything is locked, if the actor may do this to it.

    Raises:
        NotFound: there is none.
    """
    patient_id = tx.session.execute(
        select(ENTRY.c.patient_id).where(ENTRY.c.id == plausible_id(entry_id))
    ).scalar()
    require(tx, action, patient_id=patient_id)
    if patient_id is None:
        raise NotFound(f"There is no entry {entry_id} on the waiting list.", id=entry_id)
    return views(tx, ENTRY.c.id == entry_id)[0]


def own_only(tx: Transaction, action: Action) -> list[ColumnElement[bool]]:
    """The condition that narrows the list to the actor's own entries, if that is all the actor
    may see."""
    if scope_of(tx, action) is Scope.ANY:
        return []
    return [ENTRY.c.patient_id == (tx.actor.patient_id or 0)]


def of_department(department_id: int) -> ColumnElement[bool]:
    """Entries for anybody of a department, or for one of its doctors."""
    return (ENTRY.c.department_id == department_id) | (_DOCTOR.c.department_id == department_id)


def _joined() -> Select[Any]:
    return (
        select(
            ENTRY,
            _PATIENT.c.mrn,
            _PATIENT.c.name.label("patient_name"),
            _PATIENT.c.phone,
            _PATIENT.c.email,
            _ACCOUNT.c.name.label("doctor_name"),
            _DEPARTMENT.c.id.label("room_id"),
            _DEPARTMENT.c.name.label("department_name"),
        )
        .join(_PATIENT, _PATIENT.c.id == ENTRY.c.patient_id)
        .outerjoin(_DOCTOR, _DOCTOR.c.id == ENTRY.c.doctor_id)
        .outerjoin(_ACCOUNT, _ACCOUNT.c.id == _DOCTOR.c.account_id)
        .join(
            _DEPARTMENT,
            _DEPARTMENT.c.id == func.coalesce(_DOCTOR.c.department_id, ENTRY.c.department_id),
        )
    )


def _newest_offers(
    tx: Transaction, entry_ids: list[int]
) -> dict[int, tuple[OfferView | None, OfferView | None]]:
    """Of each entry the offer that is open, and the newest that is not."""
    found: dict[int, tuple[OfferView | None, OfferView | None]] = {}
    if not entry_ids:
        return found
    newest = (
        select(func.max(OFFER.c.id))
        .where(OFFER.c.entry_id.in_(entry_ids))
        .group_by(OFFER.c.entry_id, OPEN)
    )
    query = (
        select(
            OFFER,
            _OFFERING.c.name.label("doctor_name"),
            _ROOM.c.name.label("department_name"),
        )
        .join(_OFFERED, _OFFERED.c.id == OFFER.c.doctor_id)
        .join(_OFFERING, _OFFERING.c.id == _OFFERED.c.account_id)
        .join(_ROOM, _ROOM.c.id == _OFFERED.c.department_id)
        .where(OFFER.c.id.in_(newest))
    )
    for row in tx.session.execute(query):
        view = _offer(tx, row)
        now, last = found.get(row.entry_id, (None, None))
        pair = (view, last) if view.outcome is OfferOutcome.OPEN else (now, view)
        found[row.entry_id] = pair
    return found


def _offer(tx: Transaction, row: Row[Any]) -> OfferView:
    return OfferView(
        id=row.id,
        doctor_id=row.doctor_id,
        doctor=row.doctor_name,
        department=row.department_name,
        starts_at=tx.local(row.starts_at),
        ends_at=tx.local(row.ends_at),
        expires_at=tx.local(row.expires_at),
        outcome=OfferOutcome(row.outcome),
        appointment_id=row.appointment_id,
    )


def _view(
    tx: Transaction,
    row: Row[Any],
    offers: tuple[OfferView | None, OfferView | None] | None,
    link: Link | None,
) -> WaitlistEntryView:
    offer, last = offers or (None, None)
    return WaitlistEntryView(
        id=row.id,
        patient_id=row.patient_id,
        mrn=row.mrn,
        patient=row.patient_name,
        patient_phone=row.phone,
        patient_email=row.email,
        doctor_id=row.doctor_id,
        doctor=row.doctor_name,
        department_id=row.room_id,
        department=row.department_name,
        appointment_id=row.appointment_id,
        appointment_at=tx.maybe_local(link.starts_at if link else None),
        first_day=row.first_day,
        last_day=row.last_day,
        from_minute=row.from_minute,
        to_minute=row.to_minute,
        note=row.note,
        status=WaitlistStatus(row.status),
        ended_because=WaitlistEnd(row.ended_because) if row.ended_because else None,
        created_at=tx.local(row.created_at),
        offer=offer,
        last=last,
        version=row.version,
    )
