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
    """One line of the table: ours and the machine's limit, both in `unit`.

    The goal is how many times the limit ours may be, or how much it may be by itself, or both;
    a figure without a goal is there to be looked at.
    """

    what: str
    ours: float
    limit: float
    limit_is: str
    unit: str = "ms"
    most_ratio: float | None = None
    most: float | None = None

    @property
    def ratio(self) -> float | None:
        """How many times the limit it takes; None where the limit is nothing at all."""
        return self.ours / self.limit if self.limit else None

    @property
    def goal(self) -> str:
        """What it may be at most, in words; empty without a goal."""
        parts = []
        if self.most_ratio is not None:
            parts.append(f"{self.most_ratio:g} ×")
        if self.most is not None:
            parts.append(f"{self.most:g} {self.unit}")
        return ", ".join(parts)

    @property
    def kept(self) -> bool | None:
        """Whether the goal is kept; None without one."""
        if not self.goal:
            return None
        by_ratio = self.most_ratio is None or self.ours <= self.most_ratio * self.limit
        return by_ratio and (self.most is None or self.ours <= self.most)


@dataclass(frozen=True, slots=True)
class Missing:
    """A line of the table that could not be measured, and why."""

    what: str
    why: str


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
    """A query of the store's own database by its bare driver, statement prepared; `?` stands for
    a parameter on both."""
    if store.database.dialect == "postgresql":
        import psycopg

        url = store.database.engine.url.set(drivername="postgresql")
        with psycopg.connect(url.render_as_string(hide_password=False)) as server:
            numbered = sql.replace("?", "%s")
            yield lambda: server.execute(numbered, parameters, prepare=True).fetchall()
        return
    driver, _ = sqlite_driver()
    connection = driver.connect(str(store.database.path))
    try:
        yield lambda: connection.execute(sql, parameters).fetchall()
    finally:
        connection.close()
