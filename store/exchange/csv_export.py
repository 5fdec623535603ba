"""Writing what `import` takes back: the same kinds, the same columns.

Everything is written, what is deactivated too, but no patient that was merged into another one.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from typing import Any, TextIO

from sqlalchemy import Select, select

from store import formulary
from store.datewords import WEEKDAYS
from store.errors import Invalid
from store.exchange.cells import safe
from store.exchange.directory import Departments, Doctors, Holidays, Hours
from store.front_door import Store
from store.permissions import Action, require
from store.tables import (
    Account,
    Appointment,
    Department,
    Doctor,
    Drug,
    Holiday,
    Patient,
    WorkingHours,
    table_of,
)
from store.transaction import Transaction
from store.values import Actor, BirthPrecision

_DEPARTMENT, _DOCTOR, _ACCOUNT = table_of(Department), table_of(Doctor), table_of(Account)
_HOURS, _PATIENT, _VISIT = table_of(WorkingHours), table_of(Patient), table_of(Appointment)
_HOLIDAY, _DRUG = table_of(Holiday), table_of(Drug)
_AT_ONCE = 500

Cells = Generator[Sequence[Any], None, None]


def export(store: Store, actor: Actor, kind: str, stream: TextIO) -> int:
    """Write all things of a kind as CSV, and return how many there were.

    Args:
        kind: one of `KINDS`.
        stream: text, opened with `newline=""`.

    Raises:
        Forbidden: only administrators export.
        Invalid: there is no such kind.
    """
    if kind not in KINDS:
        raise Invalid.field("kind", f"There is no kind “{kind[:40]}”; choose {', '.join(KINDS)}.")
    heading, cells = KINDS[kind]
    writer = csv.writer(stream)
    with store.reading(actor) as tx:
        require(tx, Action.DATA_EXPORT)
        writer.writerow(heading)
        count = 0
        try:
            with closing(cells(tx)) as rows:
                for row in rows:
                    writer.writerow([safe(value) for value in row])
                    count += 1
        finally:
            # Whoever closes the pipe half way has had half of the rows.
            tx.record("data.export", kind, "all", detail={"rows": count})
    return count


def _departments(tx: Transaction) -> Cells:
    return _rows(
        tx,
        select(_DEPARTMENT.c.external_id, _DEPARTMENT.c.name, _DEPARTMENT.c.description).order_by(
            _DEPARTMENT.c.id
        ),
    )


def _doctors(tx: Transaction) -> Cells:
    return _rows(
        tx,
        select(
            _DOCTOR.c.external_id,
            _ACCOUNT.c.username,
            _ACCOUNT.c.name,
            _DEPARTMENT.c.name.label("department"),
            _DOCTOR.c.qualification,
            _DOCTOR.c.registration,
            _ACCOUNT.c.email,
            _ACCOUNT.c.phone,
            _ACCOUNT.c.language,
        )
        .join(_ACCOUNT, _ACCOUNT.c.id == _DOCTOR.c.account_id)
        .join(_DEPARTMENT, _DEPARTMENT.c.id == _DOCTOR.c.department_id)
        .order_by(_DOCTOR.c.id),
    )


def _hours(tx: Transaction) -> Cells:
    query = (
        select(
            _ACCOUNT.c.username,
            _HOURS.c.weekday,
            _HOURS.c.start_minute,
            _HOURS.c.end_minute,
            _HOURS.c.slot_minutes,
            _HOURS.c.valid_from,
            _HOURS.c.valid_to,
        )
        .join(_DOCTOR, _DOCTOR.c.id == _HOURS.c.doctor_id)
        .join(_ACCOUNT, _ACCOUNT.c.id == _DOCTOR.c.account_id)
        .order_by(_HOURS.c.doctor_id, _HOURS.c.weekday, _HOURS.c.start_minute)
    )
    for doctor, weekday, start, end, *rest in _rows(tx, query):
        yield doctor, WEEKDAYS[weekday], _clock(start), _clock(end), *rest


def _patients(tx: Transaction) -> Cells:
    query = (
        select(
            _PATIENT.c.external_id,
            _PATIENT.c.mrn,
            _PATIENT.c.name,
            _PATIENT.c.birth_date,
            _PATIENT.c.birth_precision,
            _PATIENT.c.sex,
            _PATIENT.c.phone,
            _PATIENT.c.email,
            _PATIENT.c.address,
            _PATIENT.c.language,
        )
        .where(_PATIENT.c.merged_into_id.is_(None))
        .order_by(_PATIENT.c.id)
    )
    for external, mrn, name, birth, precision, *rest in _rows(tx, query):
        # An age is an age of some day; the year that it meant does not grow old.
        known = birth if birth is None or precision == BirthPrecision.DAY else birth.year
        yield external, mrn, name, known, *rest


def _appointments(tx: Transaction) -> Cells:
    query = (
        select(
            _VISIT.c.external_id,
            _PATIENT.c.mrn,
            _ACCOUNT.c.username,
            _VISIT.c.starts_at,
            _VISIT.c.ends_at,
            _VISIT.c.status,
            _VISIT.c.note,
        )
        .join(_PATIENT, _PATIENT.c.id == _VISIT.c.patient_id)
        .join(_DOCTOR, _DOCTOR.c.id == _VISIT.c.doctor_id)
        .join(_ACCOUNT, _ACCOUNT.c.id == _DOCTOR.c.account_id)
        .order_by(_VISIT.c.starts_at, _VISIT.c.id)
    )
    for external, mrn, doctor, starts_at, ends_at, *rest in _rows(tx, query):
        start, end = tx.local(starts_at).isoformat(), tx.local(ends_at).isoformat()
        yield external, mrn, doctor, start, end, *rest


def _holidays(tx: Transaction) -> Cells:
    return _rows(tx, select(_HOLIDAY.c.day, _HOLIDAY.c.name).order_by(_HOLIDAY.c.day))


def _formulary(tx: Transaction) -> Cells:
    with tx.session.execute(select(_DRUG).order_by(_DRUG.c.name_key)) as result:
        for row in result:
            yield formulary.cells(row)


def _rows(tx: Transaction, query: Select[Any]) -> Cells:
    """A query's rows, so many at a time that memory does not grow with the table."""
    with tx.session.execute(query.execution_options(yield_per=_AT_ONCE)) as result:
        for row in result:
            yield tuple(row)


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


KINDS: Mapping[str, tuple[Sequence[str], Callable[[Transaction], Cells]]] = {
    "departments": (Departments.columns.allowed, _departments),
    "doctors": (Doctors.columns.allowed, _doctors),
    "hours": (Hours.columns.allowed, _hours),
    "patients": (
        (
            "external_id",
            "mrn",
            "name",
            "birth_date",
            "sex",
            "phone",
            "email",
            "address",
            "language",
        ),
        _patients,
    ),
    "appointments": (
        ("external_id", "patient", "doctor", "starts_at", "ends_at", "status", "note"),
        _appointments,
    ),
    "holidays": (Holidays.columns.allowed, _holidays),
    "formulary": (formulary.COLUMNS, _formulary),
}
"""What can be exported: the columns of each kind, and where they come from."""
