"""What a screen is given: the services of the program, and after signing in the store, who acts
and the feed of changes. Screens take these as constructor arguments and hold no globals."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, Protocol, TextIO, TypeVar
from zoneinfo import ZoneInfo

from textual.signal import Signal

from store.clock import Clock
from store.values import Actor, ChangeView, Role, Sheet
from widgets.badges import WaitLimits

if TYPE_CHECKING:
    from store.front_door import Store

P = ParamSpec("P")
T = TypeVar("T")


LOCK_SECONDS = 300


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """An account of a demo hospital, shown on the sign-in screen."""

    role: Role
    username: str
    password: str


@dataclass(frozen=True, slots=True)
class UiSettings:
    """How the app looks and listens. `keys` maps an action's id to its keys, comma-separated."""

    theme: str = "dark"
    mouse: bool = True
    animations: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)


class Papers(Protocol):
    """Sheets of paper. What is not configured is refused with a sentence (a StoreError)."""

    @property
    def prints_at_check_in(self) -> bool:
        """Whether a token slip is printed by itself at check-in."""

    def require_printer(self) -> None:
        """Refuse where nothing can be printed."""

    def require_folder(self) -> None:
        """Refuse where no file may be saved."""

    def text(self, sheet: Sheet) -> str:
        """The sheet as the printer gets it."""

    def print(self, sheet: Sheet) -> str:
        """Print it, and say so; blocks as long as the printer's command runs."""

    def save(self, sheet: Sheet, name: str) -> str:
        """Save it as PDF under a new name, and say where."""

    def save_table(self, name: str, write: Callable[[TextIO], int]) -> str:
        """Save what `write` writes (it returns how many rows) as a new CSV file called `name`, and
        say where; nothing is left of one that is not finished."""

    def file_name(self, sheet: Sheet) -> str:
        """What its PDF is called unless somebody says otherwise."""


def seconds_passed() -> float:
    """Seconds since some moment, on a clock that nobody sets and that goes on while the machine
    sleeps, where it has one."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


@dataclass(frozen=True)
class AppServices:
    """What the program hands to the app before anybody has signed in.

    `open_store` imports and opens the store. The app calls it once, in `pool`, after the sign-in
    screen has been painted: importing the database library takes twice as long as all of the
    screen. It raises a StoreError when the hospital cannot be opened.
    """

    open_store: Callable[[], Store]
    clock: Clock
    hospital: str
    timezone: ZoneInfo
    pool: ThreadPoolExecutor
    terminal: str
    open_papers: Callable[[], Papers]
    ui: UiSettings = field(default_factory=UiSettings)
    demo_accounts: Sequence[DemoAccount] = ()
    preview_mail: Callable[[Store, Actor, int], str] | None = None
    """Writes a message of the outbox as it would be sent now; raises a StoreError where it would
    not be. Blocking."""
    backups: Path | None = None
    """The folder of backups; None where the app has none."""
    self_registration: bool = True
    """Whether patients may register from the sign-in screen."""
    password_length: int = 8
    """The least number of characters of a new password."""
    lock_seconds: Mapping[Role, int] = field(default_factory=dict)
    """After how long without a key or the mouse the app is locked, by role; where none is given,
    after `LOCK_SECONDS`."""
    seconds: Callable[[], float] = seconds_passed
    """Measures how long the app was not used; only differences count."""

    @cached_property
    def papers(self) -> Papers:
        """Slips and lists on paper; what makes them is loaded when the first is wanted."""
        return self.open_papers()

    def now(self) -> datetime:
        """The present moment in hospital time."""
        return self.clock.now().astimezone(self.timezone)

    def today(self) -> date:
        """The hospital's today."""
        return self.now().date()

    async def run(self, work: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run blocking work in the store's own threads and wait without stalling the screen."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.pool, partial(work, *args, **kwargs))


@dataclass(frozen=True)
class ScreenContext:
    """What a screen of a signed-in person is given. `actor` is for display: every call takes it
    to the store, which decides."""

    services: AppServices
    store: Store
    actor: Actor
    changes: Signal[tuple[ChangeView, ...]]
    """Committed changes, of this terminal and all others, published within a second."""
    look_now: Callable[[], None]
    """Asks the feed to look for changes at once, after an own write."""
    tabs: tuple[str, ...] = ()

    @property
    def wait_limits(self) -> WaitLimits:
        """From when on waiting is marked."""
        rules = self.store.rules.hospital
        return WaitLimits(rules.waiting_warn_minutes, rules.waiting_late_minutes)

    def now(self) -> datetime:
        """The present moment in hospital time."""
        return self.services.now()

    def today(self) -> date:
        """The hospital's today."""
        return self.services.today()
