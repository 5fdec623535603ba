"""The second factor of one's own account: set it up, its recovery codes, turn it off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from screens.account_keys import NEW_CODES, SET_UP, TURN_OFF
from screens.base import Dialog, StoreCalls, acting, reading
from screens.context import ScreenContext
from store import second_factor
from store.errors import AccountLocked, BadCredentials, CodeNeeded, StoreError, WrongCode
from store.values import SecondFactorSetUp, SecondFactorView
from widgets.form import Field, Form
from widgets.key_bar import KeyBar
from widgets.keys import BACK, HELP, bind
from widgets.plain import content, lines, plain
from widgets.qr import QrCode

_PASSWORD = Field("password", "Password", kind="secret", required=True)
_CODE = Field("code", "Code", hint="6 digits, or a recovery code", required=True, max_length=100)
_FIRST_CODE = Field("code", "Code", hint="6 digits", required=True, max_length=40)
_KEPT = replace(BACK, words="I have kept them")


def state_words(view: SecondFactorView) -> str:
    """How a second factor stands, in a few words."""
    if view.enabled:
        left = view.recovery_codes
        return f"on, {left} recovery code{'s' * (left != 1)} left"
    return "off; your role needs one" if view.required else "off"


class SecondFactorDialog(Dialog[None]):
    """What it is, how it stands, and what can be done about it."""

    TITLE_TEXT = "Second factor"
    TOPICS = frozenset({"account"})
    BINDINGS: ClassVar[list[BindingType]] = bind(SET_UP, NEW_CODES, TURN_OFF, BACK, HELP)

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context)
        self.view: SecondFactorView | None = None

    def body(self) -> ComposeResult:
        """Words; the keys are in the footer."""
        yield Static("", id="second-factor", markup=False)

    def on_mount(self) -> None:
        """Read how it stands."""
        self.reload()

    def reload(self) -> None:
        """Read how it stands."""
        self.load()

    @reading("second-factor")
    async def load(self) -> None:
        """Read how it stands."""
        self.view = await self.read(second_factor.status)
        self.query_one("#second-factor", Static).update(self._about(self.view))
        self.refresh_bindings()

    def _about(self, view: SecondFactorView) -> Content:
        about = (
            "Beside the password, signing in asks for a code that an app on your phone shows, new "
            "every half minute: somebody who has come to know your password cannot get in."
        )
        parts = [content("It is [b]$state[/].", state=state_words(view)), plain(""), plain(about)]
        if view.enabled:
            lost = "A lost phone: a recovery code signs you in once. A new phone: set it up anew."
            parts += [plain(""), plain(lost)]
        return lines(parts)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What is off has no codes and cannot be turned off, nor can what the role needs."""
        view = self.view
        if action == "codes":
            return view is not None and view.enabled
        if action == "turn_off":
            return view is not None and view.enabled and not view.required
        if action == "set_up":
            return view is not None
        return super().check_action(action, parameters)

    def action_set_up(self) -> None:
        """Set it up."""
        if self.view is not None:
            set_up(self, self.view, self._done)

    def action_codes(self) -> None:
        """Make new recovery codes."""
        new_codes = partial(
            second_factor.new_recovery_codes, self.context.store, self.context.actor
        )
        proof = ProofDialog(self.context, "New recovery codes", new_codes, with_code=True)
        self.app.push_screen(proof, self._show_codes)

    def _show_codes(self, codes: tuple[str, ...] | None) -> None:
        if codes is not None:
            self.app.push_screen(RecoveryCodesDialog(self.context, codes), self._done)

    def action_turn_off(self) -> None:
        """Turn it off."""

        def off(password: str, code: str) -> bool:
            second_factor.turn_off(self.context.store, self.context.actor, password, code)
            return True

        proof = ProofDialog(self.context, "Turn the second factor off", off, with_code=True)
        self.app.push_screen(proof, self._done)

    def _done(self, _answer: object) -> None:
        self.context.look_now()
        self.reload()


def set_up(
    screen: StoreCalls, view: SecondFactorView, done: Callable[[bool], None], why: str = ""
) -> None:
    """Ask for the password (and for a code of the second factor that is there), show the QR code,
    take the first code of it, and show the recovery codes; then say whether it was done. `why` is
    shown above the first question."""
    context, app = screen.context, screen.app

    def shown(_answer: None) -> None:
        done(True)

    def confirmed(codes: tuple[str, ...] | None) -> None:
        if codes is None:
            done(False)
        else:
            app.push_screen(RecoveryCodesDialog(context, codes), shown)

    def proved(made: SecondFactorSetUp | None) -> None:
        if made is None:
            done(False)
        else:
            app.push_screen(SetUpScreen(context, made), confirmed)

    begin = partial(second_factor.begin, context.store, context.actor)
    title = "Set up the second factor"
    proof = ProofDialog(context, title, begin, with_code=view.enabled, why=why)
    app.push_screen(proof, proved)


