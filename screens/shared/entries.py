"""What belongs to one doctor and is entered, changed and removed in a list: hours, leave."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.binding import BindingType

from screens.base import Dialog, acting
from screens.context import ScreenContext
from screens.shared.confirm import Confirm
from screens.shared.dialogs import FormDialog, what_stands_again
from screens.shared.entry_keys import ADD, CHANGE, REMOVE, UNDO
from screens.shared.refused import show_left_out
from store import time_off_undo
from store.values import ChangeView, DoctorView, TimeStep
from widgets.keys import BACK, HELP, bind
from widgets.record_table import RecordTable, Row

E = TypeVar("E")


class EntriesDialog(Dialog[None], Generic[E]):
    """A doctor's entries of one kind."""

    BINDINGS: ClassVar[list[BindingType]] = bind(ADD, CHANGE, REMOVE, UNDO, BACK, HELP)

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
    def step(self) -> tuple[TimeStep, int] | None:
        """The step that undo takes back, as `time_off_undo.take_back` calls it."""

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
        table = self.query_one(RecordTable)
        # One that was changed may have another key; where one went, its row is not the next one's.
        before = table.selected if len(entries) < len(self.entries) else None
        self.entries = entries
        table.show([Row(key, tuple(cells(entry))) for key, entry in entries.items()])
        table.hold(before)

    def selected_entry(self) -> E | None:
        """The one under the cursor."""
        return self.entries.get(self.query_one(RecordTable).selected or "")

    def _with_selected(self, act: Callable[[E], object]) -> None:
        self.be_quiet()
        entry = self.selected_entry()
        if entry is not None:
            act(entry)
        elif self.query_one(RecordTable).let_go and self.entries:
            self.complain("That one is gone from here; ↓ or ↑ goes on to another.")

    def action_new(self) -> None:
        """Enter a new one."""
        self.be_quiet()
        self.app.push_screen(self.form(), self.saved)

    def action_edit(self) -> None:
        """Change the one under the cursor."""
        self._with_selected(lambda entry: self.app.push_screen(self.form(entry), self.saved))

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
        self._with_selected(
            lambda entry: self.app.push_screen(
                Confirm("Remove", self.question(entry)),
                lambda yes: self.take_out(entry) if yes else None,
            )
        )

    def action_undo(self) -> None:
        """Take one's own last step back, with the appointments that it hit."""
        self.be_quiet()
        step = self.step()
        if step is not None:
            self.take_back(*step)

    @acting
    async def take_back(self, step: TimeStep, thing_id: int) -> None:
        """Take it back as one."""
        done = await self.write(time_off_undo.take_back, step, thing_id)
        self.saved(f"Taken back.{what_stands_again(done)}")
        await show_left_out(self, done)
