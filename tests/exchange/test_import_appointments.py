"""Bringing appointments in: past ones as they were, coming ones by the rules of booking."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from store import schema
from store.actors import system
from store.clock import FixedClock
from store.tables import Appointment, OutboxMessage, Patient, table_of
from store.values import AppointmentStatus
from tests.exchange.desk import Desk, counts, visits


def test_past_appointments_come_in_with_their_status(desk: Desk) -> None:
    desk.people()
    text = visits(
        "v1,x1,p1,2025-12-01T10:00:30Z,2025-12-01T10:15:30Z,,,Wellness",
        "v2,x1,p1,2025-12-02T10:00+05:30,,20,noshow,",
        "v3,x2,jose.nunez77,2025-12-02 10:00,,20,Fulfilled,",
        'v4,x2,p2,1968-01-21T00:21:58Z,1968-01-21T00:36:58Z,,cancelled,"=two\nlines"',
        "v5,x2,p2,2025-12-03T10:00,,1440,left,",
    )
    report = desk.bring("appointments", text)
    assert counts(report) == (5, 0, 0, 0)
    assert counts(desk.bring("appointments", text)) == (0, 5, 0, 0)
    found = desk.everything()
    assert [one.status for one in found] == [
        "cancelled",
        "completed",
        "no_show",
        "completed",
        "left",
    ]
    assert found[1].starts_at == datetime.fromisoformat("2025-12-01T15:30:30+05:30")
    assert found[1].completed_at == found[1].ends_at
    assert found[2].starts_at == found[3].starts_at
    assert found[0].note == "=two\nlines"
    assert not any(one.overbooked for one in found)


def test_history_that_overlaps_is_kept_and_counted(desk: Desk) -> None:
    desk.people()
    report = desk.bring(
        "appointments",
        visits(
            "v1,x1,p1,2025-12-01T10:00Z,,30,,",
            "v2,x2,p1,2025-12-01T10:15Z,,30,,",
            "v3,x2,p1,2025-12-01T10:20Z,,30,no_show,",
            "v4,x2,p2,2025-12-01T10:00Z,,30,,",
            "v5,x1,p1,2025-12-01T10:45Z,,30,,",
        ),
    )
    assert (report.added, report.overlapping) == (5, 1)
    assert [one.overbooked for one in desk.everything()] == [False, False, True, False, False]
    assert schema.check(desk.store.database) == []


def test_what_is_here_already_is_unchanged_whatever_its_status(
    desk: Desk, clock: FixedClock
) -> None:
    desk.people()
    desk.bring("hours", "doctor,day,from,to,slot_minutes\np1,tue,09:00,12:00,15\n")
    keyed = visits("v1,x1,p1,2026-01-06T09:15,,15,{},", ",x2,p1,2026-01-06T09:30,,15,{},")
    desk.bring("appointments", keyed.format("", ""))
    visit = table_of(Appointment)
    for status in AppointmentStatus:
        with desk.store.transaction(system()) as tx:
            tx.session.execute(visit.update().values(status=status.value))
        assert counts(desk.bring("appointments", keyed.format(status, status))) == (0, 2, 0, 0)
    clock.advance(timedelta(days=2))
    for status in (AppointmentStatus.BOOKED, AppointmentStatus.IN_CONSULTATION):
        with desk.store.transaction(system()) as tx:
            tx.session.execute(visit.update().values(status=status.value))
        assert counts(desk.bring("appointments", keyed.format(status, status))) == (0, 2, 0, 0)
    other = desk.refused("appointments", keyed.format("checked_in", "in_consultation"))
    assert list(other) == [2]
    assert "what became of it" in other[2]


@pytest.mark.parametrize(
    ("row", "told"),
    [
        ("v1,x1,p1,2025-12-01T10:00Z,2025-12-05T10:00Z,,,", "longer than a day"),
        ("v1,x1,p1,2025-12-01T10:00Z,2025-12-01T10:00Z,,,", "after the start"),
        ("v1,x1,p1,2025-12-01T10:00Z,2025-12-01T09:00Z,,,", "after the start"),
        ("v1,x1,p1,2025-12-01T10:00Z,,,,", "ends_at or minutes"),
        ("v1,x1,p1,2025-12-01T10:00Z,,15,booked,", "what became of it"),
        ("v1,x1,p1,2025-12-01T10:00Z,,15,asleep,", "no status"),
        ("v1,x1,p1,2026-12-01T10:00Z,,15,completed,", "still to come"),
        ("v1,x9,p1,2025-12-01T10:00Z,,15,,", "no patient"),
        ("v1,x1,p9,2025-12-01T10:00Z,,15,,", "no doctor"),
        ("v1,,p1,2025-12-01T10:00Z,,15,,", "Give the patient"),
        ("v1,x1,p1,yesterday,,15,,", "is not a time"),
        ("v1,x1,p1,2025-12-01T10:00Z,,0,,", "1 to 1440"),
        ("v1,x1,p1,2026-01-06T10:00,,,,", "does not work"),
    ],
)
def test_what_is_no_appointment_is_refused_with_the_reason(
    quick: Desk, row: str, told: str
) -> None:
    quick.people()
    assert told in quick.refused("appointments", visits(row))[2]
    assert quick.everything() == []


def test_coming_appointments_are_booked_by_the_rules_and_nobody_is_mailed(desk: Desk) -> None:
    desk.people()
    desk.bring("patients", "external_id,name,email\nx3,Bose,bose@example.org\n")
    desk.bring("hours", "doctor,day,from,to,slot_minutes\np1,tue,09:00,12:00,15\n")
    text = visits("v1,x3,p1,2026-01-06T09:15,,,,first", "v2,x1,p1,2026-01-06T09:30,,30,booked,")
    assert desk.bring("appointments", text).added == 2
    assert [(one.status, one.note) for one in desk.everything()] == [
        (AppointmentStatus.BOOKED, "first"),
        (AppointmentStatus.BOOKED, ""),
    ]
    assert desk.count(OutboxMessage) == 0
    assert counts(desk.bring("appointments", text)) == (0, 2, 0, 0)
    taken = visits("v9,x2,p1,2026-01-06T09:45,,,,")
    assert "taken" in desk.refused("appointments", taken)[2]


def test_an_appointment_without_a_key_is_known_by_doctor_patient_and_start(desk: Desk) -> None:
    desk.people()
    text = visits(",x1,p1,2025-12-01T10:00Z,,30,,", ",x2,p1,2025-12-01T10:00Z,,30,,")
    report = desk.bring("appointments", text)
    assert (report.added, report.overlapping) == (2, 1)
    assert counts(desk.bring("appointments", text)) == (0, 2, 0, 0)


def test_the_clock_decides_what_is_past(quick: Desk, clock: FixedClock) -> None:
    quick.people()
    later = visits("v1,x1,p1,2026-01-06T09:15,,15,,")
    assert "does not work" in quick.refused("appointments", later)[2]
    clock.advance(timedelta(days=2))
    assert quick.bring("appointments", later).added == 1
    assert quick.everything()[0].status is AppointmentStatus.COMPLETED


def test_a_file_may_still_name_a_patient_who_was_merged(desk: Desk) -> None:
    desk.people()
    with desk.store.transaction(system()) as tx:
        people = table_of(Patient)
        first, second = tx.session.execute(people.select().order_by(people.c.id)).all()
        merged = people.update().where(people.c.id == second.id).values(merged_into_id=first.id)
        tx.session.execute(merged)
    desk.bring("appointments", visits("v1,x2,p1,2025-12-01T10:00Z,,15,,"))
    assert desk.everything()[0].patient_id == first.id
