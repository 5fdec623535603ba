"""What becomes of booked appointments when the time under them goes away: shown, and chosen."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from screens.base import StoreCalls, acting
from screens.context import ScreenContext
from screens.shared.dialogs import FormDialog
from screens.shared.entry_keys import NARROW
from store.errors import InUse
from store.text import begins
from store.values import PAGE_ROWS, Affected
from widgets.filter_line import FilterLine
from widgets.form import Field, Form
from widgets.keys import bind
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


class AffectedDialog(FormDialog[Affected]):
    """Shows the appointments that a change hits, however many, a page at a time and narrowed by
    words, and asks what becomes of them: of all, not only of those that are seen."""

    TITLE_TEXT = "Appointments are booked there"
    ROWS: ClassVar[int] = PAGE_ROWS
    BINDINGS: ClassVar[list[BindingType]] = bind(NARROW)
    CSS = """
    AffectedDialog RecordTable { margin: 1 0; }
    AffectedDialog FilterLine { margin: 1 0 0 0; }
    AffectedDialog #meaning { color: $text-muted; margin-top: 1; }
    """

    def __init__(
        self, context: ScreenContext, sentence: str, hit: Sequence[Mapping[str, Any]]
    ) -> None:
        """`hit` is what the store's refusal lists."""
        super().__init__(context)
        self.sentence = sentence
        self.rows = [_row(one) for one in hit]
        self._first = 0

    def body(self) -> ComposeResult:
        """The appointments and the choice."""
        yield Static(plain(self.sentence), markup=False)
        yield FilterLine(hint="a patient, a doctor, a day: tue 06 jan")
        table = RecordTable(_COLUMNS, empty="")
        table.styles.height = min(9, len(self.rows) + 1)
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
        """Show the first of them."""
        self._show()

    def _fitting(self) -> list[Row]:
        text = self.query_one(FilterLine).text
        return [row for row in self.rows if begins(text, *map(str, row.cells))]

    def _show(self) -> None:
        fitting = self._fitting()
        page = fitting[self._first : self._first + self.ROWS]
        table = self.query_one(RecordTable)
        table.say_empty("Nobody begins like that. esc shows all again.")
        told = []
        if len(page) < len(fitting):
            told.append(
                f"{self._first + 1}–{self._first + len(page)} of {len(fitting):,}: ↑ ↓ go on"
            )
        if len(fitting) < len(self.rows):
            told.append(f"{len(fitting):,} of {len(self.rows):,} shown, the choice is for all")
        table.show(page, more=" · ".join(told))

    @on(RecordTable.Beyond)
    def _beyond(self, event: RecordTable.Beyond) -> None:
        event.stop()
        last = max(0, len(self._fitting()) - 1) // self.ROWS * self.ROWS
        back = event.where in ("previous", "last")
        first = {
            "first": 0,
            "last": last,
            "next": min(last, self._first + self.ROWS),
            "previous": max(0, self._first - self.ROWS),
        }[event.where]
        if first == self._first:
            return
        self._first = first
        self._show()
        table = self.query_one(RecordTable)
        table.grid.move_cursor(row=len(table.rows) - 1 if back else 0)

    def action_narrow(self) -> None:
        """Narrow the list."""
        self.query_one(FilterLine).start()

    def action_back(self) -> None:
        """Narrow it no more; else leave without doing anything."""
        line = self.query_one(FilterLine)
        if line.open:
            line.stop()
            self.query_one(Form).focus_first()
        else:
            super().action_back()

    @on(FilterLine.Changed)
    def _narrowed(self) -> None:
        self._first = 0
        self._show()

    @on(FilterLine.Left)
    def _filter_left(self) -> None:
        self.query_one(RecordTable).focus()

    def save(self, values: dict[str, str]) -> None:
        """Answer, once something is chosen."""
        if values["affected"]:
            self.dismiss(Affected(values["affected"]))
        else:
            self.query_one(Form).show_errors(
                {"affected": "Choose with ← and →, or with k, c or m; then enter."}
            )


def _row(one: Mapping[str, Any]) -> Row:
    when = datetime.fromisoformat(one["starts_at"])
    cells = (f"{when:%a %d %b %H:%M}", one["patient"], one["mrn"], one["doctor"])
    return Row(str(one["id"]), cells)


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
