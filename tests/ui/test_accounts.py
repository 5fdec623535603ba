"""Everyone's own account in the app: the second factor, what has to be done first, registering
without help (AUTH-2, AUTH-6, AUTH-7)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pyotp
import pytest
import segno
from textual.pilot import Pilot

from screens.account import AccountScreen, PasswordDialog
from screens.duty import DutyScreen
from screens.lock import LockScreen
from screens.login import LoginScreen
from screens.patient.home import HomeScreen
from screens.reception.desk import DeskScreen
from screens.register import RegisterScreen
from screens.second_factor import RecoveryCodesDialog, SetUpScreen
from store import (
    accounts,
    doctors,
    one_time_codes,
    passwords,
    patients,
    registration,
    second_factor,
    signing_in,
)
from store.actors import system
from store.values import Actor, PatientInput, Role, SessionKind
from tests.ui.clinic import PASSWORD, Clinic, picture, settle, sign_in, words
from tests.ui.hostile import CONTROLS, MARKUP
from tests.ui.locking import at
from tests.ui.test_plain import OBEYED
from widgets.form import Form
from widgets.qr import QrCode, qr_lines

OTHER = "a lamp under the stairs"
SMALL = (80, 24)


def actor(clinic: Clinic, name: str = "meera", code: str = "") -> Actor:
    return signing_in.sign_in(
        clinic.store, name, PASSWORD, kind=SessionKind.APP, terminal="elsewhere", code=code
    ).actor


def code(clinic: Clinic, secret: str) -> str:
    return pyotp.TOTP(secret).at(clinic.clock.moment)


def next_step(clinic: Clinic) -> None:
    clinic.clock.moment += timedelta(seconds=30)


async def typed(pilot: Pilot[Any], *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot)


def strict(clinic: Clinic, *roles: Role) -> Callable[[], Any]:
    """The clinic's store, in a hospital where these roles need a second factor."""
    security = replace(clinic.store.rules.security, totp_roles=frozenset(roles))
    store = replace(clinic.store, rules=replace(clinic.store.rules, security=security))
    return lambda: store


