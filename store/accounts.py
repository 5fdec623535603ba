"""Accounts: who can sign in. An account that was ever used is deactivated, never deleted."""

from __future__ import annotations

from sqlalchemy import func, select

from store import attempts
from store.account_rows import (
    account_query,
    account_views,
    change_account,
    delete_unused,
    insert_account,
    set_active,
)
from store.changes import Topic
from store.errors import InUse, Invalid, NotFound, NotSignedIn
from store.passwords import PasswordHash
from store.permissions import Action, require
from store.references import name_key, plausible_id
from store.sign_in_check import duty_of
from store.tables import Account, table_of
from store.transaction import Transaction
from store.values import AccountView, Duty, Page, Role

_ACCOUNT = table_of(Account)
_WITHOUT_PARTICULARS = (Role.ADMIN, Role.RECEPTION)


def create(
    tx: Transaction,
    *,
    username: str,
    name: str,
    role: Role,
    email: str | None = None,
    phone: str | None = None,
    language: str = "",
    password: PasswordHash | None,
    temporary: bool = False,
) -> AccountView:
    """Make an account of an administrator or of the reception desk.

    Args:
        password: from `passwords.prepare`; without one nobody can sign in to it yet.
        temporary: the password is to be changed at the first sign-in, before anything else.
        language: that of mails to it, by its code; nothing for the hospital's.

    Raises:
        Invalid: a field that cannot be accepted, or a role whose accounts come with a doctor or
            a patient.
        Duplicate: the user name or the e-mail address is taken.
    """
    require(tx, Action.ACCOUNT_CREATE)
    if role not in _WITHOUT_PARTICULARS:
        raise Invalid.field(
            "role", "Only admin and reception are made here; doctors and patients are registered."
        )
    row = insert_account(
        tx,
        username=username,
        name=name,
        role=role,
        email=email,
        phone=phone,
        language=language,
        password=password,
        temporary=temporary,
    )
    tx.record("account.create", "account", row.id, detail={"username": row.username, "role": role})
    return _view(tx, row)


def update(
    tx: Transaction,
    account_id: int,
    *,
    version: int | None = None,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    language: str | None = None,
) -> AccountView:
    """Change what is given of an account of an administrator or of the reception desk; an empty
    text clears, and no `language` is the hospital's.

    Raises:
        Invalid: a field that cannot be accepted, or a doctor's or patient's account, which is
            changed with the doctor or the patient.
        ChangedMeanwhile: `version` is not the account's.
        Duplicate: another account has the e-mail address.
        NotFound: there is no such account.
    """
    require(tx, Action.ACCOUNT_CHANGE)
    row = tx.fetch(Account, account_id, "account")
    if row.role not in _WITHOUT_PARTICULARS:
        raise Invalid.field("username", f"{row.username} is changed with the {row.role}.")
    tx.expect(row, version)
    changed = change_account(tx, row, name=name, email=email, phone=phone, language=language)
    if changed:
        tx.record("account.update", "account", row.id, detail={"fields": changed})
    return _view(tx, row)


def get(tx: Transaction, ref: int | str) -> AccountView:
    """An account by its id or its user name.

    Raises:
        NotFound: there is none.
    """
    if ref in (tx.actor.account_id, tx.actor.username):
        require(tx, Action.PROFILE_READ, account_id=tx.actor.account_id)
    else:
        require(tx, Action.ACCOUNT_READ)
    if isinstance(ref, int):
        wanted = _ACCOUNT.c.id == plausible_id(ref)
    else:
        wanted = _ACCOUNT.c.username == name_key(ref)
    found = account_views(tx, tx.session.execute(account_query().where(wanted)))
    if not found:
        raise NotFound("There is no such account.", entity="account", id=ref)
    return found[0]


def list_accounts(
    tx: Transaction,
    *,
    role: Role | None = None,
    active: bool | None = True,
    limit: int = 500,
    offset: int = 0,
) -> Page[AccountView]:
    """Accounts by user name; `active=None` lists the deactivated ones too."""
    require(tx, Action.ACCOUNT_READ)
    conditions = []
    if role is not None:
        conditions.append(_ACCOUNT.c.role == role.value)
    if active is not None:
        conditions.append(_ACCOUNT.c.is_active == active)
    total = tx.session.execute(select(func.count()).select_from(_ACCOUNT).where(*conditions))
    query = account_query().where(*conditions).order_by(_ACCOUNT.c.username)
    rows = tx.session.execute(query.limit(limit).offset(offset))
    return Page(tuple(account_views(tx, rows)), total.scalar_one(), offset)


