"""Short holds on slots, as rows: whose they are, and whose way they are in.

Nothing here asks for a permission: the rules that call it do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, select

from store.changes import Topic
from store.minutes import minutes, minutes_up
from store.prepared import Prepared
from store.slots import Span
from store.tables import Account, LoginSession, SlotHold, table_of
from store.transaction import Transaction
from store.values import Held, Role

_HOLD, _SESSION, _ACCOUNT = table_of(SlotHold).c, table_of(LoginSession).c, table_of(Account).c


@dataclass(frozen=True, slots=True)
class Hold:
    """Somebody else's live hold: minutes since the epoch, and what this actor may know of it."""

    doctor_id: int
    span: Span
    shown: Held


SPAN = (_HOLD.doctor_id, minutes(_HOLD.starts_at), minutes_up(_HOLD.ends_at))
"""Whose time is held, from when to when."""
_LIVE = (
    select(
        *SPAN,
        _HOLD.expires_at,
        _HOLD.terminal,
        _ACCOUNT.role,
    )
    .join(table_of(LoginSession), _SESSION.id == _HOLD.session_id)
    .join(table_of(Account), _ACCOUNT.id == _SESSION.account_id)
    .where(
        _HOLD.doctor_id.in_(bindparam("doctors", expanding=True)),
        _HOLD.starts_at < bindparam("end"),
        _HOLD.ends_at > bindparam("start"),
        _HOLD.expires_at > bindparam("now"),
        _SESSION.ended_at.is_(None),
    )
)
OF_OTHER_ACCOUNTS = _LIVE.where(_SESSION.account_id != bindparam("own"))
OF_OTHER_SESSIONS = _LIVE.where(_HOLD.session_id != bindparam("own"))
"""Holds in the way of a patient, who is an account, and of anybody else: a desk is a login
session, for several may share an account. A login session that has ended holds nothing."""
_DROP = delete(table_of(SlotHold)).returning(
    _HOLD.id, _HOLD.doctor_id, _HOLD.starts_at, _HOLD.expires_at
)
_DROP_BOOKED = Prepared(
    _DROP.where(
        (_HOLD.doctor_id == bindparam("doctor_id"))
        & (_HOLD.starts_at < bindparam("end"))
        & (_HOLD.ends_at > bindparam("start"))
        | (_HOLD.session_id == bindparam("own"))
    )
)
_OF_OTHER_ACCOUNTS, _OF_OTHER_SESSIONS = Prepared(OF_OTHER_ACCOUNTS), Prepared(OF_OTHER_SESSIONS)


def asked(
    tx: Transaction, doctor_ids: Sequence[int], start: datetime, end: datetime
) -> dict[str, Any]:
    """What both statements are asked: the holds that overlap [start, end) and last still."""
    actor = tx.actor
    own = actor.account_id if actor.role is Role.PATIENT else actor.session_id
    return {
        "doctors": list(doctor_ids),
        "start": start,
        "end": end,
        "now": tx.now,
        "own": own or 0,
    }


def others(
    tx: Transaction, doctor_ids: Sequence[int], start: datetime, end: datetime
) -> list[Hold]:
    """The holds of others that overlap [start, end) and last still."""
    query = _OF_OTHER_ACCOUNTS if tx.actor.role is Role.PATIENT else _OF_OTHER_SESSIONS
    rows = tx.rows(query, asked(tx, doctor_ids, start, end))
    return [
        Hold(
            doctor_id,
            (first, last),
            Held(_shown_holder(tx, Role(role), terminal), tx.local(expires_at)),
        )
        for doctor_id, first, last, expires_at, terminal, role in rows
    ]


def longest(held: Iterable[Hold], span: Span) -> Hold | None:
    """Of these holds the one in the way of a span that lasts longest."""
    hits = [one for one in held if one.span[0] < span[1] and span[0] < one.span[1]]
    return max(hits, key=lambda one: one.shown.until.timestamp(), default=None)


def drop(tx: Transaction, *conditions: ColumnElement[bool]) -> list[int]:
    """Delete holds, tell open screens of those that still lasted, and return the ids of all."""
    gone = tx.session.execute(_DROP.where(*conditions)).all()
    _announce_gone(tx, gone)
    return [row.id for row in gone]


def _announce_gone(tx: Transaction, gone: Iterable[Sequence[Any]]) -> None:
    for hold_id, doctor_id, starts_at, expires_at in gone:
        if expires_at > tx.now:
            announce(tx, hold_id, doctor_id, starts_at)


def drop_of_sessions(tx: Transaction, session_ids: Collection[int]) -> None:
    """Release what login sessions hold that have just ended."""
    if session_ids:
        drop(tx, _HOLD.session_id.in_(session_ids))


def drop_booked(tx: Transaction, doctor_id: int, starts_at: datetime, ends_at: datetime) -> None:
    """After a booking: whoever held the time holds nothing any more, and the actor's hold has done
    its work."""
    given = {
        "doctor_id": doctor_id,
        "start": starts_at,
        "end": ends_at,
        "own": tx.actor.session_id or 0,
    }
    _announce_gone(tx, tx.rows(_DROP_BOOKED, given))


def announce(tx: Transaction, hold_id: int, doctor_id: int, starts_at: datetime) -> None:
    """Tell open screens that a hold came or went."""
    day = tx.local(starts_at).date()
    tx.changed(Topic.HOLD, doctor_id=doctor_id, day=day, entity_id=hold_id)


def held_sentence(tx: Transaction, held: Held) -> str:
    """By whom a slot is held, and for how long: `That slot is held by desk-2 for another 1:40.`"""
    left = max(0, int((held.until - tx.now).total_seconds()))
    return f"That slot is held by {held.by} for another {left // 60}:{left % 60:02}."


def _own(tx: Transaction) -> ColumnElement[bool]:
    """A desk is a login session, for several may share an account; a patient is an account."""
    if tx.actor.role is Role.PATIENT:
        return _SESSION.account_id == tx.actor.account_id
    return _HOLD.session_id == (tx.actor.session_id or 0)


def _shown_holder(tx: Transaction, role: Role, terminal: str) -> str:
    """To a patient anybody is somebody else; to staff a patient is a patient, and staff are the
    place they sit at."""
    if tx.actor.role is Role.PATIENT:
        return "somebody else"
    return "a patient" if role is Role.PATIENT else place_of(terminal)


def place_of(terminal: str) -> str:
    """What people call a terminal: `meera@desk-2 pts/3` is desk-2; over SSH, the far end."""
    where, _, far_end = terminal.partition(" from ")
    return far_end.strip() or where.rpartition("@")[2].split(" ")[0] or "another desk"
