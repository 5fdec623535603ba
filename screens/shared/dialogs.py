"""What dialogs with a form have in common: refusals beside their fields, and the choice of
what becomes of booked appointments when the time under them goes away."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ScreenResultType
from textual.widgets import Static

from screens.base import Dialog, StoreCalls, acting
from screens.context import ScreenContext
from store.errors import Duplicate, InUse, Invalid, StoreError
from store.values import Affected, Consequence, Several
from widgets.form import Field, Form
from widgets.plain import plain
from widgets.record_table import Column, RecordTable, Row

T = TypeVar("T")

_COLUMNS = (
    Column("when", "When", 16),
    Column("patient", "Patient"),
    Column("mrn", "Number", 11),
    Column("doctor", "Doctor", 18),
)
_CHOICES = (
    ("", "undecided"),
    (Affected.KEEP.value, "keep"),
    (Affected.CANCEL.value, "cancel"),
    (Affected.MOVE.value, "move"),
)


class Details(Dialog[None]):
    """A text to be read; arrows scroll."""

    def __init__(self, context: ScreenContext, text: Content, *, title: str) -> None:
        super().__init__(context, title=title)
        self.text = text

    def body(self) -> ComposeResult:
        """The text."""
        yield Static(self.text, markup=False)

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        body = self.query_one("#dialog-body", VerticalScroll)
        body.can_focus = True
        body.focus()


class FormDialog(Dialog[ScreenResultType]):
    """A form whose refusals stand beside the fields, also where the store calls them otherwise:
    `OTHER_NAMES` maps the store's name of a field to the form's."""

    OTHER_NAMES: ClassVar[Mapping[str, str]] = {}

    def on_mount(self) -> None:
        """Start in the first field."""
        self.query_one(Form).focus_first()

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        event.stop()
        self.be_quiet()
        self.save(event.values)

    @abstractmethod
    def save(self, values: dict[str, str]) -> None:
        """Save what was typed; the subclass says how."""

    def refused(self, error: StoreError) -> None:
        """Put a refusal beside its field."""
        if isinstance(error, Invalid | Duplicate):
            given: Mapping[str, str] = error.details.get("fields") or {}
            fields = {self.OTHER_NAMES.get(name, name): words for name, words in given.items()}
            super().refused(Invalid(error.message, fields=fields))
        else:
            super().refused(error)


class AffectedDialog(FormDialog[Affected]):
    """Shows the appointments that a change hits and asks what becomes of them."""

    TITLE_TEXT = "Appointments are booked there"
    CSS = """
    AffectedDialog RecordTable { margin: 1 0; }
    AffectedDialog #meaning { color: $text-muted; margin-top: 1; }
    """

    def __init__(
        self, context: ScreenContext, sentence: str, hit: Sequence[Mapping[str, Any]]
    ) -> None:
        """`hit` is what the store's refusal lists."""
        super().__init__(context)
        self.sentence = sentence
        self.hit = hit

    def body(self) -> ComposeResult:
        """The appointments and the choice."""
        yield Static(plain(self.sentence), markup=False)
        table = RecordTable(_COLUMNS, empty="")
        table.styles.height = min(9, len(self.hit) + 1)
        yield table
        yield Form((Field("affected", "Appointments", kind="choice", choices=_CHOICES),))
        yield Static(
            plain(
                "keep: they stay as they are · cancel: the patients hear by mail · move: to the"
                " next free times, the patients hear by mail"
            ),
            id="meaning",
            markup=False,
        )

    @property
    def unsaved(self) -> bool:
        """Nothing here is lost by leaving."""
        return False

    def on_mount(self) -> None:
        """Show them."""
        self.query_one(RecordTable).show([self._row(one) for one in self.hit])

    @staticmethod
    def _row(one: Mapping[str, Any]) -> Row:
        when = datetime.fromisoformat(one["starts_at"])
        cells = (f"{when:%a %d %b %H:%M}", one["patient"], one["mrn"], one["doctor"])
        return Row(str(one["id"]), cells)

    def save(self, values: dict[str, str]) -> None:
        """Answer, once something is chosen."""
        if values["affected"]:
            self.dismiss(Affected(values["affected"]))
        else:
            self.query_one(Form).show_errors(
                {"affected": "Choose with ← and →, or with k, c or m; then enter."}
            )


class MayHitAppointments(StoreCalls):
    """A screen or dialog that makes changes which may leave booked appointments without time."""

    @acting
    async def change(
        self,
        rule: Callable[[Any, Affected | None], T],
        then: Callable[[T, Affected | None], None],
        affected: Affected | None = None,
    ) -> None:
        """Run a writing rule of (transaction, choice); where appointments are hit and nothing was
        chosen, show them and run it again with the choice. `then` gets the result."""
        try:
            result = await self.write(rule, affected)
        except InUse as error:
            hit = error.details.get("appointments")
            if not hit or affected is not None:
                raise
            self.app.push_screen(
                AffectedDialog(self.context, error.message, hit),
                partial(self._chosen, rule, then),
            )
        else:
            then(result, affected)

    def _chosen(
        self,
        rule: Callable[[Any, Affected | None], T],
        then: Callable[[T, Affected | None], None],
        affected: Affected | None,
    ) -> None:
        if affected is not None:
            self.change(rule, then, affected)


def what_became(consequences: Sequence[Consequence]) -> str:
    """What was done to appointments, in words: `2 cancelled, 1 to be decided`."""
    words = {"worklist": "without a free time, to be decided"}
    outcomes = [words.get(one.outcome, one.outcome) for one in consequences]
    counts = [f"{outcomes.count(one)} {one}" for one in dict.fromkeys(outcomes)]
    return f" Appointments: {', '.join(counts)}." if counts else ""


def what_was_chosen(affected: Affected | None) -> str:
    """What was done to appointments where the store does not tell of each."""
    done = {
        Affected.KEEP: "kept",
        Affected.CANCEL: "cancelled",
        Affected.MOVE: "moved to free times",
    }
    return f" Appointments: {done[affected]}." if affected else ""


def what_stands_again(done: Several) -> str:
    """What became of the appointments of a step that was taken back, to stand behind a sentence."""
    count = len(done.done)
    words = f" {count} appointment{'s' * (count != 1)} stand{'s' * (count == 1)} again." * bool(
        count
    )
    if done.refused:
        words += f" {len(done.refused)} could not: {done.refused[0].why}"
    return words
