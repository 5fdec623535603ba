"""Appointments that are over already, as they are brought in from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from store import booking_checks
from store.availability import LONGEST_APPOINTMENT
from store.changes import Topic
from store.errors import Invalid
from store.moves import Kind
from store.permissions import Action, require
from store.tables import Appointment, AppointmentEvent, Doctor, table_of
from store.text import clean_note
from store.transaction import Transaction
from store.values import HOLDS_SLOT, AppointmentStatus

OVERLAPS = "imported history overlaps"
"""Why a past appointment is kept although its doctor had another at the time."""

_VISIT, _EVENT, _DOCTOR = table_of(Appointment), table_of(AppointmentEvent), table_of(Doctor)


def keep(
    tx: Transaction,
    *,
    patient_id: int,
    doctor_id: int,
    starts_at: datetime,
    ends_at: datetime,
    status: AppointmentStatus,
    note: str = "",
    external_id: str | None = None,
) -> tuple[int, bool]:
    """Put an appointment that was not made here into the history, with its status, whatever the
    doctor's hours are. One that overlaps another of the doctor is kept as overbooked.

    Returns:
        its id, and whether it overlaps.

    Raises:
        Forbidden: only administrators bring in history.
        Invalid: it ends before it starts, or lasts longer than a day.
        NotFound: there is no such doctor.
    """
    require(tx, Action.DATA_IMPORT)
    require_length(starts_at, ends_at)
    tx.lock_doctor(doctor_id)
    overlaps = status in HOLDS_SLOT and (
        booking_checks.holder_of(tx, doctor_id, starts_at, ends_at) is not None
    )
    seen = status is AppointmentStatus.COMPLETED
    columns = {
        "patient_id": patient_id,
        "doctor_id": doctor_id,
        "department_id": _department_of(tx, doctor_id),
        "starts_at": starts_at,
        "ends_at": ends_at,
        "status": status.value,
        "note": clean_note(note, "note", most=2000),
        "overbooked": overlaps,
        "overbook_reason": OVERLAPS if overlaps else "",
        "started_at": starts_at if seen else None,
        "completed_at": ends_at if seen else None,
        "external_id": external_id,
        **tx.stamps(),
    }
    # No table object: history comes by the ten thousand, and this takes half the time.
    made = tx.session.execute(_VISIT.insert().returning(_VISIT.c.id), columns).scalar_one()
    _tell(tx, made, columns)
    return made, overlaps


def _tell(tx: Transaction, appointment_id: int, columns: Mapping[str, Any]) -> None:
    tx.session.execute(
        _EVENT.insert(),
        {
            "appointment_id": appointment_id,
            "at": tx.now,
            "kind": Kind.HISTORY.value,
            "from_status": None,
            "to_status": columns["status"],
            "actor_id": tx.actor.account_id,
            "actor_role": tx.actor.role.value,
            "terminal": tx.actor.terminal,
        },
    )
    tx.record(
        f"appointment.{Kind.HISTORY}",
        "appointment",
        appointment_id,
        patient_id=columns["patient_id"],
        detail={"to": columns["status"], "starts_at": columns["starts_at"].isoformat()},
    )
    tx.changed(
        Topic.APPOINTMENT,
        doctor_id=columns["doctor_id"],
        day=tx.local(columns["starts_at"]).date(),
        entity_id=appointment_id,
    )


def require_length(starts_at: datetime, ends_at: datetime) -> None:
    """Refuse what is no appointment by its length.

    Raises:
        Invalid: it ends before it starts, or lasts longer than a day.
    """
    if ends_at <= starts_at:
        raise Invalid.field("ends_at", "The end must be after the start.")
    if ends_at - starts_at > LONGEST_APPOINTMENT:
        raise Invalid.field(
            "ends_at", "It lasts longer than a day, which is a stay and not an appointment."
        )


def _department_of(tx: Transaction, doctor_id: int) -> int:
    found = tx.session.execute(
        select(_DOCTOR.c.department_id).where(_DOCTOR.c.id == doctor_id)
    ).scalar()
    return tx.fetch(Doctor, doctor_id, "doctor").department_id if found is None else found
