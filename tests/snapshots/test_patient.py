from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from store import appointments, doctors, patients
from store.values import Diagnosis, PatientView, PrescriptionInput, RecordInput
from tests.snapshots.conftest import SMALL, WIDE
from tests.ui.clinic import Clinic
from tests.ui.own_patient import asha

__all__ = ["asha"]

Photograph = Callable[..., bool]
BOOK: list[Sequence[str]] = [["2"], ["enter"], ["enter"]]


@pytest.fixture(params=[WIDE, SMALL], ids=lambda size: f"{size[0]}x{size[1]}")
def size(request: pytest.FixtureRequest) -> tuple[int, int]:
    given: tuple[int, int] = request.param
    return given


@pytest.fixture
def patient(clinic: Clinic, asha: PatientView) -> PatientView:
    """Seen once, two appointments to come, one cancelled; the doctor tells of herself."""
    clinic.do(
        doctors.update,
        clinic.nair.id,
        qualification="MBBS, MD (Cardiology)",
        fee=50000,
        bio="Heart failure, rhythm and blood pressure. Speaks Hindi, Malayalam and English.",
    )
    seen = clinic.book(-1, clinic.nair, "09:00")
    clinic.check_in(seen)
    clinic.do(appointments.start, seen.id)
    medicine = PrescriptionInput("Paracetamol", "500 mg", "oral", "1-0-1", 3, 6, "after food")
    clinic.do(
        appointments.complete,
        seen.id,
        record=RecordInput(
            symptoms="Fever for three days",
            diagnoses=(Diagnosis("Viral infection", "B34.9"),),
            treatment="Rest and fluids",
            prescription=(medicine,),
        ),
    )
    clinic.book(-1, clinic.nair, "10:30", 3, note="fever since Sunday")
    clinic.book(-1, clinic.bose, "11:00", 8)
    clinic.do(appointments.cancel, clinic.book(-1, clinic.nair, "12:00", 2).id)
    for number, time in enumerate(("09:00", "09:30", "09:45", "11:15")):
        clinic.book(number, clinic.nair, time, number % 2 + 1)
    return asha


def test_home(
    clinic: Clinic, patient: PatientView, photograph: Photograph, size: tuple[int, int]
) -> None:
    assert photograph(clinic, size, name="asha")


def test_home_without_appointments(
    clinic: Clinic, asha: PatientView, photograph: Photograph
) -> None:
    assert photograph(clinic, SMALL, name="asha")


def test_an_appointment(clinic: Clinic, patient: PatientView, photograph: Photograph) -> None:
    assert photograph(clinic, SMALL, ["enter"], name="asha")


def test_booking_a_time(
    clinic: Clinic, patient: PatientView, photograph: Photograph, size: tuple[int, int]
) -> None:
    assert photograph(clinic, size, *BOOK, name="asha")


def test_booking_a_doctor(clinic: Clinic, patient: PatientView, photograph: Photograph) -> None:
    assert photograph(clinic, SMALL, ["2"], ["enter"], name="asha")


def test_confirming(clinic: Clinic, patient: PatientView, photograph: Photograph) -> None:
    assert photograph(clinic, SMALL, *BOOK, ["right", "enter"], [*"cough"], name="asha")


def test_one_day(clinic: Clinic, patient: PatientView, photograph: Photograph) -> None:
    assert photograph(clinic, SMALL, *BOOK, ["w", "right_square_bracket"], name="asha")


def test_records(
    clinic: Clinic, patient: PatientView, photograph: Photograph, size: tuple[int, int]
) -> None:
    assert photograph(clinic, size, ["3"], name="asha")


def test_records_by_mail(
    clinic: Clinic, patient: PatientView, photograph: Photograph, size: tuple[int, int]
) -> None:
    clinic.do(patients.update, patient.id, {"email": "asha@example.org"})
    assert photograph(clinic, size, ["3"], ["s"], name="asha")


def test_a_record(clinic: Clinic, patient: PatientView, photograph: Photograph) -> None:
    assert photograph(clinic, SMALL, ["3"], ["enter"], name="asha")
