"""Secrets, and where they are kept: the environment, systemd's credentials, the system's keyring.

Nothing here ever asks on a terminal, and a keyring that is missing or broken is the same as none:
backends are known to raise nearly anything.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from keyring import core
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend

from chikitsa_tui.settings import MailSettings
from store.errors import Unavailable

SERVICE = "chikitsa"
CREDENTIAL = "mail-password"
"""Name of systemd's credential: `LoadCredential=mail-password:/etc/chikitsa/mail-password`."""

_LEAST_PRIORITY = 1  # below it are backends that store in the clear or ask on the terminal


@dataclass(frozen=True)
class Found:
    """A secret and where it was found, in words; the secret is never shown by accident."""

    value: str
    source: str

    def __repr__(self) -> str:
        return f"Found(source={self.source!r})"


def working_keyring() -> KeyringBackend | None:
    """The system's keyring, or None where there is none that keeps secrets without asking.

    A backend that the user chose by `PYTHON_KEYRING_BACKEND` is taken whatever its priority.
    """
    chosen = bool(os.environ.get("PYTHON_KEYRING_BACKEND"))
    try:
        backend = core.get_keyring()
        candidates = list(backend.backends) if isinstance(backend, ChainerBackend) else [backend]
        for candidate in candidates:
            priority = float(candidate.priority)
            if priority >= _LEAST_PRIORITY or (chosen and priority > 0):
                return candidate
    except Exception:  # noqa: BLE001 - any failure of a backend means: no keyring
        return None
    return None


def mail_password(mail: MailSettings) -> Found | None:
    """The mail server's password: environment, then systemd's credential, then keyring."""
    if mail.password is not None:
        return Found(mail.password.value, "environment variable")
    folder = os.environ.get("CREDENTIALS_DIRECTORY")
    if folder and (file := Path(folder) / CREDENTIAL).is_file():
        return Found(file.read_text(encoding="utf-8").rstrip("\r\n"), "systemd credential")
    if mail.user and (value := _read(f"mail:{mail.user}")):
        return Found(value, "keyring")
    return None


class TokenKeeper:
    """Keeps the token of the command line's login session, one for each hospital.

    Args:
        hospital: what tells this hospital from another on the same machine.
    """

    def __init__(self, hospital: str) -> None:
        self._name = f"token:{hospital}"

    def read(self) -> str | None:
        """The token, or None where there is none or no keyring."""
        return _read(self._name)

    def keep(self, token: str) -> None:
        """Store the token.

        Raises:
            Unavailable: no keyring keeps it.
        """
        backend = working_keyring()
        if backend is None:
            raise no_keyring()
        try:
            backend.set_password(SERVICE, self._name, token)
        except Exception:  # noqa: BLE001 - locked, gone, refused: all mean that it is not kept
            raise no_keyring() from None

    def forget(self) -> None:
        """Remove the token, where one is kept."""
        backend = working_keyring()
        try:
            if backend is not None and backend.get_password(SERVICE, self._name) is not None:
                backend.delete_password(SERVICE, self._name)
        except Exception:  # noqa: BLE001 - the login session is ended in the store all the same
            return


def no_keyring() -> Unavailable:
    """What to do where no keyring keeps the token."""
    return Unavailable(
        "This machine has no keyring to keep you signed in. Keep the token in the environment "
        "instead: export CHIKITSA_TOKEN=$(chikitsa login NAME --print-token)"
    )


def _read(name: str) -> str | None:
    backend = working_keyring()
    if backend is None:
        return None
    try:
        return backend.get_password(SERVICE, name)
    except Exception:  # noqa: BLE001 - a keyring that does not answer holds nothing for us
        return None
