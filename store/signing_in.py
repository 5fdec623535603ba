"""Signing in and out. The functions take the store: hashing happens between two short units of
work, never inside one, because it takes a quarter of a second on purpose.

An unknown name, a wrong password and a deactivated account get the same answer after the same
work (OWASP ASVS 5.0 §6.3.8); the code of a second factor is asked for only behind a right
password, so that who asks learns nothing of others' accounts. Tokens are 256 random bits, of which
only the SHA-256 is kept.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select

from store import attempts, hold_rows, notices, one_time_codes, passwords, totp
from store.account_rows import end_sessions
from store.actors import nobody
from store.changes import Topic
from store.errors import BadCredentials, Invalid, NotSignedIn, SessionEnded
from store.front_door import Store
from store.passwords import PasswordHash
from store.permissions import Action, require
from store.sign_in_check import duty_of
from store.tables import Account, Doctor, LoginSession, Patient, table_of
from store.transaction import Transaction
from store.values import Actor, Role, SecurityEvent, SessionKind, SignedIn

_SIGN_IN, _CONFIRM = "auth.sign-in", "auth.confirm"
_WRONG = "The name or the password is wrong."
_ACCOUNT, _SESSION = table_of(Account), table_of(LoginSession)
_DOCTOR, _PATIENT = table_of(Doctor), table_of(Patient)
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class _Verified:
    """A password that was right: the hash it was right for, and one to keep instead."""

    stored: str
    renewed: PasswordHash | None


def sign_in(
    store: Store, name: str, password: str, *, kind: SessionKind, terminal: str, code: str = ""
) -> SignedIn:
    """Sign in by user name or e-mail address, without regard to case. A one-time code is given as
    the password (`store.one_time_codes`).

    Args:
        code: of the second factor, or a recovery code; call without one first, since most
            accounts need none.

    Raises:
        BadCredentials: unknown name, wrong password, a deactivated account, or a one-time code that
            was used or has expired.
        AccountLocked: too many wrong passwords or codes; `details["until"]` is the UTC moment of
            the next try.
        CodeNeeded: the password is right, and a code is needed too.
        WrongCode: the password is right, the code is not.
    """
    visitor = nobody(attempts.shown_terminal(terminal))
    with store.transaction(visitor) as tx:
        attempt = _count(tx, _SIGN_IN, attempts.find_account(tx, name), name)
    verified = _verify(store, visitor, _SIGN_IN, attempt, password)
    assert attempt.account_id is not None
    return _open_session(store, attempt, verified, kind, visitor.terminal, code)


def resume(store: Store, token: str, terminal: str) -> Actor:
    """The actor of a token that `sign_in` gave out.

    Raises:
        NotSignedIn: no such token.
        SessionEnded: it was signed out, has expired, or its account was deactivated.
    """
    terminal = attempts.shown_terminal(terminal)
    with store.reading(nobody(terminal)) as tx:
        row = tx.session.execute(
            select(_SESSION.c.id, _SESSION.c.account_id).where(
                _SESSION.c.token_hash == _token_hash(token)
            )
        ).first()
        if row is None:
            raise NotSignedIn("That is no token of a login session. Run: chikitsa login NAME")
        actor = _actor(tx, row.account_id, row.id, terminal)
    with store.reading(actor):
        return actor


def sign_out(store: Store, actor: Actor) -> None:
    """End the actor's login session; its token is refused from then on. Twice is no mistake."""
    try:
        with store.transaction(actor) as tx:
            if actor.session_id is None:
                return
            row = tx.fetch(LoginSession, actor.session_id, "login session")
            row.ended_at, row.end_reason = tx.now, "signed out"
            tx.session.add(row)
            tx.record("auth.sign-out", "account", actor.account_id)
            tx.changed(Topic.SESSION, entity_id=row.id)
            hold_rows.drop_of_sessions(tx, [actor.session_id])
    except SessionEnded:
        return


def change_password(store: Store, actor: Actor, current: str, new: str) -> None:
    """Change one's own password; every other login session of the account ends.

    Raises:
        BadCredentials: `current` is wrong.
        AccountLocked: too many wrong passwords.
        Invalid: the new password is refused, or is the current one (field `new`).
    """
    with store.transaction(actor) as tx:
        require(tx, Action.PASSWORD_CHANGE, account_id=actor.account_id)
        account = own_account(tx)
        context = [account.username, account.name, account.email or ""]
        passwords.require_acceptable(new, store.rules, context=context, field="new")
        attempt = _count(tx, _CONFIRM, account)
    verified = _verify(store, actor, _CONFIRM, attempt, current)
    if passwords.verify(verified.stored, new):
        raise Invalid.field("new", "That is the password you have. Choose another.")
    prepared = passwords.prepare(new, store.rules, context=context, field="new")
    with _proved(store, actor, attempt, verified) as (tx, account):
        account.password_hash, account.must_change_password = prepared, False
        one_time_codes.forget(account)
        account.totp_pending = None
        tx.touch(account)
        assert account.id is not None
        end_sessions(tx, account.id, "password changed", except_session=actor.session_id)
        tx.record("auth.password-change", "account", account.id)
        notices.tell(tx, account, SecurityEvent.PASSWORD_CHANGED)


def confirm_password(store: Store, actor: Actor, password: str) -> None:
    """Ask for the actor's own password again: to unlock a screen, or before signing a record.

    Raises:
        BadCredentials: it is wrong.
        AccountLocked: too many wrong passwords.
        SessionEnded: the login session ended meanwhile.

    Only the right password counts as use of the login session. No code of a second factor is asked
    for: the session was opened with one, on this terminal, and goes on (NIST SP 800-63B-4 §2.2.3
    lets one factor do to confirm a session that stands).
    """
    with proved(store, actor, password, Action.PROFILE_READ) as (tx, account):
        tx.record(_CONFIRM, "account", account.id)


