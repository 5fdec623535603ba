"""Taking back one's own last step: a new event, never an erased one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import bindparam, select
from sqlalchemy.exc import DBAPIError

from store import appointments, booking_checks, tokens
from store.appointment_views import find
from store.errors import Forbidden, IllegalTransition
from store.moves import Kind, id_of, note_event, require_unsigned
from store.new_visits import raise_overlap
from store.permissions import Action, require
from store.prepared import ONLY_ONE, Prepared
from store.tables import Appointment, AppointmentEvent, table_of
from store.transaction import Transaction
from store.values import HOLDS_SLOT, AppointmentStatus, AppointmentView, MailKind

_EVENT = table_of(AppointmentEvent).c
_FINAL = frozenset({Kind.UNDO, Kind.IN_ERROR, Kind.HISTORY})
_TOLD = {Kind.CANCEL: MailKind.BOOKED, Kind.BOOK: MailKind.CANCELLED}
"""What the patient hears when that is taken back."""


class _Last(NamedTuple):
    """An appointment's newest event."""

    id: int
    at: datetime
    kind: str
    from_status: str | None
    actor_id: int | None
    actor_role: str


_NEWEST = Prepared(
    select(*(_EVENT[name] for name in _Last._fields))
    .where(_EVENT.appointment_id == bindparam("appointment_id"))
    .order_by(_EVENT.id.desc())
    .limit(ONLY_ONE)
)


def undo(tx: Transaction, appointment_id: int) -> AppointmentView:
    """Take back the appointment's last move, if it was the actor's own and is recent.

    A booking or walk-in is taken back by cancelling it; a rescheduling by cancelling the
    successor and booking the old time again. What takes its time again must meet what a new
    booking must.

    Raises:
        Forbidden: the last step was somebody else's.
        IllegalTransition: it is too long ago, or final (signed, or undone already).
        SlotTaken, SlotUnavailable, PatientBusy, InUse: it cannot stand again; see
            `booking_checks.require_place_again`.
    """
    row = tx.fetch(Appointment, appointment_id, "appointment")
    require(tx, Action.APPOINTMENT_UNDO, patient_id=row.patient_id, doctor_id=row.doctor_id)
    last = _last_event(tx, appointment_id)
    _require_own_and_recent(tx, last)
    tx.lock_doctor(row.doctor_id)
    if last.kind == Kind.BOOK and row.predecessor_id is not None:
        return _undo_rescheduling(tx, row)
    if last.kind == Kind.RESCHEDULE:
        follows = select(Appointment).where(
            table_of(Appointment).c.predecessor_id == appointment_id
        )
        successor = tx.session.scalars(follows).one()
        _require_own_and_recent(tx, _last_event(tx, id_of(successor)))
        return _undo_rescheduling(tx, successor)
    _take_back(tx, row, last)
    return find(tx, appointment_id)


def _take_back(tx: Transaction, row: Appointment, last: _Last) -> None:
    before = row.status
    target = AppointmentStatus(last.from_status or AppointmentStatus.CANCELLED)
    _require_place(tx, row, target)  # while the row is as it was, or it is written twice
    match Kind(last.kind):
        case Kind.CHECK_IN | Kind.WALK_IN:
            require_unsigned(tx, row)
            tokens.void(tx, id_of(row))
            row.checked_in_at = None
        case Kind.START:
            require_unsigned(tx, row)
            row.started_at = None
        case Kind.COMPLETE:
            require_unsigned(tx, row)
            row.completed_at = None
        case Kind.CANCEL | Kind.LEFT:
            if target is AppointmentStatus.CHECKED_IN:
                tokens.restore(tx, id_of(row))
            row.reason, row.cancelled_by_role = "", None
        case Kind.BOOK:
            row.reason, row.cancelled_by_role = "booking undone", tx.actor.role.value
    told = _TOLD.get(Kind(last.kind))
    if told is not None:
        row.calendar_sequence += 1
    _write(tx, row, target)
    note_event(tx, row, Kind.UNDO, before, undoes_id=last.id)
    if told is not None:
        appointments.tell(tx, row, told, correcting=told is MailKind.BOOKED)


def _undo_rescheduling(tx: Transaction, successor: Appointment) -> AppointmentView:
    assert successor.predecessor_id is not None
    if successor.status != AppointmentStatus.BOOKED:
        raise IllegalTransition("The new appointment has gone on already; reschedule it instead.")
    old = tx.fetch(Appointment, successor.predecessor_id, "appointment")
    closing = _last_event(tx, id_of(old))
    tx.lock_doctor(old.doctor_id)
    made = _last_event(tx, id_of(successor))
    successor.predecessor_id, successor.reason = None, "rescheduling undone"
    sequence = successor.calendar_sequence + 1
    _set(tx, successor, AppointmentStatus.CANCELLED)
    note_event(tx, successor, Kind.UNDO, AppointmentStatus.BOOKED, undoes_id=made.id)
    old.reason, old.calendar_sequence = "", sequence
    _set(tx, old, AppointmentStatus(closing.from_status or AppointmentStatus.BOOKED))
    note_event(tx, old, Kind.UNDO, AppointmentStatus.RESCHEDULED, undoes_id=closing.id)
    if old.status == AppointmentStatus.BOOKED and old.starts_at > tx.now:
        appointments.tell(tx, old, MailKind.RESCHEDULED)
    else:
        # There is nothing to come to any more, and the patient knows of the new time alone.
        successor.calendar_sequence = sequence
        appointments.tell(tx, successor, MailKind.CANCELLED)
    tx.session.flush()
    return find(tx, id_of(old))


def _set(tx: Transaction, row: Appointment, target: AppointmentStatus) -> None:
    """Put the row into a status, seeing to it that it may take its slot again."""
    _require_place(tx, row, target)
    _write(tx, row, target)


def _require_place(tx: Transaction, row: Appointment, target: AppointmentStatus) -> None:
    if target in HOLDS_SLOT and AppointmentStatus(row.status) not in HOLDS_SLOT:
        booking_checks.require_place_again(tx, row)


def _write(tx: Transaction, row: Appointment, target: AppointmentStatus) -> None:
    row.status = target.value
    tx.touch(row)
    try:
        tx.session.flush()
    except DBAPIError as error:
        raise_overlap(error)
        raise


def _last_event(tx: Transaction, appointment_id: int) -> _Last:
    (newest,) = tx.rows(_NEWEST, {"appointment_id": appointment_id})
    return _Last(*newest)


def _require_own_and_recent(tx: Transaction, last: _Last) -> None:
    if Kind(last.kind) in _FINAL:
        raise IllegalTransition("There is no step to take back.", move=Kind.UNDO.value)
    if last.actor_id != tx.actor.account_id or last.actor_role != tx.actor.role:
        raise Forbidden(
            "The last step was somebody else's; only they can undo it.",
            action=Action.APPOINTMENT_UNDO,
        )
    minutes = tx.rules.hospital.undo_minutes
    if tx.now - last.at > timedelta(minutes=minutes):
        raise IllegalTransition(
            f"The last step is more than {minutes} minutes ago and stays.", move=Kind.UNDO.value
        )
