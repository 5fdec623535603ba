"""Registering, naming and guessing at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from store import accounts, departments, doctors, patients, sessions, signing_in
from store.actors import system
from store.errors import AccountLocked, BadCredentials, Duplicate, InUse, StoreError
from store.front_door import Store
from store.values import Actor, PatientInput, Role, SessionKind
from tests.hospital import actor_of, admin, department, hashed, reception

T = TypeVar("T")
RACERS = 8


def race(act: Callable[[int], T], racers: int = RACERS) -> list[T | str]:
    """What each racer got, or the code of its refusal."""
    barrier = Barrier(racers)

    def run(number: int) -> T | str:
        barrier.wait()
        try:
            return act(number)
        except StoreError as refusal:
            return refusal.code

    with ThreadPoolExecutor(racers) as pool:
        return list(pool.map(run, range(racers)))


def test_no_two_patients_get_one_number(store: Store) -> None:
    def register(number: int) -> list[str]:
        given = [PatientInput(f"Patient {number} {turn}") for turn in range(4)]
        return [store.write(system(), patients.register, one).mrn for one in given]

    drawn = [mrn for mrns in race(register) for mrn in mrns]
    assert len(set(drawn)) == RACERS * 4
    assert max(drawn).startswith("000032-")


def test_one_of_many_gets_the_name(store: Store) -> None:
    room = department(store)
    made = race(lambda _: store.write(system(), departments.create, name="Skin").name)
    assert sorted(made) == ["Skin", *[Duplicate.code] * (RACERS - 1)]
    named = race(
        lambda number: (
            store.write(
                system(),
                doctors.create,
                username="dr.nair",
                name=f"N{number}",
                department_id=room.id,
            ).username
        )
    )
    assert sorted(named) == ["dr.nair", *[Duplicate.code] * (RACERS - 1)]


def test_every_doctor_has_a_queue_of_the_own(store: Store) -> None:
    room = department(store)
    codes = race(
        lambda number: (
            store.write(
                system(),
                doctors.create,
                username=f"dr.{number}x",
                name=f"N{number}",
                department_id=room.id,
            ).queue_code
        )
    )
    assert sorted(codes) == list("ABCDEFGH")


def test_guesses_at_once_are_all_counted(store: Store) -> None:
    reception(store)

    def guess(number: int) -> str:
        signing_in.sign_in(store, "desk", "wrong", kind=SessionKind.APP, terminal=f"desk {number}")
        return "signed in"

    answers = race(guess, 12)
    assert sorted(answers) == [*[AccountLocked.code] * 7, *[BadCredentials.code] * 5]


def test_two_administrators_cannot_deactivate_each_other(store: Store) -> None:
    first, second = admin(store, "root1"), admin(store, "root2")
    pair: list[tuple[Actor, int]] = [
        (actor_of(store, first), second.id),
        (actor_of(store, second), first.id),
    ]

    def deactivate(number: int) -> str:
        actor, other = pair[number]
        store.write(actor, accounts.deactivate, other)
        return "done"

    answers = race(deactivate, 2)
    assert answers.count("done") == 1
    assert set(answers) <= {"done", InUse.code, "session_ended"}
    left = store.read(system(), accounts.list_accounts, role=Role.ADMIN)
    assert left.total == 1


def test_deactivating_meets_signing_in(store: Store) -> None:
    """Whatever comes first, nobody is left signed in to a deactivated account."""
    root = actor_of(store, admin(store), "office")
    for turn in range(5):
        made = store.write(
            root,
            accounts.create,
            username=f"desk{turn}",
            name="Desk",
            role=Role.RECEPTION,
            password=hashed(),
        )

        def act(number: int, name: str = made.username, account_id: int = made.id) -> str:
            if number == 0:
                store.write(root, accounts.deactivate, account_id)
                return "deactivated"
            return actor_of(store, name, f"desk {number}").username

        answers = race(act, 4)
        assert answers[0] == "deactivated"
        with store.reading(system()) as tx:
            assert sessions.list_sessions(tx, made.id) == []
