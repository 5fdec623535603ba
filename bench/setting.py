"""What one run measures on: the disk, the database and how long a past."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bench.hospital import founded, in_zone, throw_away
from store.clock import Clock, FixedClock
from store.front_door import Store
from tests.servers.postgres import PostgresServer

MONDAY = datetime.fromisoformat("2026-01-05T08:00+05:30")
SIZES = (10_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Setting:
    """Handed to each measure.

    Args:
        folder: where files go, by its disk; None is the machine's place for temporary files.
        sizes: numbers of past appointments, where a figure may depend on them.
        server: measures on PostgreSQL, on this server; None measures on SQLite.
    """

    folder: Path | None = None
    sizes: tuple[int, ...] = SIZES
    server: PostgresServer | None = None

    @property
    def clock(self) -> Clock:
        """A Monday morning that stands still."""
        return FixedClock(MONDAY)

    @property
    def largest(self) -> int:
        """The longest past."""
        return max(self.sizes)

    @contextmanager
    def new_hospital(self) -> Iterator[Store]:
        """A new hospital as shipped, in India, deleted afterwards."""
        rules = in_zone("Asia/Kolkata", "IN")
        if self.server is None:
            with throw_away(rules, self.clock, self.folder) as store:
                yield store
            return
        url = self.server.create()
        try:
            with founded(url, rules, self.clock) as store:
                yield store
        finally:
            self.server.drop(url)
