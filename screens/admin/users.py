"""Everybody who can sign in: the list, new accounts of the administration and the desk, in and out
of use, unlocking, and where each is signed in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from screens.admin.keys import (
    DELETE,
    EDIT,
    FIND,
    NEW,
    RESET,
    RESET_BY_MAIL,
    RESET_TOTP,
    SIGN_INS,
    SWITCH,
    UNLOCK,
)
from screens.admin.sign_ins import SignInsDialog
from screens.admin.tables import TABLE_KEYS, Drawn, TableScreen, facts
from screens.base import ROLE_NAMES, acting
from screens.context import ScreenContext
from screens.shared.confirm import Confirm
from screens.shared.dialogs import Details, FormDialog
from screens.shared.patient_fields import language_field, language_words
from screens.shared.words import active_cell, active_line
from store import accounts, one_time_codes, passwords, second_factor, sessions
from store.values import AccountView, Role
from widgets.form import Field, Form
from widgets.keys import bind
from widgets.plain import cell, content, lines

_ROLES = ((Role.RECEPTION.value, "reception"), (Role.ADMIN.value, "administration"))


class UsersScreen(TableScreen[AccountView]):
    """All accounts."""

    KIND = "users"
    TITLE_TEXT = "Users"
    EMPTY = "There is no account."
    MORE_KEYS = f"[$key]/[/] filter  [$key]p[/] reset  [$key]U[/] unlock{TABLE_KEYS}"
    TOPICS = frozenset({"account", "session"})
    BINDINGS: ClassVar[list[BindingType]] = bind(
        *(NEW, EDIT, SWITCH, SIGN_INS, RESET),
        hidden=(FIND, UNLOCK, DELETE, RESET_BY_MAIL, RESET_TOTP),
    )

    def drawn(self) -> Mapping[str, Drawn[AccountView]]:
        """Who, in what role, with what security."""
        muted = self.colours["text-muted"]
        return {
            "username": Drawn(lambda one: cell(one.username, style=self._style(one)), 16),
            "name": Drawn(lambda one: cell(one.name, style=self._style(one))),
            "role": Drawn(lambda one: ROLE_NAMES.get(one.role, one.role.value), 14),
            "email": Drawn(lambda one: one.email or "–", 24),
            "phone": Drawn(lambda one: one.phone or "–", 14),
            "second-factor": Drawn(lambda one: "✔ yes" if one.second_factor else "–", 10),
            "locked": Drawn(self._locked, 14),
            "id": Drawn(lambda one: cell(one.id, style=muted), 10, right=True),
            "state": Drawn(self._state, 10),
        }

    def _style(self, one: AccountView) -> str:
        return "" if one.active else self.colours["text-muted"]

    def _locked(self, one: AccountView) -> str:
        return f"{one.locked_until:%d %b %H:%M}" if one.locked_until else "–"

    def _state(self, one: AccountView) -> Text:
        if one.active and one.locked_until is not None:
            return cell("! locked", style=self.colours["text-error"])
        return active_cell(one.active, self.colours)

    async def details(self, item: AccountView) -> Content:
        """The account, and where it is signed in."""
        found = await self.read(sessions.list_sessions, item.id)
        signed_in = [
            content(
                "• $where [$text-muted]since $when[/]",
                where=one.terminal,
                when=f"{one.created_at:%d %b %H:%M}",
            )
            for one in found
        ]
        return lines(
            [
                content("[b]$name[/]", name=item.name),
                active_line(item.active),
                *facts(
                    [
                        ("User name", item.username),
                        ("Role", ROLE_NAMES.get(item.role, item.role.value)),
                        ("E-mail", item.email or "–"),
                        ("Phone", item.phone or "–"),
                        ("Mails in", language_words(item.language)),
                        ("Second factor", "on" if item.second_factor else "off"),
                        ("Locked until", self._locked(item)),
                    ]
                ),
                content(""),
                content("[$text-muted]Signed in[/]"),
                *(signed_in or [content("nowhere")]),
            ]
        )

    def action_new(self) -> None:
        """Make an account."""
        self.app.push_screen(UserForm(self.context), self._saved)

    def action_edit(self) -> None:
        """Change the one under the cursor; doctors and patients are changed where they are."""
        self.with_selected(self._open_form)

    def _open_form(self, one: AccountView) -> None:
        if one.role in (Role.ADMIN, Role.RECEPTION):
            self.app.push_screen(UserForm(self.context, one), self._saved)
        else:
            self.say(f"{one.username} is a {one.role}'s: e in the list of {one.role}s changes it.")

    def _saved(self, made: AccountView | None) -> None:
        if made is not None:
            self.done(f"{made.username} is saved.", go_to=made.id)

    def action_switch(self) -> None:
        """Out of use, or into it again."""
        self.with_selected(self._ask_switch)

    def _ask_switch(self, one: AccountView) -> None:
        if not one.active:
            self.activate(one)
            return
        question = f"Deactivate {one.username} ({one.name})? Every sign-in of it ends at once."
        self._ask("Deactivate", question, lambda: self.deactivate(one))

    @acting
    async def deactivate(self, one: AccountView) -> None:
        """It signs in no more."""
        await self.write(accounts.deactivate, one.id)
        self.done(f"{one.username} is deactivated. a shows it, x brings it back.")

    @acting
    async def activate(self, one: AccountView) -> None:
        """It signs in again."""
        await self.write(accounts.activate, one.id)
        self.done(f"{one.username} is active again.")

    def action_unlock(self) -> None:
        """Forget wrong passwords of the one under the cursor."""
        self.with_selected(self.unlock)

    @acting
    async def unlock(self, one: AccountView) -> None:
        """Forget them, so that it can be tried at once."""
        await self.write(accounts.unlock, one.id)
        self.done(f"{one.username} may try again at once.")

    def action_reset(self) -> None:
        """Let the one under the cursor choose a new password."""
        self.with_selected(self._ask_reset)

    def _ask_reset(self, one: AccountView) -> None:
        if self._is_own(one):
            return
        self._ask(
            "Reset the password",
            f"Is it {one.name} who asks? The old password of {one.username} is no good from now"
            " on, every sign-in of it ends, and a one-time code takes its place for a day.",
            lambda: self.reset(one),
        )

    def _is_own(self, one: AccountView) -> bool:
        """Whether it is one's own account, whose password is not reset; says so."""
        own = one.id == self.context.actor.account_id
        if own:
            self.complain(one_time_codes.OWN_ACCOUNT)
        return own

    @acting
    async def reset(self, one: AccountView) -> None:
        """Make a code and show it, this once."""
        code = await self.call(one_time_codes.make, self.context.store.rules)
        until = await self.write(one_time_codes.reset_password, one.id, code)
        text = lines(
            [
                content("[b $accent]$code[/]", code=code.text),
                content(""),
                content(
                    "It is typed in place of the password of $who until $until.",
                    who=one.username,
                    until=f"{until:%a %d %b %H:%M}",
                ),
                content("Hand it to that person alone: it is not shown again."),
            ]
        )
        self.app.push_screen(Details(self.context, text, title="One-time code"))
        self.load()

    def action_reset_by_mail(self) -> None:
        """Send the one under the cursor a code for a new password."""
        self.with_selected(self._ask_reset_by_mail)

    def _ask_reset_by_mail(self, one: AccountView) -> None:
        if self._is_own(one):
            return
        if not one.email:
            self.complain(
                f"{one.username} has no e-mail address: e gives one, p shows a code to hand over."
            )
            return
        self._ask(
            "Reset the password",
            f"Is it {one.name} who asks? The old password of {one.username} is no good from now on,"
            f" every sign-in of it ends, and a one-time code goes to {one.email}.",
            lambda: self.reset_by_mail(one),
        )

    @acting
    async def reset_by_mail(self, one: AccountView) -> None:
        """Send a code to the account's own address, and show it to nobody."""
        context = self.context
        code = await self.call(one_time_codes.make_to_mail, context.store, context.actor)
        until = await self.write(one_time_codes.reset_password, one.id, code)
        self.done(f"A code for {one.username} goes by mail; good until {until:%a %d %b %H:%M}.")

    def action_reset_totp(self) -> None:
        """Take the second factor of the one under the cursor away."""
        self.with_selected(
            lambda one: self._ask(
                "Second factor",
                f"Is it {one.name} who asks, without phone and recovery codes? {one.username} signs"
                " in by password alone then; every sign-in of it ends.",
                lambda: self.take_totp_away(one),
            )
        )

    @acting
    async def take_totp_away(self, one: AccountView) -> None:
        """It signs in by password alone."""
        await self.write(second_factor.reset, one.id)
        self.done(f"{one.username} has no second factor any more.")

    def action_delete(self) -> None:
        """Delete the one under the cursor, if it never came to anything."""
        self.with_selected(
            lambda one: self._ask(
                "Delete", f"Delete the account {one.username} for good?", lambda: self.delete(one)
            )
        )

    @acting
    async def delete(self, one: AccountView) -> None:
        """Delete it; the store tells why where it may not."""
        await self.write(accounts.delete, one.id)
        self.done(f"{one.username} is deleted.")

    def _ask(self, title: str, question: str, then: Callable[[], None]) -> None:
        self.app.push_screen(Confirm(title, question), lambda yes: then() if yes else None)

    def action_sign_ins(self) -> None:
        """Where the one under the cursor is signed in."""
        self.with_selected(
            lambda one: self.app.push_screen(
                SignInsDialog(self.context, one), lambda _: self.load_details()
            )
        )