async def test_setting_up_and_signing_in_with_a_code(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await typed(pilot, "f4", "t", "n")
        await typed(pilot, *"wrong", "enter")
        assert "The password is wrong." in words(pilot)
        await typed(pilot, *["backspace"] * 5, *PASSWORD, "enter")
        assert at(pilot, SetUpScreen)
        screen: Any = pilot.app.screen
        secret = screen.made.secret
        shown = words(pilot).replace(" ", "")
        assert secret[:16] in shown
        assert secret[16:] in shown
        await typed(pilot, *"123456", "enter")
        assert "That is not the code" in words(pilot)
        await typed(pilot, *["backspace"] * 6, *code(clinic, secret), "enter")
        assert at(pilot, RecoveryCodesDialog)
        recovery = pilot.app.screen.codes  # type: ignore[attr-defined]
        assert all(one in picture(pilot) for one in recovery)
        await typed(pilot, "escape")
        assert "on, 10 recovery codes left" in words(pilot)

        await typed(pilot, "escape", "escape", "ctrl+o")
        next_step(clinic)
        await sign_in(pilot)
        assert at(pilot, LoginScreen)
        assert "Your account has a second factor." in words(pilot)
        await typed(pilot, *"000000", "enter")
        assert "That code is wrong" in words(pilot)
        await typed(pilot, *code(clinic, secret), "enter")
        assert at(pilot, DeskScreen)

        await typed(pilot, "ctrl+l")
        assert at(pilot, LockScreen)
        await typed(pilot, *PASSWORD, "enter")  # no code: the same sign-in goes on
        assert at(pilot, DeskScreen)

        await typed(pilot, "ctrl+o")
        await sign_in(pilot)
        await typed(pilot, *recovery[0], "enter")
        assert at(pilot, DeskScreen)


async def test_back_from_the_code_to_name_and_password(clinic: Clinic) -> None:
    made = second_factor.begin(clinic.store, actor(clinic), PASSWORD)
    clinic.store.write(actor(clinic), second_factor.finish, code(clinic, made.secret))
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await typed(pilot, *"99", "escape")
        assert "User name" in words(pilot)
        assert "second factor" not in words(pilot)
        await typed(pilot, *["backspace"] * len(PASSWORD), *"wrong", "enter")
        assert "The name or the password is wrong." in words(pilot)


async def test_turning_off_and_new_codes(clinic: Clinic) -> None:
    made = second_factor.begin(clinic.store, me := actor(clinic), PASSWORD)
    recovery = clinic.store.write(me, second_factor.finish, code(clinic, made.secret))
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await typed(pilot, *recovery[0], "enter")
        await typed(pilot, "f4", "t", "c")
        await typed(pilot, *PASSWORD, "enter", *recovery[0], "enter")
        assert "That code is wrong" in words(pilot)
        await typed(pilot, *["backspace"] * 30, *recovery[1], "enter")
        newer = pilot.app.screen.codes  # type: ignore[attr-defined]
        await typed(pilot, "escape", "x")
        await typed(pilot, *PASSWORD, "enter", *newer[0], "enter")
        assert "It is off." in words(pilot)
    assert actor(clinic).username == "meera"


async def test_the_drawn_code_is_the_code_in_every_theme(clinic: Clinic) -> None:
    """Module by module: dark on light, with the quiet zone that readers need."""
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await typed(pilot, "f4", "t", "n")
        await typed(pilot, *PASSWORD, "enter")
        qr = pilot.app.screen.query_one(QrCode)
        uri = pilot.app.screen.made.uri  # type: ignore[attr-defined]
        wanted = segno.make(uri, micro=False, error="l")
        quiet = 4 if wanted.symbol_size(border=0)[0] < 41 else 2
        matrix = [[bool(one) for one in row] for row in wanted.matrix_iter(border=quiet)]
        for theme in ("dark", "light", "high-contrast"):
            pilot.app.theme = theme
            await settle(pilot)
            assert (qr.region.width, qr.region.height) == (45, 23)
            drawn = modules(qr)
            assert drawn[: len(matrix)] == matrix
            assert not any(any(row) for row in drawn[len(matrix) :])


def modules(qr: QrCode) -> list[list[bool]]:
    """Which modules are seen dark."""
    drawn: list[list[bool]] = []
    for y in range(qr.size.height):
        upper: list[bool] = []
        lower: list[bool] = []
        for segment in qr.render_line(y):
            style = segment.style
            assert style is not None
            assert style.color is not None
            assert style.bgcolor is not None
            assert (style.color.name, style.bgcolor.name) == ("#000000", "#ffffff")
            upper += [one in "▀█" for one in segment.text]
            lower += [one in "▄█" for one in segment.text]
        drawn += [upper, lower]
    return drawn


@pytest.mark.parametrize("length", [1, 60, 106, 107, 134])
def test_no_code_is_larger_than_a_small_terminal(length: int) -> None:
    rows = qr_lines("x" * length)
    assert len(rows) <= 23
    assert {len(row) for row in rows} <= set(range(46))


async def test_a_role_that_needs_one_sets_it_up_before_anything_else(clinic: Clinic) -> None:
    app = clinic.app(strict(clinic, Role.RECEPTION))
    async with app.run_test(size=SMALL) as pilot:
        await sign_in(pilot)
        await typed(pilot, "escape")
        assert at(pilot, DutyScreen)
        assert "Your role needs a second factor" in words(pilot)
        await typed(pilot, "f4", "1", "slash")
        assert at(pilot, DutyScreen)
        await typed(pilot, "enter", *PASSWORD, "enter")
        secret = pilot.app.screen.made.secret  # type: ignore[attr-defined]
        await typed(pilot, *code(clinic, secret), "enter")
        await typed(pilot, "escape")
        assert at(pilot, DeskScreen)
        await typed(pilot, "f4", "t")
        assert "turn off" not in words(pilot)
        await typed(pilot, "escape", "escape", "ctrl+o")
        assert at(pilot, LoginScreen)


def newcomer(clinic: Clinic) -> None:
    """A receptionist whose password an administrator chose."""
    root = actor(clinic, "root")
    clinic.store.write(
        root,
        accounts.create,
        username="new",
        name="New Desk",
        role=Role.RECEPTION,
        password=passwords.prepare(PASSWORD, clinic.store.rules),
        temporary=True,
    )


async def test_a_password_that_somebody_else_chose_is_changed_first(clinic: Clinic) -> None:
    newcomer(clinic)
    async with clinic.app(strict(clinic, Role.RECEPTION)).run_test(size=SMALL) as pilot:
        await sign_in(pilot, "new")
        assert "somebody else knows too" in words(pilot)
        await typed(pilot, *PASSWORD, "enter", *OTHER, "enter", *OTHER, "enter")
        assert "First your password." in words(pilot)  # the next duty
        assert "Your role needs a second factor" in words(pilot)
        await typed(pilot, "escape", "ctrl+o")
        assert at(pilot, LoginScreen)
    assert clinic.store.read(system(), accounts.get, "new").active


async def test_a_one_time_code_is_typed_in_place_of_the_password(clinic: Clinic) -> None:
    newcomer(clinic)
    code = one_time_codes.make(clinic.store.rules)
    account = clinic.store.read(system(), accounts.get, "new")
    clinic.store.write(actor(clinic, "root"), one_time_codes.reset_password, account.id, code)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "new")
        assert "The name or the password is wrong." in words(pilot)
        typed_code = code.text.upper().replace("-", "")
        await typed(pilot, *["backspace"] * len(PASSWORD), *typed_code, "enter")
        assert at(pilot, PasswordDialog)
        await typed(pilot, *code.text, "enter", *OTHER, "enter", *OTHER, "enter")
        assert at(pilot, DeskScreen)
        await typed(pilot, "ctrl+o", *"new", "enter", *code.text, "enter")
        assert "The name or the password is wrong." in words(pilot)


