"""Processes that book one appointment after the other, and say which were acknowledged, when."""

from __future__ import annotations

import multiprocessing
import time
from datetime import datetime, timedelta
from multiprocessing.synchronize import Event
from typing import TYPE_CHECKING

from store import appointments
from store.actors import system
from store.clock import FixedClock
from store.database import open_database
from store.front_door import Store
from tests.hospital import quick_rules

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.backup.writers"])

Acknowledged = tuple[int, float]
"""An appointment's id, and when (CLOCK_MONOTONIC, one for all processes) it was acknowledged."""


def start(
    url: str,
    now: datetime,
    doctors: list[int],
    patients: list[int],
    first: datetime,
    stop: Event,
    told: multiprocessing.Queue[Acknowledged | None],
) -> list[ForkServerProcess]:
    """One process for each doctor, so that none has to lose a slot to another."""
    processes = [
        FORKS.Process(
            target=_book_on, args=(url, now, doctor, patient, first, stop, told), daemon=True
        )
        for doctor, patient in zip(doctors, patients, strict=True)
    ]
    for process in processes:
        process.start()
    return processes


def _book_on(
    url: str,
    now: datetime,
    doctor_id: int,
    patient_id: int,
    first: datetime,
    stop: Event,
    told: multiprocessing.Queue[Acknowledged | None],
) -> None:
    store = Store(open_database(url), FixedClock(now), quick_rules())
    starts_at = first
    while not stop.is_set():
        made = store.write(
            system(),
            appointments.book,
            patient_id=patient_id,
            doctor_id=doctor_id,
            starts_at=starts_at,
        )
        told.put((made.id, time.monotonic()))
        starts_at += timedelta(minutes=15)
        if starts_at >= first + timedelta(hours=24):
            break
    told.put(None)
    store.database.dispose()