class ProofDialog(Dialog[Any]):
    """The password again, and a code where there is a second factor; answers with what `work`
    gives for them."""

    def __init__(
        self,
        context: ScreenContext,
        title: str,
        work: Callable[[str, str], Any],
        *,
        with_code: bool,
        why: str = "",
    ) -> None:
        super().__init__(context, title=title)
        self.work = work
        self.why = why
        self.fields = (_PASSWORD, _CODE) if with_code else (_PASSWORD,)

    def body(self) -> ComposeResult:
        """The fields."""
        both = " and a code of your authenticator app" if len(self.fields) > 1 else ""
        words = f"{self.why} First your password{both}.".strip()
        yield Static(plain(words), id="question", markup=False)
        yield Form(self.fields)

    def on_mount(self) -> None:
        """Start in the password."""
        self.query_one(Form).focus_first()

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        self.be_quiet()
        self.prove(event.values["password"], event.values.get("code", ""))

    @acting
    async def prove(self, password: str, code: str) -> None:
        """Do the work; hashing is slow on purpose, so it runs in the pool."""
        self.dismiss(await self.call(self.work, password, code))

    def refused(self, error: StoreError) -> None:
        """Beside the field that is wrong."""
        form = self.query_one(Form)
        if isinstance(error, WrongCode | CodeNeeded) and "code" in form.fields:
            form.show_errors({"code": error.message})
        elif isinstance(error, BadCredentials):
            form.show_errors({"password": "The password is wrong."})
        elif isinstance(error, AccountLocked):
            form.show_errors({form.last: error.message})
        else:
            super().refused(error)


class SetUpScreen(StoreCalls):
    """The QR code, the same as text, and a field for the first code; answers with the recovery
    codes."""

    BINDINGS: ClassVar[list[BindingType]] = bind(BACK, HELP)

    def __init__(self, context: ScreenContext, made: SecondFactorSetUp) -> None:
        super().__init__(context)
        self.made = made

    def compose(self) -> ComposeResult:
        """The code at the left, all else beside it: both fit 80 by 24."""
        with Horizontal(id="set-up"):
            yield QrCode(self.made.uri, id="qr")
            with Vertical(id="set-up-words"):
                yield Static(self._words(), markup=False)
                yield Form((_FIRST_CODE,))
                yield Static("", id="set-up-error", markup=False)
        yield KeyBar()

    def _words(self) -> Content:
        secret = self.made.secret
        groups = [secret[start : start + 4] for start in range(0, len(secret), 4)]
        half = len(groups) // 2
        return lines(
            [
                content("[b $accent]Set up the second factor[/]"),
                plain(""),
                plain("1  Scan this with an authenticator app on your phone, or type into it:"),
                plain(""),
                content("[b]$key[/]", key=" ".join(groups[:half])),
                content("[b]$key[/]", key=" ".join(groups[half:])),
                plain(""),
                plain("2  Type the code that the app shows now."),
                plain(""),
            ]
        )

    def on_mount(self) -> None:
        """Start in the field."""
        self.query_one(Form).focus_first()

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        self.finish(event.values["code"])

    @acting
    async def finish(self, code: str) -> None:
        """Let it count from now on."""
        self.dismiss(await self.write(second_factor.finish, code))

    def complain(self, sentence: str) -> None:
        """Below the field."""
        self.query_one("#set-up-error", Static).update(content("! $s", s=sentence))

    def action_back(self) -> None:
        """Nothing counts yet, so nothing is lost."""
        self.dismiss(None)


class RecoveryCodesDialog(Dialog[None]):
    """Ten codes that are shown this once."""

    TITLE_TEXT = "Your recovery codes"
    BINDINGS: ClassVar[list[BindingType]] = bind(_KEPT, HELP)

    def __init__(self, context: ScreenContext, codes: tuple[str, ...]) -> None:
        super().__init__(context)
        self.codes = codes

    def body(self) -> ComposeResult:
        """The codes in two columns, between what to do with them."""
        half = (len(self.codes) + 1) // 2
        rows = [
            content("[b]$left[/]    [b]$right[/]", left=left, right=right)
            for left, right in zip(self.codes[:half], self.codes[half:], strict=True)
        ]
        above = "Each signs you in once when the phone is lost. They are shown only now."
        below = "Write them down, and keep them where only you find them, not with the phone."
        yield Static(lines([plain(above), plain(""), *rows, plain(""), plain(below)]), markup=False)
