"""A field to type into over a list that narrows as one types: patients, doctors, drugs.

The cursor of the list moves with the arrows while the field keeps the focus, so that enter takes
the best hit at once; the list can also have the focus itself, where letters are keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from widgets.inputs import EnterInput, LineInput
from widgets.keys import DOWN, FIRST, LAST, OPEN, PAGE_DOWN, PAGE_UP, UP, bind
from widgets.plain import plain

PAUSE_SECONDS = 0.12
"""How long the typist pauses before the question is asked."""


class _Hits(OptionList, inherit_bindings=False):
    """The hits; letters only move here too."""

    BINDINGS: ClassVar[list[BindingType]] = bind(
        OPEN, hidden=(UP, DOWN, PAGE_UP, PAGE_DOWN, FIRST, LAST)
    )

    enter_words = "choose"

    def action_choose(self) -> None:
        """Take the hit under the cursor."""
        self.action_select()


class PickList(Vertical):
    """Search field and hits. It asks with `Asked`; whoever knows answers with `show`."""

    DEFAULT_CSS = """
    PickList { height: 1fr; }
    PickList > EnterInput { background: $field; padding: 0 1; }
    PickList > EnterInput:focus { background: $field-focus; }
    PickList > _Hits { height: 1fr; border: none; padding: 0; background: transparent; }
    PickList > _Hits:focus { border: none; background: transparent; }
    PickList > .pick-list--note { color: $text-muted; height: auto; }
    """

    class Asked(Message):
        """The text to look for changed (after a short pause in typing)."""

        def __init__(self, picker: PickList, text: str) -> None:
            super().__init__()
            self.picker = picker
            self.text = text

        @property
        def control(self) -> PickList:
            """The picker, for `@on(…, "#id")`."""
            return self.picker

    class Chosen(Message):
        """A hit was taken; `key` is what it was shown with."""

        def __init__(self, picker: PickList, key: str) -> None:
            super().__init__()
            self.picker = picker
            self.key = key

        @property
        def control(self) -> PickList:
            """The picker, for `@on(…, "#id")`."""
            return self.picker

    class Moved(Message):
        """The cursor of the list came to another hit."""

        def __init__(self, picker: PickList, key: str | None) -> None:
            super().__init__()
            self.picker = picker
            self.key = key

        @property
        def control(self) -> PickList:
            """The picker, for `@on(…, "#id")`."""
            return self.picker

    def __init__(
        self, *, hint: str = "", note: str = "", enter: str = "choose", id: str | None = None
    ) -> None:
        """`hint` stands in the empty field, `note` below the list, `enter` in the footer."""
        super().__init__(id=id)
        self.enter = enter
        self.hint = hint
        self.note = note
        self.keys: list[str] = []
        self._timer: Timer | None = None
        self._waiting = False
        self._take_next = False

    def compose(self) -> ComposeResult:
        """Field, hits, and a line that tells how many there are or what to do."""
        field = EnterInput(self.enter, placeholder=self.hint, max_length=120)
        hits = _Hits(markup=False)
        hits.enter_words = self.enter
        yield field
        yield hits
        yield Static(plain(self.note), classes="pick-list--note", markup=False)

    @property
    def field(self) -> LineInput:
        """The field to type into."""
        return self.query_one(LineInput)

    @property
    def hits(self) -> OptionList:
        """The list of hits."""
        return self.query_one(_Hits)

    @property
    def text(self) -> str:
        """What is being looked for."""
        return self.field.value

    @property
    def selected(self) -> str | None:
        """The key of the hit under the cursor."""
        index = self.hits.highlighted
        return self.keys[index] if index is not None and index < len(self.keys) else None

    def focus(self, scroll_visible: bool = True) -> PickList:
        """Put the cursor into the field."""
        self.field.focus(scroll_visible)
        return self

    def enter_does(self, words: str) -> None:
        """Let the footer say of enter what it will do now."""
        self.query_one(EnterInput).enter_words = words
        self.query_one(_Hits).enter_words = words

    def clear(self) -> None:
        """Empty the field and the list."""
        self.field.value = ""

    def show(self, hits: Sequence[tuple[str, Content]], note: str = "") -> None:
        """Show hits as (key, content); the cursor stays on its key, else goes to the first."""
        before = self.selected
        self.keys = [key for key, _ in hits]
        self.hits.clear_options()
        self.hits.add_options([Option(content) for _, content in hits])
        if self.keys:
            self.hits.highlighted = self.keys.index(before) if before in self.keys else 0
        self.query_one(".pick-list--note", Static).update(plain(note))
        self._waiting = self._timer is not None
        if self._take_next and not self._waiting:
            self._take_next = False
            self.take()

    def take(self) -> None:
        """Choose the hit under the cursor, if there is one."""
        if self.selected is not None:
            self.post_message(self.Chosen(self, self.selected))

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        if self._timer is not None:
            self._timer.stop()
        self._waiting = True
        self._timer = self.set_timer(PAUSE_SECONDS, self._ask)

    def _ask(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.post_message(self.Asked(self, self.text))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        """Enter takes the first hit; when the answer is still to come, that of the answer."""
        event.stop()
        if not self._waiting:
            self.take()
            return
        self._take_next = True
        if self._timer is not None:
            self._ask()

    def on_key(self, event: events.Key) -> None:
        """Arrows in the field move the cursor of the list."""
        if not self.field.has_focus:
            return
        if event.key == "down":
            event.stop()
            self.hits.action_cursor_down()
        elif event.key == "up":
            event.stop()
            self.hits.action_cursor_up()

    @on(OptionList.OptionSelected)
    def _picked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.take()

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self.post_message(self.Moved(self, self.selected))
