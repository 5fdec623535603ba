"""Doctors: their accounts, their departments, and what everyone may know of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, select

from store import consequences, counters
from store.account_rows import change_account, insert_account, set_active
from store.changes import Topic
from store.errors import InUse, Invalid, NotFound
from store.passwords import PasswordHash
from store.permissions import Action, require
from store.references import name_key, plausible_id
from store.tables import Account, Department, Doctor, table_of
from store.text import begins, clean_line, clean_note, search_key
from store.transaction import Transaction
from store.uniqueness import refusing_duplicates
from store.values import Affected, AppointmentView, DoctorView, HospitalCause, Page, Role

_DOCTOR, _ACCOUNT, _DEPARTMENT = table_of(Doctor), table_of(Account), table_of(Department)
_TAKEN = {"external_id": "Another doctor has that external id."}
_HIGHEST_FEE = 100_000_000
_HIGHEST_LIMIT = 50
_LONGEST_REGISTRATION = 80
_QUEUE = "doctor-queue"
TRANSFER = "doctor.transfer"
"""What the audit trail calls it that a doctor went to another department."""


def list_doctors(
    tx: Transaction,
    *,
    department_id: int | None = None,
    active: bool | None = True,
    text: str = "",
    limit: int | None = None,
    offset: int = 0,
) -> Page[DoctorView]:
    """Doctors by name; `text` keeps those of whose names and department it has the beginnings."""
    require(tx, Action.DOCTOR_READ)
    conditions: list[ColumnElement[bool]] = []
    if department_id is not None:
        conditions.append(_DOCTOR.c.department_id == plausible_id(department_id))
    if active is not None:
        conditions.append(_DOCTOR.c.is_active == active)
    found = [doctor_view(tx, row) for row in tx.session.execute(doctor_query(*conditions))]
    if text:
        found = [one for one in found if begins(text, one.name, one.username, one.department)]
    found.sort(key=lambda one: (search_key(one.name), one.id))
    end = None if limit is None else offset + limit
    return Page(tuple(found[offset:end]), len(found), offset)


def get(tx: Transaction, ref: int | str) -> DoctorView:
    """A doctor by id or user name.

    Raises:
        NotFound: there is none.
    """
    require(tx, Action.DOCTOR_READ)
    if isinstance(ref, int):
        wanted = _DOCTOR.c.id == plausible_id(ref)
    else:
        wanted = _ACCOUNT.c.username == name_key(ref)
    row = tx.session.execute(doctor_query(wanted)).first()
    if row is None:
        raise NotFound("There is no such doctor.", entity="doctor", id=ref)
    return doctor_view(tx, row)


def create(
    tx: Transaction,
    *,
    username: str,
    name: str,
    department_id: int,
    qualification: str = "",
    registration: str = "",
    email: str | None = None,
    phone: str | None = None,
    language: str = "",
    bio: str = "",
    fee: int | None = None,
    external_id: str | None = None,
    password: PasswordHash | None = None,
    temporary: bool = False,
) -> DoctorView:
    """Make a doctor and the account to sign in with.

    Args:
        registration: the medical council's number, which stands on prescriptions.
        language: that of mails to the doctor, by its code; nothing for the hospital's.
        fee: in the currency's hundredths.
        password: from `passwords.prepare`; without one the doctor cannot sign in yet.
        temporary: the password is to be changed at the first sign-in, before anything else.

    Raises:
        Invalid: a field that cannot be accepted.
        Duplicate: user name, e-mail address or external id is taken.
        NotFound: no such department.
        InUse: the department is deactivated.
    """
    require(tx, Action.DOCTOR_CREATE)
    _require_open(tx, department_id)
    account = insert_account(
        tx,
        username=username,
        name=name,
        role=Role.DOCTOR,
        email=email,
        phone=phone,
        language=language,
        password=password,
        temporary=temporary,
    )
    assert account.id is not None
    row = Doctor(
        account_id=account.id,
        department_id=department_id,
        qualification=clean_line(qualification, "qualification"),
        registration=_clean_registration(registration),
        bio=clean_note(bio, "bio", most=4000),
        fee=_clean_fee(fee),
        external_id=clean_line(external_id, "external_id", most=120) or None,
        queue_code=queue_code(counters.draw(tx, _QUEUE)),
        **tx.stamps(),
    )
    with refusing_duplicates(tx, _TAKEN):
        tx.add(row)
    return _told(tx, row, "doctor.create", username=account.username)


def update(
    tx: Transaction,
    doctor_id: int,
    *,
    version: int | None = None,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    language: str | None = None,
    department_id: int | None = None,
    qualification: str | None = None,
    registration: str | None = None,
    bio: str | None = None,
    fee: int | None = None,
    overbook_limit: int | None = None,
    external_id: str | None = None,
    affected: Affected | None = None,
) -> DoctorView:
    """Change what is given; an empty text clears. Doctors change their own, but for the
    department, the registration, the external id and how often a day they may be overbooked.

    Args:
        affected: what becomes of the appointments still to come where the doctor goes to another
            department. They are moved to others of the one in which they were booked.

    Raises:
        as `create`, and ChangedMeanwhile: `version` is not the doctor's.
        InUse: also where the department changes, appointments are to come and nothing was chosen;
            `details["appointments"]` lists them.
    """
    require(tx, Action.DOCTOR_CHANGE, doctor_id=doctor_id)
    managed = (department_id, registration, external_id, overbook_limit)
    if any(given is not None for given in managed):
        require(tx, Action.DOCTOR_CREATE)
    if department_id is not None:
        tx.lock_doctor(doctor_id)
    row = tx.fetch(Doctor, doctor_id, "doctor")
    tx.expect(row, version)
    given = {
        "qualification": qualification,
        "registration": registration,
        "bio": bio,
        "fee": fee,
        "overbook_limit": overbook_limit,
        "external_id": external_id,
    }
    wanted = {name: _CLEAN[name](one) for name, one in given.items() if one is not None}
    hit: list[AppointmentView] = []
    left = row.department_id
    if department_id is not None and department_id != left:
        _require_open(tx, department_id)
        hit = _still_to_come(tx, doctor_id)
        consequences.require_choice(hit, affected, "doctor")
        wanted["department_id"] = department_id
    account = tx.fetch(Account, row.account_id, "account")
    changed = change_account(tx, account, name=name, email=email, phone=phone, language=language)
    with refusing_duplicates(tx, _TAKEN):
        for field, value in wanted.items():
            setattr(row, field, value)
        tx.touch(row)
    view = _told(tx, row, "doctor.update", fields=[*changed, *wanted])
    if row.department_id != left:
        detail = {"from": left, "to": row.department_id, "affected": affected}
        tx.record(TRANSFER, "doctor", row.id, detail=detail)
        why = "the doctor works in another department"
        consequences.settle(tx, hit, affected, why, HospitalCause.DEPARTMENT)
    return view


def deactivate(tx: Transaction, doctor_id: int, affected: Affected | None = None) -> DoctorView:
    """Let a doctor take no appointments and sign in no more; the history stays.

    Args:
        affected: what becomes of the appointments still to come.

    Raises:
        InUse: there are some and nothing was chosen; `details["appointments"]` lists them.
    """
    require(tx, Action.DOCTOR_DEACTIVATE)
    tx.lock_doctor(doctor_id)
    row = tx.fetch(Doctor, doctor_id, "doctor")
    hit = _still_to_come(tx, doctor_id)
    consequences.require_choice(hit, affected, "doctor")
    row.is_active = False
    tx.touch(row)
    set_active(tx, tx.fetch(Account, row.account_id, "account"), False, "deactivated")
    view = _told(tx, row, "doctor.deactivate", affected=affected)
    consequences.settle(tx, hit, affected, "the doctor has left", HospitalCause.DOCTOR_LEFT)
    return view


def activate(tx: Transaction, doctor_id: int) -> DoctorView:
    """Bring a doctor back, who may sign in again.

    Raises:
        InUse: the department is deactivated.
    """
    require(tx, Action.DOCTOR_DEACTIVATE)
    row = tx.fetch(Doctor, doctor_id, "doctor")
    _require_open(tx, row.department_id)
    row.is_active = True
    tx.touch(row)
    set_active(tx, tx.fetch(Account, row.account_id, "account"), True, "")
    return _told(tx, row, "doctor.activate")


def queue_code(number: int) -> str:
    """The letters on the tokens of the number-th doctor's queue: A to Z, AA, AB and so on."""
    letters = ""
    while number > 0:
        number, index = divmod(number - 1, 26)
        letters = chr(ord("A") + index) + letters
    return letters


