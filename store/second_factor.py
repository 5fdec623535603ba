"""The second factor of one's own account: setting it up, its recovery codes, turning it off.

The functions take the store, as those of `signing_in` do, because each asks for the password
again, and hashing never happens within a unit of work.
"""

from __future__ import annotations

from store import notices, totp
from store.account_rows import end_sessions
from store.changes import Topic
from store.errors import IllegalTransition, InUse, Invalid
from store.front_door import Store
from store.permissions import Action, require
from store.signing_in import own_account, proved
from store.tables import Account
from store.transaction import Transaction
from store.values import Actor, SecondFactorSetUp, SecondFactorView, SecurityEvent

_ACTION = Action.SECOND_FACTOR


def status(tx: Transaction) -> SecondFactorView:
    """How the actor's own account stands."""
    require(tx, Action.PROFILE_READ, account_id=tx.actor.account_id)
    account = own_account(tx)
    assert account.id is not None
    return SecondFactorView(
        enabled=account.totp_enabled,
        required=account.role in tx.rules.security.totp_roles,
        recovery_codes=totp.recovery_codes_left(tx, account.id),
    )


def begin(store: Store, actor: Actor, password: str, code: str = "") -> SecondFactorSetUp:
    """Make a secret that counts when `finish` is given its first code. Where there is a second
    factor already, as for a new phone, its code is asked for too, and it counts until then.

    Raises:
        BadCredentials: the password is wrong.
        CodeNeeded, WrongCode: of the second factor that is there.
        AccountLocked: too many wrong passwords or codes.
    """
    with proved(store, actor, password, _ACTION) as (tx, account):
        if account.totp_enabled:
            totp.require_code(tx, account, code)
        account.totp_pending = totp.new_secret()
        tx.touch(account)
        tx.record("second-factor.begin", "account", account.id)
        hospital = tx.rules.hospital.name
        uri = totp.uri_of(account.totp_pending, account.username, hospital)
        return SecondFactorSetUp(account.totp_pending, uri)


def finish(tx: Transaction, code: str) -> tuple[str, ...]:
    """Let the secret of `begin` count from now on, with the first code of it, and return the ten
    recovery codes: this is the only time they are seen. Every other login session ends.

    Raises:
        IllegalTransition: nothing was begun.
        Invalid: the code is wrong (field `code`); says so where it is the clock that is.
    """
    require(tx, _ACTION, account_id=tx.actor.account_id)
    account = own_account(tx)
    if account.totp_pending is None:
        raise IllegalTransition("No second factor waits for its first code. Set one up first.")
    step = totp.step_of(account.totp_pending, code, tx.now)
    if step is None:
        raise Invalid.field("code", _why_not(tx, account.totp_pending, code))
    account.totp_secret, account.totp_pending = account.totp_pending, None
    account.totp_enabled, account.totp_last_step = True, step
    notices.tell(tx, account, SecurityEvent.FACTOR_ON)
    return _with_new_codes(tx, account, "second-factor.enable", others_end=True)


def new_recovery_codes(store: Store, actor: Actor, password: str, code: str) -> tuple[str, ...]:
    """Ten new recovery codes in place of all that there were.

    Raises:
        IllegalTransition: there is no second factor.
        as `begin`.
    """
    with proved(store, actor, password, _ACTION) as (tx, account):
        _require_enabled(account)
        totp.require_code(tx, account, code)
        return _with_new_codes(tx, account, "second-factor.recovery-codes", others_end=False)


def turn_off(store: Store, actor: Actor, password: str, code: str) -> None:
    """Ask for no codes any more. Every other login session ends.

    Raises:
        InUse: the role needs a second factor.
        IllegalTransition: there is none.
        as `begin`.
    """
    with proved(store, actor, password, _ACTION) as (tx, account):
        _require_enabled(account)
        if account.role in tx.rules.security.totp_roles:
            raise InUse("Your role needs a second factor. Set it up anew for another phone.")
        totp.require_code(tx, account, code)
        _forget(tx, account, "second-factor.disable")
        assert account.id is not None
        end_sessions(tx, account.id, "second factor", except_session=actor.session_id)


def reset(tx: Transaction, account_id: int) -> None:
    """Take somebody's second factor away who has lost both phone and recovery codes; that
    person's login sessions end, and a role that needs one sets it up anew.

    Raises:
        InUse: it is the actor's own.
        IllegalTransition: there is none.
    """
    require(tx, Action.ACCOUNT_CHANGE)
    account = tx.fetch(Account, account_id, "account")
    if account.id == tx.actor.account_id:
        raise InUse("Turn your own off in your account, or ask another administrator.")
    if not account.totp_enabled:
        raise IllegalTransition(f"{account.username} has no second factor.")
    _forget(tx, account, "second-factor.reset")
    end_sessions(tx, account_id, "second factor")


def _with_new_codes(
    tx: Transaction, account: Account, action: str, *, others_end: bool
) -> tuple[str, ...]:
    assert account.id is not None
    codes = totp.make_recovery_codes(tx, account.id)
    tx.touch(account)
    if others_end:
        end_sessions(tx, account.id, "second factor", except_session=tx.actor.session_id)
    tx.record(action, "account", account.id)
    tx.changed(Topic.ACCOUNT, entity_id=account.id)
    return codes


def _forget(tx: Transaction, account: Account, action: str) -> None:
    assert account.id is not None
    account.totp_secret, account.totp_pending, account.totp_enabled = None, None, False
    totp.forget_recovery_codes(tx, account.id)
    tx.touch(account)
    notices.tell(tx, account, SecurityEvent.FACTOR_OFF)
    tx.record(action, "account", account.id)
    tx.changed(Topic.ACCOUNT, entity_id=account.id)


def _require_enabled(account: Account) -> None:
    if not account.totp_enabled:
        raise IllegalTransition("Your account has no second factor.")


def _why_not(tx: Transaction, secret: str, code: str) -> str:
    minutes = totp.minutes_off(secret, code, tx.now)
    if minutes is None:
        return "That is not the code that the app shows now. Type the newest one."
    return (
        f"That code is for another time: the clock of your phone and the hospital's differ by "
        f"about {minutes} minute{'s' * (minutes != 1)}. Let the phone set its clock by itself."
    )
