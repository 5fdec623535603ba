"""An appointment that is being made, put in without a table object: what is booked at a desk all
day long takes half as long without one."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from datetime import datetime

from sqlalchemy import bindparam, literal
from sqlalchemy.exc import DBAPIError

from store import guards
from store.appointment_views import VISIT
from store.errors import SlotTaken
from store.moves import Kind, note_event
from store.prepared import Prepared
from store.transaction import Transaction
from store.values import AppointmentStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVisit:
    """What is decided of an appointment when it is made; moments in UTC. `id` is None until it is
    in the database."""

    id: int | None = None
    patient_id: int
    doctor_id: int
    department_id: int
    starts_at: datetime
    ends_at: datetime
    status: AppointmentStatus
    note: str = ""
    walk_in: bool = False
    overbooked: bool = False
    overbook_reason: str = ""
    checked_in_at: datetime | None = None
    predecessor_id: int | None = None
    calendar_sequence: int = 0
    request_id: str | None = None


_DECIDED = tuple(one.name for one in fields(NewVisit) if one.name != "id")
_STAMPED = ("created_at", "created_by", "updated_at", "updated_by", "version")
_INSERT = Prepared(
    VISIT.insert()
    .values({name: bindparam(name) for name in (*_DECIDED, *_STAMPED)} | {"reason": literal("")})
    .returning(VISIT.c.id)
)


def insert(tx: Transaction, kind: Kind, new: NewVisit, reason: str = "") -> NewVisit:
    """Put an appointment in with its first event; for the rules of booking and walking in.

    Raises:
        SlotTaken: the database itself refused an overlap.
    """
    given = {name: getattr(new, name) for name in _DECIDED}
    try:
        ((new_id,),) = tx.rows(_INSERT, given | tx.stamps())
    except DBAPIError as error:
        raise_overlap(error)
        raise
    made = replace(new, id=new_id)
    note_event(tx, made, kind, None, reason)
    return made


def raise_overlap(error: DBAPIError) -> None:
    """Turn the database's refusal of an overlap into ours; do nothing for any other error."""
    if guards.OVERLAP in str(error.orig):
        raise SlotTaken("That slot has just been taken. Choose another.", nearest=[]) from error