@contextmanager
def proved(
    store: Store, actor: Actor, password: str, action: Action
) -> Iterator[tuple[Transaction, Account]]:
    """A unit of work on the actor's own account, for who may do `action` and gives the password
    again; wrong ones are counted.

    Raises:
        as `confirm_password`.
    """
    with store.transaction(actor, in_use=False) as tx:
        require(tx, action, account_id=actor.account_id)
        attempt = _count(tx, _CONFIRM, own_account(tx))
    verified = _verify(store, actor, _CONFIRM, attempt, password)
    with _proved(store, actor, attempt, verified) as (tx, account):
        yield tx, account


@contextmanager
def _proved(
    store: Store, actor: Actor, attempt: attempts.Attempt, verified: _Verified
) -> Iterator[tuple[Transaction, Account]]:
    with store.transaction(actor) as tx:
        account = own_account(tx)
        _require_unchanged(account, verified)
        attempts.forgive(tx, attempt, account)
        yield tx, account


def _count(
    tx: Transaction, action: str, account: Account | None, name: str = ""
) -> attempts.Attempt:
    """Count the try; one that must wait is recorded, and refused behind the unit of work."""
    attempt = attempts.count(tx, account, name, tx.actor.terminal)
    if attempt.wait_until is not None:
        tx.record(action, "account", attempt.account_id or "", outcome="denied")
    return attempt


def _verify(
    store: Store, actor: Actor, action: str, attempt: attempts.Attempt, password: str
) -> _Verified:
    """Compare, outside of any unit of work, and record what was wrong."""
    if attempt.wait_until is not None:
        shown = attempt.wait_until.astimezone(store.rules.hospital.timezone)
        raise attempts.refusal(attempt.wait_until, shown)
    stored = attempt.stored
    usable = passwords.is_hash(stored)
    compared = stored if usable else passwords.never(store.rules)
    typed = totp.code_as_read(password) if attempt.by_code else password
    if passwords.verify(compared, typed) and stored is not None:
        renewed = None
        if passwords.is_outdated(stored, store.rules):
            renewed = passwords.hash_of(typed, store.rules)
        return _Verified(stored, renewed)
    with store.transaction(actor, in_use=False) as tx:
        detail = {"hash": "invalid"} if stored is not None and not usable else {}
        account_id = attempt.account_id or ""
        tx.record(action, "account", account_id, outcome="failed", detail=detail)
    raise BadCredentials(_WRONG)


def _open_session(
    store: Store,
    attempt: attempts.Attempt,
    verified: _Verified,
    kind: SessionKind,
    terminal: str,
    code: str,
) -> SignedIn:
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    account_id = attempt.account_id or 0
    with store.reading(nobody(terminal)) as tx:
        person = _actor(tx, account_id, None, terminal)
    with store.transaction(person) as tx:
        account = tx.fetch(Account, account_id, "account")
        _require_unchanged(account, verified)
        attempts.forgive(tx, attempt, account)
        one_time_codes.require_good(tx, account)
        if account.totp_enabled:
            totp.require_code(tx, account, code)
        if one_time_codes.use(account):
            tx.record("auth.one-time-code", "account", account_id)
        elif verified.renewed is not None:
            account.password_hash = verified.renewed
        hours = store.rules.security.session_hours[Role(account.role)]
        session = tx.add(
            LoginSession(
                account_id=account_id,
                token_hash=_token_hash(token),
                kind=kind.value,
                terminal=terminal,
                created_at=tx.now,
                last_seen_at=tx.now,
                expires_at=tx.now + timedelta(hours=hours),
            )
        )
        notices.tell_of_a_new_place(tx, account, session)
        tx.record(_SIGN_IN, "account", account_id, detail={"session": session.id})
        tx.changed(Topic.SESSION, entity_id=session.id)
        actor = _actor(tx, account_id, session.id, terminal)
        duty = duty_of(account, store.rules.security)
        return SignedIn(actor, token, tx.local(session.expires_at), duty)


def _actor(tx: Transaction, account_id: int, session_id: int | None, terminal: str) -> Actor:
    row = tx.session.execute(
        select(
            _ACCOUNT.c.username,
            _ACCOUNT.c.name,
            _ACCOUNT.c.role,
            _DOCTOR.c.id.label("doctor_id"),
            _PATIENT.c.id.label("patient_id"),
        )
        .outerjoin(_DOCTOR, _DOCTOR.c.account_id == _ACCOUNT.c.id)
        .outerjoin(_PATIENT, _PATIENT.c.account_id == _ACCOUNT.c.id)
        .where(_ACCOUNT.c.id == account_id)
    ).one()
    return Actor(
        role=Role(row.role),
        name=row.name,
        terminal=terminal,
        account_id=account_id,
        session_id=session_id,
        doctor_id=row.doctor_id,
        patient_id=row.patient_id,
        username=row.username,
    )


def own_account(tx: Transaction) -> Account:
    """The row of who acts.

    Raises:
        NotSignedIn: nobody is signed in.
    """
    if tx.actor.account_id is None:
        raise NotSignedIn("Nobody is signed in here. Sign in first: chikitsa login NAME")
    return tx.fetch(Account, tx.actor.account_id, "account")


def _require_unchanged(account: Account, verified: _Verified) -> None:
    """Refuse where the account was deactivated or its password changed while we hashed."""
    if not account.is_active or attempts.stored_of(account) != verified.stored:
        raise BadCredentials(_WRONG)


def _token_hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()
