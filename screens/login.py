"""Signing in: painted at once, while the hospital's store is still being opened behind it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from screens.context import AppServices
from screens.entry import EntryForm, EntryScreen
from screens.login_keys import REGISTER
from store.errors import AccountLocked, CodeNeeded, StoreError, WrongCode
from widgets.form import Field, Form
from widgets.keys import BACK, HELP, QUIT, bind
from widgets.plain import content, lines, plain

if TYPE_CHECKING:
    from screens.register import Registered

FIELDS = (
    Field("username", "User name", hint="or e-mail", required=True, max_length=254),
    Field("password", "Password", kind="secret", required=True),
)
_CODE_FIELDS = (
    Field("code", "Code", hint="6 digits, or a recovery code", required=True, max_length=100),
)
_CODE_WORDS = (
    "Your account has a second factor. Type the code that your authenticator app shows now; "
    "without the phone, one of your recovery codes."
)


class LoginScreen(EntryScreen[None]):
    """User name or e-mail, and password; then the code of a second factor, where there is one.

    `sign_in(name, password, code)` raises the refusal that is shown, `register` makes the account
    of a patient who registers without help.
    """

    BINDINGS: ClassVar[list[BindingType]] = bind(BACK, REGISTER, HELP, QUIT)
    PANEL_TITLE = "Sign in"
    READY = "enter signs in"
    WORKING = "Signing in …"

    def __init__(
        self,
        services: AppServices,
        sign_in: Callable[[str, str, str], Awaitable[None]],
        register: Callable[..., Awaitable[None]],
    ) -> None:
        super().__init__(services)
        self.sign_in = sign_in
        self.register = register
        self._code_form: EntryForm | None = None

    def body(self) -> ComposeResult:
        """The two fields."""
        yield Static("", id="login-sentence", markup=False)
        yield EntryForm(FIELDS, id="login-form")

    def below(self) -> ComposeResult:
        """The demo's accounts, where there are any."""
        if self.services.demo_accounts:
            with Vertical(id="demo-accounts") as demo:
                demo.border_title = plain("This is a demo. Its accounts:")
                yield Static(self._accounts(), markup=False)

    def _accounts(self) -> Content:
        head = content(
            "[$text-muted]$r $u $p[/]", r=f"{'role':<12}", u=f"{'user name':<18}", p="password"
        )
        rows = [
            content(
                "$r [b]$u[/] $p",
                r=f"{account.role:<12}",
                u=f"{account.username:<18}",
                p=account.password,
            )
            for account in self.services.demo_accounts
        ]
        return lines([head, *rows])

    @property
    def form(self) -> Form:
        """The name and the password."""
        return self.query_one("#login-form", Form)

    def start_anew(self, sentence: str = "") -> None:
        """Forget the last person's fields."""
        self._leave_code()
        self.form.set_value("username", "")
        self.form.set_value("password", "")
        self.form.clear_errors()
        self.say(sentence)
        self.form.focus_first()

    async def enter(self, values: Mapping[str, str]) -> None:
        """Sign in; ask for the code where the password alone is not enough."""
        name, password = self.form.value("username"), self.form.value("password")
        self.say("")
        try:
            await self.sign_in(name, password, values.get("code", ""))
        except CodeNeeded:
            await self._ask_code()

    async def _ask_code(self) -> None:
        if self._code_form is None:
            self._code_form = EntryForm(_CODE_FIELDS, id="code-form")
            words = Static(plain(_CODE_WORDS), id="code-words", markup=False)
            self.form.display = False
            await self.query_one("#login").mount(words, self._code_form, before="#login-state")
            self.refresh_bindings()
        self._code_form.focus_first()

    def _leave_code(self) -> None:
        if self._code_form is not None:
            self._code_form.remove()
            self.query_one("#code-words").remove()
            self._code_form = None
            self.form.display = True
            self.refresh_bindings()

    def refused(self, error: StoreError) -> None:
        """Beside the code, or beside the password: which of name and password was wrong is not
        told."""
        if self._code_form is not None and isinstance(error, WrongCode | AccountLocked):
            self.empty(self._code_form, "code")
            self._code_form.show_errors({"code": error.message})
            return
        self._leave_code()
        self.form.show_errors(error.details.get("fields") or {"password": error.message})

    def action_back(self) -> None:
        """From the code back to name and password."""
        self._leave_code()
        self.form.widget("password").focus()

    def action_register(self) -> None:
        """Open the form for a patient who registers without help."""
        from screens.register import RegisterScreen

        self.app.push_screen(RegisterScreen(self.services, self.register), self._registered)

    def _registered(self, made: Registered | None) -> None:
        if made is not None:
            self.form.set_value("username", made.username)
            self.form.set_value("password", made.password)
            self.begin({})

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Back only from the code; register only before it, where patients may."""
        if action == "back":
            return self._code_form is not None
        if action == "register":
            return self._code_form is None and self.services.self_registration
        return super().check_action(action, parameters)
