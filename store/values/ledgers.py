"""Lists and ledgers as they leave the store: pages, mail, audit entries, changes."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from msgspec import Struct

from store.values.people import Role

T = TypeVar("T")


class OutboxStatus(StrEnum):
    """What became of a message, as the command line tells it. `held` was due when a backup was
    restored: it may have been sent since the backup, and waits for somebody to decide."""

    WAITING = "waiting"
    HELD = "held"
    SENT = "sent"
    FAILED = "failed"
    DISCARDED = "discarded"


class MailKind(StrEnum):
    """What a message is about; chooses its subject and template."""

    BOOKED = "booked"
    RESCHEDULED = "rescheduled"
    CANCELLED = "cancelled"
    REMINDER = "reminder"
    RECORDS = "records"
    PAPER = "paper"
    OFFER = "offer"
    REPORT = "report"
    SECURITY = "security"
    CODE = "code"


class SecurityEvent(StrEnum):
    """What the owner of an account is told of it."""

    PASSWORD_CHANGED = "password-changed"  # noqa: S105 - no secret, a name
    PASSWORD_RESET = "password-reset"  # noqa: S105
    FACTOR_ON = "factor-on"
    FACTOR_OFF = "factor-off"
    LOCKED = "locked"
    NEW_PLACE = "new-place"


class Page(Struct, Generic[T], frozen=True):
    """A piece of a list, and how long the whole list is."""

    items: tuple[T, ...]
    total: int
    offset: int = 0


class OutboxView(Struct, frozen=True):
    """A message that waits, was sent, failed or was discarded.

    `state` tells more than `status` does: of what waits, whether it is being sent (`sending`), may
    have arrived although nobody can tell (`uncertain`), or is kept back (`held`). `stage` is where
    the last try ended: `recipient`, `data`, `answer` (of the mail server, behind the data) or
    `connection`; `code` is what the mail server said there, `reply` what it said when it took the
    message, `digest` the SHA-256 of what was sent. `in_doubt`: an earlier try may have arrived.
    """

    id: int
    kind: MailKind
    to: str
    subject: str
    status: OutboxStatus
    attempts: int
    last_error: str | None
    due_at: datetime
    sent_at: datetime | None
    message_id: str
    appointment_id: int | None
    patient_id: int | None
    state: str
    stage: str | None
    code: int | None
    next_try_at: datetime | None
    in_doubt: bool
    reply: str
    digest: str | None


class MailStep(StrEnum):
    """What an administrator does with a message: let it be tried again, or give it up."""

    RETRY = "retry"
    DISCARD = "discard"


class RefusedMail(Struct, frozen=True):
    """A message for which a step was refused, and the sentence that says why."""

    message_id: int
    why: str


class SeveralMails(Struct, frozen=True):
    """What became of one step for several messages."""

    done: tuple[OutboxView, ...]
    refused: tuple[RefusedMail, ...] = ()


class AuditView(Struct, frozen=True):
    """One entry of the audit trail. `outcome` is `ok`, `denied` or `failed`."""

    id: int
    at: datetime
    actor: str
    role: Role
    action: str
    outcome: str
    entity: str
    entity_id: str
    terminal: str
    reason: str
    detail: dict[str, Any]
    hash: str
    patient_id: int | None


class AuditFilter(Struct, frozen=True):
    """Which entries; every condition that is given must be met.

    `actor` is an account's id or user name, `entity` the kind of thing (`appointment`), `action`
    what was done to it (`record.read`), or its beginning (`record`); `start` and `end` are
    half-open.
    """

    actor: int | str | None = None
    entity: str | None = None
    action: str | None = None
    patient_id: int | None = None
    start: datetime | None = None
    end: datetime | None = None


class Anchor(Struct, frozen=True):
    """The newest entry of the trail at a moment, to be kept where the database's owner cannot
    reach. `entries` is its number, and how many there were."""

    hospital: str
    entries: int
    hash: str
    at: datetime


class Onlooker(Struct, frozen=True):
    """What one account had to do with a patient: how often it read and changed, first and last."""

    actor: str
    role: Role
    reads: int
    changes: int
    first: datetime
    last: datetime
    actions: tuple[str, ...]
    terminals: tuple[str, ...]


class ChangeView(Struct, frozen=True):
    """One committed change, for screens and caches: which topic, which doctor, which day."""

    id: int
    topic: str
    doctor_id: int | None
    day: date | None
    entity_id: int | None
