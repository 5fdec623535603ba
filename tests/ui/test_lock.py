"""An idle terminal is covered, and everything is found as it was left (AUTH-8)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from chikitsa_tui import app as app_module
from chikitsa_tui.app import ChikitsaApp
from screens.help import HelpScreen
from screens.lock import LockScreen
from screens.login import LoginScreen
from screens.reception.desk import DeskScreen
from screens.shared.patient_form import PatientForm
from screens.too_small import TooSmall
from store import patients, signing_in
from store.values import Actor, Role
from tests.ui.clinic import (
    LOCK_SECONDS,
    PASSWORD,
    Clinic,
    busy_morning,
    picture,
    settle,
    sign_in,
    together,
    until,
    words,
)
from tests.ui.locking import SIZE, at, lock, nothing_of_patients, unlock
from widgets.key_bar import active_keys
from widgets.record_table import RecordTable

IDLE = LOCK_SECONDS[Role.RECEPTION]


@pytest.fixture
def often(monkeypatch: pytest.MonkeyPatch) -> None:
    """The app looks at its idleness a hundred times a second."""
    monkeypatch.setattr(app_module, "LOOK_SECONDS", 0.01)


@pytest.fixture
def slow_answer(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """The store answers whether a password is right only when this is set."""
    answer, confirm = threading.Event(), signing_in.confirm_password

    def late(*args: Any) -> None:
        assert answer.wait(10)
        confirm(*args)

    monkeypatch.setattr(signing_in, "confirm_password", late)
    yield answer
    answer.set()


@pytest.mark.parametrize("size", [(80, 24), SIZE])
async def test_the_key_covers_everything_at_once(clinic: Clinic, size: tuple[int, int]) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=size, notifications=True) as pilot:
        await sign_in(pilot)
        assert not nothing_of_patients(pilot)
        pilot.app.notify("Asha Rao is checked in.", markup=False)
        await settle(pilot)
        await lock(pilot)
        assert nothing_of_patients(pilot)
        assert "Meera Joshi is signed in here." in words(pilot)
        await unlock(pilot)
        assert at(pilot, DeskScreen)
        assert "Asha Rao" in picture(pilot)


@pytest.mark.usefixtures("often")
async def test_a_terminal_that_nobody_uses_is_covered(clinic: Clinic) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        clinic.seconds += IDLE - 1
        await pilot.press("down")
        clinic.seconds += IDLE - 1
        pilot.app.post_message(_mouse())
        await pilot.pause()
        clinic.seconds += IDLE - 1
        for _ in range(10):
            await pilot.pause(0.01)
        assert at(pilot, DeskScreen)
        clinic.seconds += 1
        await until(pilot, lambda: isinstance(pilot.app.screen, LockScreen))
        await settle(pilot)
        assert nothing_of_patients(pilot)


async def test_a_key_that_comes_too_late_locks_and_does_nothing_else(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        clinic.seconds += IDLE
        await together(pilot, "n")
        assert at(pilot, LockScreen)
        await unlock(pilot)
        assert at(pilot, DeskScreen)


@pytest.mark.parametrize(
    "keys",
    [["q", "x"], ["ctrl+p", *"them"], ["f1"], ["f4"], ["f4", "p", *"old"], ["slash", *"rao"]],
    ids=["question", "palette", "help", "account", "password", "finder"],
)
async def test_whatever_is_open_is_covered_and_found_again(clinic: Clinic, keys: list[str]) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        for key in keys:
            await pilot.press(key)
            await settle(pilot)
        stack, focused = list(pilot.app.screen_stack), pilot.app.screen.focused
        before = picture(pilot)
        await lock(pilot)
        assert nothing_of_patients(pilot)
        await unlock(pilot)
        assert list(pilot.app.screen_stack) == stack
        assert pilot.app.screen.focused is focused
        assert picture(pilot) == before


async def test_a_half_filled_form_is_found_as_it_was_left(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        await pilot.press("f3", *"Latha Nambiar", "enter", *"1975")
        await pilot.press("shift+tab", "left", "left", "left")
        await settle(pilot)
        form, before = pilot.app.screen, picture(pilot)
        field = form.focused
        assert isinstance(field, Input)
        cursor = field.cursor_position
        await lock(pilot)
        assert "Latha" not in picture(pilot)
        await unlock(pilot)
        assert pilot.app.screen is form
        assert form.focused is field
        assert field.cursor_position == cursor
        assert picture(pilot) == before
        await pilot.press("X")
        assert field.value == "Latha NambXiar"


async def test_the_list_is_found_with_its_cursor_and_with_what_happened_since(
    clinic: Clinic,
) -> None:
    day = busy_morning(clinic)
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        await pilot.press("q", "j", "j")
        await settle(pilot)
        focused = pilot.app.screen.focused
        assert focused is not None
        table = focused.parent
        assert isinstance(table, RecordTable)
        row, waiting = table.selected, 2
        assert f"{waiting} waiting" in words(pilot)
        await lock(pilot)
        clinic.check_in(clinic.find(day["souza"]))
        await settle(pilot)
        assert at(pilot, LockScreen)
        assert nothing_of_patients(pilot)
        await unlock(pilot)
        assert pilot.app.screen.focused is focused
        assert table.selected == row
        assert f"{waiting + 1} waiting" in words(pilot)


async def test_a_wrong_password_is_told_in_one_sentence(clinic: Clinic) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        await lock(pilot)
        await unlock(pilot, "wrong")
        assert at(pilot, LockScreen)
        assert picture(pilot).count("!") == 1
        assert "! The password is wrong." in picture(pilot)
        assert nothing_of_patients(pilot)
        await unlock(pilot)
        assert at(pilot, DeskScreen)


async def test_wrong_passwords_slow_down_as_at_signing_in(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        await lock(pilot)
        for _ in range(5):
            await unlock(pilot, "x")
        await unlock(pilot)
        assert at(pilot, LockScreen)
        assert "Try again after" in words(pilot)
        clinic.clock.advance(timedelta(seconds=1))
        await unlock(pilot)
        assert at(pilot, DeskScreen)


async def test_no_key_reaches_what_is_below(clinic: Clinic) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        desk, waiting = pilot.app.screen, [clinic.find(v).status for v in busy(clinic)]
        await lock(pilot)
        await pilot.press("escape", "f3", "f4", "ctrl+p", "ctrl+s", "f5", "tab", "ctrl+c", "1", "x")
        await pilot.press("y", "n", "w", "c", "ctrl+l", "ctrl+s")
        await settle(pilot)
        assert at(pilot, LockScreen)
        await unlock(pilot, PASSWORD)
        assert at(pilot, DeskScreen)
        assert pilot.app.screen is desk
        assert [clinic.find(view).status for view in busy(clinic)] == waiting


def _mouse() -> events.MouseMove:
    """The mouse is moved a little."""
    return events.MouseMove(None, 5, 5, 1, 0, 0, False, False, False)


def busy(clinic: Clinic) -> list[Any]:
    return [view for number in range(6) for view in clinic.of(number)]


async def test_a_password_typed_in_one_packet_with_the_key_unlocks(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        await together(pilot, "ctrl+l", *PASSWORD, "enter")
        assert at(pilot, DeskScreen)


async def test_keys_held_behind_the_password_do_not_pass_through(
    clinic: Clinic, slow_answer: threading.Event
) -> None:
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        await lock(pilot)
        for key in (*PASSWORD, "enter", "f3", *"Latha"):
            pilot.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: "Unlocking" in picture(pilot))
        slow_answer.set()
        await settle(pilot)
        assert at(pilot, DeskScreen)
        assert "Latha" not in picture(pilot)


async def test_keys_held_when_the_lock_comes_are_forgotten(clinic: Clinic) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        await together(pilot, "f3", *"Lat", "ctrl+l")
        assert isinstance(pilot.app.screen, LockScreen)
        assert pilot.app.screen.form.value("password") == ""
        await unlock(pilot)
        assert not isinstance(pilot.app.screen, LockScreen)


@pytest.mark.parametrize("shrunk", [False, True])
async def test_work_that_ends_below_the_lock_cannot_open_it(
    clinic: Clinic, monkeypatch: pytest.MonkeyPatch, shrunk: bool
) -> None:
    """The form is saved while the lock comes: it is closed, and its news told, behind the lock."""
    asked, answer, register = threading.Event(), threading.Event(), patients.register

    def late(*args: Any, **kwargs: Any) -> Any:
        asked.set()
        assert answer.wait(10)
        return register(*args, **kwargs)

    monkeypatch.setattr(patients, "register", late)
    async with clinic.app().run_test(size=SIZE, notifications=True) as pilot:
        await sign_in(pilot)
        await pilot.press("f3", *"Latha Nambiar", "enter", *"1975", "enter", "f")
        assert at(pilot, PatientForm)
        pilot.app.post_message(events.Key("f2", None))
        await until(pilot, asked.is_set)
        pilot.app.post_message(events.Key("ctrl+l", None))
        await until(pilot, lambda: at(pilot, LockScreen))
        if shrunk:
            await pilot.resize_terminal(60, 20)
            assert at(pilot, TooSmall)
        answer.set()
        await settle(pilot)
        await pilot.resize_terminal(*SIZE)
        await settle(pilot)
        assert at(pilot, LockScreen)
        assert "Latha" not in picture(pilot)
        await unlock(pilot)
        assert at(pilot, DeskScreen)
        assert "Latha Nambiar" in picture(pilot)


async def test_a_patients_name_is_not_on_the_lock(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        actor = Actor(Role.PATIENT, "Asha Rao", "tty1", account_id=1, session_id=1)

        async def never(_: str) -> None:
            raise AssertionError

        assert isinstance(pilot.app, ChikitsaApp)
        pilot.app.push_screen(LockScreen(pilot.app.services, actor, never))
        await settle(pilot)
        assert "Asha" not in picture(pilot)
        assert "goes on with the password" in words(pilot)


async def test_a_terminal_too_small_stays_locked(clinic: Clinic) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        await pilot.resize_terminal(60, 20)
        await settle(pilot)
        await lock_under(pilot)
        await pilot.resize_terminal(*SIZE)
        await settle(pilot)
        assert at(pilot, LockScreen)
        await unlock(pilot)
        assert at(pilot, DeskScreen)


async def lock_under(pilot: Pilot[Any]) -> None:
    await pilot.press("ctrl+l")
    await settle(pilot)
    assert at(pilot, LockScreen | TooSmall)
    assert nothing_of_patients(pilot)


async def test_help_names_the_key_and_the_lock_has_its_own(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SIZE) as pilot:
        await pilot.press("f1")
        await settle(pilot)
        assert at(pilot, HelpScreen)
        assert "ctrl+l" not in picture(pilot)
        await pilot.press("escape")
        await sign_in(pilot)
        await pilot.press("f1")
        await settle(pilot)
        assert "Lock this terminal; your password opens it again" in str(
            pilot.app.screen.query_one("#dialog-body Static").render()
        )
        await pilot.press("escape")
        await lock(pilot)
        assert [shown[2] for shown in active_keys(pilot.app.screen)] == [
            "someone else signs in",
            "quit",
            "help",
        ]
        await pilot.press("f1")
        await settle(pilot)
        assert at(pilot, HelpScreen)
        await pilot.press("escape")
        await settle(pilot)
        assert at(pilot, LockScreen)


async def test_the_key_can_be_another(clinic: Clinic) -> None:
    clinic.keys = {"app.lock": "ctrl+k"}
    async with clinic.app().run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        await pilot.press("ctrl+l")
        assert at(pilot, DeskScreen)
        await pilot.press("ctrl+k")
        await settle(pilot)
        assert at(pilot, LockScreen)


async def test_nobody_signed_in_has_nothing_to_lock(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SIZE) as pilot:
        clinic.seconds += 10 * IDLE
        await pilot.press("ctrl+l", *"meera")
        assert isinstance(pilot.app.screen, LoginScreen)
        assert pilot.app.screen.form.value("username") == "meera"


@pytest.mark.usefixtures("often")
@pytest.mark.parametrize("keys", [[], ["f4"]], ids=["screen", "dialog"])
async def test_it_warns_before_it_locks_and_any_key_goes_on(
    clinic: Clinic, keys: list[str]
) -> None:
    busy_morning(clinic)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot)
        await pilot.press(*keys)
        await settle(pilot)
        before = picture(pilot)
        clinic.seconds += IDLE - 21
        for _ in range(3):
            await pilot.pause(0.02)
        assert "locks in" not in picture(pilot)
        clinic.seconds += 2
        await until(pilot, lambda: "locks in 19 s: any key goes on" in picture(pilot))
        assert picture(pilot).splitlines()[1:] == before.splitlines()[1:]
        clinic.seconds += 10
        await until(pilot, lambda: "locks in  9 s" in picture(pilot))
        await pilot.press("p" if keys else "slash", "z")
        await settle(pilot)
        assert "locks in" not in picture(pilot)
        field = pilot.app.focused  # the key did what it always does
        assert isinstance(field, Input)
        assert field.value == "z"
        clinic.seconds += IDLE
        await until(pilot, lambda: isinstance(pilot.app.screen, LockScreen))
        assert "locks in" not in picture(pilot)


async def test_an_app_that_has_left_is_not_locked_any_more(clinic: Clinic) -> None:
    app = clinic.app()
    async with app.run_test(size=SIZE) as pilot:
        await sign_in(pilot, "meera")
        clinic.seconds += IDLE - 10
        app.exit()
    app._lock_when_due()  # as the timer does that ran out while the screens were taken away
    assert app.return_code == 0
