"""Whether an actor's login session still stands; asked at the start of every unit of work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import Connection, bindparam, select, update

from store import schema_version
from store.errors import PasswordChangeNeeded, SecondFactorNeeded, SessionEnded
from store.hospital import SecurityRules
from store.prepared import Prepared
from store.tables import Account, LoginSession, table_of
from store.values import Actor, Duty

if TYPE_CHECKING:
    from store.transaction import Transaction

_SESSION, _ACCOUNT = table_of(LoginSession), table_of(Account)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a login session stands: when it was last noted to be in use (UTC), and what its account
    has to do before all else."""

    last_seen_at: datetime
    duty: Duty | None
    may_rest: timedelta
    """How long it may go unused."""


class _Row(NamedTuple):
    ended_at: datetime | None
    expires_at: datetime
    last_seen_at: datetime
    is_active: bool
    role: str
    must_change_password: bool
    totp_enabled: bool
    schema: str | None


_HOW_IT_STANDS = Prepared(
    select(
        _SESSION.c.ended_at,
        _SESSION.c.expires_at,
        _SESSION.c.last_seen_at,
        _ACCOUNT.c.is_active,
        _ACCOUNT.c.role,
        _ACCOUNT.c.must_change_password,
        _ACCOUNT.c.totp_enabled,
        schema_version.VERSION.scalar_subquery(),
    )
    .select_from(_SESSION)
    .join(_ACCOUNT, _ACCOUNT.c.id == _SESSION.c.account_id)
    .where(_SESSION.c.id == bindparam("session"))
)


def require_standing(tx: Transaction) -> None:
    """Refuse an actor whose login session was ended, has expired, or whose account was
    deactivated or given another role meanwhile; and any actor where the program and its database
    are of different versions.

    Raises:
        SessionEnded: sign in again.
        OtherVersion: start the program again.
    """
    if tx.actor.session_id is None:
        schema_version.require(tx.connection)
        return
    found = tx.rows(_HOW_IT_STANDS, {"session": tx.actor.session_id})
    row = _Row(*found[0]) if found else None
    if row is not None:
        schema_version.require_found(row.schema)
    idle = timedelta(minutes=tx.rules.security.idle_minutes.get(tx.actor.role, 60))
    if row is None or row.ended_at is not None or not row.is_active or row.role != tx.actor.role:
        raise SessionEnded("Your login session has ended. Sign in again.")
    if tx.now >= row.expires_at:
        raise SessionEnded("Your login session has ended: it was open for too long. Sign in again.")
    if tx.now >= row.last_seen_at + idle:
        minutes = idle // timedelta(minutes=1)
        raise SessionEnded(
            "Your login session has ended: it was not used for "
            f"{minutes} minute{'s' * (minutes != 1)}. Sign in again."
        )
    tx.standing = Standing(row.last_seen_at, duty_of(row, tx.rules.security), idle)


def duty_of(account: Any, rules: SecurityRules) -> Duty | None:
    """What an account (its row, with role, `must_change_password` and `totp_enabled`) must do
    first; new rules of the hospital hold for those who are signed in already."""
    if account.must_change_password:
        return Duty.PASSWORD
    if account.role in rules.totp_roles and not account.totp_enabled:
        return Duty.SECOND_FACTOR
    return None


def require_no_duty(tx: Transaction, action: str) -> None:
    """Refuse an actor who has to do something else before this action.

    Raises:
        PasswordChangeNeeded, SecondFactorNeeded: says what and how.
    """
    duty = tx.standing.duty if tx.standing is not None else None
    if duty is Duty.PASSWORD:
        raise PasswordChangeNeeded(
            "Choose a password of your own before anything else. In the shell: chikitsa passwd",
            duty,
            action=action,
        )
    if duty is Duty.SECOND_FACTOR:
        raise SecondFactorNeeded(
            "Your role needs a second factor: set it up before anything else. In the shell: "
            "chikitsa totp setup",
            duty,
            action=action,
        )


def due_for_seen(tx: Transaction, every: timedelta) -> bool:
    """Whether it is time to note that the session is in use; more often where it may rest only
    for a minute or two."""
    if tx.standing is None:
        return False
    return tx.now - tx.standing.last_seen_at >= min(every, tx.standing.may_rest / 4)


def mark_seen(connection: Connection, actor: Actor, now: datetime) -> None:
    """Note that the login session is in use at this moment."""
    connection.execute(
        update(_SESSION).where(_SESSION.c.id == actor.session_id).values(last_seen_at=now)
    )
