"""A doctor's unavailability, and whom it hits."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, select

from store import consequences
from store.changes import Topic
from store.errors import Duplicate, Invalid, NotFound
from store.permissions import Action, Scope, require, scope_of
from store.tables import Account, Doctor, Leave, table_of
from store.text import clean_line
from store.transaction import Transaction
from store.values import Affected, AppointmentView, Consequence, HospitalCause, LeaveView

_LEAVE, _DOCTOR, _ACCOUNT = table_of(Leave), table_of(Doctor), table_of(Account)
_LONGEST = timedelta(days=366)


def list_leave(
    tx: Transaction,
    *,
    doctor_id: int | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> list[LeaveView]:
    """Leave that overlaps [start, end), of one doctor or of all; a doctor sees the own."""
    query = leave_query().where(_LEAVE.c.is_active).order_by(_LEAVE.c.starts_at, _LEAVE.c.id)
    if scope_of(tx, Action.LEAVE_READ) is not Scope.ANY:
        doctor_id = tx.actor.doctor_id if doctor_id is None else doctor_id
        require(tx, Action.LEAVE_READ, doctor_id=doctor_id)
    if doctor_id is not None:
        query = query.where(_LEAVE.c.doctor_id == doctor_id)
    if start is not None:
        query = query.where(_LEAVE.c.ends_at > start)
    if end is not None:
        query = query.where(_LEAVE.c.starts_at < end)
    return [leave_view(tx, row) for row in tx.session.execute(query)]


def affected(
    tx: Transaction, doctor_id: int, starts_at: datetime, ends_at: datetime
) -> list[AppointmentView]:
    """The appointments that leave at this time would hit."""
    require(tx, Action.LEAVE_CHANGE, doctor_id=doctor_id)
    _require_sound(starts_at, ends_at)
    return consequences.booked_between(tx, starts_at, ends_at, doctor_id)


def add(
    tx: Transaction,
    doctor_id: int,
    starts_at: datetime,
    ends_at: datetime,
    reason: str = "",
    affected: Affected | None = None,
) -> tuple[LeaveView, list[Consequence]]:
    """Put in leave, half-open, and do to the appointments under it what was chosen.

    Raises:
        Invalid: the times are not in order, or too long.
        Duplicate: the doctor has leave at just that time already.
        InUse: appointments are booked and nothing was chosen; `details` lists them.
    """
    require(tx, Action.LEAVE_CHANGE, doctor_id=doctor_id)
    _require_sound(starts_at, ends_at)
    reason = clean_line(reason, "reason")
    tx.lock_doctor(doctor_id)
    tx.fetch(Doctor, doctor_id, "doctor")
    _require_other(tx, doctor_id, starts_at, ends_at)
    hit = consequences.booked_between(tx, starts_at, ends_at, doctor_id)
    consequences.require_choice(hit, affected, "leave")
    row = tx.add(
        Leave(
            doctor_id=doctor_id,
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason,
            **tx.stamps(),
        )
    )
    _tell(tx, row, "leave.add", affected)
    done = consequences.settle(tx, hit, affected, reason or "doctor on leave", HospitalCause.LEAVE)
    return _find(tx, row), done


def update(
    tx: Transaction,
    leave_id: int,
    *,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    reason: str | None = None,
    affected: Affected | None = None,
    version: int | None = None,
) -> tuple[LeaveView, list[Consequence]]:
    """Change leave; appointments that only the new time hits are treated as in `add`.

    Raises:
        as `add`, and NotFound, ChangedMeanwhile.
    """
    row = _fetch(tx, leave_id)
    tx.expect(row, version)
    tx.lock_doctor(row.doctor_id)
    starts_at, ends_at = starts_at or row.starts_at, ends_at or row.ends_at
    _require_sound(starts_at, ends_at)
    _require_other(tx, row.doctor_id, starts_at, ends_at, but=row.id)
    known = {one.id for one in _under(tx, row)}
    for start, end in ((row.starts_at, min(starts_at, row.ends_at)), (ends_at, row.ends_at)):
        if max(start, row.starts_at) < end:
            tx.frees(max(start, row.starts_at), end, row.doctor_id, wide=True)
    row.starts_at, row.ends_at = starts_at, ends_at
    if reason is not None:
        row.reason = clean_line(reason, "reason")
    hit = [one for one in _under(tx, row) if one.id not in known]
    consequences.require_choice(hit, affected, "leave")
    tx.touch(row)
    tx.session.flush()
    _tell(tx, row, "leave.update", affected)
    done = consequences.settle(
        tx, hit, affected, row.reason or "doctor on leave", HospitalCause.LEAVE
    )
    return _find(tx, row), done


def delete(tx: Transaction, leave_id: int) -> LeaveView:
    """Take leave back; the time is free again, what was moved or cancelled stays so."""
    row = _fetch(tx, leave_id)
    row.is_active = False
    tx.touch(row)
    tx.session.flush()
    tx.frees(row.starts_at, row.ends_at, row.doctor_id, wide=True)
    _tell(tx, row, "leave.delete", None)
    return _find(tx, row)


def get(tx: Transaction, leave_id: int) -> LeaveView:
    """One leave, if it concerns the actor."""
    row = tx.fetch(Leave, leave_id, "leave")
    require(tx, Action.LEAVE_READ, doctor_id=row.doctor_id)
    return _find(tx, row)


def _under(tx: Transaction, row: Leave) -> list[AppointmentView]:
    return consequences.booked_between(tx, row.starts_at, row.ends_at, row.doctor_id)


def _fetch(tx: Transaction, leave_id: int) -> Leave:
    row = tx.fetch(Leave, leave_id, "leave")
    require(tx, Action.LEAVE_CHANGE, doctor_id=row.doctor_id)
    if not row.is_active:
        raise NotFound(f"The leave {leave_id} was deleted.", entity="leave", id=leave_id)
    return row


def _require_sound(starts_at: datetime, ends_at: datetime) -> None:
    if starts_at.tzinfo is None or ends_at.tzinfo is None:
        raise Invalid.field("starts_at", "Give the times with their time zone.")
    if ends_at <= starts_at:
        raise Invalid.field("ends_at", "Leave must end after it starts.")
    if ends_at - starts_at > _LONGEST:
        raise Invalid.field("ends_at", "Leave is at most a year long; put in several.")


def _require_other(
    tx: Transaction, doctor_id: int, starts_at: datetime, ends_at: datetime, but: int | None = None
) -> None:
    """Two that are alike would be taken back one by one; who enters one twice means one."""
    same = select(_LEAVE.c.id).where(
        _LEAVE.c.doctor_id == doctor_id,
        _LEAVE.c.starts_at == starts_at,
        _LEAVE.c.ends_at == ends_at,
        _LEAVE.c.is_active,
        _LEAVE.c.id != (but or 0),
    )
    if tx.session.execute(same).first() is not None:
        sentence = "There is leave of this doctor at just that time already; change that one."
        raise Duplicate(sentence, fields={"starts_at": sentence})


def _tell(tx: Transaction, row: Leave, action: str, affected: Affected | None) -> None:
    tx.record(
        action,
        "leave",
        row.id,
        reason=row.reason,
        detail={
            "doctor_id": row.doctor_id,
            "starts_at": row.starts_at.isoformat(),
            "ends_at": row.ends_at.isoformat(),
            "affected": affected.value if affected else None,
        },
    )
    tx.changed(Topic.LEAVE, doctor_id=row.doctor_id, entity_id=row.id)


def _find(tx: Transaction, row: Leave) -> LeaveView:
    return leave_view(tx, tx.session.execute(leave_query().where(_LEAVE.c.id == row.id)).one())


def leave_query() -> Select[Any]:
    """All that a LeaveView needs, without table objects."""
    return (
        select(
            _LEAVE.c.id,
            _LEAVE.c.doctor_id,
            _ACCOUNT.c.name,
            _LEAVE.c.starts_at,
            _LEAVE.c.ends_at,
            _LEAVE.c.reason,
            _LEAVE.c.version,
            _LEAVE.c.is_active,
        )
        .join(_DOCTOR, _DOCTOR.c.id == _LEAVE.c.doctor_id)
        .join(_ACCOUNT, _ACCOUNT.c.id == _DOCTOR.c.account_id)
    )


def leave_view(tx: Transaction, row: Row[Any]) -> LeaveView:
    """A row of `leave_query` as it leaves the store."""
    return LeaveView(
        id=row.id,
        doctor_id=row.doctor_id,
        doctor=row.name,
        starts_at=tx.local(row.starts_at),
        ends_at=tx.local(row.ends_at),
        reason=row.reason,
        version=row.version,
        active=row.is_active,
    )
