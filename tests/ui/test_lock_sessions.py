"""What becomes of the login session behind a lock, and who comes next."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text
from textual.pilot import Pilot

from chikitsa_tui.app import ChikitsaApp
from chikitsa_tui.live import STANDING_SECONDS
from screens.doctor.today import TodayScreen
from screens.lock import LockScreen
from screens.login import LoginScreen
from screens.shared.confirm import Confirm
from store import accounts, patients, sessions
from store.errors import SessionEnded
from store.values import Actor, PatientInput, Sex
from tests.ui.clinic import (
    Clinic,
    busy_morning,
    picture,
    settle,
    sign_in,
    words,
)
from tests.ui.locking import SIZE, at, lock, nothing_of_patients, unlock


def person(pilot: Pilot[Any]) -> Actor:
    assert isinstance(pilot.app, ChikitsaApp)
    assert pilot.app.actor is not None
    return pilot.app.actor


def last_seen(clinic: Clinic) -> datetime:
    """When the only open login session was last in use."""
    query = text("SELECT last_seen_at FROM login_session WHERE ended_at IS NULL")
    with clinic.store.database.begin(write=False) as connection:
        return datetime.fromisoformat(str(connection.execute(query).scalar_one()))


async def test_someone_else_ends_the_first_session_for_good(clinic: Clinic) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        first = person(pilot)
        pilot.app.copy_to_clipboard("Asha Rao")
        await lock(pilot)
        await pilot.press("ctrl+o")
        await settle(pilot)
        assert at(pilot, LoginScreen)
        assert "!" not in picture(pilot)
        with pytest.raises(SessionEnded):
            clinic.store.read(first, accounts.whoami)
        assert pilot.app.clipboard == ""
        await sign_in(pilot, "dr.nair")
        assert at(pilot, TodayScreen)
        assert "Meera" not in picture(pilot)
        await lock(pilot)
        assert "Dr Anita Nair is signed in here." in words(pilot)


async def test_what_would_be_lost_is_said_before(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        await pilot.press("f3", *"Latha Nambiar")
        first = person(pilot)
        await lock(pilot)
        await pilot.press("ctrl+o")
        await settle(pilot)
        assert at(pilot, Confirm)
        assert "something is not saved" in words(pilot)
        assert "Latha" not in picture(pilot)
        await pilot.press("n")
        await settle(pilot)
        assert at(pilot, LockScreen)
        clinic.store.read(first, accounts.whoami)
        await unlock(pilot)
        assert "Latha Nambiar" in picture(pilot)
        await lock(pilot)
        await pilot.press("ctrl+o", "y")
        await settle(pilot)
        assert at(pilot, LoginScreen)
        with pytest.raises(SessionEnded):
            clinic.store.read(first, accounts.whoami)


@pytest.mark.parametrize("locked", [False, True])
async def test_a_deactivated_account_is_off_an_idle_screen(clinic: Clinic, locked: bool) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        if locked:
            await lock(pilot)
        clinic.do(accounts.deactivate, person(pilot).account_id)
        await settle(pilot)
        assert at(pilot, LoginScreen)
        assert "Your login session has ended." in words(pilot)
        assert nothing_of_patients(pilot)


@pytest.mark.parametrize("locked", [False, True])
async def test_an_end_that_no_change_tells_of_covers_within_five_seconds(
    clinic: Clinic, locked: bool
) -> None:
    assert STANDING_SECONDS + 0.5 < 5
    busy_morning(clinic)
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        if locked:
            await lock(pilot)
        with clinic.store.database.begin(write=True) as connection:
            connection.execute(text("UPDATE login_session SET ended_at = created_at"))
        clinic.seconds += STANDING_SECONDS
        await settle(pilot)
        assert at(pilot, LoginScreen)
        assert nothing_of_patients(pilot)


async def test_a_session_that_expired_behind_the_lock_is_told_with_the_reason(
    clinic: Clinic,
) -> None:
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        await lock(pilot)
        clinic.clock.advance(timedelta(minutes=60))
        await unlock(pilot)
        assert at(pilot, LoginScreen)
        assert "Your login session has ended: it was not used for 60 minutes." in words(pilot)


async def test_a_screen_that_renews_itself_does_not_keep_the_session(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        await settle(pilot)
        signed_in_at = last_seen(clinic)
        for minute in range(20):
            clinic.clock.advance(timedelta(minutes=1))
            clinic.seconds += 5
            clinic.do(patients.register, PatientInput(f"Patient {minute}", "1990", Sex.FEMALE))
            await settle(pilot)
        assert last_seen(clinic) == signed_in_at
        await pilot.press("down")
        clinic.seconds += STANDING_SECONDS
        await settle(pilot)
        assert last_seen(clinic) - signed_in_at == timedelta(minutes=20)


async def test_tries_at_the_lock_do_not_keep_the_session(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        await lock(pilot)
        clinic.seconds += STANDING_SECONDS
        await settle(pilot)
        before = last_seen(clinic)
        clinic.clock.advance(timedelta(minutes=10))
        await unlock(pilot, "wrong")
        clinic.seconds += STANDING_SECONDS
        await settle(pilot)
        assert last_seen(clinic) == before
        await unlock(pilot)
        assert last_seen(clinic) - before == timedelta(minutes=10)


async def test_leaving_from_the_lock_says_what_would_be_lost(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        await pilot.press("f3", *"Latha")
        await lock(pilot)
        await pilot.press("ctrl+q")
        await settle(pilot)
        assert at(pilot, Confirm)
        await pilot.press("escape")
        await settle(pilot)
        assert at(pilot, LockScreen)
        assert not pilot.app._exit


async def test_a_session_ended_from_the_list_of_ones_own_reaches_a_locked_terminal(
    clinic: Clinic,
) -> None:
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        await lock(pilot)
        session_id = person(pilot).session_id
        assert session_id is not None
        clinic.do(sessions.end, session_id)
        await settle(pilot)
        assert at(pilot, LoginScreen)
