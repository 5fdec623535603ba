"""How an appointment moves: one table of who may take it from which status to which.

`booked → checked_in → in_consultation → completed` is the way of most; every move leaves one
event with actor, terminal and reason, and is refused from any status the table does not name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import bindparam, select

from store.batches import insert_rows
from store.changes import Topic
from store.errors import IllegalTransition
from store.permissions import Action, require
from store.prepared import Prepared
from store.tables import Appointment, AppointmentEvent, MedicalRecord, table_of
from store.transaction import Transaction
from store.values import HOLDS_SLOT, RecordStatus
from store.values import AppointmentStatus as Status

_RECORD, _EVENT = table_of(MedicalRecord).c, table_of(AppointmentEvent)
_SIGNED = Prepared(
    select(_RECORD.id).where(
        _RECORD.appointment_id == bindparam("appointment_id"),
        _RECORD.status == RecordStatus.SIGNED.value,
    )
)


class Visit(Protocol):
    """What is told of an appointment when it moves, whether it was read as a table object or is
    being made. `id` is that of its row; moments are UTC."""

    @property
    def id(self) -> int | None: ...
    @property
    def patient_id(self) -> int: ...
    @property
    def doctor_id(self) -> int: ...
    @property
    def starts_at(self) -> datetime: ...
    @property
    def ends_at(self) -> datetime: ...
    @property
    def status(self) -> str: ...
    @property
    def calendar_sequence(self) -> int: ...


class Kind(StrEnum):
    """What happened to an appointment; the name of its event."""

    BOOK = "book"
    WALK_IN = "walk-in"
    CHECK_IN = "check-in"
    START = "start"
    COMPLETE = "complete"
    CANCEL = "cancel"
    NO_SHOW = "no-show"
    LEFT = "left"
    RESCHEDULE = "reschedule"
    IN_ERROR = "in-error"
    UNDO = "undo"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Move:
    """From which statuses, to which, and the permission it takes."""

    sources: frozenset[Status]
    target: Status
    action: Action


MOVES: Mapping[Kind, Move] = {
    Kind.CHECK_IN: Move(
        frozenset({Status.BOOKED, Status.NO_SHOW}), Status.CHECKED_IN, Action.APPOINTMENT_CHECK_IN
    ),
    Kind.START: Move(
        frozenset({Status.CHECKED_IN}), Status.IN_CONSULTATION, Action.APPOINTMENT_START
    ),
    Kind.COMPLETE: Move(
        frozenset({Status.IN_CONSULTATION}), Status.COMPLETED, Action.APPOINTMENT_COMPLETE
    ),
    Kind.CANCEL: Move(
        frozenset({Status.BOOKED, Status.CHECKED_IN}), Status.CANCELLED, Action.APPOINTMENT_CANCEL
    ),
    Kind.NO_SHOW: Move(frozenset({Status.BOOKED}), Status.NO_SHOW, Action.APPOINTMENT_NO_SHOW),
    Kind.LEFT: Move(frozenset({Status.CHECKED_IN}), Status.LEFT, Action.APPOINTMENT_LEFT),
    Kind.RESCHEDULE: Move(
        frozenset({Status.BOOKED, Status.NO_SHOW}),
        Status.RESCHEDULED,
        Action.APPOINTMENT_RESCHEDULE,
    ),
    Kind.IN_ERROR: Move(
        frozenset(Status) - {Status.IN_ERROR}, Status.IN_ERROR, Action.APPOINTMENT_IN_ERROR
    ),
}
"""Every move but undo, which takes back the last of these."""

_UNSEEN = frozenset({Kind.CANCEL, Kind.NO_SHOW, Kind.LEFT, Kind.RESCHEDULE})
"""The moves that say the patient was not seen; a signed record says the contrary."""


def possible(status: Status) -> frozenset[Kind]:
    """What may become of an appointment that stands so, whoever does it."""
    return frozenset(kind for kind, move in MOVES.items() if status in move.sources)


def fetch_for(
    tx: Transaction, kind: Kind, appointment_id: int, version: int | None = None
) -> Appointment:
    """The appointment, locked, if the actor may move it so and its status allows it.

    Raises:
        NotFound, Forbidden, ChangedMeanwhile, IllegalTransition.
    """
    row = tx.fetch(Appointment, appointment_id, "appointment")
    move = MOVES[kind]
    require(tx, move.action, patient_id=row.patient_id, doctor_id=row.doctor_id)
    tx.expect(row, version)
    if Status(row.status) not in move.sources:
        raise refusal(kind, Status(row.status))
    if kind in _UNSEEN:
        require_unsigned(tx, row)
    return row


def require_unsigned(tx: Transaction, row: Appointment) -> None:
    """Refuse what would say that a visit with a signed record did not take place.

    Raises:
        IllegalTransition: the appointment's record is signed.
    """
    if tx.rows(_SIGNED, {"appointment_id": id_of(row)}):
        raise IllegalTransition(
            "The record of this visit is signed, so the visit took place. Amend the record instead."
        )


def apply(tx: Transaction, row: Appointment, kind: Kind, reason: str = "") -> None:
    """Take the move: status, event, audit and change, all in this unit of work."""
    before, row.status = row.status, MOVES[kind].target
    tx.touch(row)
    tx.session.flush()
    note_event(tx, row, kind, before, reason)


def note_event(
    tx: Transaction,
    row: Visit,
    kind: Kind,
    before: str | None,
    reason: str = "",
    undoes_id: int | None = None,
) -> None:
    """Write the event of a move that was made, and tell audit, open screens and, where it gives
    the doctor's time back, the waiting list."""
    tx.flush()
    event = {
        "appointment_id": id_of(row),
        "at": tx.now,
        "kind": kind.value,
        "from_status": before,
        "to_status": row.status,
        "actor_id": tx.actor.account_id,
        "actor_role": tx.actor.role.value,
        "terminal": tx.actor.terminal,
        "reason": reason,
        "undoes_id": undoes_id,
    }
    insert_rows(tx.connection, _EVENT, [event])
    tx.record(
        f"appointment.{kind}",
        "appointment",
        row.id,
        patient_id=row.patient_id,
        reason=reason,
        detail={"from": before, "to": row.status, "starts_at": row.starts_at.isoformat()},
    )
    announce(tx, row)
    if before is not None and Status(before) in HOLDS_SLOT and Status(row.status) not in HOLDS_SLOT:
        tx.frees(row.starts_at, row.ends_at, row.doctor_id)


def announce(tx: Transaction, row: Visit) -> None:
    """Tell screens and caches which doctor's day is no longer what it was."""
    tx.changed(
        Topic.APPOINTMENT,
        doctor_id=row.doctor_id,
        day=tx.local(row.starts_at).date(),
        entity_id=row.id,
    )


def refusal(kind: Kind, status: Status) -> IllegalTransition:
    """The sentence for a move that the status does not allow."""
    return IllegalTransition(
        f"The appointment is {status_words(status)}, so “{kind}” is not possible."
        " Look at it again.",
        status=status.value,
        move=kind.value,
    )


def status_words(status: Status) -> str:
    """A status as a sentence says it."""
    return "marked as an error" if status is Status.IN_ERROR else status.replace("_", " ")


def id_of(row: Visit) -> int:
    """The id of an appointment that is in the database."""
    assert row.id is not None
    return row.id
