"""Lists of visits: appointments, and the medical records written of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from store.appointment_views import VISIT, views
from store.list_words import Asked, ListWord, WordKind, choices_of
from store.listing import resolve
from store.listing.kinds import (
    SPAN,
    Conditions,
    ListColumn,
    ListKind,
    Narrowed,
    beside,
    moment,
    yes_no,
)
from store.permissions import Action
from store.record_rows import RECORD
from store.tables import Account, Department, Doctor, Patient, table_of
from store.transaction import Transaction
from store.values import AppointmentStatus, AppointmentView, RecordLine, RecordStatus

_PATIENT, _DOCTOR, _ACCOUNT = table_of(Patient), table_of(Doctor), table_of(Account)
_DEPARTMENT = table_of(Department)

_DOCTOR_WORD = ListWord("doctor", WordKind.NAME, "nair")
_DEPARTMENT_WORD = ListWord("department", WordKind.NAME, "cardio")
PATIENT_WORD = ListWord("patient", WordKind.NAME, "rao")
STATUS_WORD = ListWord(
    "status",
    WordKind.CHOICE,
    "booked",
    choices_of(
        AppointmentStatus,
        waiting=AppointmentStatus.CHECKED_IN.value,
        noshow=AppointmentStatus.NO_SHOW.value,
        done=AppointmentStatus.COMPLETED.value,
        moved=AppointmentStatus.RESCHEDULED.value,
        error=AppointmentStatus.IN_ERROR.value,
    ),
)


def _whose(tx: Transaction, asked: Asked) -> list[int] | None:
    """The patients of whom the filter speaks, by `patient:` or by words without a colon."""
    typed = [*asked.of("patient"), *([asked.text] if asked.words else [])]
    return resolve.patients(tx, typed, inactive=True)


def _narrow_appointments(tx: Transaction, asked: Asked) -> Narrowed:
    found, whose = Conditions(), _whose(tx, asked)
    named = whose is not None
    found.whose(VISIT.c.patient_id, whose)
    # An index has doctor and patient together, so that the doctor may lead as well.
    found.any_of(VISIT.c.doctor_id, resolve.doctors(tx, asked.of("doctor")))
    found.any_of(beside(VISIT.c.status, named), asked.of("status") or None)
    departments = resolve.departments(tx, asked.of("department"))
    found.any_of(beside(VISIT.c.department_id, named), departments)
    found.days(tx, VISIT.c.starts_at, asked)
    return found.done()


def _appointments(tx: Transaction, ids: Sequence[int]) -> Mapping[int, AppointmentView]:
    return {one.id: one for one in views(tx, VISIT.c.id.in_(ids))}


APPOINTMENTS: ListKind[AppointmentView] = ListKind(
    name="appointments",
    action=Action.APPOINTMENT_READ,
    source=VISIT,
    id=VISIT.c.id,
    columns=(
        ListColumn("when", "When", lambda one: moment(one.starts_at), order=VISIT.c.starts_at),
        ListColumn("patient", "Patient", lambda one: one.patient),
        ListColumn("status", "Status", lambda one: one.status.value),
        ListColumn("doctor", "Doctor", lambda one: one.doctor),
        ListColumn("mrn", "Number", lambda one: one.mrn),
        ListColumn("department", "Department", lambda one: one.department, shown=False),
        ListColumn("token", "Token", lambda one: one.token, shown=False),
        ListColumn("note", "Note", lambda one: one.note, shown=False),
        ListColumn("reason", "Reason", lambda one: one.reason, shown=False),
        ListColumn("phone", "Phone", lambda one: one.patient_phone, shown=False),
        ListColumn("walk-in", "Walk-in", lambda one: yes_no(one.walk_in), shown=False),
        ListColumn("over", "Over limit", lambda one: yes_no(one.overbooked), shown=False),
        ListColumn("id", "Entered", lambda one: one.id, shown=False, order=VISIT.c.id),
    ),
    order="-when",
    words=(_DOCTOR_WORD, STATUS_WORD, *SPAN, PATIENT_WORD, _DEPARTMENT_WORD),
    narrow=_narrow_appointments,
    views=_appointments,
)


def _narrow_records(tx: Transaction, asked: Asked) -> Narrowed:
    found = Conditions()
    found.all(RECORD.c.status == RecordStatus.SIGNED.value)
    whose, doctors = _whose(tx, asked), resolve.doctors(tx, asked.of("doctor"))
    named = whose is not None
    found.whose(RECORD.c.patient_id, whose)
    found.any_of(beside(RECORD.c.doctor_id, named), doctors)
    departments = resolve.departments(tx, asked.of("department"))
    found.any_of(beside(RECORD.c.department_id, named or doctors is not None), departments)
    found.days(tx, RECORD.c.visited_at, asked)
    return found.done()


_OF_THE_RECORD = (
    "id",
    "appointment_id",
    "patient_id",
    "doctor_id",
    "visited_at",
    "status",
    "signed_at",
)


def _records(tx: Transaction, ids: Sequence[int]) -> Mapping[int, RecordLine]:
    query = (
        select(
            *(RECORD.c[name] for name in _OF_THE_RECORD),
            _PATIENT.c.mrn,
            _PATIENT.c.name.label("patient"),
            _ACCOUNT.c.name.label("doctor"),
            _DEPARTMENT.c.name.label("department"),
        )
        .join(_PATIENT, _PATIENT.c.id == RECORD.c.patient_id)
        .join(_DOCTOR, _DOCTOR.c.id == RECORD.c.doctor_id)
        .join(_ACCOUNT, _ACCOUNT.c.id == _DOCTOR.c.account_id)
        .join(_DEPARTMENT, _DEPARTMENT.c.id == RECORD.c.department_id)
        .where(RECORD.c.id.in_(ids))
    )
    return {
        row.id: RecordLine(
            id=row.id,
            appointment_id=row.appointment_id,
            patient_id=row.patient_id,
            mrn=row.mrn,
            patient=row.patient,
            doctor_id=row.doctor_id,
            doctor=row.doctor,
            department=row.department,
            visited_at=tx.local(row.visited_at),
            status=RecordStatus(row.status),
            signed_at=tx.maybe_local(row.signed_at),
        )
        for row in tx.session.execute(query)
    }


RECORDS: ListKind[RecordLine] = ListKind(
    name="records",
    action=Action.RECORD_READ,
    source=RECORD,
    id=RECORD.c.id,
    columns=(
        ListColumn("visit", "Visit", lambda one: moment(one.visited_at), order=RECORD.c.visited_at),
        ListColumn("patient", "Patient", lambda one: one.patient),
        ListColumn("mrn", "Number", lambda one: one.mrn),
        ListColumn("doctor", "Doctor", lambda one: one.doctor),
        ListColumn("department", "Department", lambda one: one.department),
        ListColumn("signed", "Signed", lambda one: moment(one.signed_at), shown=False),
        ListColumn("id", "Entered", lambda one: one.id, shown=False, order=RECORD.c.id),
    ),
    order="-visit",
    words=(_DOCTOR_WORD, _DEPARTMENT_WORD, *SPAN, PATIENT_WORD),
    narrow=_narrow_records,
    views=_records,
    audited="record.list",
)
