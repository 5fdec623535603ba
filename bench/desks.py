"""Four desks that book at once, each a process of its own, beside one that books alone.

Each books slots and patients that no other has, as fast as it can with a pause of half a
millisecond between; on SQLite they queue for the turn to write, on PostgreSQL for the audit trail.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier

from bench.booking import DAYS, DOCTORS, MONTH, PATIENTS, month
from bench.figures import Figure
from bench.hospital import opened, signed_in, url_of
from bench.setting import MONDAY, RULES, Setting
from store import appointments, availability
from store.actors import system
from store.clock import FixedClock
from store.front_door import Store
from store.transaction import Transaction
from store.values import Actor, Role, Slot

ENGINES = ("sqlite", "postgresql")
DESKS, WARMING, PAUSE_SECONDS = 4, 5, 0.0005
BOOKINGS = PATIENTS // DESKS - WARMING
"""Of each desk, after a few that warm it up: each patient is booked once."""

MOST_MILLISECONDS = 50
_PATIENCE = 120
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["bench.desks"])


@dataclass(frozen=True, slots=True)
class Booked:
    """What one desk did: when it began and ended, by a clock that all share, and of each booking
    the seconds until the unit of work began, and those that it took in all."""

    began: float
    ended: float
    waited: Sequence[float]
    taken: Sequence[float]


def figures(setting: Setting) -> Iterator[Figure]:
    """How many book together, and how long one of them waits at most."""
    found = []
    for desks in (1, DESKS):
        with setting.prepared(MONTH, month) as store:
            actor = signed_in(store, Role.RECEPTION)
            found.append(_together(url_of(store), actor, desks))
    alone, together = found
    what = f"{DESKS} desks at once"
    yield Figure(
        f"a booking, {what}", _each(together), _each(alone), "one desk alone", most_ratio=1
    )
    alone_is = f"the longest of {BOOKINGS} alone"
    for name in ("waited", "taken"):
        ours, limit = (
            max(max(getattr(one, name)) for one in many) * 1000 for many in (together, alone)
        )
        longest = "longest wait for a turn" if name == "waited" else "longest booking"
        yield Figure(f"{longest}, {what}", ours, limit, alone_is, most=MOST_MILLISECONDS)


def _each(booked: list[Booked]) -> float:
    """Milliseconds from one booking to the next, of all desks together."""
    seconds = max(one.ended for one in booked) - min(one.began for one in booked)
    return seconds * 1000 / sum(len(one.taken) for one in booked)


def _together(url: str, actor: Actor, desks: int) -> list[Booked]:
    """What so many desks do that begin at once.

    Raises:
        EOFError: one of them broke; it has told why on its own.
    """
    gate = _PROCESSES.Barrier(desks)
    lines, processes = [], []
    for number in range(desks):
        ours, theirs = _PROCESSES.Pipe(duplex=False)
        process = _PROCESSES.Process(target=_book, args=(url, actor, number, gate, theirs))
        process.start()
        theirs.close()
        lines.append(ours)
        processes.append(process)
    booked: list[Booked] = [line.recv() for line in lines]
    for process in processes:
        process.join()
    return booked


def _book(url: str, actor: Actor, desk: int, gate: Barrier, told: Connection) -> None:
    with opened(url, RULES, FixedClock(MONDAY)) as store:
        patients = count(1 + desk * (BOOKINGS + WARMING))
        slots = _slots_of(store, desk)
        for slot in slots[:WARMING]:
            _book_one(store, actor, slot, next(patients))
        gate.wait(_PATIENCE)
        began, times = time.monotonic(), []
        for slot in slots[WARMING:]:
            times.append(_book_one(store, actor, slot, next(patients)))
            time.sleep(PAUSE_SECONDS)
        told.send(Booked(began, time.monotonic(), *zip(*times, strict=True)))


def _book_one(store: Store, actor: Actor, slot: Slot, patient_id: int) -> tuple[float, float]:
    """Seconds until the unit of work began, and until it was done."""
    waited = 0.0

    def book(tx: Transaction) -> None:
        nonlocal waited
        waited = time.perf_counter() - began
        appointments.book(
            tx, patient_id=patient_id, doctor_id=slot.doctor_id, starts_at=slot.starts_at
        )

    began = time.perf_counter()
    store.write(actor, book)
    return waited, time.perf_counter() - began


def _slots_of(store: Store, desk: int) -> list[Slot]:
    """Free slots of this desk's own doctors, behind the month that is booked."""
    doctors = list(range(1 + desk, DOCTORS + 1, DESKS))
    first = MONDAY.date() + timedelta(days=DAYS + 3)
    days = first, first + timedelta(days=6)
    return store.read(system("bench", "bench"), availability.free_slots, doctors, *days)[
        : BOOKINGS + WARMING
    ]
