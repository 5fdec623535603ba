"""The finder while an answer takes its time: keys are not lost, and the newest question counts."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from sqlalchemy import event

from tests.ui.clinic import Clinic, settle, sign_in
from tests.ui.test_desk import WIDE, screen_of

_LONG = 60


def hold(clinic: Clinic, begun: str) -> tuple[threading.Event, threading.Event]:
    """Keep every search for words that begin so inside the database until it is let go: what
    tells that one is there, and what lets it go. To be called before the app's threads work."""
    there, free = threading.Event(), threading.Event()

    def wait(_connection: Any, _cursor: Any, _statement: str, given: Any, *_rest: Any) -> None:
        values = given.values() if isinstance(given, dict) else given
        if begun in values and not free.is_set():
            there.set()
            assert free.wait(_LONG)

    event.listen(clinic.store.database.engine, "before_cursor_execute", wait)
    return there, free


async def until_idle(clinic: Clinic) -> None:
    """Wait until none of the store's four threads works any more."""
    meeting = threading.Barrier(5)
    for _ in range(4):
        clinic.pool.submit(meeting.wait, _LONG)
    await asyncio.to_thread(meeting.wait, _LONG)


async def test_a_slow_answer_loses_no_key_and_comes_too_late(clinic: Clinic) -> None:
    there, free = hold(clinic, "asha")
    async with clinic.app().run_test(size=WIDE) as pilot:
        await sign_in(pilot)
        finder = screen_of(pilot).finder
        await pilot.press("slash", *"asha")
        assert await asyncio.to_thread(there.wait, _LONG)
        try:
            await pilot.press("ctrl+u", *"meena")
            assert finder.text == "meena"
            await settle(pilot)
            assert [one.name for one in finder.patients.values()] == ["Meena Pillai"]
        finally:
            free.set()
        await until_idle(clinic)
        await settle(pilot)
        assert [one.name for one in finder.patients.values()] == ["Meena Pillai"]
        assert finder.text == "meena"
