"""Being woken by what another process has committed, and by nothing else."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest
from sqlalchemy import text

from store import departments
from store.front_door import Store
from store.guards import WAKING
from store.redis_bell import RedisBell
from store.wakeups import ANYTHING, Ear, LineLost, _listening, listen
from tests.clinic import SYSTEM
from tests.hospital import MakeStore, owning
from tests.servers.process import ServerMissing, free_port, wait_until
from tests.servers.redis_server import client, own_redis

SECONDS = 20

Heard = queue.SimpleQueue[frozenset[str]]


@pytest.fixture
def begin() -> Iterator[Callable[[Store], tuple[Ear, Heard]]]:
    """Listen for a store, from when on every commit is heard."""
    ears: list[Ear] = []

    def begin_here(store: Store) -> tuple[Ear, Heard]:
        heard: Heard = queue.SimpleQueue()
        ears.append(listen(store.database, store.bell, heard.put))
        assert heard.get(timeout=SECONDS) == ANYTHING
        return ears[-1], heard

    yield begin_here
    for ear in ears:
        ear.close()


@pytest.fixture
def url(found_postgres: Callable[..., str]) -> str:
    return found_postgres()


def add(store: Store, name: str) -> None:
    store.write(SYSTEM, departments.create, name=name)


def listeners(store: Store) -> list[int]:
    """The server's processes that serve nobody but listeners."""
    with store.database.begin(write=False) as connection:
        found = connection.execute(
            text("SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
        )
        return list(found.scalars())


def test_what_another_host_commits_is_heard_and_what_it_takes_back_is_not(
    url: str, make_store: MakeStore, begin: Callable[[Store], tuple[Ear, Heard]]
) -> None:
    here, there = make_store(url), make_store(url)
    ear, heard = begin(here)
    assert ear.hears
    with suppress(RuntimeError), there.transaction(SYSTEM) as tx:
        departments.create(tx, name="Never")
        raise RuntimeError
    add(there, "Cardiology")
    assert heard.get(timeout=SECONDS) == {"department"}
    assert heard.empty()


def test_a_line_that_was_lost_is_taken_up_again_and_nothing_is_missed(
    url: str, make_store: MakeStore, begin: Callable[[Store], tuple[Ear, Heard]]
) -> None:
    here, there = make_store(url), make_store(url)
    ear, heard = begin(here)
    last, _ = here.changes_since(None)
    (pid,) = listeners(there)
    with there.database.begin(write=True) as connection:
        connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    assert heard.get(timeout=SECONDS) == ANYTHING
    add(there, "Cardiology")
    wait_until(lambda: ear.hears, lambda: "it does not listen again")
    add(there, "Surgery")
    while heard.get(timeout=SECONDS) != {"department"}:
        pass
    _, changes = here.changes_since(last)
    assert [change.topic for change in changes] == ["department"] * 2


def test_without_the_trigger_nobody_counts_on_being_woken(url: str, make_store: MakeStore) -> None:
    store = make_store(url)
    with owning(store) as connection:
        connection.execute(text(f"DROP TRIGGER {WAKING} ON change"))
    with pytest.raises(LineLost), _listening(store.database):
        pass


def test_redis_wakes_besides_and_may_go_away(
    sqlite_store: Store, begin: Callable[[Store], tuple[Ear, Heard]]
) -> None:
    port = free_port()
    here = replace(sqlite_store, bell=RedisBell(f"redis://127.0.0.1:{port}/0", "city"))
    theirs = replace(sqlite_store, bell=RedisBell(f"redis://127.0.0.1:{port}/0", "town"))

    def there() -> Store:
        return replace(sqlite_store, bell=RedisBell(f"redis://127.0.0.1:{port}/0", "city"))

    try:
        with own_redis(port):
            ear, heard = begin(here)
            add(theirs, "Elsewhere")
            add(there(), "Cardiology")
            assert heard.get(timeout=SECONDS) == {"department"}
            with client(f"redis://127.0.0.1:{port}/0") as redis:
                redis.flushall()
            add(there(), "Paediatrics")
            assert heard.get(timeout=SECONDS) == {"department"}
            assert not ear.hears
    except ServerMissing as missing:
        pytest.skip(str(missing))
    assert heard.get(timeout=SECONDS) == ANYTHING
    add(there(), "Surgery")
    with own_redis(port):
        assert heard.get(timeout=SECONDS) == ANYTHING
        add(there(), "Medicine")
        assert heard.get(timeout=SECONDS) == {"department"}