class UserForm(FormDialog[AccountView]):
    """An account of the administration or the desk; doctors and patients come with theirs. Name
    to sign in with, role and first password are those of a new one alone."""

    TITLE_TEXT = "New account"

    def __init__(self, context: ScreenContext, account: AccountView | None = None) -> None:
        super().__init__(context, title="Change the account" if account else "")
        self.account = account

    def body(self) -> ComposeResult:
        """Who, in what role, and a first password."""
        one = self.account
        person = (
            Field("email", "E-mail", value=(one.email or "") if one else "", max_length=254),
            Field("phone", "Phone", value=(one.phone or "") if one else "", max_length=40),
            language_field(one.language if one else ""),
        )
        name = Field("name", "Name", value=one.name if one else "", required=True, max_length=120)
        if one is not None:
            yield Form((name, *person))
            return
        yield Form(
            (
                Field("username", "User name", hint="meera", required=True, max_length=64),
                name,
                Field("role", "Role", kind="choice", choices=_ROLES),
                *person,
                Field("password", "First password", kind="secret", hint="none: cannot sign in yet"),
                Field("again", "The same again", kind="secret"),
            )
        )

    def save(self, values: dict[str, str]) -> None:
        """Save it, once both passwords are one."""
        if self.account is not None:
            self.update(self.account, values)
        elif values["password"] != values["again"]:
            self.query_one(Form).show_errors({"again": "The two passwords differ."})
        else:
            self.create(values)

    @acting
    async def update(self, account: AccountView, values: dict[str, str]) -> None:
        """Change it; an emptied field is cleared."""
        self.dismiss(
            await self.write(accounts.update, account.id, version=account.version, **values)
        )

    @acting
    async def create(self, values: dict[str, str]) -> None:
        """Make it; the first password is changed at the first sign-in."""
        prepared = None
        if values["password"]:
            prepared = await self.call(
                passwords.prepare,
                values["password"],
                self.context.store.rules,
                context=(values["username"], values["name"], values["email"]),
            )
        made = await self.write(
            accounts.create,
            username=values["username"],
            name=values["name"],
            role=Role(values["role"]),
            email=values["email"] or None,
            phone=values["phone"] or None,
            language=values["language"],
            password=prepared,
            temporary=True,
        )
        self.dismiss(made)
