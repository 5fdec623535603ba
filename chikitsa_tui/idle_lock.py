"""The lock of an app whose person is away: when it comes, what it holds back, and how it goes.

The lock screen lies over whatever is open, so that everything below stays as it was left. Work
that was under way may still want to show, close or tell something when it is done: that is held
back, in order, until the lock goes, or for good when the person's session ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from textual import events
from textual.app import App

from chikitsa_tui.keymap import split_keys
from screens.context import LOCK_SECONDS, AppServices
from screens.lock import LockScreen
from screens.lock_keys import LOCK
from screens.too_small import TooSmall
from store.values import Actor
from widgets.lock_warning import LockWarning

WARNING_SECONDS = 20
"""How long before it locks itself the app says so."""


class IdleLock:
    """Covers `app` for `actor`, the person who is signed in, if anybody is."""

    def __init__(
        self,
        app: App[Any],
        services: AppServices,
        lock_keys: str | None,
        uncovered: Callable[[], None],
    ) -> None:
        """`lock_keys` are the user's own keys for locking, as in a Textual keymap; `uncovered` is
        called when the lock has gone."""
        self._app = app
        self._uncovered = uncovered
        self._services = services
        self._keys = split_keys(lock_keys or LOCK.keys)
        self._actor: Actor | None = None
        self._store: Any = None
        self._screen: LockScreen | None = None
        self._warning: LockWarning | None = None
        self._held: list[Callable[[], object]] = []
        self._used_at = services.seconds()

    @property
    def locked(self) -> bool:
        """Whether the app is covered."""
        return self._screen is not None

    @property
    def on_top(self) -> bool:
        """Whether the lock is what is seen, in a small terminal below the request to enlarge it;
        over it there may also be help or a question, which go by themselves."""
        return self.locked and isinstance(self._app.screen, LockScreen | TooSmall)

    def begin(self, store: Any, actor: Actor) -> None:
        """Somebody has signed in."""
        self._store, self._actor = store, actor
        self._used_at = self._services.seconds()

    def end(self) -> None:
        """The session is over, and what was held back for it."""
        self._store, self._actor, self._screen = None, None, None
        self._stop_warning()
        self._held.clear()

    @property
    def _left(self) -> float:
        """How many seconds the app may still rest before it is covered."""
        if self._actor is None or self.locked:
            return math.inf
        most = self._services.lock_seconds.get(self._actor.role, LOCK_SECONDS)
        return most - (self._services.seconds() - self._used_at)

    @property
    def due(self) -> bool:
        """Whether nobody has used the app for so long that it must be covered."""
        return self._left <= 0

    def warn(self) -> None:
        """Say on the screen on top that the lock is near, or no longer say so."""
        left, screen = self._left, self._app.screen
        if not 0 < left <= WARNING_SECONDS:
            self._stop_warning()
            return
        if self._warning is None or self._warning.parent is not screen:
            self._stop_warning()
            self._warning = LockWarning()
            screen.mount(self._warning)
        self._warning.count(math.ceil(left))

    def _stop_warning(self) -> None:
        if self._warning is not None and self._warning.is_attached:
            self._warning.remove()
        self._warning = None

    def wanted_by(self, event: events.Event) -> bool:
        """Whether what was typed or moved does nothing but lock: the key for it, or anything that
        comes too late, as when the machine wakes up. All else is use of the app."""
        if self._actor is None or self.locked:
            return False
        if self.due or (isinstance(event, events.Key) and event.key in self._keys):
            return True
        self._used_at = self._services.seconds()
        self._stop_warning()
        return False

    def cover(self) -> None:
        """Cover everything until the same person gives the password."""
        if self._actor is None or self.locked:
            return
        self._stop_warning()
        self._app.clear_notifications()
        screen = LockScreen(self._services, self._actor, partial(self._unlock, self._actor))
        self._app.push_screen(screen)
        self._screen = screen

    def hold(self, step: Callable[[], object]) -> None:
        """Do this when the lock has gone."""
        self._held.append(step)

    async def _unlock(self, actor: Actor, password: str) -> None:
        """Uncover everything as it was left.

        Raises:
            StoreError: whatever the store says against it.
        """
        confirm = import_module("store.signing_in").confirm_password
        await self._services.run(confirm, self._store, actor, password)
        screen = self._screen
        if self._actor is not actor or screen is None:
            return
        self._screen = None
        self._used_at = self._services.seconds()
        while self._app.screen is not screen:
            self._app.pop_screen()
        self._app.pop_screen()
        held, self._held = self._held, []
        for step in held:
            step()
        self._uncovered()
