"""A large hospital with a long past: two hundred doctors, and appointments by the million.

Each doctor sees twenty patients a day from Monday to Saturday, so that more appointments are more
days and not fuller ones; the coming week is half booked. Every appointment has left its change and
its mail, as it would have. Rows go straight into the real schema, its triggers and constraints
looking on; past Core, whose ways with a million rows take longer than the database's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from math import ceil
from random import Random
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    String,
    Table,
    case,
    cast,
    column,
    func,
    literal,
    select,
    table,
    text,
)

from bench.population import admit
from store import departments, doctors, schedule
from store.front_door import Store
from store.slots import day_bounds
from store.tables import Appointment, Change, OutboxMessage, table_of
from store.transaction import Transaction
from store.values import Actor, HoursSession

DOCTORS, DEPARTMENTS = 200, 20
OPENS, CLOSES, SLOT = 9 * 60, 17 * 60, 15
SEEN_A_DAY, BOOKED_A_DAY = 20, 10
_SLOTS = range(OPENS, CLOSES, SLOT)
_CAME_TO = ("completed", "cancelled", "no_show", "rescheduled", "left")
_HOW_OFTEN = (78, 8, 8, 4, 2)
_PATIENTS_FOR = 20
_MOST_PATIENTS = 50_000
_BATCH = 10_000

_VISIT, _CHANGE, _MAIL = table_of(Appointment), table_of(Change), table_of(OutboxMessage)
_COLUMNS = ("id", "patient_id", "doctor_id", "department_id", "starts_at", "ends_at", "status")
_PAST = table("past", *(column(name) for name in _COLUMNS))
_MAKE_PAST = """
CREATE TEMP TABLE past (
    id BIGINT, patient_id INT, doctor_id INT, department_id INT,
    starts_at TIMESTAMP WITH TIME ZONE, ends_at TIMESTAMP WITH TIME ZONE, status VARCHAR(16))"""


def furnish(
    store: Store, desk: Actor, appointments: int, *, doctor_count: int = DOCTORS, seed: int = 1
) -> None:
    """Fill an empty hospital with so many past appointments, those who had them, and a week to
    come."""
    patients = min(_MOST_PATIENTS, max(1_000, appointments // _PATIENTS_FOR))
    admit(store, desk, patients, seed)
    with store.transaction(desk) as tx:
        rooms = [
            departments.create(tx, name=f"Department {number}").id for number in range(DEPARTMENTS)
        ]
        for number in range(1, doctor_count + 1):
            doctor = doctors.create(
                tx,
                username=f"doctor.{number}",
                name=f"Doctor {number}",
                department_id=rooms[number % DEPARTMENTS],
            )
            week = [HoursSession(day, OPENS, CLOSES, SLOT) for day in range(7)]
            schedule.replace_week(tx, doctor.id, week)
    visits = _visits(store, Random(seed), rooms, patients, appointments, doctor_count)
    with store.transaction(desk) as tx:
        _load(tx, visits)
        stamps = tx.stamps()
        copy_rows(tx, _VISIT, _PAST, {name: _PAST.c[name] for name in _COLUMNS} | stamps)
        copy_rows(tx, _CHANGE, _VISIT, _change(tx.now))
        copy_rows(tx, _MAIL, _VISIT, _mail(tx.now))
        if tx.dialect == "postgresql":
            tx.session.execute(text("ANALYZE"))


def _load(tx: Transaction, visits: Iterator[tuple[object, ...]]) -> None:
    """Put them into a table of this connection alone."""
    connection = tx.session.connection()
    if tx.dialect == "postgresql":
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    connection.exec_driver_sql(_MAKE_PAST)
    places = ", ".join(["?" if tx.dialect == "sqlite" else "%s"] * len(_COLUMNS))
    while batch := list(islice(visits, _BATCH)):
        connection.exec_driver_sql(f"INSERT INTO past VALUES ({places})", batch)  # noqa: S608 -- ours


def copy_rows(
    tx: Transaction,
    into: Table,
    source: FromClause,
    values: Mapping[str, Any],
    *conditions: ColumnElement[bool],
) -> None:
    """A row for each of the source's that meets the conditions, in the order of its ids; what is
    not given is as usual."""
    given = [
        value.label(name)
        if isinstance(value, ColumnElement)
        else literal(value, into.c[name].type).label(name)
        for name, value in values.items()
    ]
    rows = select(*given).select_from(source).where(*conditions).order_by(source.c.id)
    tx.session.execute(into.insert().from_select(list(values), rows))


def _change(now: datetime) -> dict[str, Any]:
    return {
        "at": now,
        "topic": "appointment",
        "doctor_id": _VISIT.c.doctor_id,
        "day": func.date(_VISIT.c.starts_at),
        "entity_id": _VISIT.c.id,
    }


def _mail(now: datetime) -> dict[str, Any]:
    key = literal("booked:") + cast(_VISIT.c.id, String)
    return {
        "kind": "booked",
        "unique_key": key,
        "appointment_id": _VISIT.c.id,
        "patient_id": _VISIT.c.patient_id,
        "message_id": key + "@bench.example",
        "created_at": now,
        "due_at": now,
        "next_try_at": now,
        "status": case((_VISIT.c.status == "booked", "waiting"), else_="sent"),
    }


def _visits(
    store: Store,
    random: Random,
    rooms: Sequence[int],
    patients: int,
    number: int,
    doctor_count: int,
) -> Iterator[tuple[object, ...]]:
    """The past ones, oldest first, then those of the coming week; ids count up from 1."""
    today = store.now().date()
    days = _working_days(today, ceil(number / (doctor_count * SEEN_A_DAY)))
    visit_id = 0
    for day in days:
        midnight, _ = day_bounds(day, store.rules.hospital.timezone)
        past = day < today
        for doctor_id in range(1, doctor_count + 1):
            for minute in random.sample(_SLOTS, SEEN_A_DAY if past else BOOKED_A_DAY):
                if past and visit_id == number:
                    break
                visit_id += 1
                start = midnight + timedelta(minutes=minute)
                yield (
                    visit_id,
                    random.randint(1, patients),
                    doctor_id,
                    rooms[doctor_id % DEPARTMENTS],
                    kept(start),
                    kept(start + timedelta(minutes=SLOT)),
                    _came_to(random) if past else "booked",
                )


def kept(moment: datetime) -> str:
    """A moment as SQLite keeps it, and PostgreSQL understands it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")


def _came_to(random: Random) -> str:
    return random.choices(_CAME_TO, _HOW_OFTEN)[0]


def _working_days(today: date, before: int) -> list[date]:
    """So many days before today, and those of the week from today on; no Sundays."""
    past: list[date] = []
    day = today
    while len(past) < before:
        day -= timedelta(days=1)
        if day.weekday() < 6:
            past.append(day)
    coming = [today + timedelta(days=n) for n in range(7)]
    return [*reversed(past), *(one for one in coming if one.weekday() < 6)]
