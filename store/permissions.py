"""Who may do what, to whose row: one table of data, decided inside the transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, exists, or_, select

from store.errors import Forbidden, NotSignedIn
from store.sign_in_check import require_no_duty
from store.tables import Appointment, MedicalRecord, table_of
from store.values import HOLDS_SLOT, Actor, AppointmentStatus, Role

if TYPE_CHECKING:
    from store.transaction import Transaction


class Scope(StrEnum):
    """How far a permission reaches.

    `OWN` is the row of that patient, doctor or account itself; `SEEN` adds, for a doctor, the
    patients who have or had an appointment with that doctor. `TREATED` is, for a doctor, the own
    time for patients with whom a consultation of that doctor took place or takes place.
    """

    ANY = "any"
    OWN = "own"
    SEEN = "seen"
    TREATED = "treated"


class Action(StrEnum):
    """Everything that is asked of the store, as `subject.verb`."""

    PROFILE_READ = "profile.read"
    PROFILE_CHANGE = "profile.change"
    PASSWORD_CHANGE = "password.change"  # noqa: S105 - no secret, a name
    SECOND_FACTOR = "second-factor.change"
    SESSION_LIST = "session.list"
    SESSION_END = "session.end"
    PATIENT_SELF_REGISTER = "patient.self-register"
    STATISTICS_READ = "statistics.read"
    DEPARTMENT_READ = "department.read"
    DEPARTMENT_CHANGE = "department.change"
    DOCTOR_READ = "doctor.read"
    DOCTOR_CREATE = "doctor.create"
    DOCTOR_CHANGE = "doctor.change"
    DOCTOR_DEACTIVATE = "doctor.deactivate"
    HOURS_READ = "hours.read"
    HOURS_CHANGE = "hours.change"
    LEAVE_READ = "leave.read"
    LEAVE_CHANGE = "leave.change"
    HOLIDAY_READ = "holiday.read"
    HOLIDAY_CHANGE = "holiday.change"
    PATIENT_SEARCH = "patient.search"
    PATIENT_READ = "patient.read"
    PATIENT_CREATE = "patient.create"
    PATIENT_CHANGE = "patient.change"
    PATIENT_DEACTIVATE = "patient.deactivate"
    PATIENT_MERGE = "patient.merge"
    ALLERGY_READ = "allergy.read"
    ALLERGY_CHANGE = "allergy.change"
    SLOT_READ = "slot.read"
    SLOT_HOLD = "slot.hold"
    APPOINTMENT_READ = "appointment.read"
    APPOINTMENT_BOOK = "appointment.book"
    APPOINTMENT_OVERBOOK = "appointment.overbook"
    APPOINTMENT_RESCHEDULE = "appointment.reschedule"
    APPOINTMENT_CANCEL = "appointment.cancel"
    APPOINTMENT_NOTE = "appointment.note"
    APPOINTMENT_CHECK_IN = "appointment.check-in"
    APPOINTMENT_WALK_IN = "appointment.walk-in"
    APPOINTMENT_START = "appointment.start"
    APPOINTMENT_COMPLETE = "appointment.complete"
    APPOINTMENT_NO_SHOW = "appointment.no-show"
    APPOINTMENT_LEFT = "appointment.left"
    APPOINTMENT_UNDO = "appointment.undo"
    APPOINTMENT_IN_ERROR = "appointment.in-error"
    QUEUE_READ = "queue.read"
    SLIP_PRINT = "slip.print"
    DAY_LIST_PRINT = "day-list.print"
    WAITLIST_READ = "waitlist.read"
    WAITLIST_CHANGE = "waitlist.change"
    WAITLIST_OFFER = "waitlist.offer"
    RECORD_READ = "record.read"
    RECORD_WRITE = "record.write"
    RECORD_SIGN = "record.sign"
    RECORD_AMEND = "record.amend"
    RECORD_EXPORT = "record.export"
    RECORD_PAPER = "record.paper"
    FORMULARY_READ = "formulary.read"
    FORMULARY_CHANGE = "formulary.change"
    ACCOUNT_READ = "account.read"
    ACCOUNT_CREATE = "account.create"
    ACCOUNT_CHANGE = "account.change"
    AUDIT_READ = "audit.read"
    MAIL_READ = "mail.read"
    MAIL_CHANGE = "mail.change"
    MAIL_DELIVER = "mail.deliver"
    JOB_RUN = "job.run"
    DATA_IMPORT = "data.import"
    DATA_EXPORT = "data.export"
    BACKUP = "backup"


_A, _R, _D, _P = Role.ADMIN, Role.RECEPTION, Role.DOCTOR, Role.PATIENT
_ANY, _OWN, _SEEN, _TREATED = Scope.ANY, Scope.OWN, Scope.SEEN, Scope.TREATED
_EVERYONE = {_A: _ANY, _R: _ANY, _D: _ANY, _P: _ANY}
_OWN_ACCOUNT = {_A: _ANY, _R: _OWN, _D: _OWN, _P: _OWN}
_NOBODY_ELSES = {_A: _OWN, _R: _OWN, _D: _OWN, _P: _OWN}
_STAFF = {_A: _ANY, _R: _ANY, _D: _OWN}
_ADMIN_AND_OWN_DOCTOR = {_A: _ANY, _D: _OWN}
_DESK = {_A: _ANY, _R: _ANY}
_ADMIN = {_A: _ANY}

PERMISSIONS: Mapping[Action, Mapping[Role, Scope]] = {
    Action.PROFILE_READ: _OWN_ACCOUNT,
    Action.PROFILE_CHANGE: _OWN_ACCOUNT,
    Action.PASSWORD_CHANGE: _NOBODY_ELSES,
    Action.SECOND_FACTOR: _NOBODY_ELSES,
    Action.SESSION_LIST: _OWN_ACCOUNT,
    Action.SESSION_END: _OWN_ACCOUNT,
    Action.PATIENT_SELF_REGISTER: {Role.NOBODY: _ANY},
    Action.STATISTICS_READ: {_A: _ANY, _D: _OWN},
    Action.DEPARTMENT_READ: _EVERYONE,
    Action.DEPARTMENT_CHANGE: _ADMIN,
    Action.DOCTOR_READ: _EVERYONE,
    Action.DOCTOR_CREATE: _ADMIN,
    Action.DOCTOR_CHANGE: {_A: _ANY, _D: _OWN},
    Action.DOCTOR_DEACTIVATE: _ADMIN,
    Action.HOURS_READ: _ADMIN_AND_OWN_DOCTOR,
    Action.HOURS_CHANGE: _ADMIN,
    Action.LEAVE_READ: _ADMIN_AND_OWN_DOCTOR,
    Action.LEAVE_CHANGE: _ADMIN_AND_OWN_DOCTOR,
    Action.HOLIDAY_READ: _EVERYONE,
    Action.HOLIDAY_CHANGE: _ADMIN,
    Action.PATIENT_SEARCH: {_A: _ANY, _R: _ANY, _D: _SEEN},
    Action.PATIENT_READ: {_A: _ANY, _R: _ANY, _D: _SEEN, _P: _OWN},
    Action.PATIENT_CREATE: _DESK,
    Action.PATIENT_CHANGE: {_A: _ANY, _R: _ANY, _P: _OWN},
    Action.PATIENT_DEACTIVATE: _DESK,
    Action.PATIENT_MERGE: _DESK,
    Action.ALLERGY_READ: {_A: _ANY, _D: _SEEN, _P: _OWN},
    Action.ALLERGY_CHANGE: {_A: _ANY, _R: _ANY, _D: _SEEN},
    Action.SLOT_READ: _EVERYONE,
    # Who may book or move may keep a slot for as long as the dialog is open.
    Action.SLOT_HOLD: {_A: _ANY, _R: _ANY, _D: _OWN, _P: _ANY},
    Action.APPOINTMENT_READ: {_A: _ANY, _R: _ANY, _D: _OWN, _P: _OWN},
    # Whom a doctor has booked, the doctor may read; so others bring doctors their patients, and
    # doctors book those alone whom they have seen: a follow-up.
    Action.APPOINTMENT_BOOK: {_A: _ANY, _R: _ANY, _D: _TREATED, _P: _OWN},
    Action.APPOINTMENT_OVERBOOK: {_A: _ANY, _R: _ANY},
    Action.APPOINTMENT_RESCHEDULE: {_A: _ANY, _R: _ANY, _D: _OWN, _P: _OWN},
    Action.APPOINTMENT_CANCEL: {_A: _ANY, _R: _ANY, _D: _OWN, _P: _OWN},
    Action.APPOINTMENT_NOTE: {_A: _ANY, _R: _ANY, _P: _OWN},
    Action.APPOINTMENT_CHECK_IN: _DESK,
    Action.APPOINTMENT_WALK_IN: _DESK,
    Action.APPOINTMENT_START: {_A: _ANY, _D: _OWN},
    Action.APPOINTMENT_COMPLETE: {_A: _ANY, _D: _OWN},
    Action.APPOINTMENT_NO_SHOW: _STAFF,
    Action.APPOINTMENT_LEFT: _DESK,
    Action.APPOINTMENT_UNDO: _STAFF,
    Action.APPOINTMENT_IN_ERROR: _ADMIN,
    Action.QUEUE_READ: _STAFF,
    Action.SLIP_PRINT: _DESK,
    Action.DAY_LIST_PRINT: _STAFF,
    Action.WAITLIST_READ: {_A: _ANY, _R: _ANY, _P: _OWN},
    Action.WAITLIST_CHANGE: {_A: _ANY, _R: _ANY, _P: _OWN},
    Action.WAITLIST_OFFER: _DESK,
    Action.RECORD_READ: {_A: _ANY, _D: _SEEN, _P: _OWN},
    Action.RECORD_WRITE: {_D: _OWN},
    Action.RECORD_SIGN: {_D: _OWN},
    Action.RECORD_AMEND: {_D: _OWN},
    Action.RECORD_EXPORT: {_A: _ANY, _P: _OWN},
    Action.RECORD_PAPER: _ADMIN_AND_OWN_DOCTOR,
    Action.FORMULARY_READ: {_A: _ANY, _D: _ANY},
    Action.FORMULARY_CHANGE: _ADMIN,
    Action.ACCOUNT_READ: _ADMIN,
    Action.ACCOUNT_CREATE: _ADMIN,
    Action.ACCOUNT_CHANGE: _ADMIN,
    Action.AUDIT_READ: _ADMIN,
    Action.MAIL_READ: _ADMIN,
    Action.MAIL_CHANGE: _ADMIN,
    Action.MAIL_DELIVER: _ADMIN,
    Action.JOB_RUN: _ADMIN,
    Action.DATA_IMPORT: _ADMIN,
    Action.DATA_EXPORT: _ADMIN,
    Action.BACKUP: _ADMIN,
}
"""Role by role, how far each action reaches; a role that is not named is refused. The system
itself may do everything: it acts for the rules, never for a person."""


_WHY = {
    (Action.APPOINTMENT_BOOK, Role.DOCTOR): "Doctors book patients whom they have seen, into their"
    " own time. The reception desk books all others.",
}
"""Refusals that can say more than whom they refuse."""

_TOOK_PLACE = frozenset({AppointmentStatus.IN_CONSULTATION, AppointmentStatus.COMPLETED})
"""The statuses of an appointment in which the doctor has met the patient."""

BEFORE_DUTIES = frozenset({Action.PROFILE_READ, Action.PASSWORD_CHANGE, Action.SECOND_FACTOR})
"""What an account may do that has to change its password or to set up a second factor first."""


def allowed(actor: Actor, action: Action) -> bool:
    """Whether the role may do this to any row at all; for choosing what to show."""
    return actor.role is Role.SYSTEM or actor.role in PERMISSIONS[action]


def scope_of(tx: Transaction, action: Action) -> Scope:
    """How far the actor's permission reaches, for narrowing a list to the actor's rows.

    Raises:
        Forbidden: the role may not do this at all, or (DutyFirst) not yet.
    """
    if tx.actor.role is Role.SYSTEM:
        return Scope.ANY
    if action not in BEFORE_DUTIES:
        require_no_duty(tx, action)
    scope = PERMISSIONS[action].get(tx.actor.role)
    if scope is None:
        raise _refusal(tx.actor, action)
    return scope


def require(
    tx: Transaction,
    action: Action,
    *,
    patient_id: int | None = None,
    doctor_id: int | None = None,
    account_id: int | None = None,
) -> None:
    """Refuse unless the actor may do this to the row that the ids describe.

    Give every id the row has: a patient owns a row by `patient_id`, a doctor by `doctor_id`,
    anybody by `account_id`.

    Raises:
        NotSignedIn: a visitor asked for what needs an account.
        Forbidden: the role may not, or not to this row.
    """
    scope = scope_of(tx, action)
    if scope is Scope.ANY:
        return
    may = _owns(tx.actor, patient_id, doctor_id, account_id)
    if scope is Scope.SEEN:
        may = may or (patient_id is not None and _has_seen(tx, patient_id))
    elif scope is Scope.TREATED:
        may = may and patient_id is not None and _has_treated(tx, patient_id)
    if not may:
        raise _refusal(tx.actor, action)


def _owns(
    actor: Actor, patient_id: int | None, doctor_id: int | None, account_id: int | None
) -> bool:
    if account_id is not None and account_id == actor.account_id:
        return True
    if actor.role is Role.DOCTOR:
        return doctor_id is not None and doctor_id == actor.doctor_id
    if actor.role is Role.PATIENT:
        return patient_id is not None and patient_id == actor.patient_id
    return False


def _has_seen(tx: Transaction, patient_id: int) -> bool:
    """Whether the doctor has, or had, anything to do with the patient."""
    records = table_of(MedicalRecord).c
    wrote = (records.patient_id == patient_id) & (records.doctor_id == tx.actor.doctor_id)
    return _has_met(tx, patient_id, HOLDS_SLOT, or_else=exists().where(wrote))


def _has_treated(tx: Transaction, patient_id: int) -> bool:
    """Whether a consultation of the doctor with the patient took place or takes place."""
    return _has_met(tx, patient_id, _TOOK_PLACE)


def _has_met(
    tx: Transaction,
    patient_id: int,
    statuses: Collection[AppointmentStatus],
    *,
    or_else: ColumnElement[bool] | None = None,
) -> bool:
    """Whether an appointment of the doctor with the patient stands so."""
    if tx.actor.doctor_id is None:
        return False
    visits = table_of(Appointment).c
    met = exists().where(
        visits.patient_id == patient_id,
        visits.doctor_id == tx.actor.doctor_id,
        visits.status.in_([status.value for status in statuses]),
    )
    return bool(tx.session.execute(select(met if or_else is None else or_(met, or_else))).scalar())


def _refusal(actor: Actor, action: Action) -> Forbidden | NotSignedIn:
    if actor.role is Role.NOBODY:
        return NotSignedIn("Nobody is signed in here. Sign in first: chikitsa login NAME")
    generally = f"As {actor.role} you may not do this ({action}). Ask somebody who may."
    return Forbidden(_WHY.get((action, actor.role), generally), action=action)
