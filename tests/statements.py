"""What the store asks its database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from store.front_door import Store

_BY_EVERY_UNIT = ("BEGIN", "SAVEPOINT", "SELECT version_num")


@contextmanager
def heard(
    store: Store, wanted: Callable[[str], bool] = lambda _: True
) -> Iterator[list[tuple[str, Any]]]:
    """The SQL statements sent meanwhile that are `wanted`, with their parameters."""
    sent: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        if wanted(statement):
            sent.append((statement, parameters))

    store.database.dispose()  # a connection that is open already would not be listened to
    event.listen(store.database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(store.database.engine, "before_cursor_execute", note)


@contextmanager
def counted(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """As `heard`, but for what every unit asks first."""
    with heard(store, lambda statement: not statement.startswith(_BY_EVERY_UNIT)) as sent:
        yield sent
