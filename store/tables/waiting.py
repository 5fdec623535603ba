"""The waiting list: who wants an earlier slot, which slots go round, and who was offered which."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field

from store.tables.base import BigId, Stamped, one_of
from store.values import OfferOutcome, WaitlistEnd, WaitlistStatus

_OPEN_ENTRY = text("status IN ('waiting', 'offered')")
_OPEN_OFFER = text("outcome = 'open'")


class WaitlistEntry(Stamped, table=True):
    """A patient who wants an earlier slot, of one doctor or of a whole department.

    Days are the hospital's and inclusive, minutes count from its midnight, half-open; None is no
    bound. `appointment_id` is the appointment that is to become earlier: the slot must be before
    it, or before what it was moved to since.
    """

    __tablename__ = "waitlist_entry"
    __table_args__ = (
        one_of("status", WaitlistStatus),
        one_of("ended_because", WaitlistEnd),
        CheckConstraint("doctor_id IS NOT NULL OR department_id IS NOT NULL", name="target"),
        Index(
            "ix_waitlist_entry_open",
            "created_at",
            "id",
            sqlite_where=_OPEN_ENTRY,
            postgresql_where=_OPEN_ENTRY,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    patient_id: int = Field(foreign_key="patient.id", index=True)
    doctor_id: int | None = Field(default=None, foreign_key="doctor.id", index=True)
    department_id: int | None = Field(default=None, foreign_key="department.id", index=True)
    appointment_id: int | None = Field(
        default=None,
        foreign_key="appointment.id",
        sa_type=BigId,
    )
    first_day: date | None = None
    last_day: date | None = None
    from_minute: int | None = None
    to_minute: int | None = None
    note: str = Field(default="", max_length=500)
    status: str = Field(default=WaitlistStatus.WAITING.value, max_length=16)
    ended_because: str | None = Field(default=None, max_length=16)


class WaitlistOpening(Stamped, table=True):
    """A free slot that goes round the waiting list; the row goes when nobody is left to ask, the
    slot is taken, or it is too late."""

    __tablename__ = "waitlist_opening"
    __table_args__ = (UniqueConstraint("doctor_id", "starts_at"),)

    id: int | None = Field(default=None, primary_key=True)
    doctor_id: int = Field(foreign_key="doctor.id")
    starts_at: datetime
    ends_at: datetime


class WaitlistOffer(Stamped, table=True):
    """A slot offered to an entry until `expires_at`: no slot twice to the same entry, and at any
    time to one entry alone, and one slot alone to an entry; the database itself sees to it.

    `appointment_id` is what was booked by taking it.
    """

    __tablename__ = "waitlist_offer"
    __table_args__ = (
        one_of("outcome", OfferOutcome),
        UniqueConstraint("entry_id", "doctor_id", "starts_at"),
        Index(
            "uq_waitlist_offer_open_slot",
            "doctor_id",
            "starts_at",
            unique=True,
            sqlite_where=_OPEN_OFFER,
            postgresql_where=_OPEN_OFFER,
        ),
        Index(
            "uq_waitlist_offer_open_entry",
            "entry_id",
            unique=True,
            sqlite_where=_OPEN_OFFER,
            postgresql_where=_OPEN_OFFER,
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    entry_id: int = Field(foreign_key="waitlist_entry.id")
    doctor_id: int = Field(foreign_key="doctor.id")
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime
    outcome: str = Field(default=OfferOutcome.OPEN.value, max_length=16)
    closed_at: datetime | None = None
    appointment_id: int | None = Field(
        default=None,
        foreign_key="appointment.id",
        sa_type=BigId,
    )
