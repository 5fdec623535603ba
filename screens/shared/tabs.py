"""All tabs of a role, to be found by name: for roles that have more than there are digits."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from screens.base import Dialog
from screens.context import ScreenContext
from store.text import begins
from widgets.pick_list import PickList
from widgets.plain import content


class TabsDialog(Dialog[int]):
    """Type a few letters, then enter; answers with the tab's number."""

    TITLE_TEXT = "Go to"
    WIDTH = 44
    CSS = "TabsDialog PickList { height: 16; }"

    def __init__(self, context: ScreenContext, current: int) -> None:
        super().__init__(context)
        self.current = current

    def body(self) -> ComposeResult:
        """A field and the tabs."""
        yield PickList(hint="the beginning of its name")

    def on_mount(self) -> None:
        """Start typing at once."""
        self.query_one(PickList).focus()
        self._show("")

    @on(PickList.Asked)
    def _asked(self, event: PickList.Asked) -> None:
        self._show(event.text)

    def _show(self, text: str) -> None:
        hits = [
            (
                str(number),
                content(
                    "[$text-muted]$n[/] [b]$title[/]  [$text-muted]$here[/]",
                    n=f"{number if number <= 9 else '':>2}",
                    title=title,
                    here="you are here" if number == self.current else "",
                ),
            )
            for number, title in enumerate(self.context.tabs, 1)
            if begins(text, title)
        ]
        self.query_one(PickList).show(hits, "" if hits else "No tab begins like that.")

    @on(PickList.Chosen)
    def _chosen(self, event: PickList.Chosen) -> None:
        self.dismiss(int(event.key))
