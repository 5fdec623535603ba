"""What goes away under a running hospital: its database server, and the line to it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from sqlalchemy import text
from sqlalchemy.engine import URL

from store import chain
from store.clock import FixedClock
from store.database import open_database
from store.front_door import Store
from tests.hospital import TIMEZONE, found, quick_rules
from tests.servers.cut_line import CutLine
from tests.servers.postgres import OwnPostgres, PostgresServer
from tests.servers.process import ServerMissing
from tests.ui.clinic import OPENING, Clinic, fill


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[OwnPostgres]:
    """A PostgreSQL that a test may stop, and starts again."""
    try:
        server = OwnPostgres()
    except ServerMissing as missing:
        pytest.skip(str(missing))
    server.start()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def _databases(own_postgres: OwnPostgres) -> PostgresServer:
    return PostgresServer(own_postgres.admin)


@dataclass(frozen=True)
class Far:
    """A clinic whose database is reached over a line that can be cut, and seen past it."""

    clinic: Clinic
    line: CutLine
    near: Store
    """The same hospital by another way, which is never cut."""


@pytest.fixture
def far(own_postgres: OwnPostgres, _databases: PostgresServer, clock: FixedClock) -> Iterator[Far]:
    """Two doctors, a desk and six patients, at eight on a Monday morning."""
    url = _databases.create_prepared(TIMEZONE, found)
    clock.moment = OPENING
    near = Store(open_database(url), clock, quick_rules())
    people = fill(near)
    assert own_postgres.admin.port is not None
    line = CutLine(own_postgres.admin.port, lambda: _in_the_ledger(near))
    store = Store(open_database(_by_way_of(near, line)), clock, quick_rules())
    with ThreadPoolExecutor(4, "store") as pool:
        yield Far(Clinic(store, clock, people, pool), line, near)
    line.close()
    store.database.dispose()
    near.database.dispose()
    _databases.drop(url)


def _in_the_ledger(near: Store) -> bool:
    """Whether somebody holds the lock behind which all units that write queue for their commit."""
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = :key"
    with near.database.begin(write=False) as connection:
        return bool(connection.execute(text(held), {"key": chain.LOCK_KEY}).scalar_one())


def _by_way_of(near: Store, line: CutLine) -> str:
    url: URL = near.database.engine.url.set(port=line.port, drivername="postgresql")
    return url.render_as_string(hide_password=False)
