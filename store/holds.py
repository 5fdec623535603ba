"""A slot kept for a short time while somebody's booking dialog is open.

A hold is a courtesy between people, not an appointment: it ends by itself after
`slot_hold_minutes`, and nothing it says outlasts that. What it means for each way of booking:

- A person's booking or moving, at a screen or with `chikitsa appointments book`, is refused while
  somebody else holds the time, and is told for how long. Free slots of others pass it over, and so
  do walk-ins, the waiting list and the moving of appointments that leave hits.
- An emergency is not held up: overbooking, with its permission and reason, books a held slot as
  what it is, a free one. Whoever held it is told at once.
- Undoing one's own step is not held up either: the time was the patient's a moment ago. Nor is an
  import, which brings what was agreed elsewhere, nor the system itself.
- The database's constraint knows no holds: it keeps appointments apart whatever is held.

A login session holds one slot at a time, and a patient one in all sessions together, so that nobody
can keep a doctor's day. Holding what one holds already does not make it last longer: a dialog that
nobody uses keeps nothing for ever. A hold is not written into the audit trail: it tells nothing of
any patient, and what becomes of it, the booking, is.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select

from store import booking_checks, hold_rows
from store.errors import NotSignedIn
from store.permissions import Action, require
from store.tables import LoginSession, SlotHold, table_of
from store.transaction import Transaction
from store.values import HoldView, Role

_HOLD, _SESSION = table_of(SlotHold).c, table_of(LoginSession).c


def take(tx: Transaction, doctor_id: int, starts_at: datetime) -> HoldView:
    """Hold the slot that begins at this moment, in place of what the actor held before.

    Raises:
        SlotTaken: an appointment has it, or somebody else holds it; with `details["nearest"]`.
        SlotUnavailable: past, outside hours, on leave or on a holiday.
        NotSignedIn: nobody's login session could hold it.
    """
    require(tx, Action.SLOT_HOLD, doctor_id=doctor_id)
    if tx.actor.session_id is None:
        raise NotSignedIn("Only somebody who is signed in can hold a slot.")
    tx.lock_doctor(doctor_id)
    standing = _standing(tx, doctor_id, starts_at)
    if standing is not None:
        return standing
    place = booking_checks.place_of_booking(tx, doctor_id, starts_at, None)
    booking_checks.require_free(tx, place)
    booking_checks.require_not_held(tx, place)
    hold_rows.drop(tx, _own(tx))
    # What has expired is cleared away here; what began then and blocks nobody is of a login session
    # that has ended.
    dead = (_HOLD.expires_at <= tx.now) | (_HOLD.starts_at == starts_at)
    hold_rows.drop(tx, _HOLD.doctor_id == doctor_id, dead)
    row = tx.add(
        SlotHold(
            doctor_id=doctor_id,
            starts_at=starts_at,
            ends_at=place.ends_at,
            session_id=tx.actor.session_id,
            terminal=tx.actor.terminal,
            expires_at=tx.now + timedelta(minutes=tx.rules.hospital.slot_hold_minutes),
        )
    )
    view = _view(tx, row)
    hold_rows.announce(tx, view.id, doctor_id, starts_at)
    return view


def release(tx: Transaction, hold_id: int) -> bool:
    """Give one's own hold back, and tell whether there was one still; that of somebody else is
    left alone."""
    require(tx, Action.SLOT_HOLD, doctor_id=tx.actor.doctor_id)
    return bool(hold_rows.drop(tx, _HOLD.id == hold_id, _own(tx)))


def _standing(tx: Transaction, doctor_id: int, starts_at: datetime) -> HoldView | None:
    """The actor's own hold on this very slot, while it lasts."""
    row = tx.session.scalars(
        select(SlotHold).where(
            _HOLD.doctor_id == doctor_id,
            _HOLD.starts_at == starts_at,
            _HOLD.session_id == tx.actor.session_id,
            _HOLD.expires_at > tx.now,
        )
    ).first()
    return _view(tx, row) if row is not None else None


def _own(tx: Transaction) -> ColumnElement[bool]:
    if tx.actor.role is not Role.PATIENT:
        return _HOLD.session_id == tx.actor.session_id
    sessions = select(_SESSION.id).where(_SESSION.account_id == tx.actor.account_id)
    return _HOLD.session_id.in_(sessions)


def _view(tx: Transaction, row: SlotHold) -> HoldView:
    assert row.id is not None
    return HoldView(
        row.id,
        row.doctor_id,
        tx.local(row.starts_at),
        tx.local(row.ends_at),
        tx.local(row.expires_at),
    )
