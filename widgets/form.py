"""Labelled fields under each other, each with a line for what is wrong with it.

Enter and tab go to the next field, enter in the last one submits, `ctrl+s` and `f2` submit from
anywhere. Whatever is refused, what was typed stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from widgets.inputs import LINE_LIMIT, NOTE_LIMIT, LineInput, NoteInput, SecretInput
from widgets.keys import LEFT, RIGHT, SAVE, bind
from widgets.plain import content, plain


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a form.

    `kind` is `line`, `secret`, `note` (several lines) or `choice`; `choices` are (value, words).
    `name` is what the store calls the field, so that its refusals find their place.
    """

    name: str
    label: str
    kind: str = "line"
    value: str = ""
    hint: str = ""
    required: bool = False
    max_length: int | None = None
    choices: tuple[tuple[str, str], ...] = ()


class Choice(Widget, can_focus=True):
    """One of a few words in a line; left, right and the first letter choose."""

    DEFAULT_CSS = """
    Choice { height: 1; width: 1fr; background: $field; padding: 0 1; }
    Choice:focus { background: $field-focus; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bind(hidden=(LEFT, RIGHT))

    value: reactive[str] = reactive("")

    class Changed(Message):
        """Another word was chosen."""

        def __init__(self, choice: Choice) -> None:
            super().__init__()
            self.choice = choice

    def __init__(self, choices: Sequence[tuple[str, str]], value: str, *, id: str) -> None:
        super().__init__(id=id)
        self.choices = tuple(choices)
        self.set_reactive(Choice.value, value or self.choices[0][0])

    def render(self) -> Content:
        """All words; the chosen one is bracketed and bold."""
        parts = []
        for value, words in self.choices:
            if value == self.value:
                style = "b $accent" if self.has_focus else "b $foreground"
                parts.append(content(f"[{style}]‹$w›[/]", w=words))
            else:
                parts.append(content("[$text-muted] $w [/]", w=words))
        return Content(" ").join(parts)

    def watch_value(self) -> None:
        """Tell the form."""
        self.post_message(self.Changed(self))

    def _step(self, by: int) -> None:
        values = [value for value, _ in self.choices]
        place = values.index(self.value) if self.value in values else 0
        self.value = values[(place + by) % len(values)]

    def action_cursor_left(self) -> None:
        """The word before."""
        self._step(-1)

    def action_cursor_right(self) -> None:
        """The word after."""
        self._step(1)

    def on_key(self, event: events.Key) -> None:
        """Choose by first letter; space goes on, enter leaves to the next field."""
        if event.key == "space":
            event.stop()
            self._step(1)
        elif event.character and event.is_printable:
            letter = event.character.casefold()
            for value, words in self.choices:
                if words.casefold().startswith(letter):
                    event.stop()
                    event.prevent_default()
                    self.value = value
                    return

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Take the first letters of the words for itself."""
        return character is not None and any(
            words.casefold().startswith(character.casefold()) for _, words in self.choices
        )