def deactivate(tx: Transaction, account_id: int) -> AccountView:
    """Let an account sign in no more; its login sessions end at once. Only an administrator gives
    it back: activating the patient that it belongs to does not.

    Raises:
        InUse: it is the actor's own, or the last active administrator's.
    """
    require(tx, Action.ACCOUNT_CHANGE)
    row = tx.fetch(Account, account_id, "account")
    if row.id == tx.actor.account_id:
        raise InUse("You cannot deactivate your own account. Ask another administrator.")
    _require_other_admin(tx, row)
    set_active(tx, row, False, "deactivated")
    row.is_barred = True
    tx.session.add(row)
    tx.record("account.deactivate", "account", row.id)
    return _view(tx, row)


def activate(tx: Transaction, account_id: int) -> AccountView:
    """Let a deactivated account sign in again."""
    require(tx, Action.ACCOUNT_CHANGE)
    row = tx.fetch(Account, account_id, "account")
    set_active(tx, row, True, "")
    tx.record("account.activate", "account", row.id)
    return _view(tx, row)


def delete(tx: Transaction, account_id: int) -> None:
    """Delete an account that was made by mistake: nobody signed in to it, nothing belongs to it.

    Raises:
        InUse: it is the actor's own, the last active administrator's, or history hangs on it.
        NotFound: there is no such account.
    """
    require(tx, Action.ACCOUNT_CHANGE)
    row = tx.fetch(Account, account_id, "account")
    if row.id == tx.actor.account_id:
        raise InUse("You cannot delete your own account. Ask another administrator.")
    _require_other_admin(tx, row)
    if not delete_unused(tx, row):
        raise InUse(
            f"{row.username} is part of the hospital's history. Deactivate the account instead."
        )
    tx.record("account.delete", "account", account_id, detail={"username": row.username})
    tx.changed(Topic.ACCOUNT, entity_id=account_id)


def unlock(tx: Transaction, account_id: int) -> AccountView:
    """Forget an account's wrong passwords and codes, so that it can be tried at once."""
    require(tx, Action.ACCOUNT_CHANGE)
    row = tx.fetch(Account, account_id, "account")
    attempts.forget_codes(tx, account_id)
    row.failed_attempts, row.next_attempt_at, row.locked_until = 0, None, None
    tx.touch(row)
    tx.record("account.unlock", "account", row.id)
    tx.changed(Topic.ACCOUNT, entity_id=row.id)
    return _view(tx, row)


def whoami(tx: Transaction) -> AccountView:
    """The actor's own account.

    Raises:
        NotSignedIn: nobody is signed in.
    """
    require(tx, Action.PROFILE_READ, account_id=tx.actor.account_id)
    return _view(tx, _own(tx))


def duty(tx: Transaction) -> Duty | None:
    """What the actor's account must do before anything else; None for nothing."""
    require(tx, Action.PROFILE_READ, account_id=tx.actor.account_id)
    return duty_of(_own(tx), tx.rules.security)


def _own(tx: Transaction) -> Account:
    if tx.actor.account_id is None:
        raise NotSignedIn("Nobody is signed in here. Sign in first: chikitsa login NAME")
    return tx.fetch(Account, tx.actor.account_id, "account")


def _require_other_admin(tx: Transaction, row: Account) -> None:
    if row.role == Role.ADMIN and row.is_active and _active_admins(tx) == 1:
        raise InUse("This is the last active administrator. Make another one first.")


def _active_admins(tx: Transaction) -> int:
    """How many administrators can sign in; locked, so that two do not deactivate each other."""
    wanted = (_ACCOUNT.c.role == Role.ADMIN.value) & _ACCOUNT.c.is_active
    return len(tx.session.execute(select(_ACCOUNT.c.id).where(wanted).with_for_update()).all())


def _view(tx: Transaction, row: Account) -> AccountView:
    tx.session.flush()
    query = account_query().where(_ACCOUNT.c.id == row.id)
    return account_views(tx, tx.session.execute(query))[0]
