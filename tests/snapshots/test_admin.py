from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

import pytest

from store import departments, doctors, holidays, leave
from store.actors import system
from store.tables import Appointment, table_of
from tests.snapshots.conftest import SMALL, WIDE
from tests.ui.clinic import OPENING, Clinic

Photograph = Callable[..., bool]


@pytest.fixture(params=[WIDE, SMALL], ids=lambda size: f"{size[0]}x{size[1]}")
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    given: tuple[int, int] = request.param
    return given


@pytest.fixture
def hospital(clinic: Clinic) -> Clinic:
    """Four departments, three doctors of whom one left, leave, two holidays."""
    skin = clinic.do(departments.create, name="Dermatology", description="Skin, hair and nails")
    clinic.do(departments.deactivate, clinic.do(departments.create, name="Allergy").id)
    left = clinic.do(
        doctors.create, username="dr.das", name="Dr Rina Das", department_id=skin.id, fee=30000
    )
    clinic.do(doctors.deactivate, left.id)
    clinic.do(doctors.update, clinic.nair.id, qualification="MBBS, MD", phone="98450 11223")
    away = OPENING.replace(hour=0) + timedelta(days=10)
    clinic.do(leave.add, clinic.nair.id, away, away + timedelta(days=3), "wedding")
    clinic.do(holidays.add, date(2026, 1, 14), "Makara Sankranti")
    clinic.do(holidays.add, date(2026, 1, 26), "Republic Day")
    clinic.book(0, clinic.nair, "10:30", 1)
    clinic.book(1, clinic.nair, "10:45", 1)
    return clinic


def test_departments(hospital: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    assert photograph(hospital, size, ["3"], ["a"], name="root")


def test_doctors(hospital: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    assert photograph(hospital, size, ["4"], ["a"], name="root")


def test_holidays(hospital: Clinic, photograph: Photograph) -> None:
    assert photograph(hospital, SMALL, ["5"], name="root")


def test_a_new_doctor_with_mistakes(hospital: Clinic, photograph: Photograph) -> None:
    mistakes = ["enter", *"Dr X", "enter", *"zz", "ctrl+s"]
    assert photograph(hospital, SMALL, ["4"], ["n"], ["x", *mistakes], name="root")


def test_hours(hospital: Clinic, photograph: Photograph) -> None:
    assert photograph(hospital, SMALL, ["4"], ["w"], name="root")


def test_affected_appointments(hospital: Clinic, photograph: Photograph) -> None:
    assert photograph(hospital, SMALL, ["4"], ["x"], ["y"], name="root")


@pytest.fixture
def month(hospital: Clinic) -> Clinic:
    """The same with a month behind it, in which most came."""
    visits, random = [], Random(7)
    for back in range(30):
        day = OPENING - timedelta(days=back)
        if day.weekday() == 6:
            continue
        for doctor in (hospital.nair, hospital.bose):
            for slot in random.sample(range(32), random.randint(4, 16)):
                start = day.replace(hour=9, minute=0) + timedelta(minutes=15 * slot)
                status = random.choices(("completed", "no_show", "cancelled"), (16, 3, 1))[0]
                visits.append((doctor, start, "booked" if back == 0 else status))
    with hospital.store.transaction(system()) as tx:
        rows = [
            {
                "patient_id": hospital.patients[n % 6].id,
                "doctor_id": doctor.id,
                "department_id": doctor.department_id,
                "starts_at": start,
                "ends_at": start + timedelta(minutes=15),
                "status": status,
                **tx.stamps(),
            }
            for n, (doctor, start, status) in enumerate(visits)
        ]
        tx.session.execute(table_of(Appointment).insert(), rows)
    return hospital


def test_dashboard(month: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    assert photograph(month, size, ["tab", "tab", "left", "left"], name="root")


def test_dashboard_of_an_empty_hospital(clinic: Clinic, photograph: Photograph) -> None:
    assert photograph(clinic, SMALL, name="root")
