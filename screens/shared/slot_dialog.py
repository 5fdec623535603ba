"""One slot of a doctor for a patient: day, slot, enter. The way of booking and of moving."""

from __future__ import annotations

from datetime import date, timedelta
from typing import ClassVar
from uuid import uuid4

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Input, Label, Static

from screens.base import Dialog, acting, reading
from screens.context import ScreenContext
from screens.shared.booking_keys import BOOK, FIRST_FREE
from screens.shared.facts import fact
from screens.shared.holding import SlotKeeper
from screens.shared.names import day_words
from store import appointments, availability
from store.errors import SlotTaken, SlotUnavailable, StoreError
from store.one_line import When, read_wish
from store.values import (
    AppointmentView,
    ChangeView,
    DoctorView,
    HoldView,
    PatientView,
    Slot,
)
from widgets.inputs import EnterInput, LineInput
from widgets.keys import (
    BACK,
    DAY_BACK,
    DAY_ON,
    HELP,
    TODAY,
    WEEK_BACK,
    WEEK_ON,
    bind,
)
from widgets.patient_finder import sex_and_age
from widgets.plain import content, lines, plain
from widgets.slot_chooser import held_words
from widgets.slot_grid import SlotGrid

FACT_CELLS = 12
"""How wide the labels at the head are."""
_WISHES = "enter, or mornings, after 17:00, tue pm"


