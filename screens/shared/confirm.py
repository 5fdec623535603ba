"""Asking before something is done that others will notice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Input, Label, Static

from widgets.inputs import EnterInput, LineInput
from widgets.key_bar import KeyBar
from widgets.keys import BACK, NO, PAGE_DOWN, PAGE_UP, SAVE, YES, KeyAction, bind
from widgets.plain import content, lines, one_line, plain

Answer = TypeVar("Answer")

_STAY = KeyAction("ask.stay", "enter", "no", "No (the safe answer)", "no")


class _Hit(VerticalScroll, can_focus=False):
    """Whom the answer hits, a line each; scrolled by the keys of its question."""

    DEFAULT_CSS = "_Hit { height: auto; max-height: 9; margin: 1 0; color: $text-muted; }"

    def __init__(self, listed: Sequence[str]) -> None:
        super().__init__(Static(lines(plain(one_line(one)) for one in listed), markup=False))
        self.display = bool(listed)


class _Asking(ModalScreen[Answer]):
    """A question, with a list of whom the answer hits."""

    def __init__(self, title: str, question: str, listed: Sequence[str]) -> None:
        super().__init__()
        self.title_text = title
        self.question = question
        self.listed = listed

    def action_page_up(self) -> None:
        """Scroll the list up."""
        self.query_one(_Hit).scroll_page_up(animate=False)

    def action_page_down(self) -> None:
        """Scroll the list down."""
        self.query_one(_Hit).scroll_page_down(animate=False)


class Confirm(_Asking[bool]):
    """A question with yes and no. `y` is yes; `n`, enter and escape are no."""

    BINDINGS: ClassVar[list[BindingType]] = bind(YES, NO, hidden=(_STAY, BACK, PAGE_UP, PAGE_DOWN))

    def __init__(self, title: str, question: str, *, listed: Sequence[str] = ()) -> None:
        """`listed` are those whom the answer hits, a line each."""
        super().__init__(title, question, listed)

    def compose(self) -> ComposeResult:
        """The question in a small panel."""
        with Vertical(id="dialog", classes="-small") as dialog:
            dialog.border_title = plain(self.title_text)
            yield Static(plain(self.question), markup=False, id="question")
            yield _Hit(self.listed)
            yield KeyBar()

    def action_yes(self) -> None:
        """Answer yes."""
        self.dismiss(True)

    def action_no(self) -> None:
        """Answer no."""
        self.dismiss(False)

    def action_back(self) -> None:
        """Answer no."""
        self.dismiss(False)


class AskReason(_Asking[str | None]):
    """A question that is answered with a reason; enter or `ctrl+s` goes on, escape gives None."""

    BINDINGS: ClassVar[list[BindingType]] = bind(BACK, hidden=(SAVE, PAGE_UP, PAGE_DOWN))

    def __init__(
        self,
        title: str,
        question: str,
        *,
        label: str = "Reason",
        required: bool = False,
        enter: str = "go on",
        listed: Sequence[str] = (),
    ) -> None:
        """`label` names the field; `enter` tells in the footer what that key does; `listed` are
        those whom it hits, a line each."""
        super().__init__(title, question, listed)
        self.enter = enter
        self.label = label
        self.required = required

    def compose(self) -> ComposeResult:
        """The question, a field, and what is wrong with it."""
        with Vertical(id="dialog", classes="-small") as dialog:
            dialog.border_title = plain(self.title_text)
            yield Static(plain(self.question), markup=False, id="question")
            yield _Hit(self.listed)
            yield Label(plain(self.label), markup=False)
            yield EnterInput(self.enter, max_length=200, id="reason")
            yield Static("", id="dialog-error", markup=False)
            yield KeyBar()

    def on_mount(self) -> None:
        """Start in the field."""
        self.query_one(LineInput).focus()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter goes on."""
        event.stop()
        self.action_save()

    def action_save(self) -> None:
        """Go on, unless a reason is needed and missing."""
        reason = self.query_one(LineInput).value.strip()
        if self.required and not reason:
            error = self.query_one("#dialog-error", Static)
            error.update(content("! $label is needed.", label=self.label))
            error.add_class("-shown")
            return
        self.dismiss(reason)

    def action_back(self) -> None:
        """Do nothing."""
        self.dismiss(None)
