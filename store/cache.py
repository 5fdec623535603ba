"""Figures that take long to count, kept for as long as they are true.

Nothing is ever deleted from here because it changed. A key carries the newest committed change
that could make the figure another, so that behind a change nobody asks for the old key any more;
what lies under it is pushed out by time. It also carries the moment of that change: after a
restore the ids are given again, to other changes.

What a key is asked for was permitted first, and whoever may see no more than the own rows has keys
of the own. Only what `bench/` shows to gain goes through here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy import Select, func, select, union_all

from store.changes import Topic
from store.permissions import Action, Scope, scope_of
from store.tables import Change, table_of

if TYPE_CHECKING:
    from store.transaction import Transaction

T = TypeVar("T")

_CHANGE = table_of(Change)
_MOST = 256


class Cache(Protocol):
    """Where frozen values are kept under keys that are never used for another value."""

    def get(self, key: str, kind: type[T]) -> T | None:
        """What is kept, if it is still there."""

    def put(self, key: str, value: object) -> None:
        """Keep it as long as there is room."""


class ProcessCache:
    """In this process, for all its threads: the values used last."""

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._kept: OrderedDict[str, object] = OrderedDict()
        self._lock = Lock()

    def get(self, key: str, kind: type[T]) -> T | None:
        """What is kept, if it is still there."""
        with self._lock:
            value = self._kept.get(key)
            if not isinstance(value, kind):
                return None
            self._kept.move_to_end(key)
            return value

    def put(self, key: str, value: object) -> None:
        """Keep it; what was not used for longest goes."""
        with self._lock:
            self._kept[key] = value
            self._kept.move_to_end(key)
            if len(self._kept) > self._most:
                self._kept.popitem(last=False)


def through(
    tx: Transaction,
    name: str,
    kind: type[T],
    read: Callable[[], T],
    *,
    action: Action,
    topics: Sequence[Topic],
    given: Sequence[object],
) -> T:
    """What `read` counts, from the cache where it was counted since the last change of one of the
    topics. A unit that writes counts by itself: it sees what nobody else does yet.

    Args:
        name: of the figure, with a number that rises when it comes to mean something else.
        kind: the type of the value: frozen, and made of plain values.
        action: what the actor was permitted; says whose key it is.
        given: all else that the value depends on, such as days.
    """
    if tx.writing:
        return read()
    newest = tx.session.execute(_newest(tuple(topics))).first()
    key = _key(tx, name, action, tuple(newest or ()), given)
    found = tx.cache.get(key, kind)
    if found is None:
        found = read()
        tx.cache.put(key, found)
    return found


def _key(
    tx: Transaction,
    name: str,
    action: Action,
    newest: Sequence[Any],
    given: Sequence[object],
) -> str:
    actor = tx.actor
    own = (actor.role, actor.account_id, actor.doctor_id, actor.patient_id)
    whose = ("any",) if scope_of(tx, action) is Scope.ANY else own
    parts = (name, *whose, *newest, tx.timezone.key, *given)
    return "|".join(_written(part) for part in parts)


def _written(part: object) -> str:
    return part.isoformat() if isinstance(part, datetime) else str(part)


@lru_cache(50)
def _newest(topics: tuple[Topic, ...]) -> Select[Any]:
    """The id and the moment of the newest change of these topics, each found at the end of its
    range of the index."""
    each = union_all(
        *(
            select(func.max(_CHANGE.c.id).label("id")).where(_CHANGE.c.topic == topic.value)
            for topic in topics
        )
    ).subquery()
    newest = select(func.max(each.c.id)).scalar_subquery()
    return select(_CHANGE.c.id, _CHANGE.c.at).where(_CHANGE.c.id == newest)
