"""Notices to the owner of an account about what somebody did with it: a changed or reset password,
a second factor set up or taken away, a lock after many wrong passwords, a sign-in from a new place.

They go to the account's own address, say what happened and when, and what to do where it was
somebody else; never more than one of a kind within an hour, but of each new place.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, select

from store import outbox
from store.account_rows import MAIL_LANGUAGE
from store.permissions import Action, require
from store.tables import Account, LoginSession, Patient, table_of
from store.transaction import Transaction
from store.values import MailKind, SecurityEvent

_ACCOUNT, _PATIENT = table_of(Account).c, table_of(Patient).c
_SESSION = table_of(LoginSession).c
_REMEMBERED = timedelta(days=90)
_WINDOW = re.compile(r" (?:pts/|tty)\w+")


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What a notice is written from; `happened_at` is hospital time, `place` the terminal. A notice
    that brings a one-time code has it and the hospital time until which it is good."""

    kind: MailKind
    subject: str
    message_id: str
    recipient: str
    hospital: str
    name: str
    username: str
    event: SecurityEvent
    happened_at: datetime
    written_at: datetime
    language: str
    place: str = ""
    code: str = field(default="", repr=False)
    good_until: datetime | None = None


def tell(
    tx: Transaction, account: Account, event: SecurityEvent, *, session_id: int | None = None
) -> None:
    """Owe the owner of an account a notice; for rules of the store, in their own unit of work.
    `session_id` is the login session that it is about."""
    if not account.email or not account.is_active:
        return
    once = f"{tx.now:%Y-%m-%dT%H}" if session_id is None else str(session_id)
    key = f"security:{account.id}:{event}:{once}"
    row = outbox.new_row(tx, MailKind.SECURITY, key, account.email, tx.now, None)
    parameters = {"account": account.id, "event": event.value, "session": session_id}
    tx.session.execute(outbox.insert_once(tx), row | {"parameters": json.dumps(parameters)})


def tell_of_a_new_place(tx: Transaction, account: Account, session: LoginSession) -> None:
    """Owe a notice where somebody signs in from where nobody has for `_REMEMBERED`, by the machine
    and the line, not by which of its windows. The first sign-in of all is no news."""
    earlier = (_SESSION.account_id == account.id) & (_SESSION.id != session.id)
    lately = _SESSION.created_at > tx.now - _REMEMBERED
    query = select(_SESSION.terminal).where(earlier, lately).distinct()
    known = {_place(terminal) for terminal in tx.session.scalars(query)}
    if not known and not tx.session.execute(select(exists().where(earlier))).scalar():
        return
    if _place(session.terminal) not in known:
        tell(tx, account, SecurityEvent.NEW_PLACE, session_id=session.id)


def _place(terminal: str) -> str:
    return _WINDOW.sub("", terminal)


def facts_of(tx: Transaction, message_id: int) -> NoticeFacts | str:
    """What a notice is written from, or the sentence why it is not to be sent.

    Raises:
        NotFound: there is no such message.
    """
    require(tx, Action.MAIL_DELIVER)
    row = outbox.stored(tx, message_id, MailKind.SECURITY)
    chosen = json.loads(row.parameters)
    account = tx.session.execute(
        select(_ACCOUNT.name, _ACCOUNT.username, _ACCOUNT.locked_until, MAIL_LANGUAGE)
        .outerjoin(Patient, _PATIENT.account_id == _ACCOUNT.id)
        .where(_ACCOUNT.id == chosen["account"])
    ).first()
    event = SecurityEvent(chosen["event"])
    if account is None:
        return "The account was deleted."
    if event is SecurityEvent.LOCKED and account.locked_until is None:
        return "The account is not locked any more."
    place = _terminal_of(tx, chosen.get("session"))
    return replace(about_account(tx, MailKind.SECURITY, row, account, event), place=place)


def about_account(
    tx: Transaction, kind: MailKind, row: Any, account: Any, event: SecurityEvent
) -> NoticeFacts:
    """What every message about an account is written from: `row` is the message as it is stored,
    `account` has its name, user name and language."""
    return NoticeFacts(
        kind=kind,
        subject=row.subject,
        message_id=row.message_id,
        # Where it was to go when it happened: who took the account over may have changed it since.
        recipient=row.recipient,
        hospital=tx.rules.hospital.name,
        name=account.name,
        username=account.username,
        event=event,
        happened_at=tx.local(row.created_at),
        written_at=tx.local(tx.now),
        language=account.language or tx.rules.hospital.locale,
    )


def _terminal_of(tx: Transaction, session_id: int | None) -> str:
    if session_id is None:
        return ""
    query = select(_SESSION.terminal).where(_SESSION.id == session_id)
    return tx.session.execute(query).scalar() or ""
