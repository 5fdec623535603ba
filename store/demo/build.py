"""Filling an empty hospital with the demo's people, hours and history."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from msgspec.structs import replace

from store import accounts, actors, departments, doctors, holidays, leave, patients, schedule
from store.account_rows import insert_account
from store.demo import history, people
from store.demo.medicine import WARDS, Complaint
from store.front_door import Store
from store.passwords import PasswordHash
from store.patient_rows import insert_patient
from store.slots import day_bounds
from store.transaction import Transaction
from store.values import DoctorView, HoursSession, PatientInput, Role, Sex

Progress = Callable[[int, int], None]
"""Called with how much of how much is done."""

_MORNING, _EVENING = (9 * 60, 13 * 60), (17 * 60, 20 * 60)
_PATIENT_STEPS = 100
_MADE_UP = "DEMO"  # a council's own form of number would be somebody's
_BUSY = 0.85


@dataclass(frozen=True, slots=True)
class Logins:
    """The user names of the demo's accounts, which share one password."""

    admin: str
    reception: str
    doctor: str
    patient: str
    password: PasswordHash


def build(
    store: Store, logins: Logins, *, patient_count: int, seed: int, progress: Progress
) -> None:
    """Fill a hospital that has only just been founded, in one unit of work.

    The same seed on the same day makes the same hospital.
    """
    random = Random(seed)  # noqa: S311 -- invented people need no secrets
    steps = patient_count // _PATIENT_STEPS + history.DAYS_BACK + history.DAYS_AHEAD + 1
    with store.transaction(actors.system("demo")) as tx:
        desk = _staff(tx, logins)
        practices = _practices(tx, random, logins)
        known = []
        for number in range(patient_count):
            invented = people.patient(random, number, tx.today())
            known.append(
                patients.register(tx, invented).id if number else _guest(tx, invented, logins)
            )
            if number % _PATIENT_STEPS == 0:
                progress(number // _PATIENT_STEPS, steps)
        _time_off(tx, practices)
        for day, _ in history.write(tx, random, practices, known, desk):
            progress(patient_count // _PATIENT_STEPS + day, steps)
        tx.record("demo.build", "hospital", 1, detail={"seed": seed, "patients": patient_count})


def _staff(tx: Transaction, logins: Logins) -> int:
    accounts.create(
        tx,
        username=logins.admin,
        name="Leela Varma",
        role=Role.ADMIN,
        email="admin@example.org",
        password=logins.password,
    )
    desk = accounts.create(
        tx,
        username=logins.reception,
        name="Meera Krishnan",
        role=Role.RECEPTION,
        email="desk@example.org",
        password=logins.password,
    )
    return desk.id


def _practices(tx: Transaction, random: Random, logins: Logins) -> list[history.Practice]:
    made: list[history.Practice] = []
    for ward in WARDS:
        department = departments.create(tx, name=ward.name, description=ward.description)
        for username, name, qualification in ward.doctors:
            doctor = doctors.create(
                tx,
                username=username,
                name=name,
                department_id=department.id,
                qualification=qualification,
                registration=f"{_MADE_UP} {10_001 + len(made)}",
                email=f"{username}@example.org",
                bio=f"{ward.description}. Sees patients by appointment and walk-ins between.",
                fee=random.choice((30_000, 40_000, 50_000, 80_000)),
                password=logins.password if username == logins.doctor else None,
            )
            schedule.replace_week(
                tx, doctor.id, _week(tx, random, always=username == logins.doctor)
            )
            made.append(_practice(tx, doctor, ward.complaints, random.uniform(0.35, 0.7)))
    return made


def _practice(
    tx: Transaction, doctor: DoctorView, complaints: tuple[Complaint, ...], load: float
) -> history.Practice:
    account = accounts.get(tx, doctor.username)
    return history.Practice(
        doctor_id=doctor.id,
        account_id=account.id,
        department_id=doctor.department_id,
        queue_code=doctor.queue_code,
        load=load,
        complaints=complaints,
    )


def _week(tx: Transaction, random: Random, *, always: bool) -> list[HoursSession]:
    """Morning hours from Monday to Saturday, for half of the doctors evening hours too. These
    keep open around the hour at which the demo is made, so that it is never asleep; the doctor
    one can sign in as works every day."""
    length = random.choice((10, 15, 15, 20))
    evening = always or random.random() < 0.5
    weekdays = range(7) if always else [day for day in range(6) if random.random() < 0.9]
    week = [HoursSession(day, *_MORNING, length) for day in weekdays]
    if not evening:
        return week
    week += [HoursSession(day, *_EVENING, length) for day in weekdays]
    until = tx.today() + timedelta(days=history.DAYS_AHEAD)
    return week + [
        HoursSession(day, *span, length, tx.today(), until)
        for day in weekdays
        for span in _around_now(tx)
    ]


def _around_now(tx: Transaction) -> list[tuple[int, int]]:
    """What of the hours around now lies outside of morning and evening, in minutes of the day."""
    hour = tx.local(tx.now).hour * 60
    gaps = ((0, _MORNING[0]), (_MORNING[1], _EVENING[0]), (_EVENING[1], 1440))
    return [
        (max(hour - 180, start), min(hour + 300, end))
        for start, end in gaps
        # Within two hours of its end or start a session would soon be over, or not yet be busy.
        if start - 120 <= hour < end + 60
    ]


def _guest(tx: Transaction, given: PatientInput, logins: Logins) -> int:
    """The patient one can sign in as."""
    given = replace(
        given,
        name="Asha Rao",
        sex=Sex.FEMALE,
        birth_date="1991-04-03",
        email="asha@example.org",
        allergies=("penicillin",),
    )
    account = insert_account(
        tx,
        username=logins.patient,
        name=given.name,
        role=Role.PATIENT,
        email=given.email,
        phone=given.phone,
        password=logins.password,
    )
    row = insert_patient(tx, given, account_id=account.id)
    assert row.id is not None
    return row.id


def _time_off(tx: Transaction, practices: list[history.Practice]) -> None:
    """One doctor away next week, and a holiday in ten days."""
    first = tx.today() + timedelta(days=7 - tx.today().weekday())
    start, _ = day_bounds(first, tx.timezone)
    _, end = day_bounds(first + timedelta(days=4), tx.timezone)
    leave.add(tx, practices[4].doctor_id, start, end, "conference")
    holidays.add(tx, tx.today() + timedelta(days=10), "Founders' Day")
