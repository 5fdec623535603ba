"""What somebody has to do before anything else: change a password that somebody else chose, set up
the second factor that the role needs. The store refuses all else meanwhile."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import Static

from screens.account import PasswordDialog
from screens.account_keys import GO_ON
from screens.base import ROLE_NAMES, StoreCalls, reading
from screens.context import ScreenContext
from screens.messages import DutyDone, LiveState, SignOut
from screens.second_factor import set_up
from store import accounts, second_factor
from store.values import Duty
from widgets.key_bar import KeyBar
from widgets.keys import HELP, QUIT, SIGN_OUT, bind
from widgets.plain import plain
from widgets.top_bar import TopBar

_TITLES = {Duty.PASSWORD: "A password of your own", Duty.SECOND_FACTOR: "A second factor"}
_WORDS = {
    Duty.PASSWORD: "What you came in with, a password or a one-time code, somebody else knows too. "
    "Type it once more, then a password that only you know.",
    Duty.SECOND_FACTOR: "Your role needs a second factor: beside the password, signing in asks for "
    "a code that an app on your phone shows. Have the phone at hand; then you can go on.",
}


class DutyScreen(StoreCalls):
    """Opens what is to be done, one duty after the other, and tells the app when none is left."""

    BINDINGS: ClassVar[list[BindingType]] = bind(GO_ON, SIGN_OUT, HELP, QUIT)

    def __init__(self, context: ScreenContext, duty: Duty) -> None:
        super().__init__(context)
        self.duty = duty

    def compose(self) -> ComposeResult:
        """The frame, with what is to be done in the middle."""
        actor = self.context.actor
        yield TopBar(self.context.services.hospital, actor.name, ROLE_NAMES[actor.role])
        with Vertical(id="login-middle"), Vertical(id="login"):
            yield Static("", id="duty-words", markup=False)
        yield KeyBar()

    def on_mount(self) -> None:
        """Say what is to be done, and begin."""
        self.query_one(TopBar).follow(self.context.now)
        self._begin()

    def on_live_state(self, message: LiveState) -> None:
        """The feed tells whether the store answers."""
        self.query_one(TopBar).live = message.live

    def _begin(self) -> None:
        self.query_one("#login").border_title = plain(_TITLES[self.duty])
        self.query_one("#duty-words", Static).update(plain(_WORDS[self.duty]))
        self.action_go_on()

    def action_go_on(self) -> None:
        """Open what is to be done."""
        if self.duty is Duty.PASSWORD:
            self.app.push_screen(PasswordDialog(self.context, _WORDS[self.duty]), self._answered)
        else:
            self.open_set_up()

    @reading("duty")
    async def open_set_up(self) -> None:
        """Read how the second factor stands, and set it up."""
        view = await self.read(second_factor.status)
        set_up(self, view, self._answered, _WORDS[self.duty])

    def _answered(self, answer: object) -> None:
        if answer:
            self.look_again()

    @reading("duty")
    async def look_again(self) -> None:
        """Ask the store what is left to do."""
        left = await self.read(accounts.duty)
        if left is None:
            self.post_message(DutyDone())
        else:
            self.duty = left
            self._begin()

    def action_sign_out(self) -> None:
        """Leave it for another time."""
        self.post_message(SignOut())
