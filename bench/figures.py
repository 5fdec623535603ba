"""One line of the table, and what measures one."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from store.database import sqlite_driver
from store.front_door import Store


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: ours and the machine's limit, in milliseconds each."""

    what: str
    ours: float
    limit: float
    limit_is: str

    @property
    def ratio(self) -> float:
        """How many times the limit it takes."""
        return self.ours / self.limit


def milliseconds(action: Callable[[], object], times: int = 100) -> float:
    """The median time of an action, after some that warm it up."""
    return statistics.median(_taken(action, times)) * 1000


def slow_milliseconds(action: Callable[[], object], times: int = 100) -> float:
    """As `milliseconds`, the time that one in twenty takes longer than."""
    taken = sorted(_taken(action, times))
    return taken[len(taken) * 95 // 100] * 1000


def _taken(action: Callable[[], object], times: int) -> list[float]:
    warming = min(3, times // 10)
    for _ in range(warming):
        action()
    taken = []
    for _ in range(times - warming):
        began = time.perf_counter()
        action()
        taken.append(time.perf_counter() - began)
    return taken


@contextmanager
def raw_query(store: Store, sql: str, *parameters: object) -> Iterator[Callable[[], object]]:
    """A query of the store's own file by its bare driver, statement prepared."""
    driver, _ = sqlite_driver()
    connection = driver.connect(str(store.database.path))
    try:
        yield lambda: connection.execute(sql, parameters).fetchall()
    finally:
        connection.close()
