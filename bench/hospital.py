"""Throw-away hospitals to measure in, and who asks them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from store import accounts, passwords, schema, signing_in
from store.actors import system
from store.clock import Clock
from store.database import open_database
from store.front_door import Store
from store.hospital import HospitalRules, Rules
from store.values import Actor, Role, SessionKind

PASSWORD = "a kettle on the bench 9"  # noqa: S105 -- of hospitals that are deleted again


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


@contextmanager
def opened(url: str, rules: HospitalRules, clock: Clock) -> Iterator[Store]:
    """A hospital that is there."""
    database = open_database(url)
    try:
        yield Store(database, clock, Rules(rules))
    finally:
        database.dispose()


def url_of(store: Store) -> str:
    """Where its database is, for other processes."""
    return store.database.engine.url.render_as_string(hide_password=False)


def signed_in(store: Store, role: Role) -> Actor:
    """Somebody of that role at a login session of the command line, named as in `admin.1`."""
    secret = passwords.prepare(PASSWORD, store.rules)
    name, desk = f"{role}.1", system("bench", "bench")
    store.write(desk, accounts.create, username=name, name=f"{role}", role=role, password=secret)
    return signing_in.sign_in(store, name, PASSWORD, kind=SessionKind.CLI, terminal="bench").actor


def in_zone(name: str, region: str) -> HospitalRules:
    """A hospital's rules as shipped, in a time zone; `region` is for telephone numbers."""
    return HospitalRules("Bench", ZoneInfo(name), region=region)
