"""Departments of the hospital."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from store.changes import Topic
from store.errors import InUse, NotFound
from store.permissions import Action, require
from store.references import name_key, plausible_id
from store.tables import (
    Account,
    Appointment,
    Department,
    Doctor,
    MedicalRecord,
    WaitlistEntry,
    table_of,
)
from store.text import clean_line, clean_name, clean_note, search_key
from store.transaction import Transaction
from store.uniqueness import refusing_duplicates
from store.values import DepartmentView, Page

_DEPARTMENT, _DOCTOR, _ACCOUNT = table_of(Department), table_of(Doctor), table_of(Account)
_TAKEN = {
    "name_key": "There is a department of that name already.",
    "external_id": "Another department has that external id.",
}


def list_departments(
    tx: Transaction, *, active: bool | None = True, limit: int | None = None, offset: int = 0
) -> Page[DepartmentView]:
    """Departments by name; `active=None` lists the deactivated ones too."""
    require(tx, Action.DEPARTMENT_READ)
    conditions = [] if active is None else [_DEPARTMENT.c.is_active == active]
    total = tx.session.execute(select(func.count()).select_from(_DEPARTMENT).where(*conditions))
    query = (
        department_query(*conditions).order_by(_DEPARTMENT.c.name_key).limit(limit).offset(offset)
    )
    items = tuple(DepartmentView(*row) for row in tx.session.execute(query))
    return Page(items, total.scalar_one(), offset)


def get(tx: Transaction, ref: int | str) -> DepartmentView:
    """A department by its id, or by its name without regard to case.

    Raises:
        NotFound: there is none.
    """
    require(tx, Action.DEPARTMENT_READ)
    if isinstance(ref, int):
        wanted = _DEPARTMENT.c.id == plausible_id(ref)
    else:
        wanted = _DEPARTMENT.c.name_key == name_key(ref)
    row = tx.session.execute(department_query(wanted)).first()
    if row is None:
        raise NotFound("There is no such department.", entity="department", id=ref)
    return DepartmentView(*row)


def create(
    tx: Transaction, *, name: str, description: str = "", external_id: str | None = None
) -> DepartmentView:
    """Make a department.

    Raises:
        Invalid: a field that cannot be accepted.
        Duplicate: the name, without regard to case, or the external id is taken.
    """
    require(tx, Action.DEPARTMENT_CHANGE)
    name = clean_name(name)
    row = Department(
        name=name,
        name_key=search_key(name),
        description=clean_note(description, "description", most=2000),
        external_id=clean_line(external_id, "external_id", most=120) or None,
        **tx.stamps(),
    )
    with refusing_duplicates(tx, _TAKEN):
        tx.add(row)
    return _told(tx, row, "department.create")


def update(
    tx: Transaction,
    department_id: int,
    *,
    version: int | None = None,
    name: str | None = None,
    description: str | None = None,
) -> DepartmentView:
    """Change what is given.

    Raises:
        Invalid: a field that cannot be accepted.
        Duplicate: another department has the name.
        ChangedMeanwhile: `version` is not the department's.
    """
    require(tx, Action.DEPARTMENT_CHANGE)
    row = tx.fetch(Department, department_id, "department")
    tx.expect(row, version)
    with refusing_duplicates(tx, _TAKEN):
        if name is not None:
            row.name = clean_name(name)
            row.name_key = search_key(row.name)
        if description is not None:
            row.description = clean_note(description, "description", most=2000)
        tx.touch(row)
    return _told(tx, row, "department.update")


def deactivate(tx: Transaction, department_id: int) -> DepartmentView:
    """Take a department out of use; its history stays.

    Raises:
        InUse: active doctors belong to it; `details["doctors"]` names them.
    """
    require(tx, Action.DEPARTMENT_CHANGE)
    row = tx.fetch(Department, department_id, "department")
    _refuse_doctors(tx, row, _DOCTOR.c.is_active)
    row.is_active = False
    tx.touch(row)
    return _told(tx, row, "department.deactivate")


def activate(tx: Transaction, department_id: int) -> DepartmentView:
    """Bring a department back into use."""
    require(tx, Action.DEPARTMENT_CHANGE)
    row = tx.fetch(Department, department_id, "department")
    row.is_active = True
    tx.touch(row)
    return _told(tx, row, "department.activate")


def delete(tx: Transaction, department_id: int) -> None:
    """Delete a department that never came to anything.

    Raises:
        InUse: doctors belong to it (`details["doctors"]` names them), or appointments, records
            or the waiting list tell of it.
    """
    require(tx, Action.DEPARTMENT_CHANGE)
    row = tx.fetch(Department, department_id, "department")
    _refuse_doctors(tx, row)
    told_of = [
        select(table.c.id).where(table.c.department_id == row.id).exists()
        for table in (table_of(Appointment), table_of(MedicalRecord), table_of(WaitlistEntry))
    ]
    if tx.session.execute(select(or_(*told_of))).scalar():
        raise InUse(f"{row.name} has a history of appointments. Deactivate it instead.")
    tx.session.delete(row)
    tx.session.flush()
    tx.record("department.delete", "department", department_id, detail={"name": row.name})
    tx.changed(Topic.DEPARTMENT, entity_id=department_id)


def _refuse_doctors(tx: Transaction, row: Department, *conditions: ColumnElement[bool]) -> None:
    names = list(
        tx.session.execute(
            select(_ACCOUNT.c.name)
            .join(_DOCTOR, _DOCTOR.c.account_id == _ACCOUNT.c.id)
            .where(_DOCTOR.c.department_id == row.id, *conditions)
            .order_by(_ACCOUNT.c.name, _DOCTOR.c.id)
        ).scalars()
    )
    if not names:
        return
    count = "1 doctor belongs" if len(names) == 1 else f"{len(names)} doctors belong"
    shown = ", ".join(names[:3]) + (", …" if len(names) > 3 else "")
    raise InUse(
        f"{count} to {row.name} ({shown}). Move them to another department first.", doctors=names
    )


def _told(tx: Transaction, row: Department, action: str) -> DepartmentView:
    tx.session.flush()
    tx.record(action, "department", row.id, detail={"name": row.name})
    tx.changed(Topic.DEPARTMENT, entity_id=row.id)
    found = tx.session.execute(department_query(_DEPARTMENT.c.id == row.id)).one()
    return DepartmentView(*found)


def department_query(*conditions: ColumnElement[bool]) -> Select[Any]:
    """The columns of a DepartmentView, in its order."""
    doctors = (
        select(func.count())
        .where(_DOCTOR.c.department_id == _DEPARTMENT.c.id, _DOCTOR.c.is_active)
        .scalar_subquery()
    )
    return select(
        _DEPARTMENT.c.id,
        _DEPARTMENT.c.name,
        _DEPARTMENT.c.description,
        doctors,
        _DEPARTMENT.c.is_active,
        _DEPARTMENT.c.external_id,
        _DEPARTMENT.c.version,
    ).where(*conditions)
