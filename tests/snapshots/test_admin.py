from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from store import departments, doctors, holidays, leave
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
    assert photograph(hospital, size, ["2"], ["a"], name="root")


def test_doctors(hospital: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    assert photograph(hospital, size, ["3"], ["a"], name="root")


def test_holidays(hospital: Clinic, photograph: Photograph) -> None:
    assert photograph(hospital, SMALL, ["4"], name="root")


def test_a_new_doctor_with_mistakes(hospital: Clinic, photograph: Photograph) -> None:
    mistakes = ["enter", *"Dr X", "enter", *"zz", "ctrl+s"]
    assert photograph(hospital, SMALL, ["3"], ["n"], ["x", *mistakes], name="root")


def test_hours(hospital: Clinic, photograph: Photograph) -> None:
    assert photograph(hospital, SMALL, ["3"], ["w"], name="root")


def test_affected_appointments(hospital: Clinic, photograph: Photograph) -> None:
    assert photograph(hospital, SMALL, ["3"], ["x"], ["y"], name="root")
