"""What the grids of slots share: which slot the cursor is on, telling of it, and the signs.

Moments are compared as seconds since the epoch: aware datetimes of one zone compare by wall clock,
so that the two half past ones of the night when clocks go back would be the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from store.values import Held, Slot
from widgets.plain import content

TAKEN = "·····"
PAST = "  –  "
HELD, OVER = "◷", "‡"
"""Free, taken, past, held and booked over the limit are told by a sign and a shade, never by colour
alone."""


def moment_of(slot: Slot) -> float:
    """When a slot starts, in seconds since the epoch."""
    return slot.starts_at.timestamp()


def held_words(held: Held, now: datetime) -> str:
    """By whom, and for how long still: `held by desk-2, 1:40`."""
    left = max(0, int(held.until.timestamp() - now.timestamp()))
    return f"held by {held.by}, {left // 60}:{left % 60:02}"


class SlotChooser(Widget, can_focus=True):
    """Slots with a cursor that stands on free ones alone; enter chooses.

    With `anywhere` it stands on taken and held ones too. With `strict` there is no cursor where its
    slot was lost to somebody else, until an arrow or enter puts it somewhere: enter must not choose
    what nobody has looked at.
    """

    class Told(Message):
        """Something about the cursor."""

        def __init__(self, grid: SlotChooser) -> None:
            super().__init__()
            self.grid = grid

        @property
        def control(self) -> SlotChooser:
            """The grid, for `@on(…, "#id")`."""
            return self.grid

    class Chosen(Told):
        """Enter on a free slot."""

        def __init__(self, grid: SlotChooser, slot: Slot) -> None:
            super().__init__(grid)
            self.slot = slot

    class Moved(Told):
        """The cursor came to another slot, or there is none any more."""

        def __init__(self, grid: SlotChooser, slot: Slot | None) -> None:
            super().__init__(grid)
            self.slot = slot

    def __init__(self, *, empty: str, id: str | None) -> None:
        """`empty` is the sentence for no slots."""
        super().__init__(id=id)
        self.empty = empty
        self.slots: Sequence[Slot] = ()
        self.now: datetime | None = None
        self.anywhere = False
        self.strict = False
        self._at: float | None = None
        self._lost: float | None = None

    @property
    def free(self) -> list[Slot]:
        """The slots that can be chosen, in order of time."""
        return [slot for slot in self.slots if self._can_choose(slot)]

    @property
    def selected(self) -> Slot | None:
        """The slot under the cursor; a free one, unless the cursor may be anywhere."""
        return next((slot for slot in self.free if moment_of(slot) == self._at), None)

    @property
    def has_lost(self) -> bool:
        """Whether the cursor's slot was lost, and nobody has put it elsewhere yet."""
        return self._lost is not None

    @property
    def held(self) -> list[tuple[Slot, Held]]:
        """The slots that others hold now."""
        if self.now is None:
            return []
        found = ((slot, slot.held_at(self.now)) for slot in self.slots)
        return [(slot, held) for slot, held in found if held and not self._has_begun(slot)]

    def forget(self) -> None:
        """Have no cursor, because quite other slots are shown next."""
        self._at = self._lost = None

    def take(self, slots: Sequence[Slot], now: datetime) -> None:
        """Know these slots, from `now` on; the cursor stays on its time while that is free, else
        goes to the first free one after it, else to the first; see `strict`."""
        had = self.selected
        self.slots = sorted(slots, key=moment_of)
        self.now = now
        if self.selected is not None or self.has_lost:
            return
        if self.strict and had is not None:
            self._lost, self._at = self._at, None
        else:
            self._land(self._at)

    def _land(self, near: float | None) -> None:
        """Put the cursor on the first slot after a moment, else on the first of all."""
        if free := self.free:
            later = [slot for slot in free if near is not None and moment_of(slot) > near]
            self._at, self._lost = moment_of((later or free)[0]), None

    def recover(self) -> bool:
        """After a loss put the cursor on the next slot, or on the last where there is none; whether
        there was anything to do."""
        lost, free = self._lost, self.free
        if lost is None:
            return False
        later = [slot for slot in free if moment_of(slot) > lost]
        if free:
            self._go(later[0] if later else free[-1])
        return True

    def pass_second(self, now: datetime) -> None:
        """Count down what others hold; without holds there is nothing to do."""
        if any(slot.held for slot in self.slots):
            self.tick(now)

    def tick(self, now: datetime) -> None:
        """Time has gone on: what has begun is past, and holds come to their end."""
        raise NotImplementedError

    def move_to(self, starts_at: datetime) -> bool:
        """Put the cursor on the slot that starts at this moment, if it is free."""
        moment = starts_at.timestamp()
        slot = next((slot for slot in self.free if moment_of(slot) == moment), None)
        if slot is not None:
            self._go(slot)
        return slot is not None

    def _can_choose(self, slot: Slot) -> bool:
        return self._is_free(slot) or (self.anywhere and not self._has_begun(slot))

    def _is_free(self, slot: Slot) -> bool:
        free = slot.free if self.now is None else slot.free_at(self.now)
        return free and not self._has_begun(slot)

    def _held_now(self, slot: Slot) -> bool:
        return self.now is not None and slot.held_at(self.now) is not None

    def _has_begun(self, slot: Slot) -> bool:
        return self.now is not None and moment_of(slot) < self.now.timestamp()

    def _go(self, slot: Slot) -> None:
        self._at, self._lost = moment_of(slot), None
        self._reveal()
        self.refresh()
        self.post_message(self.Moved(self, slot))

    def _reveal(self) -> None:
        """Scroll so that the cursor is seen; each grid scrolls in its own way."""
        raise NotImplementedError

    def _go_or_choose(self, slot: Slot) -> None:
        """What a click does: to the slot first, and chosen by a second one."""
        if moment_of(slot) == self._at:
            self.action_choose()
        else:
            self._go(slot)

    def _draw_choice(
        self, slot: Slot, text: str, rest: str = "", style: str = "$slot-free"
    ) -> Content:
        if moment_of(slot) == self._at:
            style = "b $slot-cursor-text on $slot-cursor" if self.has_focus else "b u $accent"
        return content(f"[{style}]$t[/]$rest", t=text, rest=rest)

    def action_choose(self) -> None:
        """Choose the slot under the cursor; after a loss, go to the next one first."""
        if not self.recover() and self.selected is not None:
            self.post_message(self.Chosen(self, self.selected))

    def on_focus(self) -> None:
        """Show the cursor."""
        self.refresh()

    def on_blur(self) -> None:
        """Dim the cursor."""
        self.refresh()
