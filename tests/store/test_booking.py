"""Booking, moving and cancelling appointments, and each refusal with what it offers instead."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from store import appointments, availability, departments, doctors, holidays, leave, outbox, undo
from store.clock import FixedClock
from store.errors import (
    ChangedMeanwhile,
    Duplicate,
    Forbidden,
    IllegalTransition,
    InUse,
    Invalid,
    PatientBusy,
    SlotTaken,
    SlotUnavailable,
)
from store.front_door import Store
from store.values import Actor, AppointmentStatus, AppointmentView, Role
from tests.clinic import SYSTEM, Clinic, open_clinic
from tests.statements import counted


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store)


def book(clinic: Clinic, hour: int = 10, minute: int = 0, **given: Any) -> AppointmentView:
    details = {"patient_id": clinic.patients[0], "doctor_id": clinic.doctors[0]} | given
    return clinic.store.write(
        given.pop("actor", SYSTEM) if "actor" in given else SYSTEM,
        appointments.book,
        starts_at=details.pop("starts_at", clinic.at(hour, minute)),
        **{key: value for key, value in details.items() if key != "actor"},
    )


def as_patient(clinic: Clinic, number: int = 0) -> Actor:
    return Actor(Role.PATIENT, "patient", "kiosk", patient_id=clinic.patients[number])


def mail(clinic: Clinic) -> list[str]:
    with clinic.store.reading(SYSTEM) as tx:
        return sorted(one.kind for one in outbox.list_messages(tx).items)


def test_a_booking_takes_the_slot_with_the_length_of_the_doctors_hours(clinic: Clinic) -> None:
    made = book(clinic, note="  fever since Sunday ")
    assert made.status is AppointmentStatus.BOOKED
    assert made.ends_at - made.starts_at == timedelta(minutes=15)
    assert made.starts_at == clinic.at(10)
    assert made.starts_at.utcoffset() == timedelta(hours=5, minutes=30)
    assert made.note == "fever since Sunday"
    slots = clinic.store.read(
        SYSTEM, availability.day_slots, clinic.doctors[0], clinic.at(10).date()
    )
    assert [slot.starts_at for slot in slots if not slot.free] == [clinic.at(10)]
    assert mail(clinic) == ["booked"]


def test_a_taken_slot_is_refused_with_the_nearest_free_ones(clinic: Clinic) -> None:
    book(clinic)
    with pytest.raises(SlotTaken) as refused:
        book(clinic, patient_id=clinic.patients[1])
    offered = [clinic.at(9, 30), clinic.at(9, 45), clinic.at(10, 15)]
    assert refused.value.details["nearest"] == [moment.isoformat() for moment in offered]
    assert "09:45" in refused.value.message


@pytest.mark.parametrize(
    ("hour", "minute", "days", "words"),
    [
        (8, 30, 0, "over"),
        (10, 5, 0, "No slot"),
        (13, 0, 0, "does not work"),
        (23, 45, 0, "does not work"),
        (10, 0, 700, "days ahead"),
    ],
)
def test_a_time_that_is_no_slot_is_refused_with_the_reason(
    clinic: Clinic, hour: int, minute: int, days: int, words: str
) -> None:
    day = clinic.store.now().date() + timedelta(days=days)
    with pytest.raises(SlotUnavailable, match=words):
        book(clinic, starts_at=clinic.at(hour, minute, day=day))


def test_leave_and_holidays_are_refused_with_the_reason(clinic: Clinic) -> None:
    with clinic.store.transaction(SYSTEM) as tx:
        leave.add(tx, clinic.doctors[0], clinic.at(9), clinic.at(12))
        holidays.add(tx, date(2026, 1, 6), "Foundation Day")
    with pytest.raises(SlotUnavailable, match="leave"):
        book(clinic, 11, 45)
    assert book(clinic, 12, 0).starts_at == clinic.at(12)
    with pytest.raises(SlotUnavailable, match="holiday"):
        book(clinic, starts_at=clinic.at(10, day=date(2026, 1, 6)))


def test_a_patient_is_not_booked_in_two_places_at_once(clinic: Clinic) -> None:
    book(clinic)
    with pytest.raises(PatientBusy, match="10:00"):
        book(clinic, doctor_id=clinic.doctors[1])
    assert book(clinic, 10, 15, doctor_id=clinic.doctors[1]).starts_at == clinic.at(10, 15)


def test_enter_twice_is_one_appointment(clinic: Clinic) -> None:
    first = book(clinic, request_id="form-1")
    assert book(clinic, request_id="form-1") == first
    with pytest.raises(Duplicate):
        book(clinic, patient_id=clinic.patients[1], request_id="form-1")
    assert mail(clinic) == ["booked"]


@pytest.mark.parametrize("seconds", [1, 59])
def test_appointments_begin_on_a_whole_minute(clinic: Clinic, seconds: int) -> None:
    with pytest.raises(Invalid):
        book(clinic, starts_at=clinic.at(10) + timedelta(seconds=seconds))


def test_a_length_of_its_own_must_fit_the_session(clinic: Clinic) -> None:
    made = book(clinic, 12, 20, ends_at=clinic.at(12, 50))
    assert made.ends_at == clinic.at(12, 50)
    with pytest.raises(SlotUnavailable, match="ends before"):
        book(clinic, 11, patient_id=clinic.patients[1], ends_at=clinic.at(13, 1))
    with pytest.raises(Invalid):
        book(clinic, 11, ends_at=clinic.at(11))


def test_overbooking_is_an_act_with_a_reason_and_a_limit(clinic: Clinic) -> None:
    book(clinic)
    with clinic.store.transaction(SYSTEM) as tx:
        doctors.update(tx, clinic.doctors[0], overbook_limit=1)
    over = book(clinic, patient_id=clinic.patients[1], overbook_reason="child with high fever")
    assert over.overbooked
    with pytest.raises(InUse, match="limit"):
        book(clinic, patient_id=clinic.patients[2], overbook_reason="again")
    with pytest.raises(Invalid):
        book(clinic, patient_id=clinic.patients[2], overbook_reason="   ")
    with pytest.raises(Forbidden):
        book(clinic, actor=as_patient(clinic), overbook_reason="please")


def test_overbooking_a_free_slot_is_an_ordinary_booking(clinic: Clinic) -> None:
    assert not book(clinic, overbook_reason="to be sure").overbooked


def test_rescheduling_closes_the_old_and_links_the_new(clinic: Clinic) -> None:
    old = book(clinic, note="bring reports")
    new = clinic.store.write(
        SYSTEM, appointments.reschedule, old.id, starts_at=clinic.at(11), reason="asked to"
    )
    closed = clinic.store.read(SYSTEM, appointments.get, old.id)
    assert (closed.status, closed.successor_id) == (AppointmentStatus.RESCHEDULED, new.id)
    assert (new.predecessor_id, new.note) == (old.id, "bring reports")
    assert book(clinic, patient_id=clinic.patients[1]).starts_at == clinic.at(10)
    assert mail(clinic) == ["booked", "booked", "rescheduled"]


def test_rescheduling_into_a_taken_slot_leaves_the_old_one_whole(clinic: Clinic) -> None:
    old = book(clinic)
    book(clinic, 11, patient_id=clinic.patients[1])
    with pytest.raises(SlotTaken):
        clinic.store.write(SYSTEM, appointments.reschedule, old.id, starts_at=clinic.at(11))
    assert clinic.store.read(SYSTEM, appointments.get, old.id) == old


def test_cancelling_frees_the_slot_and_tells_the_patient(clinic: Clinic) -> None:
    made = book(clinic)
    gone = clinic.store.write(SYSTEM, appointments.cancel, made.id, reason="travelling")
    assert (gone.status, gone.reason) == (AppointmentStatus.CANCELLED, "travelling")
    assert book(clinic, patient_id=clinic.patients[1]).starts_at == clinic.at(10)
    with pytest.raises(IllegalTransition):
        clinic.store.write(SYSTEM, appointments.cancel, made.id)
    assert mail(clinic) == ["booked", "booked", "cancelled"]


def test_a_patient_cancels_only_with_notice(clinic: Clinic, clock: FixedClock) -> None:
    made = book(clinic, 11, 30)
    clock.advance(timedelta(minutes=31))
    with pytest.raises(Forbidden, match="desk"):
        clinic.store.write(as_patient(clinic), appointments.cancel, made.id)
    with pytest.raises(Forbidden, match="desk"):
        clinic.store.write(
            as_patient(clinic), appointments.reschedule, made.id, starts_at=clinic.at(12, 30)
        )
    clock.advance(timedelta(minutes=-2))
    done = clinic.store.write(as_patient(clinic), appointments.cancel, made.id)
    assert done.status is AppointmentStatus.CANCELLED


def test_nobody_touches_another_patients_appointment(clinic: Clinic) -> None:
    made = book(clinic, 12)
    other = as_patient(clinic, 1)
    for rule in (appointments.cancel, undo.undo, appointments.get):
        with pytest.raises(Forbidden):
            clinic.store.write(other, rule, made.id)
    page = clinic.store.read(other, appointments.list_appointments)
    assert page.items == ()
    with pytest.raises(Forbidden):
        book(clinic, 12, 15, actor=other)


def test_a_stale_screen_does_not_overwrite(clinic: Clinic) -> None:
    made = book(clinic)
    clinic.store.write(SYSTEM, appointments.change_note, made.id, "first", version=made.version)
    with pytest.raises(ChangedMeanwhile):
        clinic.store.write(
            SYSTEM, appointments.change_note, made.id, "second", version=made.version
        )
    with pytest.raises(ChangedMeanwhile):
        clinic.store.write(SYSTEM, appointments.cancel, made.id, version=made.version)


def test_a_doctor_who_left_takes_no_bookings(clinic: Clinic) -> None:
    with clinic.store.transaction(SYSTEM) as tx:
        doctors.deactivate(tx, clinic.doctors[1])
    with pytest.raises(InUse):
        book(clinic, doctor_id=clinic.doctors[1])
    assert not clinic.store.read(
        SYSTEM, availability.day_slots, clinic.doctors[1], clinic.at(9).date()
    )


def test_the_history_tells_who_did_what_where_and_why(clinic: Clinic) -> None:
    made = book(clinic)
    clinic.store.write(SYSTEM, appointments.cancel, made.id, reason="asked by phone")
    told = clinic.store.read(SYSTEM, appointments.history, made.id)
    assert [(one.kind, one.to_status.value, one.reason) for one in told] == [
        ("book", "booked", ""),
        ("cancel", "cancelled", "asked by phone"),
    ]
    assert {one.terminal for one in told} == {SYSTEM.terminal}


def test_the_first_free_slot_of_a_department_is_the_earliest_of_its_doctors(
    clinic: Clinic,
) -> None:
    book(clinic, 9, 0)
    found = clinic.store.read(SYSTEM, availability.first_free, department_id=clinic.department, n=2)
    assert [(slot.doctor_id, slot.starts_at) for slot in found] == [
        (clinic.doctors[1], clinic.at(9)),
        (clinic.doctors[0], clinic.at(9, 15)),
    ]


def test_a_full_day_offers_the_next(clinic: Clinic) -> None:
    with clinic.store.transaction(SYSTEM) as tx:
        leave.add(tx, clinic.doctors[0], clinic.at(0), clinic.at(23))
    found = clinic.store.read(SYSTEM, availability.first_free, doctor_id=clinic.doctors[0], n=1)
    assert found[0].starts_at == clinic.at(9, day=date(2026, 1, 6))


def test_slots_of_20_doctors_over_30_days_take_at_most_5_statements(store: Store) -> None:
    clinic = open_clinic(store, doctor_count=20)
    with counted(store) as sent:
        found = store.read(
            SYSTEM,
            availability.slots_between,
            clinic.doctors,
            date(2026, 1, 6),
            date(2026, 2, 4),
        )
    assert len(found) == 20 * 30 * 16
    assert len(sent) <= 5, sent


def test_a_deactivated_department_takes_no_bookings(clinic: Clinic) -> None:
    with clinic.store.transaction(SYSTEM) as tx:
        other = departments.create(tx, name="Closed ward")
        doctor = doctors.create(
            tx, username="dr.closed", name="Doctor Closed", department_id=other.id
        )
    with pytest.raises(SlotUnavailable):
        book(clinic, doctor_id=doctor.id)
