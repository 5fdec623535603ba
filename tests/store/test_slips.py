"""What the desk may put on paper, and what never stands on it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from store import appointments, audit, desk, patients, slips
from store.errors import Forbidden, IllegalTransition
from store.front_door import Store
from store.slips import shortened
from store.values import (
    Actor,
    AppointmentSlip,
    AppointmentView,
    AuditView,
    Role,
    SlipUse,
    TokenSlip,
)
from tests.clinic import SYSTEM, Clinic, open_clinic


@pytest.fixture
def clinic(store: Store) -> Clinic:
    return open_clinic(store)


def book(clinic: Clinic, patient: int, minute: int, doctor: int = 0) -> AppointmentView:
    return clinic.store.write(
        SYSTEM,
        appointments.book,
        patient_id=clinic.patients[patient],
        doctor_id=clinic.doctors[doctor],
        starts_at=clinic.at(9, minute),
        note="chest pain",
    )


def doctor_of(clinic: Clinic, number: int) -> Actor:
    return Actor(Role.DOCTOR, f"Doctor {number}", "test", doctor_id=clinic.doctors[number])


def entries(clinic: Clinic, action: str) -> list[AuditView]:
    page = clinic.store.read(SYSTEM, audit.list_entries, limit=50)
    return [entry for entry in page.items if entry.action == action]


def test_who_will_come_gets_the_time_and_who_is_here_the_token(clinic: Clinic) -> None:
    booked = book(clinic, 0, 30)
    slip = clinic.store.read(SYSTEM, slips.of_appointment, booked.id)
    assert isinstance(slip, AppointmentSlip)
    assert (slip.starts_at, slip.cancel_until) == (
        booked.starts_at,
        booked.starts_at - timedelta(minutes=120),
    )
    clinic.store.write(SYSTEM, desk.check_in, booked.id)
    slip = clinic.store.read(SYSTEM, slips.of_appointment, booked.id)
    assert isinstance(slip, TokenSlip)
    assert (slip.token, slip.patient, slip.mrn) == ("A-01", "Patient a.", booked.mrn)
    assert "chest pain" not in repr(slip)


def test_of_what_is_over_there_is_no_slip(clinic: Clinic) -> None:
    booked = book(clinic, 0, 30)
    clinic.store.write(SYSTEM, appointments.cancel, booked.id)
    with pytest.raises(IllegalTransition, match="is cancelled; there is no slip"):
        clinic.store.read(SYSTEM, slips.of_appointment, booked.id)


def test_a_day_by_doctor_and_time(clinic: Clinic) -> None:
    late, other, early = book(clinic, 0, 45), book(clinic, 1, 0, doctor=1), book(clinic, 2, 15)
    gone = book(clinic, 1, 30)
    clinic.store.write(SYSTEM, appointments.cancel, gone.id)
    clinic.store.write(SYSTEM, patients.update, clinic.patients[0], {"phone": "98450 11223"})
    everybody = clinic.store.read(SYSTEM, slips.day_list)
    assert [line.appointment_id for line in everybody.lines] == [early.id, late.id, other.id]
    assert everybody.lines[1].phone == "+919845011223"
    own = clinic.store.read(doctor_of(clinic, 0), slips.day_list)
    assert [line.appointment_id for line in own.lines] == [early.id, late.id]
    assert own.doctor == "Doctor 0"
    assert {line.phone for line in own.lines} == {None}
    with pytest.raises(Forbidden):
        clinic.store.read(doctor_of(clinic, 0), slips.day_list, doctor_id=clinic.doctors[1])
    tomorrow = clinic.store.now().date() + timedelta(days=1)
    assert clinic.store.read(SYSTEM, slips.day_list, day=tomorrow).lines == ()


@pytest.mark.parametrize("use", [SlipUse.PRINT, SlipUse.EXPORT])
def test_paper_leaves_a_trace_and_looking_none(clinic: Clinic, use: SlipUse) -> None:
    booked = book(clinic, 0, 30)
    for one in (SlipUse.SHOW, use):
        clinic.store.read(SYSTEM, slips.of_appointment, booked.id, one)
        clinic.store.read(SYSTEM, slips.day_list, use=one)
    (slip,) = entries(clinic, f"slip.{use}")
    assert (slip.entity_id, slip.detail) == (str(booked.id), {"slip": "appointment"})
    (day,) = entries(clinic, f"day-list.{use}")
    expected: dict[str, Any] = {"day": "2026-01-05", "doctor_id": None}
    assert day.detail == expected | {"patients": [clinic.patients[0]]}
    assert entries(clinic, "slip.show") + entries(clinic, "day-list.show") == []


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("Asha Rao", "Asha R."),
        ("Asha", "Asha"),
        ("M A Rao Kulkarni", "M A. R. K."),
        ("मीना किशोर राव", "मीना कि. रा."),
        ("李 小明", "李 小."),
    ],
)
def test_a_name_for_the_waiting_room(name: str, short: str) -> None:
    assert shortened(name) == short
