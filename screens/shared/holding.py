"""Keeping a slot while a dialog is open, without making its person wait.

The slot on which a dialog opens is held at once, another when the cursor rests on it: arrows
pressed one after the other write nothing. All of it happens behind the screen, one step after the
other; a hold that cannot be had costs nothing but the sentence that says so. A hold is never
renewed by itself, only by somebody who goes on typing or choosing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from screens.base import StoreCalls
from store import holds
from store.errors import SlotTaken, SlotUnavailable, StoreError
from store.values import HoldView, Slot

REST_SECONDS = 0.6
"""How long the cursor rests on a slot before that one is held."""

_Wish = tuple[int, float]
"""A doctor, and when the slot starts, in seconds since the epoch."""


class SlotKeeper:
    """Holds the slot that a dialog is about, for as long as the dialog is open. To be made when the
    dialog is mounted, and closed when it is not any more.

    `lost` is called with the refusal where the slot is somebody else's; `kept` with each new hold.
    """

    def __init__(
        self,
        screen: StoreCalls,
        lost: Callable[[StoreError], None],
        kept: Callable[[HoldView | None], None],
    ) -> None:
        self.screen = screen
        self.app = screen.app
        self.lost = lost
        self.kept = kept
        self.hold: HoldView | None = None
        self._wanted: Slot | None = None
        self._refused: _Wish | None = None
        self._rests = False
        self._paused = False
        self._closed = False
        self._at_work = False

    def want(self, slot: Slot | None, *, rests: bool = True) -> None:
        """From now on the dialog is about this slot, or about none. Unless `rests`, it is held at
        once, else when it is still this one a little later."""
        if not self._closed:
            if _wish(slot) != _wish(self._wanted):
                self._refused, self._rests = None, rests
            self._wanted = slot
            self._go_on()

    def used(self) -> None:
        """The person goes on: a hold that has ended meanwhile is taken anew."""
        if self.hold is not None and self.hold.until <= self.screen.context.now():
            self.hold = None
            self._go_on()

    def pause(self) -> None:
        """Hold nothing else while the booking itself is under way."""
        self._paused = True

    def resume(self) -> None:
        """The booking was refused; the dialog goes on."""
        self._paused = False
        self._go_on()

    def close(self, *, booked: bool = False) -> None:
        """The dialog is gone: give the slot back. What was `booked` took its hold with it."""
        self._closed, self._paused, self._wanted, self._rests = True, False, None, False
        if booked:
            self.hold = None
        self._go_on()

    def _go_on(self) -> None:
        if not self._at_work and not self._settled:
            self._at_work = True
            # The app's worker, not the dialog's: it has to finish after the dialog is gone.
            self.app.run_worker(self._follow(), group="hold")

    @property
    def _settled(self) -> bool:
        if self._paused:
            return True
        held = (self.hold.doctor_id, self.hold.starts_at.timestamp()) if self.hold else None
        wanted = _wish(self._wanted)
        return held == wanted or (wanted is not None and wanted == self._refused)

    async def _follow(self) -> None:
        """Bring what is held to what is wanted, as often as that changes."""
        try:
            while not self._settled:
                wanted = self._wanted
                if self._rests:
                    await asyncio.sleep(REST_SECONDS)
                if wanted is self._wanted and not self._settled:
                    await (self._release() if wanted is None else self._take(wanted))
        finally:
            self._at_work = False

    async def _take(self, slot: Slot) -> None:
        try:
            self.hold = await self.screen.tend(holds.take, slot.doctor_id, slot.starts_at)
        except StoreError as refusal:
            self._refused = _wish(slot)
            # Whatever else it is, the booking itself will tell: a hold is only a courtesy.
            told = isinstance(refusal, SlotTaken | SlotUnavailable)
            if told and not self._closed and not self._paused:
                self.lost(refusal)
        else:
            self._tell()

    async def _release(self) -> None:
        hold, self.hold = self.hold, None
        self._tell()
        try:
            if hold is not None:
                await self.screen.tend(holds.release, hold.id)
        except StoreError:
            return  # it ends by itself

    def _tell(self) -> None:
        if not self._closed:
            self.kept(self.hold)


def _wish(slot: Slot | None) -> _Wish | None:
    return None if slot is None else (slot.doctor_id, slot.starts_at.timestamp())
