"""Where an account is signed in, each of which can be ended, or all."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType

from screens.admin.keys import END_ALL, END_ONE
from screens.base import Dialog, acting, reading
from screens.context import ScreenContext
from store import sessions
from store.values import AccountView
from widgets.keys import BACK, HELP, bind
from widgets.record_table import Column, RecordTable, Row

_COLUMNS = (
    Column("kind", "By", 5),
    Column("terminal", "From where"),
    Column("since", "Since", 13),
    Column("seen", "Last used", 13),
)


class SignInsDialog(Dialog[None]):
    """The sign-ins of one account."""

    TOPICS = frozenset({"session"})
    BINDINGS: ClassVar[list[BindingType]] = bind(END_ONE, END_ALL, BACK, HELP)

    def __init__(self, context: ScreenContext, account: AccountView) -> None:
        super().__init__(context, title=f"Sign-ins of {account.username}")
        self.account = account

    def body(self) -> ComposeResult:
        """The list."""
        table = RecordTable(_COLUMNS, empty="Signed in nowhere.", enter="")
        table.styles.height = 10
        yield table

    def on_mount(self) -> None:
        """Read it."""
        self.query_one(RecordTable).focus()
        self.load()

    def reload(self) -> None:
        """Read it again."""
        self.load()

    @reading("sign-ins")
    async def load(self) -> None:
        """Read where it is signed in."""
        found = await self.read(sessions.list_sessions, self.account.id)
        self.query_one(RecordTable).show(
            [
                Row(
                    str(one.id),
                    (
                        one.kind.value,
                        one.terminal + (" (you, now)" if one.current else ""),
                        f"{one.created_at:%d %b %H:%M}",
                        f"{one.last_seen_at:%d %b %H:%M}",
                    ),
                )
                for one in found
            ]
        )

    def action_end_one(self) -> None:
        """End the one under the cursor."""
        key = self.query_one(RecordTable).selected
        if key is not None:
            self.end(int(key))

    @acting
    async def end(self, session_id: int) -> None:
        """End it for good."""
        self.be_quiet()
        await self.write(sessions.end, session_id)
        self.load()

    def action_end_all(self) -> None:
        """End all of them."""
        self.end_all()

    @acting
    async def end_all(self) -> None:
        """End all of them but one's own."""
        self.be_quiet()
        own = self.context.actor.session_id
        count = await self.write(sessions.end_all, self.account.id, own)
        self.toast(f"{count} sign-ins are ended.")
        self.load()
