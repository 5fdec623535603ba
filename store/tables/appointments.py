"""Appointments, each of their moves, queue tokens and short holds."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from store.tables.base import BigId, Stamped, one_of
from store.values import HOLDS_SLOT, AppointmentStatus

HOLDING = ", ".join(f"'{status}'" for status in sorted(HOLDS_SLOT))
"""The statuses that occupy a doctor's time, as SQL; the one predicate used everywhere."""


class Appointment(Stamped, table=True):
    """A patient's time with a doctor, half-open in UTC, at most a day long.

    That no two of a doctor's appointments overlap is kept by the database itself: a trigger on
    SQLite, an exclusion constraint on PostgreSQL (see the first migration).
    """

    __table_args__ = (
        one_of("status", AppointmentStatus),
        CheckConstraint("starts_at < ends_at", name="order"),
        Index("ix_appointment_doctor_id_starts_at", "doctor_id", "starts_at"),
        Index("ix_appointment_patient_id_starts_at", "patient_id", "starts_at"),
        Index("ix_appointment_starts_at", "starts_at"),
        Index("ix_appointment_department_id_starts_at", "department_id", "starts_at"),
        Index("ix_appointment_status_starts_at", "status", "starts_at"),
        # For lists: what is rare within a doctor or a department is not looked for in all of it.
        Index("ix_appointment_doctor_id_status", "doctor_id", "status", "starts_at"),
        Index("ix_appointment_department_id_status", "department_id", "status", "starts_at"),
        Index("ix_appointment_own_patients", "doctor_id", "patient_id", "starts_at", "status"),
        # For counting: all that figures of departments and doctors ask of an appointment.
        Index(
            "ix_appointment_figures",
            "department_id",
            "doctor_id",
            "starts_at",
            "status",
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    patient_id: int = Field(foreign_key="patient.id")
    doctor_id: int = Field(foreign_key="doctor.id")
    department_id: int = Field(foreign_key="department.id")
    starts_at: datetime
    ends_at: datetime
    status: str = Field(max_length=16)
    note: str = Field(default="", max_length=2000)
    walk_in: bool = Field(default=False)
    overbooked: bool = Field(default=False)
    overbook_reason: str = Field(default="", max_length=200)
    reason: str = Field(default="", max_length=200)
    cancelled_by_role: str | None = Field(default=None, max_length=16)
    reminded_at: datetime | None = None
    checked_in_at: datetime | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    predecessor_id: int | None = Field(
        default=None,
        unique=True,
        foreign_key="appointment.id",
        sa_type=BigId,
    )
    calendar_sequence: int = Field(default=0)
    request_id: str | None = Field(default=None, unique=True, max_length=64)
    external_id: str | None = Field(default=None, unique=True, max_length=120)


class AppointmentEvent(SQLModel, table=True):
    """One move of an appointment; append-only. `undoes_id` names the move it took back."""

    __tablename__ = "appointment_event"

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    appointment_id: int = Field(foreign_key="appointment.id", index=True, sa_type=BigId)
    at: datetime
    kind: str = Field(max_length=16)
    from_status: str | None = Field(default=None, max_length=16)
    to_status: str = Field(max_length=16)
    actor_id: int | None = Field(default=None, foreign_key="account.id")
    actor_role: str = Field(max_length=16)
    terminal: str = Field(default="", max_length=120)
    reason: str = Field(default="", max_length=200)
    undoes_id: int | None = Field(
        default=None,
        foreign_key="appointment_event.id",
        sa_type=BigId,
    )


class QueueToken(SQLModel, table=True):
    """The number drawn at check-in: one sequence for each doctor, day and session.

    `session` is the start minute of the working-hours session the check-in belongs to.
    """

    __tablename__ = "queue_token"
    __table_args__ = (
        UniqueConstraint("doctor_id", "day", "session", "number"),
        Index(
            "uq_queue_token_live",
            "appointment_id",
            unique=True,
            sqlite_where=text("voided_at IS NULL"),
            postgresql_where=text("voided_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=BigId)
    appointment_id: int = Field(foreign_key="appointment.id", sa_type=BigId)
    doctor_id: int = Field(foreign_key="doctor.id")
    day: date
    session: int
    number: int
    label: str = Field(max_length=16)
    drawn_at: datetime
    voided_at: datetime | None = None


class SlotHold(SQLModel, table=True):
    """A slot kept for a terminal while its booking dialog is open; expires by itself."""

    __tablename__ = "slot_hold"
    __table_args__ = (UniqueConstraint("doctor_id", "starts_at"),)

    id: int | None = Field(default=None, primary_key=True)
    doctor_id: int = Field(foreign_key="doctor.id")
    starts_at: datetime
    ends_at: datetime
    session_id: int = Field(foreign_key="login_session.id")
    terminal: str = Field(max_length=120)
    expires_at: datetime
