from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pyotp
import pytest
from sqlalchemy import update
from textual.pilot import Pilot

from store import second_factor, signing_in
from store.actors import system
from store.tables import Account, table_of
from store.values import Role, SessionKind
from tests.snapshots.conftest import SMALL, WIDE
from tests.ui.clinic import LOCK_SECONDS, PASSWORD, Clinic, busy_morning

Photograph = Callable[..., bool]
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SET_UP = ("f4", "t", "n"), (*PASSWORD, "enter")


@pytest.fixture(autouse=True)
def _known_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pyotp, "random_base32", lambda _length: SECRET)


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_setting_up(clinic: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    assert photograph(clinic, size, *SET_UP)


def test_setting_up_in_the_light(clinic: Clinic, photograph: Photograph) -> None:
    clinic.theme = "light"
    assert photograph(clinic, SMALL, *SET_UP, [*"123456", "enter"])


def test_what_it_is(clinic: Clinic, photograph: Photograph) -> None:
    assert photograph(clinic, SMALL, ["f4", "t"])


def test_a_code_is_asked_for(clinic: Clinic, photograph: Photograph) -> None:
    actor = signing_in.sign_in(
        clinic.store, "meera", PASSWORD, kind=SessionKind.APP, terminal="tty1"
    ).actor
    second_factor.begin(clinic.store, actor, PASSWORD)
    first = pyotp.TOTP(SECRET).at(clinic.clock.moment)
    clinic.store.write(actor, second_factor.finish, first)
    assert photograph(clinic, SMALL, ["0", "0", "enter"])


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_registering(clinic: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    assert photograph(clinic, size, ["f3", *"Latha", "f2"], name=None)


@pytest.mark.parametrize("keys", [[], ["escape"]], ids=["asked", "put off"])
def test_a_password_to_change_first(
    clinic: Clinic, photograph: Photograph, keys: list[str]
) -> None:
    account = table_of(Account)
    with clinic.store.transaction(system()) as tx:
        mine = update(account).where(account.c.username == "meera")
        tx.session.execute(mine.values(must_change_password=True))
    assert photograph(clinic, SMALL, keys)


@pytest.mark.parametrize("size", [WIDE, SMALL])
def test_about_to_lock(clinic: Clinic, photograph: Photograph, size: tuple[int, int]) -> None:
    busy_morning(clinic)

    async def wait(pilot: Pilot[Any]) -> None:
        clinic.seconds += LOCK_SECONDS[Role.RECEPTION] - 9
        pilot.app.idle_lock.warn()  # type: ignore[attr-defined]

    assert photograph(clinic, size, before=wait)


def test_a_doctors_particulars(clinic: Clinic, photograph: Photograph) -> None:
    assert photograph(clinic, SMALL, ["f4", "e"], name="dr.nair")
