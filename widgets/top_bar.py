"""Where am I, who am I, what time is it; and the tabs of the role."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from widgets.plain import content, one_line, shorten


class TopBar(Widget):
    """Hospital at the left; live dot, name and role, date and time at the right."""

    DEFAULT_CSS = """
    TopBar { height: 1; padding: 0 1; background: $bar; color: $foreground; }
    """

    live: reactive[bool] = reactive(True)
    """Whether the last look for changes succeeded."""
    moment: reactive[datetime | None] = reactive(None)
    """The hospital's local time; shown to the minute."""

    def __init__(self, hospital: str, who: str, role: str) -> None:
        super().__init__(id="top-bar")
        self.hospital = hospital
        self.who = who
        self.role = role

    def follow(self, now: Callable[[], datetime]) -> None:
        """Show the hospital's time from here on; drawn again when a minute has passed."""

        def show() -> None:
            self.moment = now().replace(second=0, microsecond=0)

        show()
        self.set_interval(1, show)

    def render(self) -> Content:
        """One line; the hospital's name gives way first when the terminal is narrow."""
        gaps = " " * (3 if self.size.width >= 100 else 2)
        when = f"{self.moment:%a %d %b  %H:%M}" if self.moment else ""
        state = "● live" if self.live else "○ offline"
        colour = "$text-success" if self.live else "$text-error"
        width = self.size.width
        role = f" · {self.role}" if self.role else ""
        who = shorten(one_line(self.who), max(8, width - 50))
        right = cell_len(f"{state}{gaps}{who}{role}{gaps}{when}")
        name = shorten(one_line(self.hospital), max(0, width - right - 14))
        gap = max(1, width - right - cell_len(name) - 12)
        return content(
            f"[b $accent]+ Chikitsa[/]  [$text-muted]$name[/]{' ' * gap}"
            f"[{colour}]$state[/]{gaps}[b]$who[/][$text-muted]$role[/]{gaps}[$text-muted]$when[/]",
            name=name,
            state=state,
            who=who,
            role=role,
            when=when,
        )


_DIGITS = 9
"""So many tabs have a digit."""


class TabBar(Widget):
    """The tabs of a role, with the digit that reaches each of the first nine."""

    DEFAULT_CSS = """
    TabBar { height: 1; padding: 0 1; background: $background; }
    """

    class Chosen(Message):
        """A tab was clicked; `number` counts from 1."""

        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

    def __init__(self, titles: Sequence[str], current: int) -> None:
        super().__init__(id="tab-bar")
        self.titles = [one_line(title) for title in titles]
        self.current = current
        self.marks: dict[str, str] = {}

    def mark(self, title: str, mark: str) -> None:
        """Show beside a tab's title that something new waits there; nothing takes it away."""
        self.marks[one_line(title)] = one_line(mark)
        self.refresh()

    def render(self) -> Content:
        """The titles with their marks; the current one stands out by ground and weight. Where
        there is no room for all, those around the current one, and the key that shows all."""
        shown = self._shown()
        parts = [self._part(number) for number in shown]
        if len(shown) < len(self.titles):
            parts.append(self._all())
        return Content(" ").join(parts)

    def _shown(self) -> range:
        """The numbers of the tabs that there is room for."""
        count, room = len(self.titles), self.size.width - 2
        widths = [self._part(number).cell_length + 1 for number in range(1, count + 1)]
        if sum(widths) - 1 <= room:
            return range(1, count + 1)
        room -= self._all().cell_length
        first = self.current
        left = room - widths[first - 1]
        while first > 1 and widths[first - 2] <= left:
            first -= 1
            left -= widths[first - 1]
        last = self.current
        while last < count and widths[last] <= left:
            left -= widths[last]
            last += 1
        return range(first, last + 1)

    def _all(self) -> Content:
        return content("[$text-disabled]0[/] [$text-muted]all $n[/]", n=len(self.titles))

    def _part(self, number: int) -> Content:
        title = self.titles[number - 1]
        mark = self.marks.get(title)
        words = f"{title} " if mark else title
        digit = f"{number} " if number <= _DIGITS else ""
        if number == self.current:
            shown = "[b $tab-foreground on $tab-background] $n$t$m [/]"
        else:
            shown = " [$text-disabled]$n[/][$text-muted]$t[/][b $text-warning]$m[/] "
        return content(shown, n=digit, t=words, m=mark or "")

    def on_click(self, event: events.Click) -> None:
        """Find the title under the mouse."""
        start = 1
        for number in self._shown():
            end = start + self._part(number).cell_length
            if start <= event.x < end:
                self.post_message(self.Chosen(number))
            start = end + 1
