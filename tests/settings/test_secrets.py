"""Where secrets are looked for, and that a missing or broken keyring stops nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends import fail
from msgspec.structs import replace

from chikitsa_tui.secrets import SERVICE, TokenKeeper, mail_password, working_keyring
from chikitsa_tui.settings import MailSettings, Secret
from store.errors import Unavailable

NONE = fail.Keyring()  # type: ignore[no-untyped-call]
MAIL = MailSettings(user="desk@hospital.test")


class InMemory(KeyringBackend):
    """A keyring that works."""

    priority: float = 5

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Broken(InMemory):
    """A keyring that fails as real ones were seen to: locked, gone, or asking a closed terminal."""

    def get_password(self, service: str, username: str) -> str | None:
        raise AssertionError("wrong key")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError("locked")

    def delete_password(self, service: str, username: str) -> None:
        raise EOFError


class Weak(InMemory):
    """A keyring that stores in the clear or asks on the terminal, as priorities below 1 say."""

    priority = 0.5


@pytest.fixture(autouse=True)
def _keyring_restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("PYTHON_KEYRING_BACKEND", raising=False)
    before = keyring.get_keyring()
    yield
    keyring.set_keyring(before)


def test_the_mail_password_comes_from_the_first_place_that_has_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    backend = InMemory()
    keyring.set_keyring(backend)
    assert mail_password(MAIL) is None
    backend.set_password(SERVICE, "mail:desk@hospital.test", "from the keyring")
    found = mail_password(MAIL)
    assert found is not None
    assert (found.value, found.source) == ("from the keyring", "keyring")
    (tmp_path / "mail-password").write_text("from systemd\n")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    found = mail_password(MAIL)
    assert found is not None
    assert found.value == "from systemd"
    found = mail_password(replace(MAIL, password=Secret("from the environment")))
    assert found is not None
    assert found.value == "from the environment"
    assert "environment" in repr(found)
    assert "from the" not in repr(found)


@pytest.mark.parametrize("backend", [NONE, Weak(), Broken()])
def test_a_keyring_that_does_not_keep_is_none(backend: KeyringBackend) -> None:
    keyring.set_keyring(backend)
    keeper = TokenKeeper("hospital")
    assert keeper.read() is None
    with pytest.raises(Unavailable, match="CHIKITSA_TOKEN"):
        keeper.keep("token")
    keeper.forget()
    assert mail_password(MAIL) is None


def test_a_weak_keyring_is_used_where_the_user_chose_it(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring.set_keyring(Weak())
    assert working_keyring() is None
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "some.module.Keyring")
    assert working_keyring() is not None


def test_tokens_of_two_hospitals_do_not_mix() -> None:
    keyring.set_keyring(InMemory())
    here, there = TokenKeeper("here"), TokenKeeper("there")
    here.keep("one")
    there.keep("two")
    here.forget()
    assert (here.read(), there.read()) == (None, "two")
