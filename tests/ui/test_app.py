from __future__ import annotations

import asyncio
import logging
import threading
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.screen import Screen

from chikitsa_tui.faults import places_of
from screens.context import DemoAccount
from screens.help import HelpScreen
from screens.login import LoginScreen
from screens.reception.desk import DeskScreen
from screens.shared.confirm import Confirm
from screens.too_small import TooSmall
from store import sessions
from store.errors import SessionEnded, WrongConfiguration
from store.front_door import Store
from store.values import Role
from tests.ui.clinic import PASSWORD, Clinic, busy_morning, picture, settle, sign_in
from widgets.key_bar import MOST_KEYS, active_keys
from widgets.patient_finder import PatientFinder
from widgets.record_table import RecordTable

SIZE = (120, 40)


def at(app: App[Any], kind: type[Screen[Any]]) -> bool:
    return isinstance(app.screen, kind)


async def test_the_sign_in_screen_does_not_wait_for_the_store(clinic: Clinic) -> None:
    opened = threading.Event()

    def slow() -> Store:
        assert opened.wait(10)
        return clinic.store

    app = clinic.app(open_store=slow)
    async with app.run_test(size=SIZE) as pilot:
        assert "Sign in" in picture(pilot)
        await pilot.press(*"meera", "enter", *PASSWORD, "enter")
        assert "Signing in" in picture(pilot)
        opened.set()
        await settle(pilot)
        assert at(app, DeskScreen)


async def test_what_cannot_be_opened_is_told_on_the_sign_in_screen(clinic: Clinic) -> None:
    def missing() -> Store:
        raise WrongConfiguration("There is no hospital in x.db. Make one with: chikitsa init")

    app = clinic.app(open_store=missing)
    async with app.run_test(size=SIZE) as pilot:
        await settle(pilot)
        await pilot.pause(0.05)
        assert "There is no hospital in x.db." in picture(pilot)


async def test_a_wrong_password_is_told_beside_it_and_nothing_is_lost(clinic: Clinic) -> None:
    app = clinic.app()
    async with app.run_test(size=SIZE) as pilot:
        await sign_in(pilot, password="wrong")
        assert isinstance(app.screen, LoginScreen)
        assert "The name or the password is wrong." in picture(pilot)
        assert app.screen.form.value("username") == "meera"
        assert app.screen.form.value("password") == "wrong"
        assert app.screen.form.widget("password").has_focus


async def test_signing_in_leads_to_the_desk(clinic: Clinic) -> None:
    app = clinic.app()
    async with app.run_test(size=SIZE) as pilot:
        await sign_in(pilot, "MEERA")
        shown = picture(pilot)
        for words in ("City Hospital", "Meera Joshi", "Reception", "● live", "Mon 05 Jan  08:00"):
            assert words in shown


async def test_signing_out_is_for_good_and_leaves_nothing_behind(clinic: Clinic) -> None:
    busy_morning(clinic)
    app = clinic.app()
    async with app.run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        actor = app.actor
        assert actor is not None
        assert "Asha Rao" in picture(pilot)
        await pilot.press("ctrl+o")
        await settle(pilot)
        assert isinstance(app.screen, LoginScreen)
        assert "Asha Rao" not in picture(pilot)
        assert app.screen.form.value("username") == ""
        with pytest.raises(SessionEnded):
            clinic.store.read(actor, sessions.list_sessions)
        await sign_in(pilot)
        assert at(app, DeskScreen)


