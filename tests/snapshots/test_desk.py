from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from jobs.documents.office import PaperSettings
from screens.context import DemoAccount
from store import appointments, patients
from store.values import PatientInput, Role, Sex
from tests.snapshots.conftest import SMALL, WIDE
from tests.ui.clinic import PASSWORD, Clinic, busy_morning
from tests.ui.test_booking_dialog import hold, other_desk

Photograph = Callable[..., bool]
NAIR = ["d", *"nair", "enter"]


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_signing_in(clinic: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    clinic.demo_accounts = (
        DemoAccount(Role.RECEPTION, "meera", PASSWORD),
        DemoAccount(Role.DOCTOR, "dr.nair", PASSWORD),
    )
    assert photograph(clinic, size, [*"meera", "enter", *"wrong", "enter"], name=None)


@pytest.mark.parametrize("theme", ["dark", "light", "high-contrast"])
def test_the_desk_in_each_theme(clinic: Clinic, photograph: Photograph, theme: str) -> None:
    busy_morning(clinic)
    clinic.theme = theme
    assert photograph(clinic, WIDE, NAIR, ["slash", *"rao"], ["escape", "q"])


def test_the_empty_desk(clinic: Clinic, photograph: Photograph) -> None:
    assert photograph(clinic, WIDE)


@pytest.mark.parametrize("keys", [["q"], ["slash", *"rao"], NAIR], ids=["queue", "finder", "slots"])
def test_each_panel_of_a_small_desk(
    clinic: Clinic, photograph: Photograph, keys: list[str]
) -> None:
    busy_morning(clinic)
    assert photograph(clinic, SMALL, keys)


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_a_narrowed_queue_with_marks(
    clinic: Clinic, photograph: Photograph, size: tuple[int, int]
) -> None:
    busy_morning(clinic)
    assert photograph(clinic, size, ["space", "G", "space"], ["f", *"bose booked", "enter"], ["k"])


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_rows_by_their_numbers(
    clinic: Clinic, photograph: Photograph, size: tuple[int, int]
) -> None:
    busy_morning(clinic)
    assert photograph(clinic, size, ["space"], ["number_sign", *"3-7", "enter"])


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_waiting_long(clinic: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    busy_morning(clinic)
    clinic.at(11, 6)
    assert photograph(clinic, size)


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_a_week_of_slots(clinic: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    busy_morning(clinic)
    assert photograph(clinic, size, NAIR, ["w"], ["l"])


def test_cancelling_several(clinic: Clinic, photograph: Photograph) -> None:
    busy_morning(clinic)
    assert photograph(clinic, SMALL, ["number_sign", *"all", "enter"], ["x"])


def test_what_was_refused_of_several(clinic: Clinic, photograph: Photograph) -> None:
    busy_morning(clinic)
    assert photograph(clinic, SMALL, ["number_sign", *"all", "enter"], ["c"])


def test_choosing_a_doctor(clinic: Clinic, photograph: Photograph) -> None:
    busy_morning(clinic)
    assert photograph(clinic, SMALL, ["d"])


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_booking(clinic: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    busy_morning(clinic)
    assert photograph(clinic, size, NAIR, ["slash", *"savitri", "enter"])


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_booking_beside_a_held_slot(
    clinic: Clinic, photograph: Photograph, size: tuple[int, int]
) -> None:
    busy_morning(clinic)
    hold(clinic, other_desk(clinic), "11:30")
    assert photograph(clinic, size, NAIR, ["slash", *"savitri", "enter"])


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_booking_a_slot_that_is_lost(
    clinic: Clinic, photograph: Photograph, size: tuple[int, int]
) -> None:
    busy_morning(clinic)

    async def lose_it(_pilot: Pilot[Any]) -> None:
        clinic.book(1, clinic.nair, "11:00")

    keys = ["slash", *"savitri", "enter"], ["tab", *"cough"]
    assert photograph(clinic, size, NAIR, *keys, before=lose_it)


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_booking_over_the_limit(
    clinic: Clinic, photograph: Photograph, size: tuple[int, int]
) -> None:
    busy_morning(clinic)
    assert photograph(clinic, size, NAIR, ["slash", *"savitri", "enter"], ["o", "left"])


def test_asking_for_the_reason_of_going_over_the_limit(
    clinic: Clinic, photograph: Photograph
) -> None:
    busy_morning(clinic)
    keys = ["slash", *"savitri", "enter"], ["o", "left", "enter"]
    assert photograph(clinic, SMALL, NAIR, *keys)


def test_an_appointment_over_the_limit(clinic: Clinic, photograph: Photograph) -> None:
    clinic.book(3, clinic.nair, "09:00")
    clinic.do(
        appointments.book,
        patient_id=clinic.patients[0].id,
        doctor_id=clinic.nair.id,
        starts_at=clinic.people.opening.replace(hour=9),
        overbook_reason="high fever",
    )
    assert photograph(clinic, WIDE, NAIR, ["q"])


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_booking_in_one_line(clinic: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    busy_morning(clinic)
    assert photograph(clinic, size, ["colon"], [*"savitri nair tomorrow 1030"])


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_one_line_that_may_mean_several(
    clinic: Clinic, photograph: Photograph, size: tuple[int, int]
) -> None:
    busy_morning(clinic)
    assert photograph(clinic, size, ["colon"], [*"rao nair today 10:45"], ["down"])


def test_one_line_whose_slot_is_lost(clinic: Clinic, photograph: Photograph) -> None:
    name = "Lakshmi Venkatasubramanian"
    clinic.do(patients.register, PatientInput(name, "1991-04-03", Sex.FEMALE))

    async def lose_it(_pilot: Pilot[Any]) -> None:
        clinic.book(0, clinic.nair, "11:00", day=1)

    line = [*"lakshmi nair tomorrow 11:00"]
    assert photograph(clinic, SMALL, ["colon"], line, before=lose_it)


def test_one_line_that_finds_nobody(clinic: Clinic, photograph: Photograph) -> None:
    assert photograph(clinic, SMALL, ["colon"], [*"xyz nair tomorrow"])


def test_moving(clinic: Clinic, photograph: Photograph) -> None:
    busy_morning(clinic)
    assert photograph(clinic, SMALL, ["G", "k", "m"])


def test_taking_in_a_walk_in(clinic: Clinic, photograph: Photograph) -> None:
    busy_morning(clinic)
    assert photograph(clinic, SMALL, NAIR, ["slash", *"savitri"], ["escape", "w"])


def test_registering_with_a_wrong_field(clinic: Clinic, photograph: Photograph) -> None:
    assert photograph(clinic, SMALL, ["n", *"Kabir Singh", "enter", *"soon", "ctrl+s"])


def test_likely_duplicates(clinic: Clinic, photograph: Photograph) -> None:
    assert photograph(clinic, SMALL, ["n", *"Asha Rao", "enter", *"1991-04-03", "ctrl+s"])


def test_cancelling(clinic: Clinic, photograph: Photograph) -> None:
    busy_morning(clinic)
    assert photograph(clinic, SMALL, ["x"])


def test_an_appointment_in_full(clinic: Clinic, photograph: Photograph) -> None:
    busy_morning(clinic)
    assert photograph(clinic, SMALL, ["enter"])


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_a_token_slip(clinic: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    busy_morning(clinic)
    assert photograph(clinic, size, ["p"])


def test_the_list_of_the_day(clinic: Clinic, photograph: Photograph) -> None:
    busy_morning(clinic)
    assert photograph(clinic, SMALL, ["P"])


def test_naming_a_file(clinic: Clinic, photograph: Photograph, tmp_path: Path) -> None:
    busy_morning(clinic)
    clinic.paper = PaperSettings(folder=tmp_path)
    assert photograph(clinic, SMALL, ["p"], ["f2"])


def test_own_account(clinic: Clinic, photograph: Photograph) -> None:
    assert photograph(clinic, SMALL, ["f4"])


def test_help(clinic: Clinic, photograph: Photograph) -> None:
    assert photograph(clinic, SMALL, ["question_mark"])


def test_a_terminal_too_small(clinic: Clinic, photograph: Photograph) -> None:
    assert photograph(clinic, (60, 20), name=None)
