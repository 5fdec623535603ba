"""Slots, a booking and a calendar, in a hospital of twenty doctors with 200 bookings a day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from bench.figures import Figure, milliseconds, raw_query
from bench.hospital import signed_in
from bench.past import kept
from bench.setting import MONDAY, Setting
from store import appointments, availability, calendar, departments, doctors, schedule
from store.actors import system
from store.database import sqlite_driver
from store.front_door import Store
from store.patient_rows import insert_patient
from store.slots import day_bounds
from store.tables import Appointment, table_of
from store.values import Actor, HoursSession, PatientInput, Role
from tests.statements import counted

ENGINES = ("sqlite", "postgresql")
DOCTORS, PATIENTS, DAYS, SLOT = 20, 2_000, 30, 15
OPENS, CLOSES = 9 * 60, 17 * 60
BOOKINGS, BOOKED_A_DAY = 300, 200
CALENDAR = 100_000
"""Appointments of the doctor whose calendar is moved through."""
MONTH = "a month of 20 doctors"
DESK = system("bench", "bench")

_VISIT = table_of(Appointment)
_FIRST = ("Asha", "Meera", "Arjun", "Kabir", "Nila", "Ravi", "Sita", "Omar", "Tara", "Vikram")
_LAST = ("Rao", "Nair", "Das", "Bose", "Khan", "Iyer", "Patel", "Singh", "Menon", "Gupta")


def figures(setting: Setting) -> Iterator[Figure]:
    """All of them, one after the other."""
    with setting.prepared(MONTH, month) as store:
        actor = signed_in(store, Role.RECEPTION)
        yield from _month_of_a_department(store, actor)
        yield _booking(store, actor)
        yield _week_of_a_calendar(store)


def _week_of_a_calendar(store: Store) -> Figure:
    """A move to the next week in the calendar of a doctor with a long past and a full future."""
    doctor_id = _fill_a_long_calendar(store)
    first, last = MONDAY.date(), MONDAY.date() + timedelta(days=6)
    zone = store.rules.hospital.timezone
    start, end = day_bounds(first, zone)[0], day_bounds(last, zone)[1]
    sql = (
        "SELECT v.id, p.name, v.starts_at, v.ends_at, v.status FROM appointment v"
        " JOIN patient p ON p.id = v.patient_id"
        " WHERE v.doctor_id = ? AND v.starts_at >= ? AND v.starts_at < ? ORDER BY v.starts_at"
    )
    with raw_query(store, sql, doctor_id, kept(start), kept(end)) as raw:
        return Figure(
            f"a week of a doctor with {CALENDAR:,}",
            milliseconds(
                lambda: store.glance(DESK, calendar.of_doctor, doctor_id, first, last), 50
            ),
            milliseconds(raw, 50),
            "one indexed query of that week",
        )


def _fill_a_long_calendar(store: Store) -> int:
    """A doctor of whose slots every other one is taken, half of them in the past."""
    with store.transaction(DESK) as tx:
        room = departments.list_departments(tx).items[0].id
        doctor = doctors.create(tx, username="doctor.busy", name="Doctor Busy", department_id=room)
        week = [HoursSession(day, OPENS, CLOSES, SLOT) for day in range(7)]
        schedule.replace_week(tx, doctor.id, week)
        days = CALENDAR // len(range(OPENS, CLOSES, 2 * SLOT))
        midnight = MONDAY.replace(hour=0) - timedelta(days=days // 2)
        rows = [
            {
                "patient_id": 1 + (day * 37 + minute) % PATIENTS,
                "doctor_id": doctor.id,
                "department_id": room,
                "starts_at": midnight + timedelta(days=day, minutes=minute),
                "ends_at": midnight + timedelta(days=day, minutes=minute + SLOT),
                "status": "completed" if day < days // 2 else "booked",
                **tx.stamps(),
            }
            for day in range(days)
            for minute in range(OPENS, CLOSES, 2 * SLOT)
        ]
        tx.session.execute(_VISIT.insert(), rows)
    return doctor.id


def _month_of_a_department(store: Store, actor: Actor) -> Iterator[Figure]:
    first, last = MONDAY.date(), MONDAY.date() + timedelta(days=DAYS - 1)
    doctor_ids = list(range(1, DOCTORS + 1))
    start, _ = day_bounds(first, store.rules.hospital.timezone)
    _, end = day_bounds(last, store.rules.hospital.timezone)
    sql = (
        "SELECT doctor_id, starts_at, ends_at FROM appointment"
        " WHERE starts_at >= ? AND starts_at < ?"
    )
    what = f"free slots of {DOCTORS} doctors over {DAYS} days"

    def ask() -> object:
        return store.read(actor, availability.free_slots, doctor_ids, first, last)

    with raw_query(store, sql, kept(start), kept(end)) as raw:
        limit = milliseconds(raw, 20)
    yield Figure(what, milliseconds(ask, 20), limit, "one query of all these appointments", most=50)
    with counted(store) as sent:
        ask()
    yield Figure(f"{what}, statements", len(sent), 1, "the same", "", most=5)


def _booking(store: Store, actor: Actor) -> Figure:
    """Durable bookings one after the other, against durable commits of one row."""
    day = MONDAY.date() + timedelta(days=DAYS + 3)
    slots = iter(
        store.read(DESK, availability.free_slots, list(range(1, DOCTORS + 1)), day, day)[:BOOKINGS]
    )
    patient_ids = iter(range(1, PATIENTS + 1))

    def book() -> None:
        slot = next(slots)
        store.write(
            actor,
            lambda tx: appointments.book(
                tx,
                patient_id=next(patient_ids),
                doctor_id=slot.doctor_id,
                starts_at=slot.starts_at,
            ),
        )

    ours = milliseconds(book, BOOKINGS)
    path = store.database.path
    limit = _commit_postgresql(store) if path is None else _commit(path.with_name("raw.db"))
    return Figure("a durable booking", ours, limit, "a durable commit of one row", most_ratio=4)


def _commit_postgresql(store: Store) -> float:
    """A commit of one small row on the same server."""
    import psycopg

    url = store.database.engine.url.set(drivername="postgresql")
    with psycopg.connect(url.render_as_string(hide_password=False), autocommit=True) as server:
        server.execute("CREATE TABLE scratch (id SERIAL PRIMARY KEY, note TEXT)")
        insert = "INSERT INTO scratch (note) VALUES ('a note of some length')"
        return milliseconds(lambda: server.execute(insert), BOOKINGS)


def _commit(path: Path) -> float:
    """A commit of one small row, as durable as the store's, on the same disk."""
    driver, _ = sqlite_driver()
    connection = driver.connect(str(path), isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("CREATE TABLE scratch (id INTEGER PRIMARY KEY, note TEXT)")

    def commit() -> None:
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO scratch (note) VALUES ('a note of some length')")
        connection.execute("COMMIT")

    try:
        return milliseconds(commit, BOOKINGS)
    finally:
        connection.close()


def month(store: Store) -> None:
    """Doctors with hours, patients, and a month with 200 bookings a day."""
    with store.transaction(DESK) as tx:
        department = departments.create(tx, name="Medicine")
        for number in range(1, DOCTORS + 1):
            doctor = doctors.create(
                tx,
                username=f"doctor.{number}",
                name=f"Doctor {number}",
                department_id=department.id,
            )
            week = [HoursSession(day, OPENS, CLOSES, SLOT) for day in range(7)]
            schedule.replace_week(tx, doctor.id, week)
        for number in range(PATIENTS):
            first, last = _FIRST[number % 10], _LAST[number // 10 % 10]
            address = f"patient{number}@example.org"
            insert_patient(tx, PatientInput(name=f"{first} {last} {number}", email=address))
    with store.transaction(DESK) as tx:
        rows = [
            {
                "patient_id": 1 + (doctor_id * 37 + number) % PATIENTS,
                "doctor_id": doctor_id,
                "department_id": department.id,
                "starts_at": start,
                "ends_at": start + timedelta(minutes=SLOT),
                "status": "booked",
                **tx.stamps(),
            }
            for doctor_id in range(1, DOCTORS + 1)
            for number, start in enumerate(_booked())
        ]
        tx.session.execute(_VISIT.insert(), rows)


def _booked() -> Iterator[datetime]:
    """When each doctor's bookings of the month begin: as many every day, spread over it."""
    midnight = MONDAY.replace(hour=0)
    minutes = range(OPENS, CLOSES, 3 * SLOT)[: BOOKED_A_DAY // DOCTORS]
    for day in range(DAYS):
        for minute in minutes:
            yield midnight + timedelta(days=day, minutes=minute)
