"""How the board in the waiting room looks."""

from __future__ import annotations

from typing import Any

import pytest
from textual.pilot import Pilot

from tests.snapshots.conftest import SMALL, WIDE
from tests.ui.clinic import Clinic, busy_morning, settle
from tests.ui.test_board import wall


@pytest.mark.parametrize("size", [SMALL, WIDE])
def test_the_board(clinic: Clinic, snap_compare: Any, size: tuple[int, int]) -> None:
    busy_morning(clinic)

    async def wait(pilot: Pilot[Any]) -> None:
        await settle(pilot)

    assert snap_compare(wall(clinic), terminal_size=size, run_before=wait)
