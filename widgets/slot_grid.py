"""The slots of one doctor on one day: a grid in which arrows move and enter chooses.

A free slot shows its time, a taken one dots, a past one a dash, one that somebody holds a clock;
who holds what for how long stands below.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Region, Size
from textual.widget import Widget

from store.values import Slot
from widgets.keys import DOWN, FIRST, LAST, LEFT, OPEN, RIGHT, UP, bind
from widgets.plain import content, lines
from widgets.slot_chooser import HELD, OVER, PAST, TAKEN, SlotChooser, held_words, moment_of

_CELL = 7
_MOST_HELD = 2
"""So many holds are told in words."""


def sessions_of(slots: Sequence[Slot]) -> list[list[Slot]]:
    """The slots in runs without a pause between them: a morning, an evening."""
    runs: list[list[Slot]] = []
    for slot in sorted(slots, key=moment_of):
        if runs and moment_of(slot) <= runs[-1][-1].ends_at.timestamp():
            runs[-1].append(slot)
        else:
            runs.append([slot])
    return runs


class SlotGrid(SlotChooser):
    """Slots in rows under the heading of their session."""

    DEFAULT_CSS = """
    SlotGrid { height: auto; width: 1fr; min-height: 2; }
    """

    BINDINGS: ClassVar[list[BindingType]] = bind(OPEN, hidden=(UP, DOWN, LEFT, RIGHT, FIRST, LAST))

    def __init__(
        self, *, empty: str = "No slots.", enter: str = "book", id: str | None = None
    ) -> None:
        """`empty` is the sentence for no slots, `enter` what the footer says of that key."""
        super().__init__(empty=empty, id=id)
        self.enter_words = enter

    def show(self, slots: Sequence[Slot], now: datetime, *, empty: str | None = None) -> None:
        """Show a day's slots."""
        if empty is not None:
            self.empty = empty
        self.take(slots, now)
        self.refresh(layout=True)
        self.call_after_refresh(self.reveal)
        self.post_message(self.Moved(self, self.selected))

    def tick(self, now: datetime) -> None:
        """Time has gone on: what has begun is past, and holds come to their end."""
        self.show(self.slots, now)

    def let_anywhere(self, anywhere: bool) -> None:
        """Let the cursor stand on taken slots too, or on free ones alone again."""
        self.anywhere = anywhere
        if self.selected is None:
            self._land(self._at if self._lost is None else self._lost)
        if self.now is not None:
            self.show(self.slots, self.now)

    def reveal(self) -> None:
        """Scroll so that the cursor is seen, after others on the screen took its room."""
        if self._at is not None:
            self._reveal()

    @property
    def _columns(self) -> int:
        return max(1, (self.size.width or 28) // _CELL)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """A heading and its rows for each session, and a blank line between sessions."""
        columns = max(1, width // _CELL)
        runs = sessions_of(self.slots)
        if not runs:
            return 2
        rows = sum(2 + (len(run) - 1) // columns for run in runs) + len(runs) - 1
        return rows + len(self._told)

    def render(self) -> Content:
        """All sessions of the day."""
        runs = sessions_of(self.slots)
        if not runs:
            return content("[$text-muted]$sentence[/]", sentence=self.empty)
        rows: list[Content] = []
        for run in runs:
            if rows:
                rows.append(Content(""))
            heading = f"{run[0].starts_at:%H:%M} – {run[-1].ends_at:%H:%M}"
            rows.append(content("[$text-muted]$h[/]", h=heading))
            for start in range(0, len(run), self._columns):
                cells = [self._draw(slot) for slot in run[start : start + self._columns]]
                rows.append(Content("").join(cells))
        return lines([*rows, *self._told])

    @property
    def _told(self) -> list[Content]:
        """Who holds what, in words."""
        if self.now is None:
            return []
        told = [
            content(
                "[$text-warning]$sign $at[/] [$text-muted]$words[/]",
                sign=HELD,
                at=f"{slot.starts_at:%H:%M}",
                words=held_words(held, self.now),
            )
            for slot, held in self.held
        ]
        more = len(told) - _MOST_HELD
        if more > 0:
            told[_MOST_HELD - 1] = told[_MOST_HELD - 1] + content(
                "[$text-muted] and $n more[/]", n=more
            )
        return told[:_MOST_HELD]

    def _draw(self, slot: Slot) -> Content:
        at = f"{slot.starts_at:%H:%M}"
        if self._is_free(slot):
            return self._draw_choice(slot, f" {at} ")
        over = self.now is not None and slot.ends_at.timestamp() <= self.now.timestamp()
        begun = self._has_begun(slot)
        if self._held_now(slot) and not begun:
            return self._draw_choice(slot, f"{HELD}{at} ", style="$text-warning")
        if self.anywhere and not begun:
            sign = OVER if slot.overbooked else "·"
            return self._draw_choice(slot, f"·{at}{sign}", style="$text-muted")
        if slot.overbooked and not over:
            return content("[$text-muted] ··$sign·· [/]", sign=OVER)
        return content("[$text-disabled] $t [/]", t=PAST if slot.free or over else TAKEN)

    def _places(self) -> list[tuple[int, int, Slot]]:
        """(line, column, slot) of every slot as drawn."""
        places: list[tuple[int, int, Slot]] = []
        line = 0
        for run in sessions_of(self.slots):
            line += 1
            for index, slot in enumerate(run):
                places.append((line + index // self._columns, index % self._columns, slot))
            line += 2 + (len(run) - 1) // self._columns
        return places

    def _reveal(self) -> None:
        """Scroll the container so that the cursor's line of the grid is seen."""
        parent = self.parent
        if isinstance(parent, Widget):
            line = next((y for y, _, slot in self._places() if moment_of(slot) == self._at), 0)
            region = Region(0, self.virtual_region.y + line, 1, 1)
            parent.scroll_to_region(region, animate=False)

    def _step(self, by: int) -> None:
        free = self.free
        if self.recover() or not free:
            return
        index = next((i for i, slot in enumerate(free) if moment_of(slot) == self._at), 0)
        self._go(free[max(0, min(len(free) - 1, index + by))])

    def _rise(self, by: int) -> None:
        """To the free slot nearest above or below, in the next line that has one."""
        places = [place for place in self._places() if self._can_choose(place[2])]
        here = next((place for place in places if moment_of(place[2]) == self._at), None)
        if here is None:
            self._step(0)
            return
        others = [place for place in places if (place[0] - here[0]) * by > 0]
        if others:
            line = min(others, key=lambda place: abs(place[0] - here[0]))[0]
            row = [place for place in others if place[0] == line]
            self._go(min(row, key=lambda place: abs(place[1] - here[1]))[2])

    def action_cursor_left(self) -> None:
        """To the free slot before."""
        self._step(-1)

    def action_cursor_right(self) -> None:
        """To the free slot after."""
        self._step(1)

    def action_cursor_up(self) -> None:
        """To the free slot above."""
        self._rise(-1)

    def action_cursor_down(self) -> None:
        """To the free slot below."""
        self._rise(1)

    def action_first(self) -> None:
        """To the first free slot."""
        self._step(-len(self.slots))

    def action_last(self) -> None:
        """To the last free slot."""
        self._step(len(self.slots))

    def on_click(self, event: events.Click) -> None:
        """Move to the slot under the mouse; a second click chooses it."""
        for line, column, slot in self._places():
            if event.y == line and event.x // _CELL == column and self._can_choose(slot):
                self._go_or_choose(slot)