def _require_open(tx: Transaction, department_id: int) -> None:
    department = tx.fetch(Department, department_id, "department")
    if not department.is_active:
        raise InUse(f"The department {department.name} is deactivated. Activate it first.")


def _clean_fee(fee: int | None) -> int | None:
    if fee is not None and not 0 <= fee <= _HIGHEST_FEE:
        raise Invalid.field("fee", "The fee is in hundredths, from 0 to 100,000,000.")
    return fee


def _clean_registration(text: str) -> str:
    return clean_line(text, "registration", most=_LONGEST_REGISTRATION)


def _clean_limit(limit: int) -> int:
    if not 0 <= limit <= _HIGHEST_LIMIT:
        raise Invalid.field("overbook_limit", f"Overbook 0 to {_HIGHEST_LIMIT} times a day.")
    return limit


_CLEAN: Mapping[str, Callable[[Any], Any]] = {
    "qualification": lambda text: clean_line(text, "qualification"),
    "registration": _clean_registration,
    "bio": lambda text: clean_note(text, "bio", most=4000),
    "fee": _clean_fee,
    "overbook_limit": _clean_limit,
    "external_id": lambda text: clean_line(text, "external_id", most=120) or None,
}


def _still_to_come(tx: Transaction, doctor_id: int) -> list[AppointmentView]:
    horizon = datetime.max.replace(tzinfo=tx.now.tzinfo)
    return consequences.booked_between(tx, tx.now, horizon, doctor_id)


