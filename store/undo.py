"""Taking back one's own last step: a new event, never an erased one."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from store import appointments, booking_checks, tokens
from store.appointment_views import find
from store.errors import Forbidden, IllegalTransition
from store.moves import Kind, id_of, note_event, require_unsigned
from store.new_visits import raise_overlap
from store.permissions import Action, require
from store.tables import Appointment, AppointmentEvent, table_of
from store.transaction import Transaction
from store.values import HOLDS_SLOT, AppointmentStatus, AppointmentView, MailKind

_EVENT = table_of(AppointmentEvent)
_FINAL = frozenset({Kind.UNDO, Kind.IN_ERROR, Kind.HISTORY})


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


def _take_back(tx: Transaction, row: Appointment, last: AppointmentEvent) -> None:
    before = row.status
    target = AppointmentStatus(last.from_status or AppointmentStatus.CANCELLED)
    match Kind(last.kind):
        case Kind.CHECK_IN | Kind.WALK_IN:
            require_unsigned(tx, row)
            row.checked_in_at = None
            tokens.void(tx, id_of(row))
        case Kind.START:
            require_unsigned(tx, row)
            row.started_at = None
        case Kind.COMPLETE:
            require_unsigned(tx, row)
            row.completed_at = None
        case Kind.CANCEL | Kind.LEFT:
            row.reason, row.cancelled_by_role = "", None
            if target is AppointmentStatus.CHECKED_IN:
                tokens.restore(tx, id_of(row))
    _set(tx, row, target)
    note_event(tx, row, Kind.UNDO, before, undoes_id=last.id)
    if last.kind == Kind.CANCEL:
        row.calendar_sequence += 1
        appointments.tell(tx, row, MailKind.BOOKED, correcting=True)
    elif last.kind == Kind.BOOK:
        row.reason, row.cancelled_by_role = "booking undone", tx.actor.role.value
        row.calendar_sequence += 1
        appointments.tell(tx, row, MailKind.CANCELLED)
    tx.session.flush()


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
    if target in HOLDS_SLOT and AppointmentStatus(row.status) not in HOLDS_SLOT:
        booking_checks.require_place_again(tx, row)
    row.status = target.value
    tx.touch(row)
    try:
        tx.session.flush()
    except DBAPIError as error:
        raise_overlap(error)
        raise


def _last_event(tx: Transaction, appointment_id: int) -> AppointmentEvent:
    newest = (
        select(AppointmentEvent)
        .where(_EVENT.c.appointment_id == appointment_id)
        .order_by(_EVENT.c.id.desc())
        .limit(1)
    )
    return tx.session.scalars(newest).one()


def _require_own_and_recent(tx: Transaction, last: AppointmentEvent) -> None:
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
