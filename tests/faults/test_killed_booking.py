"""A terminal killed with -9 at each step of a booking: the appointment, its mail, its entry in the
audit trail and its change are all there or none is, and what was told to be booked is. (X1 of the
catalogue of faults.)"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import signal
from contextlib import suppress
from datetime import datetime, timedelta
from multiprocessing.connection import Connection

import pytest
from sqlalchemy import event, func, select

from store import appointments, schema
from store.clock import FixedClock
from store.database import open_database
from store.front_door import Store
from store.outbox import MESSAGE
from store.tables import Appointment, AuditEntry, Change, table_of
from tests.clinic import SYSTEM, Clinic, open_clinic
from tests.hospital import quick_rules

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.faults.test_killed_booking", "store.appointments"])
LEAST_STEPS = 10


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store, doctor_count=1, patient_count=1)


def book(
    url: str, clinic: tuple[int, int], starts_at: datetime, last_step: int, told: Connection
) -> None:
    """Book, and be killed before a step; told is whoever hears that it is booked."""
    database = open_database(url)
    steps = itertools.count()

    def step(*_: object) -> None:
        if next(steps) == last_step:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(database.engine, "before_cursor_execute", step)
    event.listen(database.engine, "commit", step)
    store = Store(database, FixedClock(starts_at.replace(hour=8)), quick_rules())
    patient, doctor = clinic
    store.write(
        SYSTEM, appointments.book, patient_id=patient, doctor_id=doctor, starts_at=starts_at
    )
    step()
    told.send_bytes(b"booked")


def heard(line: Connection) -> bool:
    """Whether somebody was told before the line was cut."""
    with line, suppress(EOFError):
        return line.recv_bytes() == b"booked"
    return False


def left(store: Store) -> tuple[int, ...]:
    """How many appointments there are, and mails, entries and changes of them."""
    entry, change = table_of(AuditEntry).c, table_of(Change).c
    counts = (
        select(func.count()).select_from(table_of(Appointment)),
        select(func.count()).select_from(MESSAGE),
        select(func.count()).where(entry.action == "appointment.book"),
        select(func.count()).where(change.topic == "appointment"),
    )
    with store.reading(SYSTEM) as tx:
        return tuple(tx.session.execute(count).scalar_one() for count in counts)


def test_all_of_it_is_there_or_nothing(clinic: Clinic, hospital_url: str) -> None:
    before, booked = left(clinic.store), 0
    who = (clinic.patients[0], clinic.doctors[0])
    assert before == (0, 0, 0, 0)
    for number in itertools.count():
        starts_at = clinic.at(9, 0, day=clinic.store.now().date() + timedelta(days=1 + number))
        hears, tells = _FORKS.Pipe(duplex=False)
        desk = _FORKS.Process(target=book, args=(hospital_url, who, starts_at, number, tells))
        desk.start()
        tells.close()
        desk.join()
        was_told = heard(hears)
        now = left(clinic.store)
        assert now in {(booked,) * 4, (booked + 1,) * 4}, f"killed before step {number}"
        booked = now[0]
        if was_told:
            break
        assert desk.exitcode == -signal.SIGKILL
    assert booked == 2, "the last but one was killed behind the commit, before it could tell"
    assert number > LEAST_STEPS
    assert schema.check(clinic.store.database) == []
