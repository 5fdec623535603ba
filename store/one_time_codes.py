"""Codes that an administrator hands to somebody who has forgotten the password.

The hospital makes the code, so that nobody ever chooses or knows somebody else's password (OWASP
ASVS 5.0 §6.4.6). It is shown once, stands in place of the password for a single sign-in within a
day, and all that can be done with it is to choose a password.

While it was not used, its hash waits in `reset_code_hash` and there is no password. Once it is, the
hash is the password's, so that the new password is confirmed by it in the session it opened, and
`reset_code_expires_at` keeps telling that no other session opens by it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from store import attempts, notices, passwords, totp
from store.account_rows import end_sessions
from store.changes import Topic
from store.errors import BadCredentials, InUse
from store.hospital import Rules
from store.passwords import PasswordHash
from store.permissions import Action, require
from store.tables import Account
from store.transaction import Transaction
from store.values import SecurityEvent

GOOD_FOR = timedelta(hours=24)
"""How long a code is good that nobody has used."""

_GROUPS = 3  # 90 random bits


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """A code as it is shown, this once, and as it is kept."""

    text: str = field(repr=False)
    hash: PasswordHash = field(repr=False)


def make(rules: Rules) -> OneTimeCode:
    """A new code. Takes a quarter of a second: call it outside of a unit of work."""
    text = totp.new_code(_GROUPS)
    return OneTimeCode(text, passwords.hash_of(totp.code_as_read(text), rules))


def reset_password(tx: Transaction, account_id: int, code: OneTimeCode) -> datetime:
    """Let an account sign in by a code of `make`, once, and no more by its password; its login
    sessions end, its wrong passwords are forgotten. Returns until when the code is good.

    Raises:
        InUse: it is the actor's own account, or a deactivated one.
        NotFound: there is no such account.
    """
    require(tx, Action.ACCOUNT_CHANGE)
    account = tx.fetch(Account, account_id, "account")
    if account.id == tx.actor.account_id:
        raise InUse("This is your own account: change your password. In the shell: chikitsa passwd")
    if not account.is_active:
        raise InUse(f"{account.username} is deactivated. Activate the account first.")
    account.password_hash, account.must_change_password = None, True
    account.reset_code_hash, account.reset_code_expires_at = code.hash, tx.now + GOOD_FOR
    account.failed_attempts, account.next_attempt_at, account.locked_until = 0, None, None
    attempts.forget_codes(tx, account_id)
    tx.touch(account)
    end_sessions(tx, account_id, "password reset")
    notices.tell(tx, account, SecurityEvent.PASSWORD_RESET)
    tx.record("account.reset-password", "account", account.id)
    tx.changed(Topic.ACCOUNT, entity_id=account.id)
    return tx.local(account.reset_code_expires_at)


def require_good(tx: Transaction, account: Account) -> None:
    """Refuse a code that was used before or has expired, where the account signs in by one.

    Raises:
        BadCredentials: says so; only who knows the code comes this far.
    """
    if account.reset_code_expires_at is None:
        return
    if account.reset_code_hash is None:
        raise BadCredentials("That code was used already. Ask an administrator for another one.")
    if account.reset_code_expires_at <= tx.now:
        raise BadCredentials("That code has expired. Ask an administrator for another one.")


def use(account: Account) -> bool:
    """Use up the code that somebody signs in by; False where it is a password."""
    if account.reset_code_hash is None:
        return False
    account.password_hash, account.reset_code_hash = account.reset_code_hash, None
    return True


def forget(account: Account) -> None:
    """There is a password again."""
    account.reset_code_hash = account.reset_code_expires_at = None
