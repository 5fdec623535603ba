"""A field that two terminals changed: both texts, and which of them is to stand."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from screens.base import Dialog
from screens.context import ScreenContext
from screens.doctor.keys import BOTH_TEXTS, OTHER_TEXT, OWN_TEXT
from store.draft_merge import Conflict
from widgets.keys import BACK, HELP, bind
from widgets.plain import content, plain

HERE, THERE, BOTH = "here", "there", "both"


class WhichText(Dialog[str]):
    """Both texts of one field. Its result is `here`, `there` or `both`; escape decides nothing."""

    WIDTH = 76
    BINDINGS: ClassVar[list[BindingType]] = bind(OWN_TEXT, OTHER_TEXT, BOTH_TEXTS, BACK, HELP)
    DEFAULT_CSS = """
    WhichText VerticalScroll { height: auto; max-height: 6; }
    """

    def __init__(self, context: ScreenContext, conflict: Conflict, label: str) -> None:
        super().__init__(context, title=f"{label}: changed on two terminals")
        self.conflict = conflict

    def body(self) -> ComposeResult:
        """This terminal's text, the other's."""
        yield from _text("here", self.conflict.here)
        yield from _text("on the other terminal", self.conflict.there)

    def action_own(self) -> None:
        """What stands here is kept."""
        self.dismiss(HERE)

    def action_other(self) -> None:
        """What stands on the other terminal is taken."""
        self.dismiss(THERE)

    def action_both(self) -> None:
        """Both are kept."""
        self.dismiss(BOTH)


def _text(where: str, text: str) -> ComposeResult:
    yield Static(content("[b $accent]$where[/]", where=where), markup=False)
    with VerticalScroll(can_focus=False):
        yield Static(plain(text) if text else content("[$text-muted]nothing[/]"), markup=False)
