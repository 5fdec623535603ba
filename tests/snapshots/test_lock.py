from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.snapshots.conftest import SMALL, WIDE
from tests.ui.clinic import Clinic, busy_morning

Photograph = Callable[..., bool]


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_locked(clinic: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    busy_morning(clinic)
    assert photograph(clinic, size, ["ctrl+l"])


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_a_wrong_password(clinic: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    busy_morning(clinic)
    assert photograph(clinic, size, ["ctrl+l"], [*"wrong", "enter"])


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_someone_else_where_something_is_unsaved(
    clinic: Clinic, photograph: Photograph, size: tuple[int, int]
) -> None:
    busy_morning(clinic)
    assert photograph(clinic, size, ["f3", *"Latha"], ["ctrl+l"], ["ctrl+o"])
