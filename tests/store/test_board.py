"""The board in the waiting room: who is served, who comes next, and nobody's name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from store import appointments, board, departments, desk
from store.clock import FixedClock
from store.front_door import Store
from store.values import Actor, BoardLine, Role
from tests.clinic import SYSTEM, Clinic, open_clinic


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store, patient_count=4)


def come(clinic: Clinic, patient: int, minute: int, doctor: int = 0) -> int:
    """Book a patient for nine o'clock and some, and check in."""
    view = clinic.store.write(
        SYSTEM,
        appointments.book,
        patient_id=clinic.patients[patient],
        doctor_id=clinic.doctors[doctor],
        starts_at=clinic.at(9, minute),
    )
    clinic.store.write(SYSTEM, desk.check_in, view.id)
    return view.id


def shown(clinic: Clinic, department_id: int | None = None) -> list[BoardLine]:
    return clinic.store.read(SYSTEM, board.now_serving, department_id=department_id)


def test_who_is_served_and_who_comes_next(clinic: Clinic, clock: FixedClock) -> None:
    come(clinic, 0, 45)
    second, third = come(clinic, 1, 15), come(clinic, 2, 30)
    come(clinic, 3, 30, doctor=1)
    assert shown(clinic) == [
        BoardLine(clinic.doctors[0], "Doctor 0", "Cardiology", None, ("A-02", "A-03", "A-01")),
        BoardLine(clinic.doctors[1], "Doctor 1", "Cardiology", None, ("B-01",)),
    ]
    clinic.store.write(SYSTEM, appointments.start, second)
    clock.advance(timedelta(minutes=10))
    clinic.store.write(SYSTEM, appointments.start, third)
    first_line = shown(clinic)[0]
    assert (first_line.serving, first_line.waiting) == ("A-03", ("A-01",))
    clinic.store.write(SYSTEM, appointments.complete, third)
    assert shown(clinic)[0].serving == "A-02"


def test_a_department_of_its_own_and_another_day(clinic: Clinic, clock: FixedClock) -> None:
    come(clinic, 0, 15)
    other = clinic.store.write(SYSTEM, departments.create, name="Eye clinic")
    assert shown(clinic, other.id) == []
    assert len(shown(clinic, clinic.department)) == 1
    clock.advance(timedelta(days=1))
    assert shown(clinic) == []


def test_a_doctor_sees_the_own_line_alone(clinic: Clinic) -> None:
    come(clinic, 0, 15)
    come(clinic, 1, 15, doctor=1)
    own = clinic.doctors[1]
    actor = Actor(Role.DOCTOR, "Doctor 1", "room-1", account_id=2, doctor_id=own)
    lines = clinic.store.read(actor, board.now_serving)
    assert [line.doctor_id for line in lines] == [own]
