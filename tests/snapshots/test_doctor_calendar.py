"""The doctor's calendar, each view in both sizes, and what is opened from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from tests.snapshots.conftest import SMALL, WIDE
from tests.ui.clinic import Clinic
from tests.ui.doctor_weeks import busy_weeks

Photograph = Callable[..., bool]
BOTH = pytest.mark.parametrize("size", [WIDE, SMALL])


@BOTH
@pytest.mark.parametrize("keys", [["d"], [], ["M"]], ids=["day", "week", "month"])
def test_each_view(
    clinic: Clinic, photograph: Photograph, size: tuple[int, int], keys: Sequence[str]
) -> None:
    busy_weeks(clinic)
    assert photograph(clinic, size, ["2"], keys, name="dr.nair")


@BOTH
def test_marking(clinic: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    busy_weeks(clinic)
    walks = (["2"], ["right", "g"], ["space"], ["down", "down"])
    assert photograph(clinic, size, *walks, name="dr.nair")


@BOTH
def test_leave_for_what_is_marked(
    clinic: Clinic, photograph: Photograph, size: tuple[int, int]
) -> None:
    busy_weeks(clinic)
    assert photograph(clinic, size, ["2"], ["space"], ["right"], ["enter"], name="dr.nair")


@BOTH
def test_who_is_booked_at_times_that_are_gone(
    clinic: Clinic, photograph: Photograph, size: tuple[int, int]
) -> None:
    busy_weeks(clinic)
    assert photograph(clinic, size, ["2"], ["c"], name="dr.nair")


@BOTH
def test_own_hours(clinic: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    assert photograph(clinic, size, ["2"], ["H"], name="dr.nair")


def test_a_holiday_on_a_light_screen(clinic: Clinic, photograph: Photograph) -> None:
    busy_weeks(clinic)
    clinic.theme = "light"
    walks = (["2"], ["right_curly_bracket"], ["right", "right"])
    assert photograph(clinic, SMALL, *walks, name="dr.nair")
