"""Mail that the hospital owes: what waits, was sent, failed; tried again, given up, looked at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from screens.admin.keys import DISCARD, FIND, PREVIEW, RETRY
from screens.admin.marked import MarkingScreen
from screens.admin.tables import Drawn, facts
from screens.admin.troubles import Troubles
from screens.base import acting, reading
from screens.shared.confirm import Confirm
from screens.shared.dialogs import Details
from screens.shared.refused import RefusedDialog
from store import mail_troubles, several
from store.values import MailStep, OutboxView
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


class MailScreen(MarkingScreen[OutboxView]):
    """All messages, those that are due last first."""

    KIND = "mail"
    TITLE_TEXT = "Mail"
    EMPTY = "No message was owed to anybody yet."
    TOPICS = frozenset({"outbox"})
    MARK_HINT = "[$key]t[/] sends all of them  [$key]x[/] discards all"
    BINDINGS: ClassVar[list[BindingType]] = bind(RETRY, DISCARD, PREVIEW, FIND)

    def body(self) -> ComposeResult:
        """What keeps mail from leaving, above the list."""
        yield Troubles()
        yield from super().body()

    async def read_items(self) -> dict[str, OutboxView]:
        """The messages, and what keeps them from leaving."""
        self.query_one(Troubles).show(await self.read(mail_troubles.sentences))
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
        """Try again those that are marked, else the one under the cursor."""
        targets = self.targets()
        if len(targets) > 1:
            question = f"Try to send these {len(targets)} messages now?"
            self._ask("Try again", question, MailStep.RETRY, targets)
        elif targets:
            self.take(MailStep.RETRY, targets)

    def action_discard(self) -> None:
        """Give up those that are marked, else the one under the cursor."""
        targets = self.targets()
        if not targets:
            return
        (one, *others) = targets
        question = f"Never send “{one.subject}” to {one.to}?"
        if others:
            question = f"Never send these {len(targets)} messages?"
        self._ask("Discard", question, MailStep.DISCARD, targets)

    def _ask(
        self, title: str, question: str, step: MailStep, targets: Sequence[OutboxView]
    ) -> None:
        listed = [self._line(one) for one in targets] if len(targets) > 1 else []
        self.app.push_screen(
            Confirm(title, question, listed=listed),
            lambda yes: self.take(step, targets) if yes else None,
        )

    @staticmethod
    def _line(one: OutboxView) -> str:
        return f"{one.due_at:%d %b %H:%M}  {one.to or '–'} · {one.subject or one.kind.value}"

    @acting
    async def take(self, step: MailStep, targets: Sequence[OutboxView]) -> None:
        """Take the step for all, tell of it, and leave marked what was refused."""
        result = await self.write(several.mail, step, [one.id for one in targets])
        refused = {one.message_id: one.why for one in result.refused}
        self.table.mark([str(which) for which in refused] if self.marked else ())
        if result.done:
            one, *others = result.done
            whom = (
                f"The {len(result.done)} messages are" if others else f"The message to {one.to} is"
            )
            became = {
                MailStep.RETRY: "tried again with the next delivery.",
                MailStep.DISCARD: "discarded.",
            }[step]
            more = f" {len(refused)} refused." if refused else ""
            self.done(f"{whom} {became}{more}")
        if refused:
            whys = [
                content("$line  [$text-muted]$why[/]", line=self._line(one), why=refused[one.id])
                for one in targets
                if one.id in refused
            ]
            self.app.push_screen(RefusedDialog(self.context, whys, len(targets)))

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
