"""Keys that come faster than the screen follows: typed ahead, or in one packet of a slow line.

Textual hands each key at once to whatever has the focus, and a key that moves the focus does so
only some messages later: of `128/82 tab 76` in one packet, all digits would land in the first
field. And `n` opens a consultation only when the store has answered: what is typed meanwhile would
be taken for keys of the day's list. So what is typed behind a key that may move the focus waits
until the screen has followed.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from textual.app import App
from textual.events import Key, Paste
from textual.message_pump import MessagePump
from textual.widgets import Input, TextArea

_CALM_TURNS = 8  # of the event loop: a message may be on its way between two widgets
_LOOK_SECONDS = 0.001
# After so many looks the next key goes on: a screen that never rests must not swallow keys. Looks,
# not seconds, for the app may be held up itself.
_SCREEN_LOOKS, _STORE_LOOKS = 250, 2000
_WRITES = frozenset({"write", "sign-in", "sign-out"})
"""The groups of workers in which a key does something, rather than shows something."""


class TypeAhead:
    """Holds keys and pastes back, in order, while the app follows the key before them.

    It follows in a bare task: Textual tells the whole app thrice how one of its workers fares,
    which at every key is a tenth of all there is to do. `fail` is told what breaks there.
    """

    def __init__(
        self,
        app: App[Any],
        deliver: Callable[[Key | Paste], Awaitable[None]],
        fail: Callable[[Exception], None],
    ) -> None:
        self._app = app
        self._deliver = deliver
        self._fail = fail
        self._held: deque[Key | Paste] = deque()
        self._following: asyncio.Task[None] | None = None

    async def take(self, event: Key | Paste) -> None:
        """Deliver what was typed now, or when its turn comes."""
        if self._follows():
            self._held.append(event)
        elif await self._may_move(event):
            self._following = asyncio.create_task(self._follow(event))

    def wait_for_screen(self) -> None:
        """Hold what is typed from now on until a screen that was just opened is there."""
        if not self._follows():
            self._following = asyncio.create_task(self._follow(None))

    def forget(self) -> None:
        """Drop what is held: it was meant for a screen that can no longer be reached."""
        self._held.clear()

    def _follows(self) -> bool:
        return self._following is not None and not self._following.done()

    async def _may_move(self, event: Key | Paste) -> bool:
        """Deliver; whether the focus may move, which typing into a field does not do."""
        types = isinstance(event, Paste) or event.is_printable
        into_field = types and isinstance(self._app.focused, Input | TextArea)
        await self._deliver(event)
        return not into_field

    async def _follow(self, event: Key | Paste | None) -> None:
        try:
            await self._calm(event)
            while self._held and self._app.is_running:
                event = self._held.popleft()
                if await self._may_move(event):
                    await self._calm(event)
        except Exception as error:  # noqa: BLE001 - nobody else waits for this task
            self._fail(error)

    async def _calm(self, event: Key | Paste | None) -> None:
        """Wait until nothing is left to do for what was typed."""
        calm, wrote = 0, False
        pumps: Sequence[MessagePump] = ()
        for_store, for_screen = _STORE_LOOKS, _SCREEN_LOOKS
        while calm < _CALM_TURNS and for_store and for_screen and self._app.is_running:
            if not calm or self._app.screen not in pumps:  # to one that rests no widget comes
                pumps = self._pumps()
            groups = {worker.group for worker in self._app.workers if not worker.is_finished}
            wrote = wrote or not groups.isdisjoint(_WRITES)
            if any(group in _WRITES or group.startswith("read ") for group in groups):
                calm, for_store = 0, for_store - 1
            elif self._busy(pumps):
                calm, for_screen = 0, for_screen - 1
            else:
                calm += 1
            await asyncio.sleep(0 if calm else _LOOK_SECONDS)
        if wrote and isinstance(event, Key):
            self._drop_repeats(event.key)

    def _drop_repeats(self, key: str) -> None:
        """A key pressed again while what it does is under way was pressed once; but the first
        letter of a word for the field that it led to (`n`, then `nausea`) is no repeat."""
        repeats = 0
        while repeats < len(self._held):
            again = self._held[repeats]
            if not (isinstance(again, Key) and again.key == key):
                break
            repeats += 1
        if repeats == 1 and len(self._held) > 1:
            behind = self._held[1]
            goes_on = isinstance(behind, Key) and behind.is_printable
            if goes_on and isinstance(self._app.focused, Input | TextArea):
                return
        for _ in range(repeats):
            self._held.popleft()

    def _pumps(self) -> Sequence[MessagePump]:
        """All that may have something to do."""
        return (self._app, self._app.screen, *self._app.screen.walk_children())

    def _busy(self, pumps: Sequence[MessagePump]) -> bool:
        # Textual has no public way of asking; its own idle check looks at these.
        return bool(self._app.screen._callbacks) or any(  # noqa: SLF001
            pump._next_callbacks or not pump._message_queue.empty()  # noqa: SLF001
            for pump in pumps
        )