async def test_an_answer_that_comes_when_its_screen_has_gone_is_no_fault(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await sign_in(pilot)
        screen, answered = pilot.app.screen, asyncio.Event()
        assert isinstance(screen, DeskScreen)

        async def show() -> None:
            await answered.wait()
            screen.query_one("#what-has-gone-with-it")

        shown = asyncio.ensure_future(screen._guarded(show()))
        await pilot.press("ctrl+o")
        await settle(pilot)
        assert isinstance(pilot.app.screen, LoginScreen)
        answered.set()
        await shown


async def test_a_session_ended_elsewhere_closes_the_screen_at_once(clinic: Clinic) -> None:
    busy_morning(clinic)
    app = clinic.app()
    async with app.run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        assert app.actor is not None
        assert app.actor.session_id is not None
        clinic.do(sessions.end, app.actor.session_id)
        await settle(pilot)
        await settle(pilot)
        shown = picture(pilot)
        assert isinstance(app.screen, LoginScreen)
        assert "Asha Rao" not in shown
        assert "!" in shown


async def test_a_demo_shows_its_accounts(clinic: Clinic) -> None:
    clinic.demo_accounts = (DemoAccount(Role.RECEPTION, "meera", PASSWORD),)
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        assert PASSWORD in picture(pilot)


async def test_a_terminal_too_small_is_covered_and_keeps_everything(clinic: Clinic) -> None:
    app = clinic.app()
    async with app.run_test(size=(80, 24)) as pilot:
        await sign_in(pilot)
        await pilot.press("slash", *"rao")
        await settle(pilot)
        await pilot.resize_terminal(79, 24)
        await pilot.pause()
        assert at(app, TooSmall)
        assert "It is 79×24." in picture(pilot)
        for size in ((1, 1), (500, 300), (20, 5)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert at(app, TooSmall) == (size != (500, 300))
        await pilot.resize_terminal(80, 24)
        await settle(pilot)
        assert at(app, DeskScreen)
        assert app.screen.query_one(PatientFinder).text == "rao"
        assert app.screen.query_one(PatientFinder).field.has_focus


async def test_help_shows_the_keys_of_the_screen_and_the_users_own(clinic: Clinic) -> None:
    clinic.keys = {"queue.check-in": "i"}
    app = clinic.app()
    async with app.run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        assert ("i", "i", "check in", True) in active_keys(app.screen)
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, HelpScreen)
        shown = app.screen.text().plain
        assert "The patient has come" in shown
        assert "  i  " in shown.split("The patient has come")[0].splitlines()[-1] + "  "
        await pilot.press("escape")
        assert at(app, DeskScreen)


async def test_a_remapped_key_acts_and_the_old_one_does_not(clinic: Clinic) -> None:
    day = busy_morning(clinic)
    clinic.keys = {"queue.check-in": "i"}
    app = clinic.app()
    async with app.run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        app.screen.query_one("#queue", RecordTable).move_to(str(day["souza"].id))
        await pilot.press("c")
        await settle(pilot)
        assert clinic.find(day["souza"]).token is None
        await pilot.press("i")
        await settle(pilot)
        assert clinic.find(day["souza"]).token is not None


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_no_screen_shows_more_than_six_keys(clinic: Clinic, size: tuple[int, int]) -> None:
    busy_morning(clinic)
    app = clinic.app()
    async with app.run_test(size=size) as pilot:
        await sign_in(pilot)
        for keys in (["q"], ["slash"], ["escape", "s", "escape"], ["n"], ["escape", "f4"]):
            await pilot.press(*keys)
            await settle(pilot)
            shown = active_keys(app.screen)
            assert 0 < len(shown) <= MOST_KEYS
            assert shown[-1][2] == "help"
            line = app.screen.query_one("#key-bar").render()
            assert str(line).endswith("help"), line


async def test_the_palette_offers_nothing_that_leaves_the_app(clinic: Clinic) -> None:
    app = clinic.app()
    async with app.run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        titles = [command.title for command in app.get_system_commands(app.screen)]
        assert titles == [
            "Keys",
            "Theme: dark",
            "Theme: light",
            "Theme: high-contrast",
            "Lock",
            "Account",
            "Sign out",
            "Quit",
        ]


async def test_the_app_writes_no_file_and_opens_nothing(
    clinic: Clinic, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = files_in(tmp_path)
    app = clinic.app()
    async with app.run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        app.action_screenshot()
        app.deliver_screenshot()
        app.deliver_text("x", save_directory=str(tmp_path))
        app.open_url("http://example.org")
        app.action_suspend_process()
        app.copy_to_clipboard("secret")
        await pilot.pause()
        assert app.clipboard == "secret"
    assert files_in(tmp_path) == before


def files_in(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if ".db" not in path.name}


async def test_leaving_with_something_unsaved_asks(clinic: Clinic) -> None:
    app = clinic.app()
    async with app.run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        await pilot.press("n", *"Asha", "ctrl+q")
        await pilot.pause()
        assert at(app, Confirm)
        await pilot.press("enter")
        await pilot.pause()
        assert not app._exit
        assert not at(app, Confirm)
        await pilot.press("ctrl+q", "y")
        await pilot.pause()
        assert app._exit


async def test_escape_never_leaves(clinic: Clinic) -> None:
    app = clinic.app()
    async with app.run_test(size=SIZE) as pilot:
        await pilot.press("escape", "escape")
        await sign_in(pilot)
        await pilot.press(*["escape"] * 5)
        await settle(pilot)
        assert at(app, DeskScreen)


async def test_themes_change_without_losing_anything(clinic: Clinic) -> None:
    busy_morning(clinic)
    app = clinic.app()
    async with app.run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        for theme in ("light", "high-contrast", "dark"):
            app.theme = theme
            await settle(pilot)
            assert "Asha Rao" in picture(pilot)


async def test_a_fault_is_told_in_one_sentence_and_logged_without_values(
    clinic: Clinic, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    app = clinic.app()

    def broken() -> None:
        patient_name = "Asha Rao"
        raise KeyError(patient_name)

    async def use() -> None:
        async with app.run_test(size=SIZE) as pilot:
            await sign_in(pilot)
            app.call_later(broken)
            await pilot.pause()

    caplog.set_level(logging.ERROR, "chikitsa.app")
    with pytest.raises(KeyError):
        await use()
    printed = capsys.readouterr().err
    assert "fault of the program, reference" in printed
    assert "Asha" not in printed
    assert "KeyError at" in caplog.text
    assert "broken" in caplog.text
    assert "Asha" not in caplog.text
    assert app.return_code == 1


def test_the_places_of_a_fault_hold_no_values() -> None:
    def fail(name: str) -> None:
        try:
            raise ValueError(name)
        except ValueError as error:
            raise RuntimeError(name) from error

    with pytest.raises(RuntimeError) as raised:
        fail("Asha Rao")
    told = places_of(raised.value)
    assert told.startswith("RuntimeError at test_app.py:")
    assert "caused by ValueError at" in told
    assert "Asha" not in told


async def test_own_account_shows_sign_ins_and_ends_any(clinic: Clinic) -> None:
    first, second = clinic.app(), clinic.app()
    async with first.run_test(size=SIZE) as one:
        await sign_in(one)
        async with second.run_test(size=SIZE) as other:
            await sign_in(other)
            await other.press("f4")
            await settle(other)
            shown = picture(other)
            assert "meera" in shown
            assert shown.count("tty1@desk-1") == 3
            await other.press("j", "x", "y")
            await settle(other)
            assert picture(other).count("tty1@desk-1") == 2
        await settle(one)
        await settle(one)
        assert isinstance(first.screen, LoginScreen)


async def test_own_password_is_changed_and_a_refusal_stands_beside_the_field(
    clinic: Clinic,
) -> None:
    app = clinic.app()
    async with app.run_test(size=SIZE) as pilot:
        await sign_in(pilot)
        await pilot.press("f4")
        await settle(pilot)
        await pilot.press("p", *PASSWORD, "enter", *"short", "enter", *"short", "enter")
        await settle(pilot)
        form = app.screen.query_one("Form")
        assert form.query_one("#error-new").has_class("-shown")
        for _ in range(5):
            await pilot.press("backspace")
        await pilot.press(*"other river lantern", "enter", "ctrl+a", "ctrl+k")
        await pilot.press(*"other river lantern", "enter")
        await settle(pilot)
        await pilot.press("escape", "ctrl+o")
        await settle(pilot)
        await sign_in(pilot, password="other river lantern")
        assert at(app, DeskScreen)
