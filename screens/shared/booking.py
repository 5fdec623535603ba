"""Booking a patient, and moving an appointment, with any doctor: doctor, day, slot, enter."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from screens.shared.booking_keys import CHOOSE_DOCTOR, FIRST_FREE, OVER_LIMIT
from screens.shared.confirm import AskReason
from screens.shared.doctor_dialog import DoctorChoice, DoctorDialog
from screens.shared.facts import fact
from screens.shared.slot_dialog import FACT_CELLS, SlotDialog
from store.values import Slot
from widgets.keys import BACK, HELP, bind
from widgets.slot_chooser import held_words


class BookingDialog(SlotDialog):
    """A slot for a patient, as the desk books: with a doctor who can be chosen here, and over the
    limit where it must be."""

    WHERE_FULL = "f finds the first, o books over the limit"
    BINDINGS: ClassVar[list[BindingType]] = bind(FIRST_FREE, CHOOSE_DOCTOR, OVER_LIMIT, BACK, HELP)

    def begin(self) -> None:
        """Without a doctor, choose one first."""
        if self.doctor is None:
            self.action_choose_doctor()
        else:
            super().begin()

    def more_facts(self) -> list[Content]:
        """That the cursor may go anywhere."""
        if not self.grid.anywhere:
            return []
        how = "any slot; enter asks for the reason"
        return [fact("Limit", "‡ over the limit", how, width=FACT_CELLS)]

    # The doctor

    def action_choose_doctor(self) -> None:
        """Choose another doctor."""
        self.app.push_screen(DoctorDialog(self.context), self._doctor_chosen)

    def _doctor_chosen(self, choice: DoctorChoice | None) -> None:
        if choice is None:
            if self.doctor is None:
                self.dismiss(None)
            return
        self.doctor = choice.doctor
        self.wanted = choice.first
        self.day = choice.first.starts_at.date() if choice.first else None
        self.be_quiet()
        self.load(find_first=choice.first is None)
        self.grid.focus()

    def action_first_free(self) -> None:
        """Ask for the first free slot, of a doctor who is chosen before."""
        if self.doctor is None:
            self.action_choose_doctor()
        else:
            super().action_first_free()

    # Over the limit

    def action_over_limit(self) -> None:
        """Let the cursor go to taken slots too, to book over the limit; or not any more."""
        if self.doctor is None:
            self.action_choose_doctor()
            return
        self.be_quiet()
        self.grid.let_anywhere(not self.grid.anywhere)
        self.grid.focus()
        self._show_facts()
        if self.grid.anywhere and self.grid.selected is None:
            self.complain("The doctor has no hours left on this day; ] shows the next one.")

    def take_taken(self, slot: Slot) -> None:
        """Book over the limit, with the reason."""
        assert self.doctor is not None
        held = slot.held_at(self.context.now())
        state = held_words(held, self.context.now()) if held else "taken"
        question = (
            f"{slot.starts_at:%a %d %b %H:%M} with {self.doctor.name} is {state}."
            " Book it all the same? Whoever looks at the appointment sees the reason."
        )
        ask = AskReason("Over the limit", question, required=True, enter="book over the limit")
        self.app.push_screen(ask, lambda reason: self.save(slot, reason) if reason else None)
