"""What dialogs with a form have in common: refusals beside their fields, and words for what became
of appointments."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ScreenResultType
from textual.widgets import Static

from screens.base import Dialog
from screens.context import ScreenContext
from store.errors import Duplicate, Invalid, StoreError
from store.values import Affected, Consequence, Several
from widgets.form import Form
from widgets.keys import SAVE, bind


class Details(Dialog[None]):
    """A text to be read; arrows scroll."""

    def __init__(self, context: ScreenContext, text: Content, *, title: str) -> None:
        super().__init__(context, title=title)
        self.text = text

    def body(self) -> ComposeResult:
        """The text."""
        yield Static(self.text, markup=False)

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        body = self.query_one("#dialog-body", VerticalScroll)
        body.can_focus = True
        body.focus()


class FormDialog(Dialog[ScreenResultType]):
    """A form whose refusals stand beside the fields, also where the store calls them otherwise:
    `OTHER_NAMES` maps the store's name of a field to the form's."""

    OTHER_NAMES: ClassVar[Mapping[str, str]] = {}
    BINDINGS: ClassVar[list[BindingType]] = bind(hidden=(SAVE,))

    def action_save(self) -> None:
        """Save from anywhere in the dialog."""
        self.query_one(Form).action_save()

    def on_mount(self) -> None:
        """Start in the first field."""
        self.query_one(Form).focus_first()

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        event.stop()
        self.be_quiet()
        self.save(event.values)

    @abstractmethod
    def save(self, values: dict[str, str]) -> None:
        """Save what was typed; the subclass says how."""

    def refused(self, error: StoreError) -> None:
        """Put a refusal beside its field."""
        if isinstance(error, Invalid | Duplicate):
            given: Mapping[str, str] = error.details.get("fields") or {}
            fields = {self.OTHER_NAMES.get(name, name): words for name, words in given.items()}
            super().refused(Invalid(error.message, fields=fields))
        else:
            super().refused(error)


def what_became(consequences: Sequence[Consequence]) -> str:
    """What was done to appointments, in words: `2 cancelled, 1 to be decided`."""
    words = {"worklist": "without a free time, to be decided"}
    outcomes = [words.get(one.outcome, one.outcome) for one in consequences]
    counts = [f"{outcomes.count(one)} {one}" for one in dict.fromkeys(outcomes)]
    return f" Appointments: {', '.join(counts)}." if counts else ""


def what_was_chosen(affected: Affected | None) -> str:
    """What was done to appointments where the store does not tell of each."""
    done = {
        Affected.KEEP: "kept",
        Affected.CANCEL: "cancelled",
        Affected.MOVE: "moved to free times",
    }
    return f" Appointments: {done[affected]}." if affected else ""


def what_stands_again(done: Several) -> str:
    """What became of the appointments of a step that was taken back, to stand behind a sentence."""
    count = len(done.done)
    words = f" {count} appointment{'s' * (count != 1)} stand{'s' * (count == 1)} again." * bool(
        count
    )
    if done.refused:
        words += f" {len(done.refused)} could not."
    return words
