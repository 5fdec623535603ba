"""The audit trail: who did or read what, when, from where; and whether it is as it was written."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.content import Content

from screens.admin.audit_dialogs import VerifyDialog, WhoSawDialog, anchor_details
from screens.admin.keys import ANCHOR, FIND, VERIFY, WHO_SAW
from screens.admin.tables import Drawn, TableScreen, facts
from screens.base import acting
from store import audit
from store.values import AuditView, ChangeView
from widgets.keys import bind
from widgets.plain import cell, content, lines, plain

_OUTCOMES = {
    "ok": ("✔ ok", "text-success"),
    "denied": ("⊘ denied", "text-error"),
    "failed": ("! failed", "text-error"),
}


class AuditScreen(TableScreen[AuditView]):
    """Entries, the newest first; the trail grows while it is read, so that `r` reads on."""

    KIND = "audit"
    TITLE_TEXT = "Audit trail"
    EMPTY = "The trail is empty."
    BINDINGS: ClassVar[list[BindingType]] = bind(VERIFY, ANCHOR, WHO_SAW, FIND)

    def concerns(self, change: ChangeView) -> bool:
        """It is read when somebody asks: reading it makes entries of its own."""
        return False

    def drawn(self) -> Mapping[str, Drawn[AuditView]]:
        """Who, what, when, where."""
        muted = self.colours["text-muted"]
        return {
            "id": Drawn(lambda one: cell(one.id, style=muted), 7, right=True),
            "at": Drawn(lambda one: f"{one.at:%d %b %y %H:%M}", 15),
            "actor": Drawn(lambda one: one.actor, 8),
            "role": Drawn(lambda one: one.role.value, 10),
            "action": Drawn(self._action, 18),
            "entity": Drawn(lambda one: f"{one.entity} {one.entity_id}".strip()),
            "terminal": Drawn(lambda one: cell(one.terminal, style=muted), 14),
            "outcome": Drawn(self._outcome, 10),
            "reason": Drawn(lambda one: one.reason or "–", 24),
            "detail": Drawn(lambda one: json.dumps(one.detail, ensure_ascii=False), 30),
            "hash": Drawn(lambda one: cell(one.hash, style=muted), 20),
        }

    def _action(self, one: AuditView) -> Text:
        wrong = one.outcome != "ok"
        return cell(one.action, style=self.colours["text-error"] if wrong else "")

    def _outcome(self, one: AuditView) -> Text:
        words, colour = _OUTCOMES.get(one.outcome, (one.outcome, "text-error"))
        return cell(words, style=self.colours[colour])

    async def details(self, item: AuditView) -> Content:
        """All of an entry."""
        words, colour = _OUTCOMES.get(item.outcome, (item.outcome, "text-error"))
        detail = [
            (key, json.dumps(value, ensure_ascii=False)) for key, value in item.detail.items()
        ]
        return lines(
            [
                content("[b]$action[/]", action=item.action),
                plain(words).stylize(f"${colour}"),
                *facts(
                    [
                        ("Entry", f"{item.id}"),
                        ("At", f"{item.at:%a %d %b %Y %H:%M:%S}"),
                        ("Who", f"{item.actor} ({item.role.value})"),
                        ("From where", item.terminal or "–"),
                        ("To", f"{item.entity} {item.entity_id}".strip()),
                        ("Patient", str(item.patient_id or "–")),
                        ("Reason", item.reason or "–"),
                        *detail,
                        ("Hash", item.hash),
                    ]
                ),
                *([] if detail else [plain("")]),
            ]
        )

    def action_verify(self) -> None:
        """Look whether anything was altered."""
        self.app.push_screen(VerifyDialog(self.context))

    def action_anchor(self) -> None:
        """Show the newest entry, to be kept elsewhere."""
        self.show_anchor()

    @acting
    async def show_anchor(self) -> None:
        """That it was asked for is an entry of its own, behind it."""
        made = await self.write(audit.anchor)
        self.app.push_screen(anchor_details(self.context, made))

    def action_who_saw(self) -> None:
        """Ask who had to do with a patient: the one of the entry under the cursor, if it has
        one."""
        one = self.selected
        known = str(one.patient_id) if one is not None and one.patient_id else ""
        self.app.push_screen(WhoSawDialog(self.context, known))
