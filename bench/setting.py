"""What one run measures on: the disk, the database and how long a past."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import text

from bench.hospital import founded, in_zone, opened
from bench.past import furnish
from store.actors import system
from store.clock import Clock, FixedClock
from store.front_door import Store
from tests.servers.postgres import PostgresServer

MONDAY = datetime.fromisoformat("2026-01-05T08:00+05:30")
SIZES = (10_000, 100_000, 1_000_000)
RULES = in_zone("Asia/Kolkata", "IN")
_DESK = system("bench", "bench")


@dataclass(frozen=True)
class Setting:
    """Handed to each measure.

    Args:
        folder: where files go, by its disk; whoever makes the setting removes it.
        sizes: numbers of past appointments, where a figure may depend on them.
        server: measures on PostgreSQL, on this server; None measures on SQLite.
        filled: how many seconds it took to fill each hospital of which copies are measured in.
    """

    folder: Path
    sizes: tuple[int, ...] = SIZES
    server: PostgresServer | None = None
    filled: dict[str, float] = field(default_factory=dict)

    @property
    def clock(self) -> Clock:
        """A Monday morning that stands still."""
        return FixedClock(MONDAY)

    @property
    def largest(self) -> int:
        """The longest past."""
        return max(self.sizes)

    def with_past(self, appointments: int) -> AbstractContextManager[Store]:
        """A hospital with so many past appointments."""
        return self.prepared(
            f"{appointments:,} appointments", lambda store: furnish(store, _DESK, appointments)
        )

    @contextmanager
    def prepared(self, name: str, fill: Callable[[Store], object]) -> Iterator[Store]:
        """A hospital as shipped, in India, as `fill` leaves it: a copy, deleted afterwards, of one
        that is filled once in a run under that name."""
        if self.server is not None:
            url = self.server.create_prepared(name, lambda made: self._fill(made, name, fill))
            try:
                with opened(url, RULES, self.clock) as store:
                    yield store
            finally:
                self.server.drop(url)
            return
        original = self.folder / f"{name}.db"
        if name not in self.filled:
            self._fill(f"sqlite:///{original}", name, fill)
        with TemporaryDirectory(dir=self.folder) as place:
            copy = Path(place) / "hospital.db"
            shutil.copy(original, copy)
            os.sync()  # or it is still being written while others are measured
            with opened(f"sqlite:///{copy}", RULES, self.clock) as store:
                yield store

    def _fill(self, url: str, name: str, fill: Callable[[Store], object]) -> None:
        began = time.monotonic()
        with founded(url, RULES, self.clock) as store:
            fill(store)
            if self.server is not None:
                _tidy(store)
        self.filled[name] = time.monotonic() - began


def _tidy(store: Store) -> None:
    """As the server does by itself in a hospital whose past has grown over years, and otherwise
    would while something is measured."""
    engine = store.database.engine.execution_options(isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM (ANALYZE)"))
        connection.execute(text("CHECKPOINT"))
