"""The demo hospital: its name, who can sign in, and how it is filled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from store.values import Role

if TYPE_CHECKING:
    from store.demo.build import Progress
    from store.front_door import Store

NAME = "City General Hospital"
TIMEZONE = "Asia/Kolkata"
PASSWORD = "monsoon-lantern-42"  # noqa: S105 -- shown on the demo's sign-in screen


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account that anybody may try."""

    role: Role
    username: str
    password: str


ACCOUNTS = (
    DemoAccount(Role.RECEPTION, "meera", PASSWORD),
    DemoAccount(Role.DOCTOR, "dr.nair", PASSWORD),
    DemoAccount(Role.PATIENT, "asha", PASSWORD),
    DemoAccount(Role.ADMIN, "admin", PASSWORD),
)


def build(store: Store, *, patients: int, seed: int, progress: Progress) -> None:
    """Fill a hospital that has only just been founded with invented people and their history."""
    from store import passwords
    from store.demo.build import Logins
    from store.demo.build import build as fill

    users = {account.role: account.username for account in ACCOUNTS}
    logins = Logins(
        admin=users[Role.ADMIN],
        reception=users[Role.RECEPTION],
        doctor=users[Role.DOCTOR],
        patient=users[Role.PATIENT],
        password=passwords.prepare(PASSWORD, store.rules),
    )
    fill(store, logins, patient_count=patients, seed=seed, progress=progress)
