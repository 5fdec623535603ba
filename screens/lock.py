"""What covers the app while its person is away: nothing of what is below can be seen or reached.

Everything below stays as it was left. The password of the same person opens it (no code of a
second factor: the sign-in that goes on was opened with one); anybody else signs that person out
first.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from screens.context import AppServices
from screens.entry import EntryForm, EntryScreen
from screens.messages import LiveState, SessionLost, SignOut
from store.errors import BadCredentials, NotSignedIn, SessionEnded, StoreError
from store.values import Actor, Role
from widgets.form import Field
from widgets.keys import HELP, QUIT, SIGN_OUT, bind
from widgets.plain import content, plain
from widgets.top_bar import TopBar

_FIELDS = (Field("password", "Password", kind="secret", required=True),)
_SOMEONE_ELSE = replace(SIGN_OUT, words="someone else signs in")


class LockScreen(EntryScreen[None]):
    """Asks the person who is signed in for the password.

    `unlock` uncovers the app when the password is right, and raises the refusal that is shown
    when it is not.
    """

    BINDINGS: ClassVar[list[BindingType]] = bind(_SOMEONE_ELSE, QUIT, HELP)
    PANEL_TITLE = "Locked"
    WHO = "locked"
    READY = "enter unlocks"
    WORKING = "Unlocking …"

    def __init__(
        self, services: AppServices, actor: Actor, unlock: Callable[[str], Awaitable[None]]
    ) -> None:
        super().__init__(services)
        self.actor = actor
        self.unlock = unlock

    def body(self) -> ComposeResult:
        """Whose terminal it is, and the field."""
        yield Static(self._whose(), id="lock-whose", markup=False)
        yield EntryForm(_FIELDS, id="lock-form")

    def _whose(self) -> Content:
        """Of a patient not even the name."""
        if self.actor.role is Role.PATIENT:
            return plain("Whoever is signed in here goes on with the password.")
        return content("[b]$name[/] is signed in here.", name=self.actor.name)

    def on_live_state(self, message: LiveState) -> None:
        """The feed tells whether the store answers."""
        self.query_one(TopBar).live = message.live

    async def enter(self, values: Mapping[str, str]) -> None:
        """Unlock."""
        await self.unlock(values["password"])

    def refused(self, error: StoreError) -> None:
        """Beside the field; but a session that has ended cannot be unlocked."""
        if isinstance(error, SessionEnded | NotSignedIn):
            self.post_message(SessionLost(error.message))
            return
        wrong = isinstance(error, BadCredentials)
        self.empty(self.form, "password")
        self.form.show_errors({"password": "The password is wrong." if wrong else error.message})

    def action_sign_out(self) -> None:
        """End the sign-in that is covered, so that somebody else can sign in."""
        self.post_message(SignOut())
