"""Throw-away hospitals to measure in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from store import schema
from store.clock import Clock
from store.database import open_database
from store.front_door import Store
from store.hospital import HospitalRules, Rules


@contextmanager
def throw_away(rules: HospitalRules, clock: Clock, folder: Path | None = None) -> Iterator[Store]:
    """A new hospital in a SQLite file of its own, deleted afterwards.

    Args:
        folder: where its file goes; None is the machine's place for temporary files. What is
            durable depends on it: a file in memory is not.
    """
    with (
        TemporaryDirectory(prefix="chikitsa-bench-", dir=folder) as place,
        founded(f"sqlite:///{Path(place) / 'hospital.db'}", rules, clock) as store,
    ):
        yield store


@contextmanager
def founded(url: str, rules: HospitalRules, clock: Clock) -> Iterator[Store]:
    """A new hospital in an empty database, which stays."""
    database = open_database(url, create=True)
    try:
        schema.found(database, rules, clock)
        yield Store(database, clock, Rules(rules))
    finally:
        database.dispose()


def in_zone(name: str, region: str) -> HospitalRules:
    """A hospital's rules as shipped, in a time zone; `region` is for telephone numbers."""
    return HospitalRules("Bench", ZoneInfo(name), region=region)
