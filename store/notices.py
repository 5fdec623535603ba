"""Notices to the owner of an account about what somebody did with it: a changed or reset password,
a second factor set up or taken away, a lock after many wrong passwords.

They go to the account's own address, say what happened and when, and what to do where it was
somebody else; never more than one of a kind within an hour.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from store import outbox
from store.permissions import Action, require
from store.tables import Account, Patient, table_of
from store.transaction import Transaction
from store.values import MailKind, SecurityEvent

_ACCOUNT, _PATIENT = table_of(Account).c, table_of(Patient).c


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What a notice is written from; `happened_at` is hospital time."""

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


def tell(tx: Transaction, account: Account, event: SecurityEvent) -> None:
    """Owe the owner of an account a notice; for rules of the store, in their own unit of work."""
    if not account.email or not account.is_active:
        return
    key = f"security:{account.id}:{event}:{tx.now:%Y-%m-%dT%H}"
    row = outbox.new_row(tx, MailKind.SECURITY, key, account.email, tx.now, None)
    parameters = {"account": account.id, "event": event.value}
    tx.session.execute(outbox.insert_once(tx), row | {"parameters": json.dumps(parameters)})


def facts_of(tx: Transaction, message_id: int) -> NoticeFacts | str:
    """What a notice is written from, or the sentence why it is not to be sent.

    Raises:
        NotFound: there is no such message.
    """
    require(tx, Action.MAIL_DELIVER)
    row = outbox.stored(tx, message_id, MailKind.SECURITY)
    chosen = json.loads(row.parameters)
    account = tx.session.execute(
        select(_ACCOUNT.name, _ACCOUNT.username, _ACCOUNT.locked_until, _PATIENT.language)
        .outerjoin(Patient, _PATIENT.account_id == _ACCOUNT.id)
        .where(_ACCOUNT.id == chosen["account"])
    ).first()
    event = SecurityEvent(chosen["event"])
    if account is None:
        return "The account was deleted."
    if event is SecurityEvent.LOCKED and account.locked_until is None:
        return "The account is not locked any more."
    return NoticeFacts(
        kind=MailKind.SECURITY,
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
