from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from textual.pilot import Pilot

from store import appointments
from store.values import RecordInput
from tests.snapshots.conftest import SMALL, WIDE
from tests.ui.clinic import Clinic, busy_morning, settle
from tests.ui.doctor_day import DIABETES, METFORMIN, give_a_past, looked_up, saved, unfinished

Photograph = Callable[..., bool]
BOTH = pytest.mark.parametrize("size", [WIDE, SMALL])


def morning(clinic: Clinic) -> None:
    """Ashok Rao has been seen, Asha Rao is next and has a past."""
    give_a_past(clinic)
    day = busy_morning(clinic)
    content = RecordInput(
        notes="Walks two kilometres again.", diagnoses=(DIABETES,), prescription=(METFORMIN,)
    )
    clinic.do(appointments.complete, day["ashok"].id, record=content)


@BOTH
def test_today(clinic: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    morning(clinic)
    unfinished(clinic, 4, 2, "cough since Sunday")
    assert photograph(clinic, size, name="dr.nair")


def test_an_empty_day(clinic: Clinic, photograph: Photograph) -> None:
    assert photograph(clinic, SMALL, name="dr.nair")


@BOTH
def test_a_consultation(clinic: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    morning(clinic)

    async def write(pilot: Pilot[Any]) -> None:
        await pilot.press(*"tired, less thirst", "tab", *"128/82", "enter", *"720", "enter")
        await pilot.press(*["enter"] * 3, *"68", "enter", *"165", "enter", *"type 2 diabetes")
        await looked_up(pilot)
        await pilot.press("f2")

    assert photograph(clinic, size, ["n"], name="dr.nair", before=write)


@BOTH
def test_a_prescription_that_is_warned_of(
    clinic: Clinic, photograph: Photograph, size: tuple[int, int]
) -> None:
    morning(clinic)

    async def write(pilot: Pilot[Any]) -> None:
        await pilot.press(*"sore throat", "f6")
        await looked_up(pilot)
        await pilot.press(*"penicillin v", "enter", *"500 mg")
        await looked_up(pilot)
        await saved(pilot)
        await pilot.press("f5")
        await settle(pilot)

    assert photograph(clinic, size, ["n"], name="dr.nair", before=write)


@BOTH
def test_the_history(clinic: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    morning(clinic)
    # Kept before, so that it does not matter whether the draft has saved itself by then.
    assert photograph(clinic, size, ["n"], ["f2"], ["f3"], name="dr.nair")


@BOTH
def test_a_record_that_was_amended(
    clinic: Clinic, photograph: Photograph, size: tuple[int, int]
) -> None:
    morning(clinic)
    walk = ["a", *["down"] * 4, "enter"]
    text = ["end", *" Daily.", "tab", *"left out", "f2"]
    assert photograph(clinic, size, ["G"], ["enter"], walk, text, name="dr.nair")


def test_help_in_a_consultation(clinic: Clinic, photograph: Photograph) -> None:
    morning(clinic)
    assert photograph(clinic, SMALL, ["n"], ["f1"], name="dr.nair")


@BOTH
def test_a_prescription_on_paper(
    clinic: Clinic, photograph: Photograph, size: tuple[int, int]
) -> None:
    morning(clinic)
    assert photograph(clinic, size, ["G"], ["p"], name="dr.nair")
