"""From committed changes to open screens: a look at the end of the feed, which is one search of an
index for most looks; and every three seconds whether the login session still stands, so that an
ended one leaves nothing on the screen.

Where PostgreSQL wakes whoever listens, it is looked when it does, and every three seconds besides;
everywhere else, and while the listening line is lost, twice a second. What a look finds goes by
the last id that was seen, so that nothing hangs on a wake-up."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from screens.context import AppServices
from store.errors import NotSignedIn, OtherVersion, SessionEnded, StoreError
from store.values import Actor, ChangeView

if TYPE_CHECKING:
    from store.front_door import Store

EVERY_SECONDS = 0.5
STANDING_SECONDS = 3.0
LEAST_SECONDS = 0.2
"""At a busy moment wake-ups come by the dozen; looks by themselves are so far apart at least."""
_MANY = 100
_CONCERN_SESSIONS = frozenset({"account", "session"})


class ChangeFeed:
    """Looks for changes in the pool and hands them on.

    `publish` is called on the event loop with the changes of one look; `tell` with whether the
    store answered, when that changes, and with a sentence where it never will again; `lost` with
    a sentence when the actor's login session no longer stands. To the store the session is in use
    when a person was (see `used`), not when this looks.
    """

    def __init__(
        self,
        services: AppServices,
        store: Store,
        actor: Actor,
        publish: Callable[[tuple[ChangeView, ...]], None],
        tell: Callable[[bool, str], None],
        lost: Callable[[str], None],
    ) -> None:
        self.services = services
        self.store = store
        self.actor = actor
        self.publish = publish
        self.tell = tell
        self.lost = lost
        self.live = True
        self.outgrown = False
        """Whether the database is another version's by now: there is nothing to look for then."""
        self._last_id: int | None = None
        self._wake = asyncio.Event()
        self._used = False
        self._asked_at = services.seconds()
        self._looked_at = 0.0
        self._coming: asyncio.TimerHandle | None = None

    def used(self) -> None:
        """A person has just pressed a key or moved the mouse here."""
        self._used = True

    def look_now(self) -> None:
        """Do not wait for the next look: this terminal has just written something."""
        self._wake.set()

    async def run(self) -> None:
        """Look until cancelled, or until this program has to be started anew."""
        from store import wakeups  # which loads the database library, by now loaded

        loop = asyncio.get_running_loop()

        def woken(_: frozenset[str]) -> None:
            with suppress(RuntimeError):  # the app has ended
                loop.call_soon_threadsafe(self._hear, loop)

        ear = wakeups.listen(self.store.database, self.store.bell, woken)
        try:
            while not self.outgrown:
                self._coming = None
                await self.look()
                self._looked_at = loop.time()
                with suppress(TimeoutError):
                    pause = STANDING_SECONDS if ear.hears else EVERY_SECONDS
                    await asyncio.wait_for(self._wake.wait(), pause)
                self._wake.clear()
        finally:
            ear.close()

    def _hear(self, loop: asyncio.AbstractEventLoop) -> None:
        """Something was committed somewhere: look, unless that was done just now; then soon."""
        if self._coming is None:
            soonest = max(loop.time(), self._looked_at + LEAST_SECONDS)
            self._coming = loop.call_at(soonest, self._wake.set)

    async def look(self) -> None:
        """One look. The first only learns where the feed ends."""
        try:
            last_id, changes = await self.services.run(self.store.changes_since, self._last_id)
            concerned = any(change.topic in _CONCERN_SESSIONS for change in changes)
            if concerned or self.services.seconds() - self._asked_at >= STANDING_SECONDS:
                await self._ask()
        except (SessionEnded, NotSignedIn) as error:
            self.lost(error.message)
            return
        except OtherVersion as error:
            self.outgrown = True
            self._set_live(False, error.message)
            return
        except StoreError:
            self._set_live(False)
            return
        self._set_live(True)
        self._last_id = last_id
        if len(changes) >= _MANY:  # the feed is told page by page
            self.look_now()
        if changes:
            self.publish(tuple(changes))

    async def _ask(self) -> None:
        """Ask whether the login session stands, and tell the store of its use."""
        self._asked_at = self.services.seconds()
        used, self._used = self._used, False
        try:
            await self.services.run(
                self.store.read if used else self.store.glance, self.actor, lambda _: None
            )
        except StoreError:
            self._used = self._used or used
            raise

    def _set_live(self, live: bool, sentence: str = "") -> None:
        if live != self.live:
            self.live = live
            self.tell(live, sentence)