class SlotDialog(Dialog[AppointmentView]):
    """One free slot of one doctor for one patient. It opens on the first free slot, so that enter
    books; that slot is held as long as the dialog is open.

    With `moving`, that appointment is moved instead: the patient stays.
    """

    TITLE_TEXT = "Book"
    WHERE_FULL: ClassVar[str] = "f finds the first free one"
    """What to do on a day without a free slot."""
    TOPICS = frozenset({"appointment", "doctor", "hours", "leave", "holiday", "hold"})
    BINDINGS: ClassVar[list[BindingType]] = bind(
        FIRST_FREE, BACK, HELP, hidden=(BOOK, DAY_BACK, DAY_ON, TODAY, WEEK_BACK, WEEK_ON)
    )
    # Names no class: a subclass takes this style sheet over as its own, scoped to itself.
    CSS = """
    #slots { margin: 1 0; min-height: 4; }
    .row { height: 1; }
    .row Label { width: 12; color: $text-muted; }
    """

    def __init__(
        self,
        context: ScreenContext,
        patient: PatientView | None,
        doctor: DoctorView | None = None,
        slot: Slot | None = None,
        moving: AppointmentView | None = None,
        *,
        after: date | None = None,
        title: str = "",
    ) -> None:
        """Give the patient, or the appointment that is `moving`. It opens on `slot`, else on the
        first free one, not before the day `after`."""
        super().__init__(context, title=title or ("Move the appointment" if moving else ""))
        self.patient = patient
        self.moving = moving
        self.doctor = doctor
        self.wanted = slot
        self.after = after
        self.day: date | None = slot.starts_at.date() if slot else None
        self._shown: tuple[int, date] | None = None
        self._loss_told = False
        # One key for all attempts of this dialog: pressing enter twice is one appointment.
        self.request_id = str(uuid4())

    def body(self) -> ComposeResult:
        """Who with whom, the slots, a note."""
        yield Static("", id="facts", markup=False)
        with Horizontal(id="when-row", classes="row") as row:
            row.display = False
            yield Label("First free")
            yield EnterInput("find", placeholder=_WISHES, max_length=60, id="when")
        grid = SlotGrid(empty="", enter="move" if self.moving else "book", id="slots")
        grid.strict = True
        yield grid
        if self.moving is None:
            with Horizontal(id="note-row", classes="row"):
                yield Label("Note")
                yield EnterInput(
                    "book", placeholder="for the doctor, optional", max_length=500, id="note"
                )

    @property
    def grid(self) -> SlotGrid:
        """The slots of the day."""
        return self.query_one(SlotGrid)

    @property
    def note(self) -> str:
        """What was typed for the doctor."""
        return "" if self.moving else self.query_one("#note", LineInput).value

    @property
    def unsaved(self) -> bool:
        """A note that was typed."""
        return bool(self.note.strip())

    def on_mount(self) -> None:
        """Go to the slots."""
        self.keeper = SlotKeeper(self, self.refused, self._kept)
        self.set_interval(1, self._second)
        self.grid.focus()
        self._show_facts()
        self.begin()

    def begin(self) -> None:
        """Show the slot that it opens on."""
        if self.doctor is not None:
            when = None if self.after is None else When(day=self.after)
            self.load(find_first=self.day is None, when=when)

    def on_unmount(self) -> None:
        """Let others have the slot."""
        self.keeper.close()

    def _second(self) -> None:
        self.grid.pass_second(self.context.now())

    def concerns(self, change: ChangeView) -> bool:
        """Only this doctor's time matters, and no hold of one's own."""
        doctor_id = self.doctor.id if self.doctor else None
        own = self.keeper.hold is not None and change.entity_id == self.keeper.hold.id
        return (
            super().concerns(change)
            and change.doctor_id in (None, doctor_id)
            and not (change.topic == "hold" and own)
        )

    # What is free

    def reload(self) -> None:
        """Read the slots of the day again."""
        if self.doctor is not None:
            self.load()

    @reading("slots")
    async def load(self, *, find_first: bool = False, when: When | None = None) -> None:
        """Read a day's slots; with `find_first`, of the first day that has a free one, and with
        `when` one at such a time."""
        assert self.doctor is not None
        if find_first:
            found = await self.read(
                availability.first_free, doctor_id=self.doctor.id, n=1, when=when
            )
            if not found and when is not None and self._shown is not None:
                raise SlotUnavailable(
                    "The doctor has no such free slot in the next two months: ask for another time."
                )
            self.wanted = found[0] if found else None
            self.day = found[0].starts_at.date() if found else self.after
        self.day = self.day or self.context.today()
        slots = await self.read(availability.day_slots, self.doctor.id, self.day)
        self._show_slots(slots, (self.doctor.id, self.day))
        self._show_facts()

    def _show_slots(self, slots: list[Slot], shown: tuple[int, date]) -> None:
        grid, fresh = self.grid, shown != self._shown
        if fresh:
            grid.forget()
        before, self._shown = grid.selected, shown
        grid.show(slots, self.context.now(), empty="No slots on this day.")
        if self.wanted is not None:
            grid.move_to(self.wanted.starts_at)
            self.wanted = None
        if before is not None and grid.has_lost and not self._loss_told:
            self._tell_loss(before)
        self._loss_told = False
        self._keep(rests=not fresh)

    def _tell_loss(self, lost: Slot) -> None:
        """Say what became of the slot under the cursor."""
        now = self.context.now()
        slot = next((one for one in self.grid.slots if one.starts_at == lost.starts_at), None)
        held = slot.held_at(now) if slot else None
        words = "has just been taken"
        if held is not None:
            words = f"is {held_words(held, now)}"
        elif lost.starts_at.timestamp() < now.timestamp():
            words = "is over"
        self.complain(
            f"{lost.starts_at:%H:%M} {words}."
            " Enter goes to the next free slot, enter again books it."
        )

    def _show_facts(self) -> None:
        rows = [self._patient_line()]
        if self.doctor is None:
            rows.append(_fact("Doctor", "", "none chosen: d chooses one"))
        else:
            rows.append(_fact("Doctor", self.doctor.name, self.doctor.department))
        if self.moving is not None:
            at = f"{self.moving.starts_at:%a %d %b %H:%M}, {self.moving.doctor}"
            rows.append(_fact("From", at, ""))
        if self.day is not None:
            words = day_words(self.day, self.context.today())
            rows.append(_fact("Day", f"{self.day:%a %d %b %Y}", f"{words}   [ ] day  {{ }} week"))
        if self.grid.slots and not any(slot.free for slot in self.grid.slots):
            rows.append(_fact("Full", "no free slot", self.WHERE_FULL))
        rows += self.more_facts()
        self.query_one("#facts", Static).update(lines(rows))

    def more_facts(self) -> list[Content]:
        """What else stands at the head."""
        return []

    def _patient_line(self) -> Content:
        if self.moving is not None:
            who = sex_and_age(self.moving.patient_sex, self.moving.patient_age)
            return _fact("Patient", self.moving.patient, f"{who}  {self.moving.mrn}")
        if self.patient is None:
            return plain("")
        who = sex_and_age(self.patient.sex, self.patient.age)
        return _fact("Patient", self.patient.name, f"{who}  {self.patient.mrn}")

    def complain(self, sentence: str) -> None:
        """Show a refusal; what it takes of the room must not hide the cursor."""
        super().complain(sentence)
        self.call_after_refresh(self.grid.reveal)

    # The hold

    @on(SlotGrid.Moved)
    def _moved(self) -> None:
        self._keep()

    def _keep(self, *, rests: bool = True) -> None:
        """Hold the slot under the cursor, where it is free; and while a list is still to come, go
        on holding what is held."""
        slot = self.grid.selected
        if self._shown is not None:
            self.keeper.want(slot if slot is not None and slot.free else None, rests=rests)

    def _kept(self, hold: HoldView | None) -> None:
        subtitle = plain("")
        if hold is not None:
            subtitle = content(
                "[$text-muted]$slot is kept for you until $until[/]",
                slot=f"{hold.starts_at:%H:%M}",
                until=f"{hold.until:%H:%M:%S}",
            )
        self.query_one("#dialog").border_subtitle = subtitle

    @on(Input.Changed)
    def _typed(self) -> None:
        self.keeper.used()

    # Day, first free

    def action_today(self) -> None:
        """Go to today."""
        self._go(self.context.today())

    def action_day(self, days: int) -> None:
        """Go some days on, or back, never before today."""
        self._go((self.day or self.context.today()) + timedelta(days=days))

    def _go(self, day: date) -> None:
        self.day = max(day, self.context.today())
        self.be_quiet()
        self.reload()

    def action_first_free(self) -> None:
        """Ask for the first free slot, at any time or at such a time of day."""
        self.query_one("#when-row").display = True
        field = self.query_one("#when", LineInput)
        field.focus()
        field.action_select_all()

    @on(Input.Submitted, "#when")
    def _wish_entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.be_quiet()
        try:
            wish = event.value.strip()
            when = read_wish(wish, self.context.today()) if wish else None
        except StoreError as error:
            self.complain(error.message)
            return
        self.load(find_first=True, when=when)
        self._leave_wish()

    def _leave_wish(self) -> None:
        """Back to the slots; what was asked for stays in sight."""
        self.grid.focus()
        self.query_one("#when-row").display = bool(self.query_one("#when", LineInput).value)

    def action_back(self) -> None:
        """Out of the question for the first free slot; else leave."""
        if self.query_one("#when").has_focus:
            self.query_one("#when", LineInput).value = ""
            self.be_quiet()
            self._leave_wish()
        else:
            super().action_back()

    # Booking

    def action_book(self) -> None:
        """Book the slot under the cursor; after a loss, only go to the next one."""
        if not self.grid.recover():
            self._take(self.grid.selected)

    @on(SlotGrid.Chosen)
    def _slot_chosen(self, event: SlotGrid.Chosen) -> None:
        self._take(event.slot)

    @on(Input.Submitted, "#note")
    def _note_entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_book()

    def _take(self, slot: Slot | None) -> None:
        self.be_quiet()
        if slot is None:
            self.complain(f"No slot is free on this day: {self.WHERE_FULL}.")
        elif slot.free_at(self.context.now()):
            self.save(slot)
        else:
            self.take_taken(slot)

    def take_taken(self, slot: Slot) -> None:
        """Enter on a slot that is not free any more."""
        self.complain(f"{slot.starts_at:%H:%M} is not free any more. Choose another.")
        self.reload()

    @acting
    async def save(self, slot: Slot, overbook_reason: str | None = None) -> None:
        """Book or move; a slot lost to somebody else leaves the dialog as it is."""
        self.keeper.pause()
        try:
            done = await self._write(slot, overbook_reason)
        except StoreError:
            self.keeper.resume()
            raise
        self.keeper.close(booked=True)
        self.dismiss(done)

    async def _write(self, slot: Slot, overbook_reason: str | None) -> AppointmentView:
        assert self.doctor is not None
        if self.moving is not None:
            return await self.write(
                appointments.reschedule,
                self.moving.id,
                starts_at=slot.starts_at,
                doctor_id=self.doctor.id,
                version=self.moving.version,
                request_id=self.request_id,
                overbook_reason=overbook_reason,
            )
        assert self.patient is not None
        return await self.write(
            appointments.book,
            patient_id=self.patient.id,
            doctor_id=self.doctor.id,
            starts_at=slot.starts_at,
            ends_at=slot.ends_at,
            note=self.note,
            request_id=self.request_id,
            overbook_reason=overbook_reason,
        )

    def refused(self, error: StoreError) -> None:
        """Where the slot is gone, show at once what is free now."""
        super().refused(error)
        if isinstance(error, SlotTaken | SlotUnavailable):
            self._loss_told = True
            self.reload()


def _fact(label: str, value: str, more: str) -> Content:
    return fact(label, value, more, width=FACT_CELLS)
