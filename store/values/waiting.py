"""The waiting list as it leaves the store. Moments are hospital time, days are the hospital's."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from msgspec import Struct


class WaitlistStatus(StrEnum):
    """Where an entry of the waiting list stands; the first two are open, the others ended."""

    WAITING = "waiting"
    OFFERED = "offered"
    BOOKED = "booked"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


STILL_WAITS = frozenset({WaitlistStatus.WAITING, WaitlistStatus.OFFERED})
"""The statuses in which a freed slot may still come."""


class WaitlistEnd(StrEnum):
    """Why an entry expired."""

    WINDOW = "window"
    PATIENT = "patient"
    APPOINTMENT = "appointment"
    DOCTOR = "doctor"


class OfferOutcome(StrEnum):
    """What became of an offer. `ended`: the entry ended first, `gone`: the doctor is not there
    then any more."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    LAPSED = "lapsed"
    TAKEN = "taken"
    GONE = "gone"
    ENDED = "ended"


class OfferView(Struct, frozen=True):
    """A slot that was offered to an entry, until `expires_at`."""

    id: int
    doctor_id: int
    doctor: str
    department: str
    starts_at: datetime
    ends_at: datetime
    expires_at: datetime
    outcome: OfferOutcome
    appointment_id: int | None

    def minutes_left(self, now: datetime) -> int:
        """Whole minutes until the offer ends, begun ones counted; 0 when it is over."""
        return max(0, -int(-(self.expires_at - now).total_seconds() // 60))


class WaitlistEntryView(Struct, frozen=True):
    """An entry with the names that people know it by.

    `doctor` is None for any doctor of the department. `appointment_at` is when the appointment
    that is to become earlier stands now. `offer` is the one that may be taken now, `last` the
    newest one that may not any more.
    """

    id: int
    patient_id: int
    mrn: str
    patient: str
    patient_phone: str | None
    patient_email: str | None
    doctor_id: int | None
    doctor: str | None
    department_id: int
    department: str
    appointment_id: int | None
    appointment_at: datetime | None
    first_day: date | None
    last_day: date | None
    from_minute: int | None
    to_minute: int | None
    note: str
    status: WaitlistStatus
    ended_because: WaitlistEnd | None
    created_at: datetime
    offer: OfferView | None
    last: OfferView | None
    version: int


class WaitlistNews(Struct, frozen=True):
    """What the desk should know at a glance: how many wait, how many offers are open, how many of
    those go to patients without an e-mail address (whom somebody must call), and when the first
    of them ends."""

    waiting: int
    offers: int
    to_call: int
    first_ends_at: datetime | None
