from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.ui.clinic import Clinic, settle, sign_in
from tests.ui.conftest import _filled_clinic, clinic

__all__ = ["_filled_clinic", "clinic", "photograph"]

WIDE, SMALL = (120, 40), (80, 24)


@pytest.fixture
def photograph(snap_compare: Any) -> Callable[..., bool]:
    """`photograph(clinic, size, keys, ...)`: sign in, press the keys, each list to its end, and
    compare what is then seen with the stored picture."""

    def taken(
        of: Clinic,
        size: tuple[int, int],
        *walks: Sequence[str],
        name: str | None = "meera",
        before: Callable[[Pilot[Any]], Awaitable[None]] | None = None,
    ) -> bool:
        async def walk(pilot: Pilot[Any]) -> None:
            if name is not None:
                await sign_in(pilot, name)
            for keys in walks:
                await pilot.press(*keys)
                await settle(pilot)
            if before is not None:
                await before(pilot)
                await settle(pilot)

        same: bool = snap_compare(of.app(), terminal_size=size, run_before=walk)
        return same

    return taken
