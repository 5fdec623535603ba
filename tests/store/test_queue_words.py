from __future__ import annotations

from datetime import UTC, datetime

import pytest

from store.queue_words import QueueFilter, parse
from store.values import AppointmentStatus as Status
from store.values import AppointmentView, Sex

DOCTORS = {
    1: "Dr Anita Nair dr.nair",
    2: "Dr Tarun Bose dr.bose",
    3: "Dr Anita Wadhwa",
    4: "Dr Noor Khan",
}
DEPARTMENTS = {1: "Cardiology", 2: "General Medicine", 3: "Genetics"}


def understood(text: str) -> QueueFilter:
    return parse(text, DOCTORS, DEPARTMENTS)


@pytest.mark.parametrize(
    ("text", "doctors", "departments", "statuses"),
    [
        ("", set(), set(), set()),
        ("nair waiting", {1}, set(), {Status.CHECKED_IN}),
        ("WAIT nai", {1}, set(), {Status.CHECKED_IN}),
        ("cardio", set(), {1}, set()),
        ("doctor:nair status:booked", {1}, set(), {Status.BOOKED}),
        ("doctor:dr.nair", {1}, set(), set()),
        ("dep:gen", set(), {2, 3}, set()),
        ("general medicine", set(), {2}, set()),
        ("anita", {1, 3}, set(), set()),
        ("anita nair", {1}, set(), set()),
        ("anita nair bose", {1, 2}, set(), set()),
        ("waiting booked", set(), set(), {Status.CHECKED_IN, Status.BOOKED}),
        ("status:booked,left", set(), set(), {Status.BOOKED, Status.LEFT}),
        ("in consultation", set(), set(), {Status.IN_CONSULTATION}),
        ("no-show", set(), set(), {Status.NO_SHOW}),
        ("no show cancelled", set(), set(), {Status.NO_SHOW, Status.CANCELLED}),
        ("noor", {4}, set(), set()),
        ("dr nair", {1}, set(), set()),
        ("done left", set(), set(), {Status.COMPLETED, Status.LEFT}),
    ],
)
def test_words_as_they_are_typed(
    text: str, doctors: set[int], departments: set[int], statuses: set[Status]
) -> None:
    found = understood(text)
    assert set(found.doctors) == doctors
    assert set(found.departments) == departments
    assert set(found.statuses) == statuses
    assert not found.unknown
    assert found.narrows is bool(text)


def test_what_is_filtered_is_told_in_words() -> None:
    assert understood("wait nair").told == ("Dr Anita Nair dr.nair", "waiting")
    assert understood("booked waiting no consult left").told == ("5 statuses",)


@pytest.mark.parametrize("text", ["xyz", "status:nair", "doctor:xyz", "cardio:xyz", "[zz]"])
def test_a_word_that_fits_nothing_is_told_and_hides_nothing(text: str) -> None:
    found = understood(text)
    assert found.unknown
    assert not found.statuses
    assert not found.doctors


def test_kinds_must_all_fit_and_of_one_kind_any() -> None:
    found = understood("nair bose waiting cardio")
    assert found.keeps(_view(1, 1, Status.CHECKED_IN))
    assert found.keeps(_view(2, 1, Status.CHECKED_IN))
    assert not found.keeps(_view(3, 1, Status.CHECKED_IN))
    assert not found.keeps(_view(1, 2, Status.CHECKED_IN))
    assert not found.keeps(_view(1, 1, Status.BOOKED))


def _view(doctor_id: int, department_id: int, status: Status) -> AppointmentView:
    at = datetime(2026, 1, 5, 9, tzinfo=UTC)
    return AppointmentView(
        id=1,
        patient_id=1,
        mrn="000001-7",
        patient="Asha Rao",
        patient_sex=Sex.FEMALE,
        patient_age=34,
        patient_phone=None,
        doctor_id=doctor_id,
        doctor="Dr",
        department_id=department_id,
        department="D",
        starts_at=at,
        ends_at=at,
        status=status,
        token=None,
        overbooked=False,
        walk_in=False,
        note="",
        version=1,
        checked_in_at=None,
        started_at=None,
        completed_at=None,
        reason="",
        successor_id=None,
        predecessor_id=None,
    )
