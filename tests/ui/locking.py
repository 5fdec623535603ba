"""Locking and unlocking, as the tests of the lock do it."""

from __future__ import annotations

from types import UnionType
from typing import Any

from textual.pilot import Pilot
from textual.screen import Screen

from screens.lock import LockScreen
from tests.ui.clinic import PASSWORD, picture, settle

SIZE = (120, 40)
PATIENTS = ("Asha", "Rao", "Imran", "Shaikh", "Pillai", "Souza", "Savitri", "9845011223")


def at(pilot: Pilot[Any], kind: type[Screen[Any]] | UnionType) -> bool:
    """Whether a screen of this kind is what is seen."""
    return isinstance(pilot.app.screen, kind)


async def lock(pilot: Pilot[Any]) -> None:
    await pilot.press("ctrl+l")
    await settle(pilot)
    assert at(pilot, LockScreen)


async def unlock(pilot: Pilot[Any], password: str = PASSWORD) -> None:
    await pilot.press(*password, "enter")
    await settle(pilot)


def nothing_of_patients(pilot: Pilot[Any]) -> bool:
    """Neither as text nor in what could be exported as a picture."""
    shown = picture(pilot) + pilot.app.export_screenshot() + pilot.app.title + pilot.app.sub_title
    return not any(name in shown for name in PATIENTS)
