"""A patient who registers without help: one form, then signed in.

Nobody else's data is looked at: whether somebody like this is a patient already is the desk's to
find out, never shown to a stranger.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from screens.context import AppServices
from screens.entry import EntryScreen
from screens.shared.patient_fields import input_of, patient_fields
from store.values import PatientInput
from widgets.form import Field, Form
from widgets.keys import BACK, HELP, QUIT, bind
from widgets.plain import plain

_WORDS = (
    "A * must be filled. Your password: at least {least} characters, as long as you like up to "
    "128; no name or word that others would try first."
)


@dataclass(frozen=True, slots=True)
class Registered:
    """What the new account signs in with."""

    username: str
    password: str

    def __repr__(self) -> str:
        return f"Registered({self.username!r})"


class RegisterScreen(EntryScreen[Registered]):
    """All of it in one form; `register(given, username, password)` raises the refusals that are
    shown. Answers with the account, or with None where the person went back."""

    BINDINGS: ClassVar[list[BindingType]] = bind(BACK, HELP, QUIT)
    PANEL_TITLE = "Register as a patient"
    READY = "enter goes on, in the last field it registers you"
    WORKING = "Registering …"

    def __init__(
        self,
        services: AppServices,
        register: Callable[[PatientInput, str, str], Awaitable[None]],
    ) -> None:
        super().__init__(services)
        self.register = register
        self._asked_to_leave = False

    def body(self) -> ComposeResult:
        """What a password must be, and the form."""
        yield Static("", id="login-sentence", markup=False)
        with VerticalScroll(id="register-fields", can_focus=False):
            yield Form(
                (
                    *patient_fields(None),
                    Field("username", "User name", hint="to sign in with", required=True),
                    Field("password", "Password", kind="secret", required=True),
                    Field("again", "The same again", kind="secret", required=True),
                )
            )
        words = _WORDS.format(least=self.services.password_length)
        yield Static(plain(words), id="register-words", markup=False)

    @property
    def unsaved(self) -> bool:
        """Whether leaving would lose something typed."""
        return self.form.dirty

    async def enter(self, values: Mapping[str, str]) -> None:
        """Register, and hand on what signs in."""
        self.say("")
        if values["password"] != values["again"]:
            self.form.show_errors({"again": "The two passwords differ."})
            return
        made = Registered(values["username"], values["password"])
        await self.register(input_of(dict(values)), made.username, made.password)
        self.dismiss(made)

    def action_back(self) -> None:
        """Back to signing in; what was typed is not lost by one key."""
        if self.unsaved and not self._asked_to_leave:
            self._asked_to_leave = True
            self.say("You are not registered yet: esc again leaves, anything else goes on.")
        else:
            self.dismiss(None)

    def on_key(self, event: events.Key) -> None:
        """Any other key means going on."""
        if event.key != "escape" and self._asked_to_leave:
            self._asked_to_leave = False
            self.say("")
