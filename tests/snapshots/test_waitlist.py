from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from store import appointments, waitlist
from store.values import PatientView
from tests.snapshots.conftest import SMALL, WIDE
from tests.ui.clinic import Clinic
from tests.ui.own_patient import asha

__all__ = ["asha"]

Photograph = Callable[..., bool]


@pytest.fixture(params=[WIDE, SMALL], ids=lambda size: f"{size[0]}x{size[1]}")
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    given: tuple[int, int] = request.param
    return given


def offers(clinic: Clinic) -> None:
    """Two offers, one of them to somebody who must be called; two who wait."""
    given_up = (clinic.book(5, clinic.nair, "11:00", 2), clinic.book(5, clinic.bose, "10:00", 1))
    own = clinic.book(3, clinic.nair, "12:00", 4)
    wishes = (
        (1, {"doctor_id": clinic.nair.id, "note": "call in the evening"}),
        (3, {"appointment_id": own.id}),
        (0, {"department_id": clinic.bose.department_id, "last_day": date(2026, 1, 9)}),
        (2, {"doctor_id": clinic.bose.id, "from_minute": 540, "to_minute": 720}),
    )
    for patient, wish in wishes:
        clinic.do(waitlist.add, patient_id=clinic.patients[patient].id, **wish)
    for visit in given_up:
        clinic.do(appointments.cancel, visit.id)
    clinic.at(8, 20)


def test_the_waiting_list(clinic: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    offers(clinic)
    assert photograph(clinic, size, ["2"])


def test_adding_a_patient(clinic: Clinic, photograph: Photograph) -> None:
    offers(clinic)
    assert photograph(clinic, SMALL, ["2", "n"], [*"imran"], ["enter"])


def test_an_offer_on_the_first_page(
    clinic: Clinic, asha: PatientView, photograph: Photograph, size: tuple[int, int]
) -> None:
    own = clinic.book(-1, clinic.nair, "12:00", 4)
    clinic.do(waitlist.add, patient_id=asha.id, appointment_id=own.id)
    clinic.do(appointments.cancel, clinic.book(0, clinic.nair, "11:00", 2).id)
    assert photograph(clinic, size, name="asha")


def test_asking_for_an_earlier_time(
    clinic: Clinic, asha: PatientView, photograph: Photograph
) -> None:
    clinic.book(-1, clinic.nair, "12:00", 4)
    assert photograph(clinic, SMALL, ["a"], name="asha")
