"""Login sessions: where an account is signed in, and ending that for good."""

from __future__ import annotations

from sqlalchemy import select

from store import hold_rows
from store.account_rows import end_sessions
from store.changes import Topic
from store.errors import NotFound
from store.permissions import Action, require
from store.tables import LoginSession, table_of
from store.transaction import Transaction
from store.values import LoginSessionView, SessionKind

_SESSION = table_of(LoginSession)


def list_sessions(tx: Transaction, account_id: int | None = None) -> list[LoginSessionView]:
    """The login sessions of an account (one's own by default) that still stand, newest first."""
    if account_id is None:  # part of who am I, which also those may ask who have a duty first
        account_id = tx.actor.account_id
        require(tx, Action.PROFILE_READ, account_id=account_id)
    else:
        require(tx, Action.SESSION_LIST, account_id=account_id)
    rows = tx.session.execute(
        select(_SESSION)
        .where(
            _SESSION.c.account_id == account_id,
            _SESSION.c.ended_at.is_(None),
            _SESSION.c.expires_at > tx.now,
        )
        .order_by(_SESSION.c.id.desc())
    )
    return [
        LoginSessionView(
            id=row.id,
            kind=SessionKind(row.kind),
            terminal=row.terminal,
            created_at=tx.local(row.created_at),
            last_seen_at=tx.local(row.last_seen_at),
            expires_at=tx.local(row.expires_at),
            ended_at=tx.maybe_local(row.ended_at),
            current=row.id == tx.actor.session_id,
        )
        for row in rows
    ]


def end(tx: Transaction, session_id: int) -> None:
    """End one login session; its token is refused from then on.

    Raises:
        NotFound: there is no such session.
    """
    row = tx.session.get(LoginSession, session_id) if 0 < session_id < 2**31 else None
    require(tx, Action.SESSION_END, account_id=row.account_id if row else None)
    if row is None:
        raise NotFound(f"There is no login session {session_id}.", entity="session", id=session_id)
    if row.ended_at is None:
        row.ended_at, row.end_reason = tx.now, "ended"
        tx.session.add(row)
        tx.record("session.end", "session", session_id)
        tx.changed(Topic.SESSION, entity_id=session_id)
        hold_rows.drop_of_sessions(tx, [session_id])


def end_all(tx: Transaction, account_id: int, except_session: int | None = None) -> int:
    """End an account's login sessions but one, and tell how many there were."""
    require(tx, Action.SESSION_END, account_id=account_id)
    ended = end_sessions(tx, account_id, "ended", except_session=except_session)
    if ended:
        tx.record("session.end", "account", account_id, detail={"sessions": ended})
    return len(ended)
