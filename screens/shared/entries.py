"""What belongs to one doctor and is entered, changed and removed in a list: hours, leave."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.binding import BindingType

from screens.base import Dialog
from screens.context import ScreenContext
from screens.shared.confirm import Confirm
from screens.shared.dialogs import FormDialog
from screens.shared.entry_keys import ADD, CHANGE, REMOVE
from store.values import ChangeView, DoctorView
from widgets.keys import BACK, HELP, bind
from widgets.record_table import RecordTable, Row

E = TypeVar("E")


class EntriesDialog(Dialog[None], Generic[E]):
    """A doctor's entries of one kind."""

    BINDINGS: ClassVar[list[BindingType]] = bind(ADD, CHANGE, REMOVE, BACK, HELP)

    def __init__(self, context: ScreenContext, doctor: DoctorView, *, title: str) -> None:
        super().__init__(context, title=title)
        self.doctor = doctor
        self.entries: Mapping[str, E] = {}

    @abstractmethod
    def load(self) -> None:
        """Read the entries, and show them."""

    @abstractmethod
    def form(self, entry: E | None = None) -> FormDialog[str]:
        """The form for a new entry, or for this one; it answers with what was done."""

    @abstractmethod
    def question(self, entry: E) -> str:
        """What is asked before an entry is removed."""

    @abstractmethod
    def take_out(self, entry: E) -> None:
        """Remove an entry."""

    def on_mount(self) -> None:
        """Read them."""
        self.query_one(RecordTable).focus()
        self.load()

    def concerns(self, change: ChangeView) -> bool:
        """Only this doctor's."""
        return super().concerns(change) and change.doctor_id == self.doctor.id

    def reload(self) -> None:
        """Read them again."""
        self.load()

    def show_entries(self, entries: Mapping[str, E], cells: Callable[[E], Sequence[str]]) -> None:
        """Show these, each under its key."""
        self.entries = entries
        self.query_one(RecordTable).show(
            [Row(key, tuple(cells(entry))) for key, entry in entries.items()]
        )

    def _selected(self) -> E | None:
        return self.entries.get(self.query_one(RecordTable).selected or "")

    def action_new(self) -> None:
        """Enter a new one."""
        self.be_quiet()
        self.app.push_screen(self.form(), self.saved)

    def action_edit(self) -> None:
        """Change the one under the cursor."""
        self.be_quiet()
        entry = self._selected()
        if entry is not None:
            self.app.push_screen(self.form(entry), self.saved)

    @on(RecordTable.Opened)
    def _opened(self, event: RecordTable.Opened) -> None:
        event.stop()
        self.action_edit()

    def saved(self, sentence: str | None) -> None:
        """Tell what was done, if anything was."""
        if sentence:
            self.toast(sentence)
            self.load()

    def action_remove(self) -> None:
        """Remove the one under the cursor, after a question."""
        self.be_quiet()
        entry = self._selected()
        if entry is not None:
            self.app.push_screen(
                Confirm("Remove", self.question(entry)),
                lambda yes: self.take_out(entry) if yes else None,
            )