async def test_an_idle_terminal_locks_and_unlocks_at_a_duty_too(clinic: Clinic) -> None:
    newcomer(clinic)
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "new")
        await typed(pilot, "escape", "ctrl+l")
        assert at(pilot, LockScreen)
        await typed(pilot, *PASSWORD, "enter")
        assert at(pilot, DutyScreen)
        account = clinic.store.read(system(), accounts.get, "new")
        clinic.do(accounts.deactivate, account.id)
        await settle(pilot)
        assert at(pilot, LoginScreen)
        assert "has ended" in words(pilot)


NEW = (*"Latha Iyer", "enter", *"34y", "enter", "f", "enter", *"9845099887", "enter")
REST = (
    *(*"latha@example.org", "enter", "h", "enter"),
    *(*"3 Hill Road", "enter", *"Mohan", "enter", "enter"),
)


async def test_a_patient_registers_and_is_signed_in(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await typed(pilot, "f3")
        assert at(pilot, RegisterScreen)
        await typed(pilot, *NEW, *REST)
        await typed(pilot, *"meera", "enter", *OTHER, "enter", *"another", "enter")
        assert "The two passwords differ." in words(pilot)
        await typed(pilot, *["backspace"] * 7, *OTHER, "enter")
        assert "That user name is taken." in words(pilot)
        await typed(pilot, *["backspace"] * 5, *"latha", "f2")
        assert at(pilot, HomeScreen)
        found = clinic.store.read(system(), patients.list_patients).items
        made = next(one for one in found if one.name == "Latha Iyer")
        assert (made.phone, made.email) == ("+919845099887", "latha@example.org")
        assert (made.emergency_name, made.address, made.age) == ("Mohan", "3 Hill Road", 34)
        assert made.language == "hi"
        await typed(pilot, "ctrl+o")
        assert at(pilot, LoginScreen)
        assert OTHER not in picture(pilot)


async def test_refused_fields_keep_what_was_typed(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await typed(pilot, "f3", *"Latha", "enter", *"not a day", "f2")
        assert "Password is needed." in words(pilot)
        await typed(pilot, *"latha", "enter", *OTHER, "enter", *OTHER, "enter")
        assert at(pilot, RegisterScreen)
        form = pilot.app.screen.form  # type: ignore[attr-defined]
        assert (form.value("name"), form.value("birth_date")) == ("Latha", "not a day")
        assert pilot.app.focused is form.widget("birth_date")
        await typed(pilot, "escape")
        assert "You are not registered yet" in words(pilot)
        await typed(pilot, "left", "escape")
        assert at(pilot, RegisterScreen)
        await typed(pilot, "escape")
        assert at(pilot, LoginScreen)


async def test_a_stranger_sees_nobody_who_is_alike(clinic: Clinic) -> None:
    clinic.do(patients.register, PatientInput("Latha Iyer", "34y", phone="9845099887"))
    async with clinic.app().run_test(size=SMALL) as pilot:
        await typed(pilot, "f3", *NEW, *REST, *"latha", "enter", *OTHER, "enter", *OTHER, "enter")
        assert at(pilot, HomeScreen)


async def test_a_hospital_may_leave_registering_to_its_desk(clinic: Clinic) -> None:
    clinic.self_registration = False
    async with clinic.app().run_test(size=SMALL) as pilot:
        assert "register" not in words(pilot)
        await typed(pilot, "f3")
        assert at(pilot, LoginScreen)


async def test_hostile_text_is_refused_and_does_nothing(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await typed(pilot, "f3")
        form = pilot.app.screen.form  # type: ignore[attr-defined]
        for name in ("password", "again"):
            form.set_value(name, OTHER)
        for text in (*MARKUP[:6], *CONTROLS[:4]):
            for name in ("name", "address", "emergency_name"):
                form.set_value(name, text[:100])
            form.set_value("username", text[:60])
            await typed(pilot, "f2")
            assert at(pilot, RegisterScreen)
            assert not any(OBEYED.search(line) for line in picture(pilot).splitlines())
            assert pilot.app.actor is None  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "keys", "told"),
    [
        ("dr.nair", (*["tab"] * 3, "h", "tab", *"MD", "tab", *"499.50", "tab", *"Hearts."), "MD"),
        ("meera", ("tab", *"9845011224"), "+919845011224"),
    ],
)
async def test_ones_own_particulars(
    clinic: Clinic, name: str, keys: tuple[str, ...], told: str
) -> None:
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, name)
        await typed(pilot, "f4", "e", *keys, "tab", "ctrl+s")
        assert at(pilot, AccountScreen)
        await typed(pilot, "e")
        assert told in picture(pilot)
    if name == "dr.nair":
        doctor = clinic.store.read(system(), doctors.get, clinic.nair.id)
        assert (doctor.qualification, doctor.fee, doctor.bio) == ("MD", 49_950, "Hearts.")
        assert doctor.language == "hi"


async def test_a_patients_particulars_and_emergency_contact(clinic: Clinic) -> None:
    made = registration.register_self(
        clinic.store, PatientInput("Latha Iyer"), username="latha", password=OTHER, terminal="t"
    )
    async with clinic.app().run_test(size=SMALL) as pilot:
        await sign_in(pilot, "latha", OTHER)
        await typed(pilot, "f4", "e", *["tab"] * 5, *"Mohan", "enter", *"nothing", "enter")
        assert "emergency" in words(pilot).casefold()
        assert pilot.app.focused is pilot.app.screen.query_one(Form).widget("emergency_phone")
        await typed(pilot, *["backspace"] * 7, *"9845099887", "enter")
    seen = clinic.store.read(system(), patients.get, made.id)
    assert (seen.emergency_name, seen.emergency_phone) == ("Mohan", "+919845099887")
