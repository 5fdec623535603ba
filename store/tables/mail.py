"""What is known of the way mail takes: addresses that were refused, and the mail server."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlmodel import Field, SQLModel

from store.tables.base import one_of


class RefusedAddress(SQLModel, table=True):
    """An address of which a mail server said for good that it takes no mail for it.

    Kept by the address, not by the person: whoever is given another one is rid of the mark, and
    all who share one have it. Addresses are in lower case.
    """

    __tablename__ = "refused_address"

    address: str = Field(primary_key=True, max_length=254)
    at: datetime
    reply: str = Field(max_length=300)


class MailChannel(SQLModel, table=True):
    """The one row that is there while the hospital's mail server cannot be used: since when, why,
    how often it was tried in vain, and until when (UTC) it is left alone."""

    __tablename__ = "mail_channel"
    __table_args__ = (
        CheckConstraint("id = 1", name="single"),
        one_of("trouble", ["connection", "greeting", "tls", "sign-in", "sender", "closing"]),
    )

    id: int = Field(default=1, primary_key=True)
    trouble: str = Field(max_length=12)
    reason: str = Field(max_length=500)
    since: datetime
    failures: int
    rests_until: datetime