class Form(Vertical):
    """Fields with labels and errors."""

    DEFAULT_CSS = """
    Form { height: auto; }
    Form .form--row { height: auto; }
    Form .form--label { width: 19; color: $text-muted; }
    Form .form--row.-active .form--label { color: $accent; }
    Form NoteInput { height: 4; }
    Form .form--error { display: none; color: $text-error; padding-left: 19; height: auto; }
    Form .form--error.-shown { display: block; }
    Form LineInput { width: 1fr; background: $field; padding: 0 1; }
    Form LineInput:focus { background: $field-focus; }
    Form NoteInput { width: 1fr; background: $field; }
    Form NoteInput:focus { background: $field-focus; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bind(SAVE)

    class Submitted(Message):
        """The form is to be saved; `values` maps names to what was typed."""

        def __init__(self, form: Form, values: dict[str, str]) -> None:
            super().__init__()
            self.form = form
            self.values = values

        @property
        def control(self) -> Form:
            """The form, for `@on(…, "#id")`."""
            return self.form

    class Changed(Message):
        """A field has another value than before."""

        def __init__(self, form: Form, name: str) -> None:
            super().__init__()
            self.form = form
            self.name = name

        @property
        def control(self) -> Form:
            """The form, for `@on(…, "#id")`."""
            return self.form

    def __init__(self, fields: Sequence[Field], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.fields = {field.name: field for field in fields}

    def compose(self) -> ComposeResult:
        """Label, field and error line, for each field."""
        for field in self.fields.values():
            with Horizontal(classes="form--row"):
                mark = " *" if field.required else ""
                yield Label(plain(field.label + mark), classes="form--label", markup=False)
                yield self._field_widget(field)
            yield Static(
                "", id=f"error-{field.name}", classes="form--error", markup=False, shrink=True
            )

    @staticmethod
    def _field_widget(field: Field) -> Widget:
        name = f"field-{field.name}"
        if field.kind == "choice":
            return Choice(field.choices, field.value, id=name)
        if field.kind == "note":
            return NoteInput(field.value, max_length=field.max_length or NOTE_LIMIT, id=name)
        if field.kind == "secret":
            return SecretInput(id=name, placeholder=field.hint)
        return LineInput(
            field.value,
            max_length=field.max_length or LINE_LIMIT,
            placeholder=field.hint,
            id=name,
        )

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Light the label of the field in use."""
        for row in self.query(".form--row"):
            row.set_class(event.widget.parent is row, "-active")

    def widget(self, name: str) -> Widget:
        """The widget of a field, for focus."""
        return self.query_one(f"#field-{name}")

    def value(self, name: str) -> str:
        """What stands in a field."""
        widget = self.widget(name)
        if isinstance(widget, NoteInput):
            return widget.text
        assert isinstance(widget, Input | Choice)
        return widget.value

    def set_value(self, name: str, value: str) -> None:
        """Put a value into a field."""
        widget = self.widget(name)
        if isinstance(widget, NoteInput):
            widget.text = value
        else:
            assert isinstance(widget, Input | Choice)
            widget.value = value

    def values(self) -> dict[str, str]:
        """What stands in all fields, as typed."""
        return {name: self.value(name) for name in self.fields}

    @property
    def dirty(self) -> bool:
        """Whether anything differs from what the form began with."""
        return any(
            self.value(name) != (field.value or (field.choices[0][0] if field.choices else ""))
            for name, field in self.fields.items()
        )

    @property
    def last(self) -> str:
        """The name of the last field."""
        return next(reversed(self.fields))

    def focus_first(self) -> None:
        """Put the cursor into the first field."""
        self.widget(next(iter(self.fields))).focus()

    def show_errors(self, errors: Mapping[str, str]) -> list[str]:
        """Show sentences under their fields, go to the first of them, and return the sentences
        of fields that this form does not have."""
        self.clear_errors()
        for name in self.fields:
            if name in errors:
                line = self.query_one(f"#error-{name}", Static)
                line.update(content("! $s", s=errors[name]))
                line.add_class("-shown")
        first = next((name for name in self.fields if name in errors), None)
        if first is not None:
            self.widget(first).focus()
        return [sentence for name, sentence in errors.items() if name not in self.fields]

    def clear_errors(self) -> None:
        """Take all sentences away."""
        for line in self.query(".form--error"):
            line.remove_class("-shown")

    def missing(self) -> dict[str, str]:
        """A sentence for each required field that is empty."""
        return {
            field.name: f"{field.label} is needed."
            for field in self.fields.values()
            if field.required and not self.value(field.name).strip()
        }

    def action_save(self) -> None:
        """Submit, unless a required field is empty."""
        missing = self.missing()
        self.clear_errors()
        if missing:
            self.show_errors(missing)
        else:
            self.post_message(self.Submitted(self, self.values()))

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self._leave(event.input)

    def on_key(self, event: events.Key) -> None:
        """Enter on a choice goes on as in any other field."""
        if event.key == "enter" and isinstance(self.app.focused, Choice):
            event.stop()
            self._leave(self.app.focused)

    def _leave(self, widget: Widget) -> None:
        names = list(self.fields)
        place = names.index((widget.id or "").removeprefix("field-"))
        if place + 1 == len(names):
            self.action_save()
        else:
            self.widget(names[place + 1]).focus()

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self._changed(event.input)

    @on(NoteInput.Changed)
    def _wrote(self, event: NoteInput.Changed) -> None:
        event.stop()
        self._changed(event.text_area)

    @on(Choice.Changed)
    def _chose(self, event: Choice.Changed) -> None:
        event.stop()
        self._changed(event.choice)

    def _changed(self, widget: Widget) -> None:
        """Take the error of a field away as soon as it is being corrected."""
        name = (widget.id or "").removeprefix("field-")
        self.query_one(f"#error-{name}").remove_class("-shown")
        self.post_message(self.Changed(self, name))
