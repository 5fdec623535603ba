"""What signing in and unlocking share: a form in the middle of nothing, asked one at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import Screen, ScreenResultType
from textual.widgets import Input, Static

from screens.context import AppServices
from screens.messages import HelpWanted
from store.errors import StoreError
from widgets.form import Form
from widgets.key_bar import KeyBar
from widgets.keys import SAVE, bind
from widgets.plain import content, plain
from widgets.top_bar import TopBar


class EntryForm(Form, inherit_bindings=False):
    """The form's keys work but are not shown: enter is enough."""

    BINDINGS: ClassVar[list[BindingType]] = bind(hidden=(SAVE,))


class EntryScreen(Screen[ScreenResultType]):
    """A panel with a form; a subclass gives `body()`, and in `enter` what the form is for."""

    PANEL_TITLE: ClassVar[str] = ""
    WHO: ClassVar[str] = "not signed in"
    """What the top bar says of who is here."""
    READY: ClassVar[str] = ""
    WORKING: ClassVar[str] = ""

    def __init__(self, services: AppServices) -> None:
        super().__init__()
        self.services = services
        self._busy = False

    def compose(self) -> ComposeResult:
        """A panel in the middle, and what belongs below it."""
        yield TopBar(self.services.hospital, self.WHO, "")
        with Vertical(id="login-middle"):
            with Vertical(id="login") as panel:
                panel.border_title = plain(self.PANEL_TITLE)
                yield from self.body()
                yield Static(plain(self.READY), id="login-state", markup=False)
            yield from self.below()
        yield KeyBar()

    def body(self) -> ComposeResult:
        """What stands in the panel."""
        yield from ()

    def below(self) -> ComposeResult:
        """What stands below the panel."""
        yield from ()

    @property
    def form(self) -> Form:
        """The fields."""
        return self.query_one(Form)

    def on_mount(self) -> None:
        """Start in the first field, with the time above."""
        self.query_one(TopBar).follow(self.services.now)
        self.form.focus_first()

    def say(self, sentence: str) -> None:
        """Show a sentence above the form, such as why a session ended; an empty one goes away."""
        line = self.query_one("#login-sentence", Static)
        line.update(content("! $s", s=sentence) if sentence else "")
        line.set_class(bool(sentence), "-shown")

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        self.begin(event.values)

    def begin(self, values: Mapping[str, str]) -> None:
        """Do what the form is for, unless that is under way."""
        if not self._busy:
            self._busy = True
            self.run_worker(self._try(values), group="sign-in")

    async def _try(self, values: Mapping[str, str]) -> None:
        state = self.query_one("#login-state", Static)
        state.update(plain(self.WORKING))
        try:
            await self.enter(values)
        except StoreError as error:
            self.refused(error)
        finally:
            self._busy = False
            state.update(plain(self.READY))

    async def enter(self, values: Mapping[str, str]) -> None:
        """What the form is for; a StoreError becomes what `refused` makes of it."""

    def refused(self, error: StoreError) -> None:
        """Show a refusal under its field, or above all; what was typed stays."""
        fields = error.details.get("fields")
        left = self.form.show_errors(fields) if fields else [error.message]
        self.say(" ".join(left))

    def empty(self, form: Form, name: str) -> None:
        """Empty a field without taking away the sentence below it."""
        with self.prevent(Input.Changed):
            form.set_value(name, "")

    def action_help(self) -> None:
        """Show the keys."""
        self.post_message(HelpWanted(self))
