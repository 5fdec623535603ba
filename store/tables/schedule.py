"""When a doctor works, when not, and when nobody does."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field, SQLModel

from store.tables.base import Stamped


class WorkingHours(Stamped, table=True):
    """A weekly session by wall clock: minutes from midnight, half-open, slots of equal length."""

    __tablename__ = "working_hours"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint(
            "start_minute >= 0 AND start_minute < end_minute AND end_minute <= 1440",
            name="minutes",
        ),
        CheckConstraint("slot_minutes BETWEEN 5 AND 480", name="slot_minutes"),
        CheckConstraint(
            "valid_from IS NULL OR valid_to IS NULL OR valid_from <= valid_to", name="validity"
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    doctor_id: int = Field(foreign_key="doctor.id", index=True)
    weekday: int
    start_minute: int
    end_minute: int
    slot_minutes: int
    valid_from: date | None = None
    valid_to: date | None = None


class Leave(Stamped, table=True):
    """A doctor's unavailability, half-open in UTC."""

    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="order"),
        Index("ix_leave_doctor_id_starts_at", "doctor_id", "starts_at"),
        Index("ix_leave_starts_at", "starts_at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    doctor_id: int = Field(foreign_key="doctor.id")
    starts_at: datetime
    ends_at: datetime
    reason: str = Field(default="", max_length=200)
    is_active: bool = Field(default=True)


class Holiday(Stamped, table=True):
    """A day without appointments for the whole hospital."""

    id: int | None = Field(default=None, primary_key=True)
    day: date = Field(unique=True)
    name: str = Field(max_length=120)


class OfferedTime(SQLModel, table=True):
    """The minutes that a doctor offered in a month that is over (`month` is its first day), as the
    hours were when it was closed."""

    __tablename__ = "offered_time"

    doctor_id: int = Field(foreign_key="doctor.id", primary_key=True)
    month: date = Field(primary_key=True)
    minutes: int
