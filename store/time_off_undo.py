"""Taking back, as one step, a change that took the time from under booked appointments: leave, a
holiday, other hours, a doctor's leaving the hospital or the department.

The time is given back first; then each appointment that the step cancelled or moved stands again
where its time is still free, and the patient hears by mail, as `undo.undo` of it alone would have
it. Those that cannot are told. What the step was is read from the audit trail, in which all that
one unit of work did has one moment and one author.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from store import doctors, holidays, leave, schedule, undo
from store.errors import IllegalTransition, StoreError
from store.permissions import Action, require
from store.tables import AuditEntry, Doctor, Holiday, Leave, table_of
from store.transaction import Transaction
from store.values import Affected, AppointmentView, HoursSession, RefusedStep, Several, TimeStep

_ENTRY, _HOLIDAY = table_of(AuditEntry), table_of(Holiday)
_MOVES = ("appointment.cancel", "appointment.reschedule")


def take_back(tx: Transaction, step: TimeStep, thing_id: int) -> Several:
    """Undo the actor's own step of the last minutes: `thing_id` is the leave's or the holiday's id,
    else the doctor's. Holidays that were entered together go together.

    Raises:
        IllegalTransition: there is no such step, it is too long ago, or was changed since.
        Forbidden, NotFound: as what it takes back.
    """
    entry = _RULES[step](tx, thing_id)
    done: list[AppointmentView] = []
    refused: list[RefusedStep] = []
    for appointment_id in _hit(tx, entry.at):
        try:
            with tx.attempt():
                done.append(undo.undo(tx, appointment_id))
        except StoreError as refusal:
            refused.append(RefusedStep(appointment_id, refusal.message))
    detail = {"restored": len(done), "left": len(refused)}
    tx.record(f"{entry.action}.undo", entry.entity, thing_id, detail=detail)
    return Several(tuple(done), tuple(refused))


def _leave(tx: Transaction, leave_id: int) -> Row[Any]:
    row = tx.fetch(Leave, leave_id, "leave")
    require(tx, Action.LEAVE_CHANGE, doctor_id=row.doctor_id)
    entry = _entry(tx, TimeStep.LEAVE, leave_id)
    _require_as_left(row.is_active and row.updated_at == entry.at)
    leave.delete(tx, leave_id)
    return entry


def _holiday(tx: Transaction, holiday_id: int) -> Row[Any]:
    require(tx, Action.HOLIDAY_CHANGE)
    row = tx.fetch(Holiday, holiday_id, "holiday")
    entry = _entry(tx, TimeStep.HOLIDAY, holiday_id)
    tx.lock_every_doctor()
    together = (_HOLIDAY.c.created_at == row.created_at) & (_HOLIDAY.c.created_by == row.created_by)
    for one in tx.session.execute(select(_HOLIDAY.c.id).where(together)).scalars().all():
        holidays.delete(tx, one)
    return entry


def _hours(tx: Transaction, doctor_id: int) -> Row[Any]:
    require(tx, Action.HOURS_CHANGE, doctor_id=doctor_id)
    tx.lock_doctor(doctor_id)
    entry = _entry(tx, TimeStep.HOURS, doctor_id)
    detail = json.loads(entry.detail)
    standing = [one.session for one in schedule.hours_of(tx, doctor_id)]
    _require_as_left(set(standing) == set(_sessions(detail["after"])))
    schedule.replace_week(tx, doctor_id, list(_sessions(detail["before"])), Affected.KEEP)
    return entry


def _doctor(tx: Transaction, doctor_id: int) -> Row[Any]:
    require(tx, Action.DOCTOR_DEACTIVATE)
    tx.lock_doctor(doctor_id)
    row = tx.fetch(Doctor, doctor_id, "doctor")
    entry = _entry(tx, TimeStep.DOCTOR, doctor_id)
    _require_as_left(row.updated_at == entry.at)
    if entry.action == doctors.TRANSFER:
        detail = json.loads(entry.detail)
        _require_as_left(row.department_id == detail["to"])
        doctors.update(tx, doctor_id, department_id=detail["from"], affected=Affected.KEEP)
    else:
        _require_as_left(not row.is_active)
        doctors.activate(tx, doctor_id)
    return entry


_RULES: dict[TimeStep, Callable[[Transaction, int], Row[Any]]] = {
    TimeStep.LEAVE: _leave,
    TimeStep.HOLIDAY: _holiday,
    TimeStep.HOURS: _hours,
    TimeStep.DOCTOR: _doctor,
}
_CALLED: Mapping[TimeStep, tuple[str, ...]] = {TimeStep.DOCTOR: (TimeStep.DOCTOR, doctors.TRANSFER)}
"""What the audit trail calls a step, where it has other names than its own."""


def _entry(tx: Transaction, step: TimeStep, thing_id: int) -> Row[Any]:
    """What the audit trail tells of the actor's last such step."""
    minutes = tx.rules.hospital.undo_minutes
    actions = _CALLED.get(step, (step.value,))
    found = tx.session.execute(
        select(_ENTRY)
        .where(
            _ENTRY.c.at >= tx.now - timedelta(minutes=minutes),
            _ENTRY.c.action.in_([*actions, *(f"{one}.undo" for one in actions)]),
            _ENTRY.c.entity_id == str(thing_id),
            _ENTRY.c.actor_id.is_not_distinct_from(tx.actor.account_id),
        )
        .order_by(_ENTRY.c.id.desc())
        .limit(1)
    ).first()
    if found is None or found.action not in actions:
        raise IllegalTransition(
            f"There is no such step of yours in the last {minutes} minutes to take back."
        )
    return found


def _require_as_left(same: bool) -> None:
    if not same:
        raise IllegalTransition("This was changed since, so that the step cannot be taken back.")


def _hit(tx: Transaction, at: datetime) -> list[int]:
    """The appointments that the step of that moment cancelled or moved."""
    rows = tx.session.execute(
        select(_ENTRY.c.entity_id)
        .where(
            _ENTRY.c.at == at,
            _ENTRY.c.action.in_(_MOVES),
            _ENTRY.c.actor_id.is_not_distinct_from(tx.actor.account_id),
        )
        .order_by(_ENTRY.c.id)
    )
    return [int(one) for one in rows.scalars()]


def _sessions(told: list[list[Any]]) -> Iterator[HoursSession]:
    for *numbers, first, last in told:
        days = (date.fromisoformat(day) if day else None for day in (first, last))
        yield HoursSession(*numbers, *days)
