"""Who of several was refused, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.base import Dialog
from screens.context import ScreenContext
from widgets.keys import BACK, OPEN, bind
from widgets.plain import lines


class _Reasons(VerticalScroll):
    """Scrolled with the arrows; enter closes."""

    BINDINGS: ClassVar[list[BindingType]] = bind(OPEN)
    enter_words = "close"

    def action_choose(self) -> None:
        """Close the dialog."""
        self.screen.dismiss(None)


class RefusedDialog(Dialog[None]):
    """A line for each of several that a step was refused for."""

    BINDINGS: ClassVar[list[BindingType]] = bind(BACK)
    CSS = "RefusedDialog _Reasons { height: auto; max-height: 14; }"

    def __init__(self, context: ScreenContext, refused: Sequence[Content], of: int) -> None:
        """`refused` says who and why, a line each; `of` is for how many the step was asked."""
        super().__init__(context, title=f"{len(refused)} of {of} refused")
        self.refused_ones = refused

    def body(self) -> ComposeResult:
        """Who, and why."""
        with _Reasons():
            yield Static(lines(self.refused_ones), markup=False)

    def on_mount(self) -> None:
        """Ready to scroll."""
        self.query_one(_Reasons).focus()
