"""Codes that an administrator hands to somebody who has forgotten the password.

The hospital makes the code, so that nobody ever chooses or knows somebody else's password (OWASP
ASVS 5.0 §6.4.6). It is shown once, stands in place of the password for a single sign-in within a
day, and all that can be done with it is to choose a password.

Where the administrator asks, it goes by mail to the account's own address instead, and nobody else
sees it: the worker derives it anew when it writes the mail, so that it rests nowhere.

While it was not used, its hash waits in `reset_code_hash` and there is no password. Once it is, the
hash is the password's, so that the new password is confirmed by it in the session it opened, and
`reset_code_expires_at` keeps telling that no other session opens by it.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from sqlalchemy import select

from store import archive_passwords, attempts, notices, outbox, passwords, totp
from store.account_rows import MAIL_LANGUAGE, end_sessions
from store.changes import Topic
from store.errors import BadCredentials, InUse, Invalid
from store.front_door import Store
from store.hospital import Rules
from store.notices import NoticeFacts
from store.passwords import PasswordHash
from store.permissions import Action, require
from store.tables import Account, Patient, table_of
from store.transaction import Transaction
from store.values import Actor, MailKind, SecurityEvent

GOOD_FOR = timedelta(hours=24)
"""How long a code is good that nobody has used."""

OWN_ACCOUNT = "This is your own account: change your password. In the shell: chikitsa passwd"
"""What is said to whoever would reset the own password."""

_GROUPS = 3  # 90 random bits
_ACCOUNT, _PATIENT = table_of(Account).c, table_of(Patient).c
_OF_ACCOUNT = [
    *(_ACCOUNT.name, _ACCOUNT.username, _ACCOUNT.email, _ACCOUNT.is_active),
    *(_ACCOUNT.reset_code_hash, _ACCOUNT.reset_code_expires_at),
]


@dataclass(frozen=True, slots=True)
class OneTimeCode:
    """A code as it is shown, this once, and as it is kept; `message_key` is that of the message
    that says it, where it goes by mail."""

    text: str = field(repr=False)
    hash: PasswordHash = field(repr=False)
    message_key: str = ""


def make(rules: Rules) -> OneTimeCode:
    """A new code. Takes a quarter of a second: call it outside of a unit of work."""
    text = totp.new_code(_GROUPS)
    return OneTimeCode(text, passwords.hash_of(totp.code_as_read(text), rules))


def make_to_mail(store: Store, actor: Actor) -> OneTimeCode:
    """A new code that is not for showing: `reset_password` owes it by mail. As slow as `make`.

    Raises:
        Forbidden: the actor may not reset passwords.
    """
    key = f"code:{secrets.token_hex(16)}"
    with store.reading(actor) as tx:
        require(tx, Action.ACCOUNT_CHANGE)
        text = archive_passwords.password_of(tx, key)
    return OneTimeCode(text, passwords.hash_of(totp.code_as_read(text), store.rules), key)


def reset_password(tx: Transaction, account_id: int, code: OneTimeCode) -> datetime:
    """Let an account sign in by a code of `make` or `make_to_mail`, once, and no more by its
    password; its login sessions end, its wrong passwords are forgotten. Returns until when the code
    is good.

    Raises:
        InUse: it is the actor's own account, or a deactivated one.
        Invalid: it is to go by mail, and the account has no address.
        NotFound: there is no such account.
    """
    require(tx, Action.ACCOUNT_CHANGE)
    account = tx.fetch(Account, account_id, "account")
    if account.id == tx.actor.account_id:
        raise InUse(OWN_ACCOUNT)
    if not account.is_active:
        raise InUse(f"{account.username} is deactivated. Activate the account first.")
    account.password_hash, account.must_change_password = None, True
    account.reset_code_expires_at = _good_until(tx, account)
    account.reset_code_hash = code.hash
    account.failed_attempts, account.next_attempt_at, account.locked_until = 0, None, None
    attempts.forget_codes(tx, account_id)
    tx.touch(account)
    end_sessions(tx, account_id, "password reset")
    if code.message_key:
        _owe(tx, account, code.message_key)
    else:
        notices.tell(tx, account, SecurityEvent.PASSWORD_RESET)
    detail = {"by": "mail"} if code.message_key else None
    tx.record("account.reset-password", "account", account.id, detail=detail)
    tx.changed(Topic.ACCOUNT, entity_id=account.id)
    return tx.local(account.reset_code_expires_at)


def facts_of(tx: Transaction, message_id: int) -> NoticeFacts | str:
    """What a mail with a code is written from, or the sentence why it is not to be sent.

    Raises:
        NotFound: there is no such message.
    """
    require(tx, Action.MAIL_DELIVER)
    row = outbox.stored(tx, message_id, MailKind.CODE)
    account = tx.session.execute(
        select(*_OF_ACCOUNT, MAIL_LANGUAGE)
        .outerjoin(Patient, _PATIENT.account_id == _ACCOUNT.id)
        .where(_ACCOUNT.id == json.loads(row.parameters)["account"])
    ).first()
    if account is None:
        return "The account was deleted."
    if not account.is_active:
        return "The account was deactivated."
    if account.email != row.recipient:
        return "The account's e-mail address was changed after the code was asked for."
    if account.reset_code_hash is None or account.reset_code_expires_at != row.expires_at:
        return "The code was used, or another one took its place."
    if row.expires_at <= tx.now:
        return "The code has expired."
    return replace(
        notices.about_account(tx, MailKind.CODE, row, account, SecurityEvent.PASSWORD_RESET),
        code=archive_passwords.password_of(tx, row.unique_key),
        good_until=tx.local(row.expires_at),
    )


def _good_until(tx: Transaction, account: Account) -> datetime:
    """No two codes of an account are good until the same moment, by which their mails are told
    apart: of those that are made at one moment, each ends a little before the former."""
    until, former = tx.now + GOOD_FOR, account.reset_code_expires_at
    if former is not None and until - timedelta(milliseconds=1) < former <= until:
        return former - timedelta(microseconds=1)
    return until


def _owe(tx: Transaction, account: Account, key: str) -> None:
    if not account.email:
        raise Invalid.field(
            "email",
            f"{account.username} has no e-mail address. Reset without mail, and tell the code.",
        )
    row = outbox.new_row(
        tx, MailKind.CODE, key, account.email, tx.now, account.reset_code_expires_at
    )
    tx.session.execute(
        outbox.insert_once(tx), row | {"parameters": json.dumps({"account": account.id})}
    )
    tx.changed(Topic.OUTBOX)


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
