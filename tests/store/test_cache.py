"""The cache of figures: quick while nothing changed, and never older than the last commit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from store import (
    appointments,
    cache,
    departments,
    dispatch,
    doctors,
    outbox,
    patients,
    profiles,
    statistics,
)
from store.cache import Cache, ProcessCache
from store.changes import Topic
from store.clock import FixedClock
from store.database import sqlite_driver
from store.errors import Invalid
from store.front_door import Store
from store.permissions import Action
from store.resting_redis import REST_SECONDS
from store.shared_cache import SharedCache
from store.transaction import Transaction
from store.values import Actor, HospitalFigures, PatientInput, Role
from tests.clinic import SYSTEM, Clinic, open_clinic
from tests.hospital import MakeStore
from tests.servers import redis_server
from tests.servers.process import free_port
from tests.store.test_statistics import asked_by, book


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store)


def with_cache(store: Store, kept: Cache) -> Store:
    return replace(store, cache=kept)


def cached(store: Store) -> HospitalFigures:
    return store.read(SYSTEM, statistics.of_hospital)


def fresh(store: Store) -> HospitalFigures:
    return cached(with_cache(store, ProcessCache()))


def counts(store: Store) -> int:
    """How many statements that count a reading of the figures takes."""
    return sum("count(" in statement for statement, _ in asked_by(store, lambda: cached(store)))


def test_it_counts_once_and_then_only_looks_for_changes(clinic: Clinic) -> None:
    store = clinic.store
    assert counts(store) == 3
    assert counts(store) == 0
    assert cached(store) == fresh(store)
    book(clinic, clinic.at(10))
    assert counts(store) == 3
    assert counts(store) == 0


def change_of_everything(clinic: Clinic) -> list[Callable[[], Any]]:
    """One change of each thing that the figures tell of."""
    do = clinic.store.write
    first = book(clinic, clinic.at(10))
    second = book(clinic, clinic.at(11), patient=1)

    def tell() -> None:
        (held,) = do(SYSTEM, dispatch.claim, worker="w")
        do(SYSTEM, dispatch.mark_failed, held, "no such mailbox")

    def discard() -> None:
        message = clinic.store.read(SYSTEM, outbox.list_messages).items[0]
        do(SYSTEM, outbox.discard, message.id)

    def rename() -> None:
        own = clinic.doctors[1]
        doctor = Actor(Role.DOCTOR, "Doctor 1", "room", account_id=2, doctor_id=own)
        do(doctor, profiles.update, name="Dr Other Name", phone=None, email=None)

    return [
        lambda: do(SYSTEM, appointments.cancel, first),
        lambda: do(SYSTEM, appointments.reschedule, second, starts_at=clinic.at(12)),
        lambda: do(SYSTEM, patients.register, PatientInput(name="Somebody New")),
        lambda: do(SYSTEM, patients.deactivate, clinic.patients[2]),
        lambda: do(SYSTEM, departments.update, clinic.department, name="Heart"),
        lambda: do(SYSTEM, doctors.deactivate, clinic.doctors[0]),
        rename,
        tell,
        discard,
    ]


def test_whatever_changes_is_seen_at_once(clinic: Clinic) -> None:
    changes = change_of_everything(clinic)
    last = cached(clinic.store)
    for number, change in enumerate(changes):
        change()
        now = cached(clinic.store)
        assert now == fresh(clinic.store), number
        assert now != last, number
        last = now


def test_what_concerns_no_figure_costs_no_count(clinic: Clinic) -> None:
    cached(clinic.store)
    with clinic.store.transaction(SYSTEM) as tx:
        tx.changed(Topic.HOLD)
        tx.changed(Topic.SESSION)
    assert counts(clinic.store) == 0


def test_a_unit_that_writes_sees_its_own_work_and_keeps_it_to_itself(clinic: Clinic) -> None:
    store, before = clinic.store, cached(clinic.store)
    seen = []

    def take_back(tx: Transaction) -> None:
        departments.create(tx, name="Eye clinic")
        seen.append(statistics.of_hospital(tx).departments)
        raise Invalid("taken back")

    with pytest.raises(Invalid, match="taken back"):
        store.write(SYSTEM, take_back)
    assert seen == [before.departments + 1]
    assert cached(store) == before


def test_at_midnight_it_is_another_today(clinic: Clinic, clock: FixedClock) -> None:
    book(clinic, clinic.at(10))
    assert cached(clinic.store).activity.today.booked == 1
    clock.advance(timedelta(days=1))
    assert cached(clinic.store).activity.today.booked == 0


def test_who_sees_only_the_own_has_keys_of_the_own(clinic: Clinic) -> None:
    """Two doctors ask for the same thing under the same name, and each gets the own."""

    def asked(tx: Transaction) -> str:
        return cache.through(
            tx,
            "whose",
            str,
            lambda: f"of {tx.actor.doctor_id}",
            action=Action.STATISTICS_READ,
            topics=(Topic.DOCTOR,),
            given=("today",),
        )

    actors = [
        Actor(Role.DOCTOR, f"Doctor {n}", "room", account_id=1 + n, doctor_id=doctor_id)
        for n, doctor_id in enumerate(clinic.doctors)
    ]
    for _ in range(2):
        told = [clinic.store.read(actor, asked) for actor in actors]
        assert told == [f"of {doctor_id}" for doctor_id in clinic.doctors]


def test_after_a_restore_the_same_ids_mean_other_changes(
    sqlite_store: Store, make_store: MakeStore, clock: FixedClock, tmp_path: Path
) -> None:
    """What was counted before the restore has the same change id as what is counted after it."""
    open_clinic(sqlite_store)
    backup = tmp_path / "backup.db"
    driver, _ = sqlite_driver()
    copying = driver.connect(str(sqlite_store.database.path))
    copying.execute("VACUUM INTO ?", (str(backup),))
    copying.close()
    backup.chmod(0o600)
    sqlite_store.write(SYSTEM, departments.create, name="Lost again")
    before = cached(sqlite_store)
    restored = with_cache(make_store(f"sqlite:///{backup}"), sqlite_store.cache)
    clock.advance(timedelta(seconds=1))
    restored.write(SYSTEM, patients.register, PatientInput(name="Came after it"))
    assert restored.changes_since(None)[0] == sqlite_store.changes_since(None)[0]
    assert (before.departments, cached(restored).departments) == (2, 1)
    assert cached(restored) == fresh(restored)


def test_the_process_keeps_what_was_used_last() -> None:
    kept = ProcessCache(most=2)
    for key in ("a", "b"):
        kept.put(key, key.upper())
    assert kept.get("a", str) == "A"
    kept.put("c", "C")
    assert [kept.get(key, str) for key in "abc"] == ["A", None, "C"]
    assert kept.get("a", int) is None, "never of another type than asked for"


# In Redis


def test_what_one_process_counted_another_need_not(clinic: Clinic, redis_url: str) -> None:
    one = with_cache(clinic.store, SharedCache(redis_url, "city"))
    other = with_cache(clinic.store, SharedCache(redis_url, "city"))
    elsewhere = with_cache(clinic.store, SharedCache(redis_url, "village"))
    book(clinic, clinic.at(10))
    assert counts(one) == 3
    assert counts(other) == 0
    assert cached(one) == cached(other) == fresh(clinic.store)
    assert counts(elsewhere) == 3
    book(clinic, clinic.at(11), patient=1)
    assert cached(other) == fresh(clinic.store)
    assert counts(one) == 0


def test_what_somebody_else_wrote_into_redis_is_not_believed(
    clinic: Clinic, redis_url: str
) -> None:
    cached(with_cache(clinic.store, SharedCache(redis_url, "city")))
    with redis_server.client(redis_url) as server:
        (key,) = server.keys("chikitsa:city:*")
        assert server.ttl(key) > 0, "it goes by itself"
        for junk in (b"\x80\x04.", b"{}", b'{"patients": "many"}', b"null"):
            server.set(key, junk)
            store = with_cache(clinic.store, SharedCache(redis_url, "city"))
            assert cached(store) == fresh(clinic.store)


def test_without_redis_each_process_goes_on_by_itself(clinic: Clinic) -> None:
    """Redis is asked once, and not again before a while."""
    passed = [0.0]
    away = SharedCache(f"redis://127.0.0.1:{free_port()}/0", "city", lambda: passed[0])
    store = with_cache(clinic.store, away)
    assert (counts(store), counts(store)) == (3, 0)
    assert away.get("another", HospitalFigures) is None
    rests_until = away._redis.rests_until
    passed[0] = REST_SECONDS / 2
    book(clinic, clinic.at(10))
    assert cached(store) == fresh(clinic.store)
    assert away._redis.rests_until == rests_until
    passed[0] = REST_SECONDS
    away.get("another", HospitalFigures)
    assert away._redis.rests_until == 2 * REST_SECONDS