def _told(tx: Transaction, row: Doctor, action: str, **detail: Any) -> DoctorView:
    tx.session.flush()
    tx.record(action, "doctor", row.id, detail=detail)
    tx.changed(Topic.DOCTOR, doctor_id=row.id, entity_id=row.id)
    return doctor_view(tx, tx.session.execute(doctor_query(_DOCTOR.c.id == row.id)).one())


def doctor_query(*conditions: ColumnElement[bool]) -> Select[Any]:
    """All that a DoctorView needs, without table objects."""
    return (
        select(
            _DOCTOR,
            _ACCOUNT.c.username,
            _ACCOUNT.c.name,
            _ACCOUNT.c.email,
            _ACCOUNT.c.phone,
            _ACCOUNT.c.language,
            _DEPARTMENT.c.name.label("department"),
        )
        .join(_ACCOUNT, _ACCOUNT.c.id == _DOCTOR.c.account_id)
        .join(_DEPARTMENT, _DEPARTMENT.c.id == _DOCTOR.c.department_id)
        .where(*conditions)
    )


def doctor_view(tx: Transaction, row: Row[Any]) -> DoctorView:
    """A row of `doctor_query` as the actor may see it."""
    # How a doctor is reached and written to is for the staff; patients call the hospital.
    reachable = tx.actor.role is not Role.PATIENT
    return DoctorView(
        id=row.id,
        username=row.username,
        name=row.name,
        department_id=row.department_id,
        department=row.department,
        qualification=row.qualification,
        registration=row.registration,
        email=row.email if reachable else None,
        phone=row.phone if reachable else None,
        bio=row.bio,
        fee=row.fee,
        queue_code=row.queue_code,
        active=row.is_active,
        external_id=row.external_id,
        version=row.version,
        language=row.language if reachable else "",
    )
