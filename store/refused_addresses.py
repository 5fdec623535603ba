"""Addresses that a mail server takes no mail for: the reception desk sees the mark, and asks.

Nothing is kept back for it: what a server refuses today it may take tomorrow, and then the mark
goes. Where a patient is given another address, what did not arrive and is still worth sending is
sent there.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from sqlalchemy import select, update

from store.changes import Topic
from store.outbox import MESSAGE
from store.tables import Patient, RefusedAddress, table_of
from store.transaction import Transaction

_REFUSED, _PATIENT = table_of(RefusedAddress), table_of(Patient)
_OF_THE_ADDRESS = range(550, 554)
# An enhanced code of class 5.7 is about whom the server takes mail from (RFC 3463 section 3.8).
_OF_US = re.compile(r"\b5\.7\.\d{1,3}\b")
_LONGEST_REPLY = 300


def is_of_the_address(code: int | None, reply: str) -> bool:
    """Whether a refusal at RCPT says that the address is wrong, not that we are."""
    return code in _OF_THE_ADDRESS and not _OF_US.search(reply)


def note(tx: Transaction, address: str, reply: str) -> None:
    """Mark an address as refused, for a delivery that was."""
    row = tx.session.get(RefusedAddress, address.lower())
    if row is None:
        row = RefusedAddress(address=address.lower(), at=tx.now, reply="")
    row.at, row.reply = tx.now, reply[:_LONGEST_REPLY]
    tx.session.add(row)
    tx.session.flush()
    _tell_of(tx, address)


def among(tx: Transaction, addresses: Collection[str]) -> set[str]:
    """Which of these addresses, in lower case, are marked."""
    wanted = {address.lower() for address in addresses}
    rows = tx.session.scalars(select(_REFUSED.c.address).where(_REFUSED.c.address.in_(wanted)))
    return set(rows)


def forget(tx: Transaction, address: str) -> None:
    """Take the mark from an address that took mail again."""
    gone = _REFUSED.delete().where(_REFUSED.c.address == address.lower())
    if tx.session.scalars(gone.returning(_REFUSED.c.address)).all():
        _tell_of(tx, address)


def send_again(tx: Transaction, patient_id: int, former: str | None) -> int:
    """Owe a patient anew what a former address was refused for; a rule of theirs that changes the
    address has asked. What is no longer true or too late is left out when it is to be sent."""
    if not former or not among(tx, [former]):
        return 0
    again = tx.session.scalars(
        update(MESSAGE)
        .where(
            MESSAGE.c.patient_id == patient_id,
            MESSAGE.c.status == "failed",
            MESSAGE.c.last_stage == "recipient",
            (MESSAGE.c.expires_at.is_(None)) | (MESSAGE.c.expires_at > tx.now),
        )
        .values(status="waiting", attempts=0, doubts=0, next_try_at=tx.now)
        .returning(MESSAGE.c.id)
    ).all()
    if again:
        tx.changed(Topic.OUTBOX)
    return len(again)


def _tell_of(tx: Transaction, address: str) -> None:
    """Let open screens show those who have the address anew."""
    rows = tx.session.scalars(select(_PATIENT.c.id).where(_PATIENT.c.email == address))
    for patient_id in rows:
        tx.changed(Topic.PATIENT, entity_id=patient_id)
