"""Whether the audit trail is as it was written, and who had to do with a patient."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Static

from screens.admin.tables import facts
from screens.base import ROLE_NAMES, acting
from screens.context import ScreenContext
from screens.shared.dialogs import Details, FormDialog
from store import anchors, audit, datewords, patients
from store.errors import Invalid, StoreError
from store.slots import day_bounds
from store.values import Anchor, Onlooker
from widgets.form import Field, Form
from widgets.plain import content, lines, plain
from widgets.record_table import Column, RecordTable, Row

if TYPE_CHECKING:
    from store.transaction import Transaction

_ONLOOKERS = (
    Column("actor", "Who"),
    Column("role", "Role", 14),
    Column("reads", "Read", 6, right=True),
    Column("changes", "Changed", 7, right=True),
    Column("last", "Last", 15),
)


class VerifyDialog(FormDialog[None]):
    """Looks through the whole trail at once, and again against what was kept elsewhere of it."""

    TITLE_TEXT = "Was anything altered?"
    CSS = "VerifyDialog #verdict { height: auto; margin-bottom: 1; }"

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context)
        self._asked: Sequence[Anchor] | None = None
        """What it is to be looked at against, as soon as it is looked through no more."""

    def body(self) -> ComposeResult:
        """What was found, and a field for an anchor."""
        yield Static("", id="verdict", markup=False)
        yield Form((Field("anchors", "A kept anchor", hint="a line of A, or of audit anchor"),))
        yield Static(
            plain("The trail alone cannot tell that its end was cut off; an anchor can."),
            markup=False,
        )

    @property
    def unsaved(self) -> bool:
        """Nothing here is lost by leaving."""
        return False

    def on_mount(self) -> None:
        """Look at once."""
        self.ask(())

    def save(self, values: dict[str, str]) -> None:
        """Look again, against the anchor that was typed."""
        try:
            kept = anchors.parse(values["anchors"]) if values["anchors"].strip() else []
        except Invalid as error:
            self.refused(error)
            return
        self.ask(kept)

    def ask(self, kept: Sequence[Anchor]) -> None:
        """Have it looked through; where it is being done, once more after that."""
        self._asked = kept
        self.verify()

    @acting
    async def verify(self) -> None:
        """Look as often as it was asked."""
        while self._asked is not None:
            kept, self._asked = self._asked, None
            await self._look(kept)

    async def _look(self, kept: Sequence[Anchor]) -> None:
        """Tell how many entries hold, or the first that does not."""
        self._tell(plain("Looking through the whole trail …"))
        try:
            held = await self.write(audit.verify, kept)
        except Invalid as error:
            self._tell(content("[$text-error]! $why[/]", why=error.message))
            return
        words = f"✔ All {held:,} entries are as they were written"
        words += ", and the anchor holds." if kept else "."
        self._tell(content("[$text-success]$words[/]", words=words))

    def refused(self, error: StoreError) -> None:
        """Leave no word of looking where nobody does."""
        if not isinstance(error, Invalid):
            self._tell(plain("It was not looked through."))
        super().refused(error)

    def _tell(self, verdict: Content) -> None:
        self.query_one("#verdict", Static).update(verdict)


def anchor_details(context: ScreenContext, made: Anchor) -> Details:
    """The newest entry, to be written down where the database's owner cannot reach."""
    text = lines(
        [
            *facts(
                [
                    ("Entries", f"{made.entries:,}"),
                    ("At", f"{made.at:%a %d %b %Y %H:%M:%S}"),
                    ("Hash", made.hash),
                ]
            ),
            plain(""),
            content("[$text-muted]Keep this line on another machine; v compares with it:[/]"),
            plain(anchors.written(made)),
        ]
    )
    return Details(context, text, title="Anchor of the audit trail")


class WhoSawDialog(FormDialog[None]):
    """Who read or changed anything of a patient; enter on a line tells what."""

    TITLE_TEXT = "Who saw a patient"
    CSS = "WhoSawDialog RecordTable { height: 9; margin-top: 1; }"

    def __init__(self, context: ScreenContext, patient: str = "") -> None:
        """`patient` is a patient number or an id, to be asked for at once."""
        super().__init__(context)
        self.patient = patient
        self.found: Sequence[Onlooker] = ()

    def body(self) -> ComposeResult:
        """Whose, from when until when, and who."""
        yield Form(
            (
                Field("patient", "Patient", value=self.patient, hint="000009-2", required=True),
                Field("from", "From", hint="-90d, 1 nov; empty: ever"),
                Field("to", "To", hint="the last day; empty: now"),
            )
        )
        yield RecordTable(_ONLOOKERS, empty="", enter="what")

    @property
    def unsaved(self) -> bool:
        """Nothing here is lost by leaving."""
        return False

    def on_mount(self) -> None:
        """Ask at once, if it is known for whom."""
        if self.patient:
            self.query_one(Form).action_save()

    def save(self, values: dict[str, str]) -> None:
        """Ask, for these days."""
        try:
            start, end = (self._edge(values[name], name) for name in ("from", "to"))
        except Invalid as error:
            self.refused(error)
            return
        self.ask(values["patient"], start, end)

    def _edge(self, text: str, name: str) -> datetime | None:
        if not text.strip():
            return None
        day: date = datewords.parse_day(text, self.context.today(), field=name)
        return day_bounds(day, self.context.services.timezone)[name == "to"]

    @acting
    async def ask(self, patient: str, start: datetime | None, end: datetime | None) -> None:
        """Show who it was, whoever was there last first."""

        def seen(tx: Transaction) -> tuple[str, list[Onlooker]]:
            one = patients.get(tx, patient)
            return f"{one.mrn} {one.name}", audit.who_saw(tx, one.id, start=start, end=end)

        whose, self.found = await self.write(seen)
        self.query_one("#dialog").border_title = plain(f"Who saw {whose}")
        table = self.query_one(RecordTable)
        table.say_empty("Nobody, in these days.")
        table.show([Row(str(n), self._cells(one)) for n, one in enumerate(self.found)])
        table.focus()

    @staticmethod
    def _cells(one: Onlooker) -> tuple[str, ...]:
        role = ROLE_NAMES.get(one.role, one.role.value)
        return one.actor, role, f"{one.reads}", f"{one.changes}", f"{one.last:%d %b %y %H:%M}"

    @on(RecordTable.Opened)
    def _opened(self, event: RecordTable.Opened) -> None:
        event.stop()
        one = self.found[int(event.key)]
        told = [
            ("First", f"{one.first:%a %d %b %Y %H:%M}"),
            ("Last", f"{one.last:%a %d %b %Y %H:%M}"),
            ("Did", ", ".join(one.actions)),
            ("From where", ", ".join(one.terminals) or "–"),
        ]
        self.app.push_screen(Details(self.context, lines(facts(told)), title=one.actor))
