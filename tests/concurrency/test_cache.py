"""Several processes change the hospital at random, and none is ever told an old figure; also where
somebody empties the Redis that they share meanwhile."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from datetime import datetime, timedelta
from multiprocessing.synchronize import Barrier
from random import Random
from zoneinfo import ZoneInfo

import pytest

from store import appointments, changes, departments, doctors, patients, statistics
from store.cache import Cache, ProcessCache
from store.clock import FixedClock
from store.database import open_database
from store.errors import StoreError
from store.front_door import Store
from store.hospital import HospitalRules, Rules
from store.shared_cache import SharedCache
from store.values import PatientInput
from tests.clinic import SYSTEM, open_clinic
from tests.hospital import MONDAY_MORNING, MakeStore
from tests.servers.redis_server import client

PROCESSES, CHANGES = 3, 8
_LINE_SECONDS = 120


@pytest.mark.parametrize("shared", [False, True], ids=["in-process", "redis"])
def test_what_is_cached_is_what_is_there(
    hospital_url: str, make_store: MakeStore, request: pytest.FixtureRequest, shared: bool
) -> None:
    redis = request.getfixturevalue("redis_url") if shared else ""
    open_clinic(make_store(hospital_url), patient_count=9)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.concurrency.test_cache"])
    line = context.Barrier(PROCESSES)
    results: multiprocessing.Queue[str | int] = context.Queue()
    workers = [
        context.Process(target=_work, args=(hospital_url, redis, seed, line, results))
        for seed in range(PROCESSES)
    ]
    for worker in workers:
        worker.start()
    told = [results.get(timeout=_LINE_SECONDS) for _ in workers]
    for worker in workers:
        worker.join(_LINE_SECONDS)
    compared = [one for one in told if isinstance(one, int)]
    assert len(compared) == PROCESSES, told
    assert sum(compared) > CHANGES


def _work(
    url: str, redis: str, seed: int, line: Barrier, results: multiprocessing.Queue[str | int]
) -> None:
    try:
        rules = Rules(HospitalRules("City Hospital", ZoneInfo("Asia/Kolkata")))
        kept: Cache = SharedCache(redis, "city") if redis else ProcessCache()
        store = Store(open_database(url), FixedClock(MONDAY_MORNING), rules, kept)
        store.changes_since(None)
        line.wait(_LINE_SECONDS)
        random = Random(seed)
        compared = 0
        for _ in range(CHANGES):
            _change(store, random)
            for _ in range(2):
                compared += _compare(store)
            if redis and not random.randrange(3):
                with client(redis) as server:
                    server.flushdb()
        results.put(compared)
    except BaseException as error:
        results.put(f"{type(error).__name__}: {error}")
        raise


def _change(store: Store, random: Random) -> None:
    """Something that somebody does; what another process made impossible is refused."""
    at = MONDAY_MORNING + timedelta(minutes=15 * random.randrange(16), days=random.randrange(3))
    try:
        match random.randrange(6):
            case 0 | 1:
                _book(store, random, at)
            case 2:
                store.write(SYSTEM, appointments.cancel, random.randrange(1, 20))
            case 3:
                store.write(SYSTEM, patients.register, PatientInput(name=f"Somebody {at:%H%M}"))
            case 4:
                name = f"Ward {random.randrange(5)}"
                store.write(SYSTEM, departments.update, 1, name=name)
            case _:
                act = random.choice((doctors.deactivate, doctors.activate))
                store.write(SYSTEM, act, 1)
    except StoreError:
        pass


def _book(store: Store, random: Random, at: datetime) -> None:
    store.write(
        SYSTEM,
        appointments.book,
        patient_id=random.randrange(1, 10),
        doctor_id=random.randrange(1, 3),
        starts_at=at,
    )


def _compare(store: Store) -> int:
    """Whether the cached and the fresh figures of one moment could be compared; they are the same.

    On PostgreSQL another's commit may come between the two: then nothing is said.
    """
    with store.reading(SYSTEM) as tx:
        before = changes.newest(tx.session)
        cached = statistics.of_hospital(tx)
        fresh = statistics.of_hospital(replace(tx, cache=ProcessCache()))
        if changes.newest(tx.session) != before:
            return 0
    assert cached == fresh
    return 1
