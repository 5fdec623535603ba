"""What is only ever added to: the audit trail, the outbox, changes, and runs of jobs."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from store.tables.base import BigId, one_of


class AuditEntry(SQLModel, table=True):
    """One link of the audit chain (IHE ATNA / FHIR R4 AuditEvent in content).

    `id` is the link's number without gaps, `hash` covers the entry and `prev_hash`; triggers
    refuse every UPDATE, DELETE and replacement.
    """

    __tablename__ = "audit_entry"
    __table_args__ = (
        one_of("outcome", ["ok", "denied", "failed"]),
        Index(
            "ix_audit_entry_refused",
            "outcome",
            sqlite_where=text("outcome <> 'ok'"),
            postgresql_where=text("outcome <> 'ok'"),
        ),
        Index("ix_audit_entry_action_entity", "action", "entity"),
    )

    id: int = Field(primary_key=True, sa_type=BigId)
    at: datetime = Field(index=True)
    actor_id: int | None = Field(default=None, index=True)
    actor_name: str = Field(max_length=120)
    actor_role: str = Field(max_length=16)
    session_id: int | None = None
    terminal: str = Field(max_length=120)
    action: str = Field(max_length=60)
    outcome: str = Field(max_length=8)
    entity: str = Field(max_length=40, index=True)
    entity_id: str = Field(max_length=64)
    patient_id: int | None = Field(default=None, index=True)
    reason: str = Field(default="", max_length=500)
    detail: str = Field(default="{}")
    prev_hash: str = Field(unique=True, max_length=64)
    hash: str = Field(unique=True, max_length=64)


class OutboxMessage(SQLModel, table=True):
    """A message owed to somebody, written in the transaction that causes it.

    `unique_key` makes it one message however often it is asked for; `lease_until` is the UTC
    moment up to which one worker has it in hand, `begun` whether that worker may have begun to
    send it, `doubts` how often nobody could tell afterwards whether it arrived. `reply` is what
    the mail server answered at the end and `digest` the SHA-256 of what was sent; nothing of the
    text rests here.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        one_of(
            "status", ["waiting", "sending", "sent", "uncertain", "failed", "discarded", "held"]
        ),
        Index(
            "ix_outbox_message_due",
            "next_try_at",
            sqlite_where=text("status IN ('waiting', 'sending', 'uncertain')"),
            postgresql_where=text("status IN ('waiting', 'sending', 'uncertain')"),
        ),
        Index(
            "ix_outbox_message_left",
            "status",
            sqlite_where=text("status NOT IN ('sent', 'discarded')"),
            postgresql_where=text("status NOT IN ('sent', 'discarded')"),
        ),
        Index("ix_outbox_message_status_due_at", "status", "due_at"),
        Index("ix_outbox_message_kind_due_at", "kind", "due_at"),
        Index("ix_outbox_message_kind_status", "kind", "status", "due_at"),
        Index(
            "ix_outbox_message_in_hand",
            "lease_until",
            sqlite_where=text("status = 'sending'"),
            postgresql_where=text("status = 'sending'"),
        ),
        Index("ix_outbox_message_sent", "sent_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    kind: str = Field(max_length=24)
    unique_key: str = Field(unique=True, max_length=160)
    appointment_id: int | None = Field(
        default=None,
        index=True,
        foreign_key="appointment.id",
        sa_type=BigId,
    )
    patient_id: int | None = Field(default=None, foreign_key="patient.id", index=True)
    doctor_id: int | None = Field(default=None, foreign_key="doctor.id")
    parameters: str = Field(default="{}")
    recipient: str | None = Field(default=None, max_length=254)
    subject: str = Field(default="", max_length=200)
    message_id: str = Field(unique=True, max_length=200)
    created_at: datetime
    due_at: datetime = Field(index=True)
    expires_at: datetime | None = None
    status: str = Field(default="waiting", max_length=12)
    attempts: int = Field(default=0)
    next_try_at: datetime
    lease_until: datetime | None = None
    lease_by: str | None = Field(default=None, max_length=80)
    begun: bool = Field(default=False)
    doubts: int = Field(default=0)
    last_stage: str | None = Field(default=None, max_length=12)
    last_code: int | None = None
    last_error: str | None = Field(default=None, max_length=500)
    sent_at: datetime | None = None
    reply: str = Field(default="", max_length=300)
    digest: str | None = Field(default=None, max_length=64)


class Change(SQLModel, table=True):
    """That something changed, for open screens and caches; written last, in commit order."""

    __table_args__ = (Index("ix_change_topic_id", "topic", "id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    at: datetime
    topic: str = Field(max_length=24)
    doctor_id: int | None = None
    day: date | None = None
    entity_id: int | None = Field(default=None, sa_type=BigId)


class JobRun(SQLModel, table=True):
    """A run of scheduled work: for which moment, when, and what came of it (JSON)."""

    __tablename__ = "job_run"

    id: int | None = Field(default=None, primary_key=True)
    job: str = Field(max_length=40, index=True)
    scheduled_for: datetime
    started_at: datetime
    ended_at: datetime | None = None
    result: str = Field(default="", max_length=1000)
