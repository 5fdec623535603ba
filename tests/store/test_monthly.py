"""A month's figures, against an independent query, and that a closed month stays as it was."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from store import appointments, desk, leave, monthly, offered, schedule
from store.demo.build import Logins, build
from store.demo.medicine import WARDS
from store.errors import Forbidden, Invalid, NotFound
from store.front_door import Store
from store.values import Diagnosis, Month, RecordInput
from tests.clinic import SYSTEM, open_clinic
from tests.hospital import actor_of, admin, doctor, hashed, reception, weekly

JANUARY, DECEMBER = Month(2026, 1), Month(2025, 12)


def test_three_months_of_a_demo_hospital_equal_an_independent_query(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Seven doctors: the same question, of a hospital that is made four times as fast.
    monkeypatch.setattr("store.demo.build.WARDS", WARDS[:2])
    logins = Logins("root", "desk", "dr.nair", "asha", hashed())
    build(sqlite_store, logins, patient_count=60, seed=3, progress=lambda _done, _of: None)
    with sqlite_store.reading(SYSTEM) as tx:
        doctors = [row[0] for row in tx.session.execute(text("SELECT id FROM doctor"))][:3]
        for month in (DECEMBER.before, DECEMBER, JANUARY):
            for doctor_id in (None, *doctors):
                report = (
                    monthly.of_hospital(tx, month)
                    if doctor_id is None
                    else monthly.of_doctor(tx, doctor_id, month)
                )
                whose = {"first": _utc(month.first), "end": _utc(month.next.first)}
                whose |= {"doctor": doctor_id}
                counted = dict(tx.session.execute(text(_STATUSES), whose).all())
                now = report.now
                assert (now.month, report.before.month) == (month, month.before)
                assert {s: getattr(now.tally, s) for s in counted} == counted
                assert sum(counted.values()) == sum(
                    getattr(now.tally, one) for one in now.tally.__struct_fields__
                )
                others: Any = tx.session.execute(text(_OTHERS), whose).one()
                assert (now.patients, now.new_patients) == (others.patients, others.new)
                assert now.booked_minutes == others.minutes
                said: Any = tx.session.execute(text(_SAID), whose).one()
                assert (now.records, now.diagnoses) == (said.records, said.diagnoses)
                assert (now.prescriptions, now.medicines) == (said.prescriptions, said.medicines)
                listed = tx.session.execute(text(_FREQUENT), whose).all()
                assert [(one.code, number) for one, number in report.diagnoses[:3]] == [
                    tuple(row) for row in listed
                ]


_WHERE = "starts_at >= :first AND starts_at < :end AND (:doctor IS NULL OR doctor_id = :doctor)"
_STATUSES = f"SELECT status, count(*) FROM appointment WHERE {_WHERE} GROUP BY status"
_OTHERS = f"""
    SELECT count(DISTINCT CASE WHEN status = 'completed' THEN patient_id END) AS patients,
        (SELECT count(*) FROM (SELECT patient_id, min(starts_at) AS earliest FROM appointment
            WHERE status = 'completed' AND (:doctor IS NULL OR doctor_id = :doctor)
            GROUP BY patient_id) WHERE earliest >= :first AND earliest < :end) AS new,
        CAST(round(sum(CASE WHEN status IN ('booked', 'checked_in', 'in_consultation', 'completed',
            'no_show', 'left') THEN julianday(ends_at) - julianday(starts_at) END) * 1440)
            AS INTEGER) AS minutes
    FROM appointment WHERE {_WHERE}"""
_RECORDS = f"""(SELECT r.id FROM medical_record r WHERE r.status = 'signed'
    AND r.{_WHERE.replace("starts_at", "visited_at").replace(" AND visited", " AND r.visited")})"""
_SAID = f"""
    SELECT (SELECT count(*) FROM {_RECORDS}) AS records,
        (SELECT count(*) FROM record_diagnosis WHERE record_id IN {_RECORDS}) AS diagnoses,
        count(*) AS medicines, count(DISTINCT record_id) AS prescriptions
    FROM prescription_item WHERE record_id IN {_RECORDS}"""
_FREQUENT = f"""
    SELECT code, count(*) AS number FROM record_diagnosis WHERE record_id IN {_RECORDS}
    GROUP BY code ORDER BY number DESC, code LIMIT 3"""


def _utc(day: date) -> str:
    """The first moment of a day in Kolkata, as SQLite keeps it."""
    return f"{day - timedelta(days=1)} 18:30:00.000000"


def test_what_was_seen_new_offered_and_said(store: Store) -> None:
    clinic = open_clinic(store)
    me, first, second = clinic.doctors[0], *clinic.patients[:2]

    def book(patient: int, hour: int) -> int:
        return store.write(
            SYSTEM,
            appointments.book,
            patient_id=patient,
            doctor_id=me,
            starts_at=clinic.at(hour),
        ).id

    seen, missed = book(first, 10), book(second, 11)
    store.write(SYSTEM, desk.check_in, seen)
    store.write(SYSTEM, appointments.start, seen)
    fever = RecordInput(diagnoses=(Diagnosis("Fever", "R50.9"),))
    store.write(SYSTEM, appointments.complete, seen, record=fever)
    store.write(SYSTEM, appointments.cancel, missed)
    store.write(SYSTEM, leave.add, me, clinic.at(9, day=_day(20)), clinic.at(11, day=_day(20)))
    report = store.read(SYSTEM, monthly.of_doctor, me, JANUARY)
    now = report.now
    assert (now.tally.completed, now.tally.cancelled, now.cancelled_by_patient) == (1, 1, 0)
    assert (now.patients, now.new_patients, now.booked_minutes) == (1, 1, 15)
    assert now.offered_minutes == 31 * 4 * 60 - 120
    assert report.diagnoses == ((Diagnosis("Fever", "R50.9"), 1),)
    assert report.before.offered_minutes == 31 * 4 * 60
    assert len(report.days) == 31
    assert report.days[4].tally.completed == 1
    whole = store.read(SYSTEM, monthly.of_hospital, JANUARY)
    assert [line.doctor for line in whole.doctors] == ["Doctor 0", "Doctor 1"]
    assert whole.now.offered_minutes == 2 * 31 * 4 * 60 - 120


def test_a_closed_month_keeps_the_hours_that_were_offered(store: Store) -> None:
    clinic = open_clinic(store)
    me = clinic.doctors[0]
    store.write(SYSTEM, offered.close, DECEMBER)
    store.write(SYSTEM, schedule.replace_week, me, weekly("09:00-10:00/15"))
    store.write(SYSTEM, offered.close, DECEMBER)
    report = store.read(SYSTEM, monthly.of_doctor, me, JANUARY)
    assert report.before.offered_minutes == 31 * 4 * 60
    assert report.now.offered_minutes == 27 * 60  # Monday to Saturday


def test_who_may_and_of_when(sqlite_store: Store) -> None:
    mine, other = doctor(sqlite_store), doctor(sqlite_store, "Vikram Rao")
    me = actor_of(sqlite_store, mine)
    assert sqlite_store.read(me, monthly.of_doctor, mine.id, JANUARY).doctor == mine.name
    for actor, refused in (
        (me, lambda tx: monthly.of_doctor(tx, other.id, JANUARY)),
        (me, lambda tx: monthly.of_hospital(tx, JANUARY)),
        (
            actor_of(sqlite_store, reception(sqlite_store)),
            lambda tx: monthly.of_hospital(tx, JANUARY),
        ),
    ):
        with pytest.raises(Forbidden):
            sqlite_store.read(actor, refused)
    root = actor_of(sqlite_store, admin(sqlite_store))
    with pytest.raises(Invalid, match="2026-02 is still to come"):
        sqlite_store.read(root, monthly.of_hospital, JANUARY.next)
    with pytest.raises(NotFound):
        sqlite_store.read(root, monthly.of_doctor, 999, JANUARY)


def _day(number: int) -> date:
    return date(2026, 1, number)
