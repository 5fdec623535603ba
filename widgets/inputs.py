"""Fields to type into: no blinking cursor (it costs 1.7 kB/s over SSH), a size limit, and a
password that is never copied."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widgets import Input, TextArea

from widgets.keys import OPEN, bind

LINE_LIMIT = 500
NOTE_LIMIT = 20_000
SECRET_LIMIT = 1024


class LineInput(Input):
    """A field of one line."""

    def __init__(self, value: str = "", *, max_length: int = LINE_LIMIT, **settings: Any) -> None:
        settings.setdefault("compact", True)
        settings.setdefault("select_on_focus", False)
        super().__init__(value, max_length=max_length, **settings)
        self.cursor_blink = False


class EnterInput(LineInput):
    """A field in which enter does something that the footer names in `enter_words`."""

    BINDINGS: ClassVar[list[BindingType]] = bind(OPEN)

    def __init__(self, enter: str, value: str = "", **settings: Any) -> None:
        super().__init__(value, **settings)
        self.enter_words = enter

    async def action_choose(self) -> None:
        """Do it."""
        await self.action_submit()


class SecretInput(LineInput):
    """A password: dots on the screen, and neither copied nor cut to any clipboard."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(max_length=SECRET_LIMIT, password=True, **settings)

    def action_copy(self) -> None:
        """Refuse: Textual would put the clear text on the terminal's clipboard."""
        self.app.bell()

    def action_cut(self) -> None:
        """Refuse, as copying."""
        self.app.bell()


class NoteInput(TextArea):
    """A field of several lines; tab leaves it, and what exceeds the limit is not taken."""

    def __init__(self, text: str = "", *, max_length: int = NOTE_LIMIT, **settings: Any) -> None:
        settings.setdefault("compact", True)
        super().__init__(
            text, tab_behavior="focus", show_line_numbers=False, soft_wrap=True, **settings
        )
        self.cursor_blink = False
        self.max_length = max_length

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        """Cut a paste that is larger than what can be saved."""
        if len(self.text) > self.max_length:
            event.stop()
            self.text = self.text[: self.max_length]
            self.move_cursor(self.document.end)
