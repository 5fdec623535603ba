"""A line to narrow a list by, or to name its rows in, opened with its key."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.message import Message
from textual.widgets import Input, Label, Static

from widgets.inputs import EnterInput, LineInput
from widgets.plain import content


class FilterLine(Vertical):
    """Tells with `Changed` what is typed, and with `Left` that enter was pressed."""

    DEFAULT_CSS = """
    FilterLine { height: auto; display: none; margin-bottom: 1; }
    FilterLine.-shown { display: block; }
    FilterLine > Horizontal { height: 1; }
    FilterLine Label { width: 8; }
    FilterLine LineInput { width: 1fr; background: $field; padding: 0 1; }
    FilterLine LineInput:focus { background: $field-focus; }
    FilterLine > .filter-line--wrong { display: none; color: $text-error; height: auto; }
    FilterLine.-complaining > .filter-line--wrong { display: block; }
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
        """A label and the field, and what is wrong with what is typed."""
        with Horizontal():
            yield Label(content("[$text-muted]$label[/]", label=self.label), markup=False)
            yield EnterInput(self.enter, placeholder=self.hint, max_length=500)
        yield Static("", classes="filter-line--wrong", markup=False)

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

    def complain(self, sentence: str) -> None:
        """Tell what cannot be understood of it; what was typed stays."""
        self.query_one(".filter-line--wrong", Static).update(content("! $s", s=sentence))
        self.add_class("-complaining")

    def be_quiet(self) -> None:
        """All of it is understood."""
        self.remove_class("-complaining")

    def stop(self) -> None:
        """Narrow no more."""
        self.close()
        self.be_quiet()
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
