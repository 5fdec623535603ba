"""However many terminals book at once, one of them gets the slot (OWASP ASVS 5.0, 2.3.4)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from store.front_door import Store
from store.tables import Appointment
from tests.clinic import SYSTEM, Clinic, open_clinic
from tests.concurrency.racing import Attempt, race
from tests.hospital import actor_of, reception

RACERS = 32


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store, doctor_count=1, patient_count=RACERS)


def test_of_32_processes_booking_one_slot_one_wins(clinic: Clinic, hospital_url: str) -> None:
    doctor = clinic.doctors[0]
    attempts = [Attempt(patient, doctor, clinic.at(10)) for patient in clinic.patients]
    outcome = race(hospital_url, clinic.store.now(), attempts)
    assert outcome == Counter(won=1, slot_taken=RACERS - 1)
    assert clinic.overlaps() == 0


def test_of_32_overlapping_times_of_different_lengths_one_wins(
    clinic: Clinic, hospital_url: str
) -> None:
    doctor = clinic.doctors[0]
    attempts = [
        Attempt(
            patient,
            doctor,
            clinic.at(10) + timedelta(minutes=number),
            clinic.at(10, 32) + timedelta(minutes=3 * number),
        )
        for number, patient in enumerate(clinic.patients)
    ]
    outcome = race(hospital_url, clinic.store.now(), attempts)
    assert outcome == Counter(won=1, slot_taken=RACERS - 1)
    assert clinic.overlaps() == 0


def test_times_that_only_touch_are_all_booked(clinic: Clinic, hospital_url: str) -> None:
    doctor = clinic.doctors[0]
    attempts = [
        Attempt(patient, doctor, clinic.at(10) + timedelta(minutes=5 * number), end)
        for number, patient in enumerate(clinic.patients[:8])
        for end in [clinic.at(10, 5) + timedelta(minutes=5 * number)]
    ]
    outcome = race(hospital_url, clinic.store.now(), attempts)
    assert outcome == Counter(won=8)
    assert clinic.overlaps() == 0


def test_of_many_dialogs_that_open_on_one_slot_one_holds_it(
    clinic: Clinic, hospital_url: str
) -> None:
    doctor, account = clinic.doctors[0], reception(clinic.store)
    desks = [actor_of(clinic.store, account, f"x@desk-{number}") for number in range(12)]
    attempts = [
        Attempt(patient, doctor, clinic.at(10), actor=desk, holds=True)
        for patient, desk in zip(clinic.patients, desks, strict=False)
    ]
    outcome = race(hospital_url, clinic.store.now(), attempts)
    assert outcome == Counter(held=1, slot_taken=11)


def test_holding_and_booking_at_once_end_with_one_of_them(
    clinic: Clinic, hospital_url: str
) -> None:
    """Whoever books an unheld slot first has it; nobody books what another holds."""
    doctor, account = clinic.doctors[0], reception(clinic.store)
    desks = [actor_of(clinic.store, account, f"x@desk-{number}") for number in range(8)]
    attempts = [
        Attempt(patient, doctor, clinic.at(10), actor=desk, holds=number % 2 == 0)
        for number, (patient, desk) in enumerate(zip(clinic.patients, desks, strict=False))
    ]
    outcome = race(hospital_url, clinic.store.now(), attempts)
    assert outcome["held"] + outcome["won"] == 1
    assert outcome["slot_taken"] == 7


@pytest.mark.parametrize("status", ["booked", "checked_in", "in_consultation", "completed"])
def test_the_database_itself_refuses_an_overlap(clinic: Clinic, status: str) -> None:
    def visit(minute: int) -> Appointment:
        return Appointment(
            patient_id=clinic.patients[0],
            doctor_id=clinic.doctors[0],
            department_id=clinic.department,
            starts_at=clinic.at(10, minute),
            ends_at=clinic.at(10, minute + 15),
            status=status,
            created_at=clinic.store.now(),
            updated_at=clinic.store.now(),
        )

    with clinic.store.transaction(SYSTEM) as tx:
        tx.add(visit(0))
        tx.add(visit(15))
    with pytest.raises(IntegrityError), clinic.store.transaction(SYSTEM) as tx:
        tx.add(visit(14))
    with clinic.store.transaction(SYSTEM) as tx:
        later = tx.add(visit(30))
    with pytest.raises(IntegrityError), clinic.store.transaction(SYSTEM) as tx:
        tx.fetch(Appointment, later.id or 0, "appointment").starts_at = clinic.at(10, 29)
    assert clinic.overlaps() == 0
