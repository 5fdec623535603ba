"""Who am I: the account, its own password, and where else it is signed in."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from screens.account_keys import EDIT, END, PASSWORD, SECOND_FACTOR
from screens.base import ROLE_NAMES, Dialog, acting, reading
from screens.context import ScreenContext
from screens.messages import SignOut
from screens.profile import ProfileDialog
from screens.second_factor import SecondFactorDialog, state_words
from screens.shared.confirm import Confirm
from store import accounts, profiles, second_factor, sessions, signing_in
from store.values import AccountView, LoginSessionView, SecondFactorView
from widgets.form import Field, Form
from widgets.keys import BACK, HELP, SIGN_OUT, bind
from widgets.plain import content, lines, plain
from widgets.record_table import Column, RecordTable, Row

_COLUMNS = (
    Column("where", "Where"),
    Column("kind", "With", 6),
    Column("since", "Since", 14),
    Column("seen", "Last seen", 14),
    Column("here", "", 6),
)
_PASSWORD_FIELDS = (
    Field("current", "Password now", kind="secret", required=True),
    Field("new", "New password", kind="secret", required=True),
    Field("again", "New one again", kind="secret", required=True),
)


class AccountScreen(Dialog[None]):
    """Account, role, where signed in; every sign-in of the account, any of which can be ended."""

    TITLE_TEXT = "Your account"
    TOPICS = frozenset({"account", "session"})
    BINDINGS: ClassVar[list[BindingType]] = bind(
        PASSWORD, EDIT, SECOND_FACTOR, END, BACK, HELP, hidden=(SIGN_OUT,)
    )

    def body(self) -> ComposeResult:
        """Particulars above, sign-ins below."""
        yield Static("", id="about", markup=False)
        table = RecordTable(_COLUMNS, empty="Signed in nowhere else.", enter="", id="sign-ins")
        table.styles.height = 8
        yield table

    def on_mount(self) -> None:
        """Read both."""
        self.query_one(RecordTable).focus()
        self.reload()

    def reload(self) -> None:
        """Read the account and its sign-ins."""
        self.load()

    @reading("account")
    async def load(self) -> None:
        """Read the account and its sign-ins."""
        account = await self.read(accounts.whoami)
        factor = await self.read(second_factor.status)
        self.query_one("#about", Static).update(self._about(account, factor))
        open_ones = [s for s in await self.read(sessions.list_sessions) if s.ended_at is None]
        self.query_one(RecordTable).show([self._row(session) for session in open_ones])

    def _about(self, account: AccountView, factor: SecondFactorView) -> Content:
        pairs = (
            ("Name", account.name),
            ("User name", account.username),
            ("Role", ROLE_NAMES.get(account.role, account.role)),
            ("E-mail", account.email or "–"),
            ("Phone", account.phone or "–"),
            ("Second factor", state_words(factor)),
            ("This terminal", self.context.actor.terminal),
        )
        rows = [
            content("[$text-muted]$label[/] $value", label=f"{label:<16}", value=value)
            for label, value in pairs
        ]
        return lines([*rows, plain(""), content("[$text-muted]Signed in at[/]")])

    def _row(self, session: LoginSessionView) -> Row:
        here = Text("here", style=f"bold {self.colours['accent']}") if session.current else Text("")
        since, seen = f"{session.created_at:%d %b %H:%M}", f"{session.last_seen_at:%d %b %H:%M}"
        return Row(str(session.id), (session.terminal, session.kind, since, seen, here))

    def action_password(self) -> None:
        """Open the form for a new password."""
        self.app.push_screen(PasswordDialog(self.context), self._told)

    def action_second_factor(self) -> None:
        """Open what is about the second factor."""
        self.app.push_screen(SecondFactorDialog(self.context))

    def action_edit(self) -> None:
        """Open the form for the particulars."""
        self.open_profile()

    @reading("profile")
    async def open_profile(self) -> None:
        """Read the particulars as they are now and open them in a form."""
        profile = await self.read(profiles.get)
        self.app.push_screen(ProfileDialog(self.context, profile), self._told)

    def _told(self, sentence: str | None) -> None:
        if sentence:
            self.toast(sentence)
            self.reload()

    def action_end(self) -> None:
        """Ask, then end the sign-in under the cursor."""
        key = self.query_one(RecordTable).selected
        if key is not None:
            question = "End this sign-in? Whoever works there has to sign in again."
            self.app.push_screen(
                Confirm("End sign-in", question),
                lambda yes: self.end(int(key)) if yes else None,
            )

    @acting
    async def end(self, session_id: int) -> None:
        """End a sign-in for good."""
        await self.write(sessions.end, session_id)
        self.toast("That sign-in is ended.")
        self.reload()

    def action_sign_out(self) -> None:
        """Sign out here."""
        self.dismiss(None)
        self.post_message(SignOut())


class PasswordDialog(Dialog[str]):
    """A new password; every other sign-in of the account ends with it."""

    TITLE_TEXT = "Change your password"

    def __init__(self, context: ScreenContext, why: str = "") -> None:
        super().__init__(context)
        self.why = why

    def body(self) -> ComposeResult:
        """Three fields, below what there is to say."""
        words = self.why or "Every other sign-in of yours ends when the password changes."
        yield Static(plain(words), id="question", markup=False)
        yield Form(_PASSWORD_FIELDS)

    def on_mount(self) -> None:
        """Start in the first field."""
        self.query_one(Form).focus_first()

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        self.be_quiet()
        values = event.values
        if values["new"] != values["again"]:
            self.query_one(Form).show_errors({"again": "The two new passwords differ."})
        else:
            self.save(values["current"], values["new"])

    @acting
    async def save(self, current: str, new: str) -> None:
        """Change it; hashing is slow on purpose, so it runs in the pool."""
        context = self.context
        await self.call(signing_in.change_password, context.store, context.actor, current, new)
        self.dismiss("Your password is changed.")
