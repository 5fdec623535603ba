"""Mail that the hospital owes: what waits, was sent, failed; tried again, given up, looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from screens.admin.keys import DISCARD, FIND, PREVIEW, RETRY
from screens.admin.tables import Drawn, TableScreen, facts
from screens.base import acting, reading
from screens.shared.confirm import Confirm
from screens.shared.dialogs import Details
from store import mail_troubles, outbox
from store.values import OutboxView
from widgets.keys import bind
from widgets.plain import cell, content, lines, plain

_SIGNS = {
    "waiting": ("○", "status-booked"),
    "sending": ("◐", "status-waiting"),
    "uncertain": ("?", "status-long-wait"),
    "held": ("◌", "status-long-wait"),
    "sent": ("✔", "status-done"),
    "failed": ("!", "text-error"),
    "discarded": ("⊘", "status-cancelled"),
}


class MailScreen(TableScreen[OutboxView]):
    """All messages, those that are due last first."""

    KIND = "mail"
    TITLE_TEXT = "Mail"
    EMPTY = "No message was owed to anybody yet."
    TOPICS = frozenset({"outbox"})
    BINDINGS: ClassVar[list[BindingType]] = bind(RETRY, DISCARD, PREVIEW, FIND)
    DEFAULT_CSS = """
    MailScreen #troubles { height: auto; padding: 0 1; color: $text-error; display: none; }
    MailScreen #troubles.-some { display: block; }
    """

    def body(self) -> ComposeResult:
        """What keeps mail from leaving, above the list."""
        yield Static(id="troubles")
        yield from super().body()

    async def read_items(self) -> dict[str, OutboxView]:
        """The messages, and what keeps them from leaving."""
        told = await self.read(mail_troubles.sentences)
        troubles = self.query_one("#troubles", Static)
        troubles.update(plain("\n".join(f"! {sentence}" for sentence in told)))
        troubles.set_class(bool(told), "-some")
        return await super().read_items()

    def drawn(self) -> Mapping[str, Drawn[OutboxView]]:
        """When, what about, to whom, how it stands."""
        muted = self.colours["text-muted"]
        return {
            "due": Drawn(lambda one: f"{one.due_at:%d %b %y %H:%M}", 15),
            "kind": Drawn(lambda one: one.kind.value, 12),
            "to": Drawn(lambda one: one.to or "–"),
            "status": Drawn(self._status, 12),
            "attempts": Drawn(lambda one: cell(one.attempts or "", style=muted), 6, right=True),
            "sent": Drawn(lambda one: f"{one.sent_at:%d %b %Y %H:%M}" if one.sent_at else "–", 17),
            "error": Drawn(lambda one: one.last_error or "–", 30),
            "id": Drawn(lambda one: cell(one.id, style=muted), 10, right=True),
        }

    def _when(self, at: datetime | None) -> str:
        return f"{at:%a %d %b %Y %H:%M}" if at else "–"

    def _status(self, one: OutboxView) -> Text:
        sign, colour = _SIGNS.get(one.state, ("·", "text-muted"))
        return cell(f"{sign} {one.state}", style=self.colours.get(colour, ""))

    async def details(self, item: OutboxView) -> Content:
        """All of a message but its text."""
        sign, colour = _SIGNS.get(item.state, ("·", "text-muted"))
        return lines(
            [
                content("[b]$subject[/]", subject=item.subject or item.kind.value),
                plain(f"{sign} {item.state}").stylize(f"${colour}"),
                *facts(
                    [
                        ("About", item.kind.value),
                        ("To", item.to or "–"),
                        ("Due", self._when(item.due_at)),
                        ("Sent", self._when(item.sent_at)),
                        ("Tries", str(item.attempts)),
                        ("Next try", self._when(item.next_try_at)),
                        ("Last try", item.stage or "–"),
                        ("Appointment", str(item.appointment_id or "–")),
                        ("Message-ID", item.message_id),
                    ]
                ),
                plain(""),
                content("[$text-muted]Last answer[/]"),
                plain(item.last_error or "none"),
            ]
        )

    def action_retry(self) -> None:
        """Try the one under the cursor again."""
        self.with_selected(self.retry)

    @acting
    async def retry(self, one: OutboxView) -> None:
        """Try it again, with all its tries before it."""
        await self.write(outbox.retry, one.id)
        self.done(f"The message to {one.to} is tried again with the next delivery.")

    def action_discard(self) -> None:
        """Give the one under the cursor up."""
        self.with_selected(
            lambda one: self.app.push_screen(
                Confirm("Discard", f"Never send “{one.subject}” to {one.to}?"),
                lambda yes: self.discard(one) if yes else None,
            )
        )

    @acting
    async def discard(self, one: OutboxView) -> None:
        """It is never sent."""
        await self.write(outbox.discard, one.id)
        self.done(f"The message to {one.to} is discarded.")

    def action_preview(self) -> None:
        """Show the text of the one under the cursor."""
        self.with_selected(self.preview)

    @reading("open")
    async def preview(self, one: OutboxView) -> None:
        """The letter as it would be written now."""
        services = self.context.services
        if services.preview_mail is None:
            self.say("Letters cannot be shown here.")
            return
        text = await services.run(
            services.preview_mail, self.context.store, self.context.actor, one.id
        )
        self.app.push_screen(Details(self.context, plain(text), title=one.subject))
