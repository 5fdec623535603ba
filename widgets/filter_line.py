"""A line to narrow a list by, or to name its rows in, opened with its key."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input, Label

from widgets.inputs import EnterInput, LineInput
from widgets.plain import content


class FilterLine(Horizontal):
    """Tells with `Changed` what is typed, and with `Left` that enter was pressed."""

    DEFAULT_CSS = """
    FilterLine { height: 1; display: none; margin-bottom: 1; }
    FilterLine.-shown { display: block; }
    FilterLine > Label { width: 8; }
    FilterLine > LineInput { width: 1fr; background: $field; padding: 0 1; }
    FilterLine > LineInput:focus { background: $field-focus; }
    """

    class Told(Message):
        """Something about the line."""

        def __init__(self, line: FilterLine) -> None:
            super().__init__()
            self.line = line
            self.text = line.text

        @property
        def control(self) -> FilterLine:
            """The line, for `@on(…, "#id")`."""
            return self.line

    class Changed(Told):
        """The text is another."""

    class Left(Told):
        """Enter: on to the list."""

    def __init__(
        self, *, hint: str = "", label: str = "Filter", enter: str = "", id: str | None = None
    ) -> None:
        """`hint` stands in the empty field, `enter` is what the footer says of that key."""
        super().__init__(id=id)
        self.hint = hint
        self.label = label
        self.enter = enter

    def compose(self) -> ComposeResult:
        """A label and the field."""
        yield Label(content("[$text-muted]$label[/]", label=self.label), markup=False)
        yield EnterInput(self.enter, placeholder=self.hint, max_length=120)

    @property
    def text(self) -> str:
        """What to narrow by."""
        return self.query_one(LineInput).value

    @property
    def open(self) -> bool:
        """Whether it is shown."""
        return self.has_class("-shown")

    def start(self, text: str | None = None) -> None:
        """Show it and begin to type, behind `text` where it is given."""
        self.add_class("-shown")
        if text is not None:
            self.query_one(LineInput).value = text
        field = self.query_one(LineInput)
        field.focus()
        field.action_select_all()

    def stop(self) -> None:
        """Narrow no more."""
        self.close()
        self.query_one(LineInput).value = ""

    def close(self) -> None:
        """Hide it; what was typed is still there."""
        self.remove_class("-shown")

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.post_message(self.Changed(self))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Left(self))
