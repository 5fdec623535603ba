"""Accounts as rows: what accounts, doctors, patients and signing in have in common.

Nothing here asks for a permission: the rules that call it do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, Select, delete, func, select, update
from sqlalchemy.exc import IntegrityError

from store import hold_rows
from store.changes import Topic
from store.errors import Invalid
from store.passwords import PasswordHash
from store.tables import (
    Account,
    AuditEntry,
    Doctor,
    LoginSession,
    Patient,
    Preference,
    RecoveryCode,
    table_of,
)
from store.text import clean_email, clean_language, clean_name, clean_phone, search_key
from store.transaction import Transaction
from store.uniqueness import refusing_duplicates
from store.values import AccountView, Role

_ACCOUNT, _DOCTOR, _PATIENT = table_of(Account), table_of(Doctor), table_of(Patient)
_SESSION, _AUDIT = table_of(LoginSession), table_of(AuditEntry)
_USERNAME = re.compile(r"[a-z0-9._-]{2,64}")

MAIL_LANGUAGE = func.coalesce(_PATIENT.c.language, _ACCOUNT.c.language).label("language")
"""The language of mails to an account, beside its patient where it has one; empty where that is the
hospital's."""

TAKEN = {
    "username": "That user name is taken. Choose another.",
    "email": "Another account has that e-mail address.",
}
"""What is said of a second account of the same name or address."""


def clean_username(value: object, field: str = "username") -> str:
    """A user name in the form it is kept and compared in: 2 to 64 of `a-z 0-9 . _ -`.

    Digits alone are refused, because a number names a thing by its id.

    Raises:
        Invalid: anything else.
    """
    text = search_key(str(value or ""))
    if not _USERNAME.fullmatch(text) or text.isdigit():
        raise Invalid.field(
            field, "A user name has 2 to 64 letters a-z, digits, dots, dashes; not digits alone."
        )
    return text


def insert_account(
    tx: Transaction,
    *,
    username: str,
    name: str,
    role: Role,
    email: str | None = None,
    phone: str | None = None,
    language: str = "",
    password: PasswordHash | None = None,
    temporary: bool = False,
) -> Account:
    """Make an account; without a password nobody can sign in to it yet. A `temporary` one, which
    somebody else knows, is changed at the first sign-in (OWASP ASVS 5.0 §6.4.1).

    Raises:
        Invalid: a field that cannot be accepted.
        Duplicate: the user name or the e-mail address is taken.
    """
    row = Account(
        username=clean_username(username),
        name=clean_name(name),
        role=role.value,
        email=clean_email(email),
        phone=clean_phone(phone, region=tx.rules.hospital.region),
        language=clean_language(language),
        password_hash=password,
        must_change_password=temporary and password is not None,
        **tx.stamps(),
    )
    with refusing_duplicates(tx, TAKEN):
        tx.add(row)
    tx.changed(Topic.ACCOUNT, entity_id=row.id)
    return row


def change_account(
    tx: Transaction,
    account: Account,
    *,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    language: str | None = None,
) -> list[str]:
    """Change what is given (an empty text clears) and return the names of changed fields.

    Raises:
        Invalid: a field that cannot be accepted.
        Duplicate: another account has the e-mail address.
    """
    wanted: dict[str, str | None] = {}
    if name is not None:
        wanted["name"] = clean_name(name)
    if email is not None:
        wanted["email"] = clean_email(email)
    if phone is not None:
        wanted["phone"] = clean_phone(phone, region=tx.rules.hospital.region)
    if language is not None:
        wanted["language"] = clean_language(language)
    differing = [field for field, value in wanted.items() if getattr(account, field) != value]
    if differing:
        with refusing_duplicates(tx, TAKEN):
            for field in differing:
                setattr(account, field, wanted[field])
            tx.touch(account)
        tx.changed(Topic.ACCOUNT, entity_id=account.id)
    return differing


def free_email(tx: Transaction, email: object, *, of: int | None = None) -> str | None:
    """The e-mail address to sign in by, where no other account than `of` has it. Families share
    one: the second of them signs in by the user name, and nobody learns of the other's account.

    Raises:
        Invalid: it is no address.
    """
    address = clean_email(email)
    others = select(_ACCOUNT.c.id).where(_ACCOUNT.c.email == address, _ACCOUNT.c.id != (of or 0))
    return None if address and tx.session.execute(others).first() else address


def set_active(tx: Transaction, account: Account, active: bool, reason: str) -> None:
    """Let an account sign in, or end its login sessions and let it no more."""
    assert account.id is not None
    if account.is_active != active or account.is_barred:
        account.is_active, account.is_barred = active, False
        tx.touch(account)
        tx.changed(Topic.ACCOUNT, entity_id=account.id)
    if not active:
        end_sessions(tx, account.id, reason)


def end_sessions(
    tx: Transaction, account_id: int, reason: str, *, except_session: int | None = None
) -> list[int]:
    """End an account's login sessions for good and return their ids."""
    ended = tx.session.execute(
        update(_SESSION)
        .where(
            _SESSION.c.account_id == account_id,
            _SESSION.c.ended_at.is_(None),
            _SESSION.c.id != (except_session or 0),
        )
        .values(ended_at=tx.now, end_reason=reason)
        .returning(_SESSION.c.id)
    )
    ids = list(ended.scalars())
    for session_id in ids:
        tx.changed(Topic.SESSION, entity_id=session_id)
    hold_rows.drop_of_sessions(tx, ids)
    return ids


def delete_unused(tx: Transaction, account: Account) -> bool:
    """Delete an account with its own settings, unless anybody ever acted by it or anything refers
    to it: then it stays, and the answer is False. The schema's foreign keys have the last word."""
    acted = select(_AUDIT.c.id).where(_AUDIT.c.actor_id == account.id).limit(1)
    if tx.session.execute(acted).first() is not None:
        return False
    try:
        with tx.session.begin_nested():
            for table in (_SESSION, table_of(RecoveryCode), table_of(Preference)):
                tx.session.execute(delete(table).where(table.c.account_id == account.id))
            tx.session.execute(delete(_ACCOUNT).where(_ACCOUNT.c.id == account.id))
    except IntegrityError:
        return False
    return True


def account_query() -> Select[Any]:
    """All that an AccountView needs, without table objects."""
    return (
        select(
            *(_ACCOUNT.c[name] for name in _SHOWN),
            MAIL_LANGUAGE,
            _DOCTOR.c.id.label("doctor_id"),
            _PATIENT.c.id.label("patient_id"),
        )
        .outerjoin(_DOCTOR, _DOCTOR.c.account_id == _ACCOUNT.c.id)
        .outerjoin(_PATIENT, _PATIENT.c.account_id == _ACCOUNT.c.id)
    )


def account_views(tx: Transaction, rows: Iterable[Row[Any]]) -> list[AccountView]:
    """The rows of `account_query` as they leave the store."""
    return [
        AccountView(
            id=row.id,
            username=row.username,
            name=row.name,
            role=Role(row.role),
            email=row.email,
            phone=row.phone,
            active=row.is_active,
            locked_until=tx.maybe_local(row.locked_until)
            if row.locked_until and row.locked_until > tx.now
            else None,
            doctor_id=row.doctor_id,
            patient_id=row.patient_id,
            version=row.version,
            second_factor=row.totp_enabled,
            language=row.language,
        )
        for row in rows
    ]


_SHOWN = (
    "id",
    "username",
    "name",
    "role",
    "email",
    "phone",
    "is_active",
    "locked_until",
    "totp_enabled",
    "version",
)
