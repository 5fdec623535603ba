"""Figures: what the database counts is what counting by hand gives, and by an index."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from store import appointments, departments, desk, doctors, patients, statistics
from store.changes import Topic
from store.clock import FixedClock
from store.errors import Forbidden, Invalid
from store.front_door import Store
from store.tables import Appointment, OutboxMessage, table_of
from store.values import Actor, AppointmentStatus, HospitalFigures, Role, Tally
from tests.clinic import SYSTEM, Clinic, open_clinic
from tests.hospital import MakeStore
from tests.statements import heard

NOT_STANDING = {"cancelled", "rescheduled", "in_error"}
STATUSES = [status.value for status in AppointmentStatus]


@dataclass(frozen=True)
class Visit:
    """An appointment as the test knows it."""

    doctor_id: int
    department_id: int
    starts_at: datetime
    status: str


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store)


def scattered(clinic: Clinic, random: Random, around: date, number: int) -> list[Visit]:
    """Appointments at any minutes of any hours of two hundred days, put in as they are: what is
    counted is what is there, whatever rules allowed it."""
    zone = clinic.store.rules.hospital.timezone
    second = clinic.store.write(SYSTEM, departments.create, name="Eye clinic").id
    made = []
    for _ in range(number):
        day = around + timedelta(days=random.randrange(-120, 80))
        wall = datetime.combine(day, time(random.randrange(24), random.randrange(60)), zone)
        made.append(
            Visit(
                random.choice(clinic.doctors),
                random.choice((clinic.department, second)),
                datetime.fromtimestamp(wall.timestamp(), zone),
                random.choice(STATUSES),
            )
        )
    with clinic.store.transaction(SYSTEM) as tx:
        tx.session.execute(
            table_of(Appointment).insert(),
            [
                {
                    "patient_id": random.choice(clinic.patients),
                    "doctor_id": one.doctor_id,
                    "department_id": one.department_id,
                    "starts_at": one.starts_at,
                    "ends_at": one.starts_at + timedelta(minutes=1),
                    "status": one.status,
                    "overbooked": True,
                    **tx.stamps(),
                }
                for one in made
            ],
        )
    return made


def tally(visits: list[Visit], first: date, last: date) -> Tally:
    return Tally.of((v.status, 1) for v in visits if first <= v.starts_at.date() <= last)


def require_same(figures: HospitalFigures, visits: list[Visit], today: date) -> None:
    """Every figure over appointments, counted by hand."""
    told = figures.activity
    first, last = told.first_day, told.last_day
    monday = today - timedelta(days=today.weekday())
    assert told.today == tally(visits, today, today)
    assert told.week == tally(visits, monday, monday + timedelta(days=6))
    month = [v for v in visits if f"{v.starts_at:%Y-%m}" == f"{today:%Y-%m}"]
    assert told.month == Tally.of((v.status, 1) for v in month)
    assert told.period == tally(visits, first, last)
    assert [one.day for one in told.days] == [
        first + timedelta(days=n) for n in range((last - first).days + 1)
    ]
    assert all(one.tally == tally(visits, one.day, one.day) for one in told.days)
    stood = [v for v in visits if first <= v.starts_at.date() <= last]
    stood = [v for v in stood if v.status not in NOT_STANDING]
    load = Counter((v.starts_at.weekday(), v.starts_at.hour) for v in stood)
    assert {
        (weekday, hour): number
        for weekday, hours in enumerate(told.load)
        for hour, number in enumerate(hours)
        if number
    } == load
    for shares, ids in (
        (figures.busiest_doctors, Counter(v.doctor_id for v in stood)),
        (figures.busiest_departments, Counter(v.department_id for v in stood)),
    ):
        assert {one.id: one.appointments for one in shares} == ids
    missed = Counter(v.doctor_id for v in stood if v.status == "no_show")
    assert all(one.no_shows == missed[one.id] for one in figures.busiest_doctors)


@pytest.mark.parametrize("timezone", ["Asia/Kolkata", "America/New_York", "Australia/Lord_Howe"])
def test_what_is_counted_is_what_is_there(
    found_hospital: Callable[..., str], make_store: MakeStore, clock: FixedClock, timezone: str
) -> None:
    """Also in months in which clocks change, by half an hour even, and in half-hour zones."""
    store = make_store(found_hospital(timezone=timezone), timezone=timezone)
    clock.moment = datetime(2026, 3, 18, 11, tzinfo=ZoneInfo(timezone))
    clinic = open_clinic(store)
    today = store.now().date()
    visits = scattered(clinic, Random(timezone), today, 700)
    require_same(store.read(SYSTEM, statistics.of_hospital), visits, today)
    for first, last in (
        (today - timedelta(days=110), today + timedelta(days=60)),
        (today - timedelta(days=90), today - timedelta(days=80)),
        (today, today),
    ):
        figures = store.read(SYSTEM, statistics.of_hospital, first, last)
        assert (figures.activity.first_day, figures.activity.last_day) == (first, last)
        require_same(figures, visits, today)


def test_an_empty_hospital_has_figures_too(store: Store) -> None:
    figures = store.read(SYSTEM, statistics.of_hospital)
    assert (figures.patients, figures.doctors, figures.departments) == (0, 0, 0)
    assert (figures.mail_waiting, figures.mail_failed) == (0, 0)
    assert figures.activity.period == Tally()
    assert figures.activity.period.no_show_rate is None
    assert len(figures.activity.days) == statistics.PERIOD_DAYS
    assert figures.busiest_departments == figures.busiest_doctors == ()


def test_what_there_is_of_people_and_mail(clinic: Clinic) -> None:
    store, figures = clinic.store, statistics.of_hospital
    told = store.read(SYSTEM, figures)
    assert (told.patients, told.doctors, told.departments) == (3, 2, 1)
    store.write(SYSTEM, patients.deactivate, clinic.patients[0])
    store.write(SYSTEM, doctors.deactivate, clinic.doctors[0])
    told = store.read(SYSTEM, figures)
    assert (told.patients, told.doctors, told.departments) == (2, 1, 1)
    for number, minute in enumerate((0, 15, 30)):
        book(clinic, clinic.at(10, minute), patient=1 + number % 2)
    assert store.read(SYSTEM, figures).mail_waiting == 3
    mail = table_of(OutboxMessage)
    with store.transaction(SYSTEM) as tx:
        for message_id, status in ((1, "failed"), (2, "sent"), (3, "uncertain")):
            tx.session.execute(mail.update().where(mail.c.id == message_id).values(status=status))
        tx.changed(Topic.OUTBOX)
    told = store.read(SYSTEM, figures)
    assert (told.mail_waiting, told.mail_failed) == (1, 1)


def book(clinic: Clinic, at: datetime, patient: int = 0, doctor: int = 1) -> int:
    return clinic.store.write(
        SYSTEM,
        appointments.book,
        patient_id=clinic.patients[patient],
        doctor_id=clinic.doctors[doctor],
        starts_at=at,
    ).id


def see(clinic: Clinic, visit: int) -> None:
    """From the desk to the end of the consultation."""
    for step in (desk.check_in, appointments.start, appointments.complete):
        clinic.store.write(SYSTEM, step, visit)


def test_who_did_not_come(clinic: Clinic, clock: FixedClock) -> None:
    """A rate of those of whom it is known; who is still to come, or was moved, counts nothing."""
    see(clinic, book(clinic, clinic.at(9, 15)))
    missed = book(clinic, clinic.at(9, 30), patient=1)
    moved = book(clinic, clinic.at(11, 0), patient=2)
    clock.moment = clinic.at(10)
    clinic.store.write(SYSTEM, appointments.no_show, missed)
    clinic.store.write(SYSTEM, appointments.reschedule, moved, starts_at=clinic.at(12))
    today = clinic.store.read(SYSTEM, statistics.of_hospital).activity.today
    assert today == Tally(booked=1, completed=1, no_show=1, rescheduled=1)
    assert (today.standing, today.due, today.no_show_rate) == (3, 2, 0.5)
    assert today.number(AppointmentStatus.NO_SHOW) == 1


def test_a_doctor_has_the_own_numbers_and_nobody_elses(clinic: Clinic, clock: FixedClock) -> None:
    store = clinic.store
    see(clinic, book(clinic, clinic.at(9, 15), patient=0))
    clock.moment = clinic.at(8) + timedelta(days=45)
    for patient, minute in ((0, 15), (1, 30), (1, 45)):
        see(clinic, book(clinic, clinic.at(9, minute), patient=patient))
    book(clinic, clinic.at(10), patient=2, doctor=0)
    own = clinic.doctors[1]
    actor = Actor(Role.DOCTOR, "Doctor 1", "room-1", account_id=2, doctor_id=own)
    told = store.read(actor, statistics.of_doctor, own)
    assert (told.doctor, told.patients, told.new_patients) == ("Doctor 1", 2, 1)
    assert told.activity.month == told.activity.today == Tally(completed=3)
    with pytest.raises(Forbidden):
        store.read(actor, statistics.of_doctor, clinic.doctors[0])
    with pytest.raises(Forbidden):
        store.read(actor, statistics.of_hospital)


def test_days_in_the_wrong_order_are_refused(store: Store) -> None:
    first, last = date(2026, 1, 5), date(2026, 1, 4)
    with pytest.raises(Invalid, match="not before"):
        store.read(SYSTEM, statistics.of_hospital, first, last)
    later = store.read(SYSTEM, statistics.of_hospital, date(2026, 2, 1)).activity
    assert later.first_day == later.last_day == date(2026, 2, 1)


@pytest.mark.parametrize("whose", ["hospital", "doctor"])
def test_every_count_goes_by_an_index(clinic: Clinic, whose: str) -> None:
    store = clinic.store
    scattered(clinic, Random(1), store.now().date(), 2_000)
    statements = asked_by(
        store,
        lambda: (
            store.read(SYSTEM, statistics.of_hospital)
            if whose == "hospital"
            else store.read(SYSTEM, statistics.of_doctor, clinic.doctors[0])
        ),
    )
    counting = [one for one in statements if "count(" in one[0]]
    assert len(counting) <= 4, "few statements, however many days and doctors"
    plans = "\n".join(plan(store, *one) for one in counting)
    big = ("appointment", "patient", "outbox_message")
    for table in big:
        assert f"SCAN {table}\n" not in plans, plans
        assert f"Seq Scan on {table} " not in plans, plans
    if whose == "hospital" and store.database.dialect == "sqlite":
        for index in ("status_starts_at (status=? AND starts_at>", "figures (department_id=? AND"):
            assert f"COVERING INDEX ix_appointment_{index}" in plans, plans


def asked_by(store: Store, work: Callable[[], object]) -> list[tuple[str, Any]]:
    """The statements that some work sends."""
    with heard(store) as sent:
        work()
    return sent


def plan(store: Store, statement: str, parameters: Any) -> str:
    """How the database answers it; PostgreSQL without its preference for reading small tables
    as they lie."""
    with store.database.begin(write=False) as connection:
        if store.database.dialect == "sqlite":
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
            return "".join(f"{row[3]}\n" for row in rows)
        connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
        return "".join(f"{row[0]}\n" for row in rows)
