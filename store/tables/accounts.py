"""Accounts, their login sessions, second factors, attempts and preferences."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from store.tables.base import Stamped, one_of
from store.values import Role, SessionKind


class Account(Stamped, table=True):
    """Somebody who can sign in. `username` and `email` are stored case-folded.

    `is_barred` is an account that an administrator took away: the desk, which deactivates and
    activates patients with their accounts, does not give it back. `totp_pending` is a second
    factor that waits for its first code; `totp_last_step` the newest code that was used.
    `language` is that of mails to staff, empty where it is the hospital's; a patient's is the
    patient's own.
    """

    __table_args__ = (
        one_of("role", [role for role in Role if role != "nobody"]),
        Index("ix_account_role_username", "role", "username"),
        Index(
            "ix_account_inactive",
            "username",
            sqlite_where=text("is_active = 0"),
            postgresql_where=text("is_active = false"),
        ),
        Index(
            "ix_account_locked_until",
            "locked_until",
            sqlite_where=text("locked_until IS NOT NULL"),
            postgresql_where=text("locked_until IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    username: str = Field(unique=True, max_length=64)
    email: str | None = Field(default=None, unique=True, max_length=254)
    name: str = Field(max_length=120)
    phone: str | None = Field(default=None, max_length=20)
    address: str = Field(default="", max_length=500)
    language: str = Field(default="", max_length=8)
    role: str = Field(max_length=16)
    password_hash: str | None = Field(default=None, max_length=200)
    must_change_password: bool = Field(default=False)
    is_active: bool = Field(default=True)
    is_barred: bool = Field(default=False)
    failed_attempts: int = Field(default=0)
    next_attempt_at: datetime | None = None
    locked_until: datetime | None = None
    totp_secret: str | None = Field(default=None, max_length=200)
    totp_pending: str | None = Field(default=None, max_length=200)
    totp_enabled: bool = Field(default=False)
    totp_last_step: int = Field(default=0)
    reset_code_hash: str | None = Field(default=None, max_length=200)
    reset_code_expires_at: datetime | None = None


class RecoveryCode(SQLModel, table=True):
    """A single-use code that stands in for a lost second factor; kept hashed."""

    __tablename__ = "recovery_code"

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    code_hash: str = Field(max_length=200)
    created_at: datetime
    used_at: datetime | None = None


class LoginSession(SQLModel, table=True):
    """One signing-in. Only the SHA-256 of its token is kept; `ended_at` ends it for good."""

    __tablename__ = "login_session"
    __table_args__ = (one_of("kind", SessionKind),)

    id: int | None = Field(default=None, primary_key=True)
    account_id: int = Field(foreign_key="account.id", index=True)
    token_hash: str = Field(unique=True, max_length=64)
    kind: str = Field(max_length=8)
    terminal: str = Field(max_length=120)
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    locked_at: datetime | None = None
    ended_at: datetime | None = None
    end_reason: str = Field(default="", max_length=40)


class SignInAttempt(SQLModel, table=True):
    """One try to sign in, kept to slow down guessing by account, terminal and hospital.

    `subject` is a digest of a name that no account has (somebody may have typed the password
    there): such names are slowed down just as accounts are, so that no answer tells them apart.
    """

    __tablename__ = "sign_in_attempt"
    __table_args__ = (
        Index("ix_sign_in_attempt_terminal_at", "terminal", "at"),
        Index("ix_sign_in_attempt_subject_at", "subject", "at"),
    )

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = Field(index=True)
    terminal: str = Field(max_length=120)
    subject: str = Field(default="", max_length=16)
    succeeded: bool = Field(default=False)


class Preference(SQLModel, table=True):
    """What a person chose to see: columns, filters, theme; `value` is JSON."""

    account_id: int = Field(foreign_key="account.id", primary_key=True)
    key: str = Field(primary_key=True, max_length=80)
    value: str = Field(max_length=4000)
