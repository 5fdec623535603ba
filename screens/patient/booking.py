"""The last step of booking: one sentence of what will be booked, a note, enter.

The time is held while the dialog is open. One that somebody else takes all the same is told here,
with the nearest free ones to choose from; the note stays.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar
from uuid import uuid4

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.base import Dialog, acting, reading
from screens.context import ScreenContext
from screens.patient.words import booking_sentence, fact, fee_words, long_moment
from screens.shared.holding import SlotKeeper
from store import appointments, availability
from store.errors import SlotTaken, SlotUnavailable, StoreError
from store.values import AppointmentView, ChangeView, DoctorView, HoldView, Slot
from widgets.form import Field, Form
from widgets.keys import BACK, DOWN, FIRST, HELP, LAST, OPEN, UP, bind
from widgets.plain import content, plain
from widgets.slot_chooser import held_words

_OFFERS = 3
_MOST_NOTE = 2000


class Offers(OptionList, inherit_bindings=False):
    """The free times to choose from where the wanted one is gone."""

    DEFAULT_CSS = """
    Offers { display: none; height: auto; border: none; padding: 0; margin-top: 1;
             background: transparent; }
    Offers:focus { border: none; background: transparent; }
    Offers.-shown { display: block; }
    """
    BINDINGS: ClassVar[list[BindingType]] = bind(OPEN, hidden=(UP, DOWN, FIRST, LAST))

    def action_choose(self) -> None:
        """Take the time under the cursor."""
        self.action_select()


class BookDialog(Dialog[AppointmentView]):
    """Books one slot for the patient who is signed in; answers with the appointment."""

    TITLE_TEXT = "Book this appointment?"
    TOPICS = frozenset({"appointment", "doctor", "hours", "leave", "holiday", "hold"})
    BINDINGS: ClassVar[list[BindingType]] = bind(BACK, HELP)
    CSS = "BookDialog Form { margin-top: 1; }"

    def __init__(self, context: ScreenContext, doctor: DoctorView, slot: Slot) -> None:
        super().__init__(context)
        self.doctor = doctor
        self.slot = slot
        self.offers: list[Slot] = []
        # One key for all attempts of this dialog: pressing enter twice is one appointment.
        self.request_id = str(uuid4())

    def body(self) -> ComposeResult:
        """What will be booked, what it costs, a note, and other times where they are needed."""
        yield Static(booking_sentence(self.doctor, self.slot), id="sentence", markup=False)
        yield Static(fact("Fee", fee_words(self.doctor.fee)), markup=False)
        yield Form(
            (
                Field(
                    "note",
                    "Note",
                    hint="for the doctor, optional; enter books",
                    max_length=_MOST_NOTE,
                ),
            )
        )
        yield Offers(markup=False)

    def on_mount(self) -> None:
        """Start in the note, where enter books; and hold the time meanwhile."""
        self.keeper = SlotKeeper(self, self.tell_lost, self._kept)
        self.keeper.want(self.slot, rests=False)
        self.query_one(Form).focus_first()

    def on_unmount(self) -> None:
        """Let others have the time."""
        self.keeper.close()

    def _kept(self, hold: HoldView | None) -> None:
        words = f"kept for you until {hold.until:%H:%M:%S}" if hold else ""
        self.query_one("#dialog").border_subtitle = content("[$text-muted]$w[/]", w=words)

    @reading("slot")
    async def tell_lost(self, error: StoreError) -> None:
        """Somebody else has the time already."""
        self.refused(error)
        await self._offer(error)

    @on(Form.Changed)
    def _typed(self) -> None:
        self.keeper.used()

    def concerns(self, change: ChangeView) -> bool:
        """Only this doctor's time matters, and no hold of one's own."""
        own = self.keeper.hold is not None and change.entity_id == self.keeper.hold.id
        return (
            super().concerns(change)
            and change.doctor_id in (None, self.doctor.id)
            and not (change.topic == "hold" and own)
        )

    def reload(self) -> None:
        """Look whether the time is still free."""
        self.look()

    @reading("slot")
    async def look(self) -> None:
        """Tell at once when somebody else takes the time, not only when it is too late."""
        if self._under_way or self.query_one(Offers).has_class("-shown"):
            return
        slots = await self.read(availability.day_slots, self.doctor.id, self.slot.starts_at.date())
        moment, now = self.slot.starts_at.timestamp(), self.context.now()
        slot = next((one for one in slots if one.starts_at.timestamp() == moment), None)
        if slot is None or not slot.free:
            held = slot.held_at(now) if slot else None
            state = f"is {held_words(held, now)}" if held else "has just been taken"
            self.complain(f"That time {state}. Choose another.")
            self.keeper.want(None, rests=False)
            await self._offer(None)

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        self.be_quiet()
        self.book(event.values["note"])

    @acting
    async def book(self, note: str) -> None:
        """Book it; a time that is gone leaves the dialog open, with others to choose from."""
        self.keeper.pause()
        try:
            view = await self.write(
                appointments.book,
                patient_id=self.context.actor.patient_id or 0,
                doctor_id=self.doctor.id,
                starts_at=self.slot.starts_at,
                note=note,
                request_id=self.request_id,
            )
        except StoreError as error:
            gone = isinstance(error, SlotTaken | SlotUnavailable)
            if gone:
                self.keeper.want(None, rests=False)
            self.keeper.resume()
            self.refused(error)
            if gone:
                await self._offer(error)
        else:
            self.keeper.close(booked=True)
            self.dismiss(view)

    async def _offer(self, error: StoreError | None) -> None:
        """Show the nearest free times: the refusal's own, else the next ones of the doctor."""
        nearest = error.details.get("nearest", []) if error is not None else []
        moments = {datetime.fromisoformat(text).timestamp() for text in nearest}
        after = None if moments else self.slot.starts_at
        found = await self.read(
            availability.first_free,
            doctor_id=self.doctor.id,
            n=50 if moments else _OFFERS,
            after=after,
        )
        near = [slot for slot in found if slot.starts_at.timestamp() in moments]
        self.offers = near or found[:_OFFERS]
        offers = self.query_one(Offers)
        offers.clear_options()
        offers.add_options([Option(plain(long_moment(one.starts_at))) for one in self.offers])
        offers.set_class(bool(self.offers), "-shown")
        if self.offers:
            offers.highlighted = 0
            offers.focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        """Another time: say anew what will be booked, and wait for enter."""
        event.stop()
        self.be_quiet()
        self.slot = self.offers[event.option_index]
        self.keeper.want(self.slot, rests=False)
        self.query_one("#sentence", Static).update(booking_sentence(self.doctor, self.slot))
        self.query_one(Offers).remove_class("-shown")
        self.query_one(Form).focus_first()
