"""However many processes see to the waiting list at once, each slot is offered once at a time."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from multiprocessing.synchronize import Barrier
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from store import appointments, waitlist
from store.clock import FixedClock
from store.database import open_database
from store.errors import StoreError
from store.front_door import Store
from store.hospital import HospitalRules, Rules
from store.wishes import OFFER
from tests.clinic import SYSTEM, Clinic, open_clinic

WEDNESDAY = date(2026, 1, 7)
_LINE_SECONDS = 120
RULES: dict[str, Callable[..., Any]] = {
    "cancel": appointments.cancel,
    "pass on": waitlist.pass_on,
    "accept": waitlist.accept,
    "book": appointments.book,
}
Step = tuple[str, tuple[Any, ...], dict[str, Any]]


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store, doctor_count=1, patient_count=9)


def race(url: str, now: datetime, steps: Sequence[Step]) -> Counter[str]:
    """One process for each step, all at once; counts `done` and the refusals' codes."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.concurrency.test_waitlist"])
    line = context.Barrier(len(steps))
    results: multiprocessing.Queue[str] = context.Queue()
    racers = [context.Process(target=_run, args=(url, now, step, line, results)) for step in steps]
    for racer in racers:
        racer.start()
    outcome = Counter(results.get(timeout=_LINE_SECONDS) for _ in racers)
    for racer in racers:
        racer.join(_LINE_SECONDS)
    return outcome


def _run(
    url: str, now: datetime, step: Step, line: Barrier, results: multiprocessing.Queue[str]
) -> None:
    zone = now.tzinfo
    assert isinstance(zone, ZoneInfo)
    store = Store(open_database(url), FixedClock(now), Rules(HospitalRules("City Hospital", zone)))
    store.changes_since(None)  # the connection stands before the signal
    line.wait(_LINE_SECONDS)
    name, args, given = step
    try:
        store.write(SYSTEM, RULES[name], *args, **given)
        results.put("done")
    except StoreError as refusal:
        results.put(refusal.code)
    except BaseException as error:
        results.put(f"{type(error).__name__}: {error}")
        raise


def offers_made(clinic: Clinic) -> list[tuple[int, str]]:
    """Each offer ever made: to which entry, and what became of it."""
    with clinic.store.reading(SYSTEM) as tx:
        rows = tx.session.execute(OFFER.select().order_by(OFFER.c.id)).all()
    return [(row.entry_id, row.outcome) for row in rows]


def book(clinic: Clinic, patient: int, quarter: int) -> int:
    return clinic.store.write(
        SYSTEM,
        appointments.book,
        patient_id=clinic.patients[patient],
        doctor_id=clinic.doctors[0],
        starts_at=clinic.at(11, 15 * quarter, day=WEDNESDAY),
    ).id


def wait(clinic: Clinic, patient: int) -> int:
    return clinic.store.write(
        SYSTEM,
        waitlist.add,
        patient_id=clinic.patients[patient],
        doctor_id=clinic.doctors[0],
    ).id


def test_four_slots_freed_at_once_go_to_four_and_to_each_one(
    clinic: Clinic, hospital_url: str
) -> None:
    visits = [book(clinic, patient, patient) for patient in range(4)]
    entries = [wait(clinic, patient) for patient in (4, 5, 6, 7)]
    steps: list[Step] = [("cancel", (visit,), {}) for visit in visits]
    steps += [("pass on", (), {}) for _ in range(4)]
    assert race(hospital_url, clinic.store.now(), steps) == Counter(done=8)
    assert sorted(offers_made(clinic)) == [(entry, "open") for entry in entries]


def test_many_who_pass_on_what_lapsed_ask_the_next_once(
    clinic: Clinic, hospital_url: str, clock: FixedClock
) -> None:
    visit = book(clinic, 0, 0)
    entries = [wait(clinic, patient) for patient in (4, 5, 6)]
    clinic.store.write(SYSTEM, appointments.cancel, visit)
    clock.advance(timedelta(minutes=120))
    steps: list[Step] = [("pass on", (), {}) for _ in range(8)]
    assert race(hospital_url, clinic.store.now(), steps) == Counter(done=8)
    assert offers_made(clinic) == [(entries[0], "lapsed"), (entries[1], "open")]


def test_of_taking_and_booking_at_once_one_has_the_slot(clinic: Clinic, hospital_url: str) -> None:
    visit = book(clinic, 0, 0)
    entry = wait(clinic, 4)
    clinic.store.write(SYSTEM, appointments.cancel, visit)
    booking = {
        "doctor_id": clinic.doctors[0],
        "starts_at": clinic.at(11, day=WEDNESDAY),
    }
    steps: list[Step] = [("accept", (entry,), {})]
    steps += [
        ("book", (), booking | {"patient_id": clinic.patients[patient]}) for patient in (5, 6, 7)
    ]
    outcome = race(hospital_url, clinic.store.now(), steps)
    assert outcome["done"] == 1
    assert clinic.overlaps() == 0
    ((_, became),) = offers_made(clinic)
    assert became in ("accepted", "taken")
