from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

import pytest
from sqlalchemy import update

from store import appointments, departments, doctors, holidays, leave, records
from store.actors import system
from store.outbox import MESSAGE
from store.tables import Appointment, table_of
from store.values import Diagnosis, RecordInput
from tests.snapshots.conftest import SMALL, WIDE
from tests.ui.clinic import OPENING, Clinic

Photograph = Callable[..., bool]


@pytest.fixture(params=[WIDE, SMALL], ids=lambda size: f"{size[0]}x{size[1]}")
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    given: tuple[int, int] = request.param
    return given


def at(tab: str) -> list[str]:
    """The keys that go to a tab by its name."""
    return ["0", *tab, "enter"]


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


def recorded(hospital: Clinic) -> None:
    """A visit of this morning that is over, with its signed record; and mail that failed."""
    view = hospital.book(2, hospital.nair, "09:00")
    hospital.at(9, 0)
    hospital.check_in(view)
    hospital.do(appointments.start, view.id)
    with hospital.store.transaction(system()) as tx:
        draft = records.open_draft(tx, view.id)
        content = RecordInput(symptoms="cough", diagnoses=(Diagnosis("Bronchitis", "J20.9"),))
        records.save_draft(tx, draft.id, content, version=draft.version)
        records.sign(tx, draft.id)
        appointments.complete(tx, view.id)
        tx.session.execute(
            update(MESSAGE)
            .where(MESSAGE.c.id == 1)
            .values(
                status="failed",
                attempts=5,
                last_error="550 no such user",
                message_id="<4711@mail.chikitsa>",
            )
        )
    hospital.at(9, 20)


def test_departments(hospital: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    assert photograph(hospital, size, at("departments"), ["a"], name="root")


def test_doctors(hospital: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    assert photograph(hospital, size, at("doctors"), ["a"], name="root")


def test_holidays(hospital: Clinic, photograph: Photograph) -> None:
    assert photograph(hospital, SMALL, at("holidays"), name="root")


def test_a_new_doctor_with_mistakes(hospital: Clinic, photograph: Photograph) -> None:
    mistakes = ["enter", *"Dr X", "enter", *"zz", "ctrl+s"]
    assert photograph(hospital, SMALL, at("doctors"), ["n"], ["x", *mistakes], name="root")


def test_hours(hospital: Clinic, photograph: Photograph) -> None:
    assert photograph(hospital, SMALL, at("doctors"), ["w"], name="root")


def test_affected_appointments(hospital: Clinic, photograph: Photograph) -> None:
    assert photograph(hospital, SMALL, at("doctors"), ["x"], ["y"], name="root")


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


@pytest.mark.parametrize("tab", ["patients", "appointments", "users", "mail", "records"])
def test_tables(hospital: Clinic, photograph: Photograph, tab: str) -> None:
    recorded(hospital)
    assert photograph(hospital, WIDE, at(tab), name="root")


@pytest.mark.parametrize("tab", ["patients", "appointments", "users", "mail", "audit", "leave"])
def test_small_tables(hospital: Clinic, photograph: Photograph, tab: str) -> None:
    recorded(hospital)
    assert photograph(hospital, SMALL, at(tab), name="root")


def test_a_filter_that_is_not_understood(hospital: Clinic, photograph: Photograph) -> None:
    line = ["slash", *"doctor:nair statu:boked"]
    assert photograph(hospital, SMALL, at("appointments"), line, name="root")


def test_columns_are_chosen(hospital: Clinic, photograph: Photograph) -> None:
    assert photograph(hospital, SMALL, at("patients"), ["c"], name="root")


def test_what_becomes_of_an_appointment(hospital: Clinic, photograph: Photograph) -> None:
    assert photograph(hospital, SMALL, at("appointments"), ["e"], name="root")


def test_all_tabs(hospital: Clinic, photograph: Photograph) -> None:
    assert photograph(hospital, SMALL, ["0"], name="root")
