"""Booking by one typed line: `rao nair tomorrow 10:30`.

What enter will do stands below the line, word for word, before it can be done: enter books the
booking under the cursor, and while the answer to the last letter is still to come it only hastens
that answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import date
from uuid import uuid4

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from screens.base import Dialog, acting, reading
from screens.context import ScreenContext
from screens.shared.holding import SlotKeeper
from store import appointments, availability, doctors, patient_search
from store.errors import InUse, NotFound, SlotTaken, SlotUnavailable, StoreError
from store.one_line import LONGEST, Line, read_line
from store.one_line_match import (
    MOST_CHOICES,
    Choice,
    Offer,
    blamed,
    days_to_read,
    doctor_ids,
    matches,
    offer,
    readings,
    too_many,
    what_is_missing,
)
from store.values import AppointmentView, ChangeView, DoctorView, PatientView, Slot
from widgets.inputs import EnterInput, LineInput
from widgets.patient_finder import sex_and_age
from widgets.pick_list import PAUSE_SECONDS
from widgets.plain import content, lines, plain

_HINT = "Patient, doctor or department, and when, in any order."


class OneLineDialog(Dialog[AppointmentView]):
    """A line, and below it the bookings that it may mean."""

    TITLE_TEXT = "Book in one line"
    TOPICS = frozenset(
        {"appointment", "patient", "doctor", "department", "hours", "leave", "holiday", "hold"}
    )
    CSS = """
    OneLineDialog #line { background: $field-focus; padding: 0 1; }
    OneLineDialog #choices {
        height: 10; margin-top: 1; border: none; padding: 0; background: transparent;
        scrollbar-size-vertical: 1;
    }
    OneLineDialog #choices.-stale { text-opacity: 60%; }
    OneLineDialog #remark { color: $text-muted; height: 2; padding: 0 1; }
    """

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context)
        self.choices: tuple[Choice, ...] = ()
        self.answered = ""
        """The line to which `choices` is the answer."""
        self.doctors: tuple[DoctorView, ...] | None = None
        self.found: dict[str, list[PatientView]] = {}
        self.free: dict[tuple[tuple[int, ...], date, date], list[Slot]] = {}
        # One key for all attempts of this dialog: pressing enter twice is one appointment.
        self.request_id = str(uuid4())

    def body(self) -> ComposeResult:
        """The line, what there is to say of it, and what it may mean."""
        yield EnterInput(
            "book", placeholder="rao nair tomorrow 10:30", max_length=LONGEST, id="line"
        )
        yield Static(plain(_HINT), id="remark", markup=False)
        choices = OptionList(id="choices", markup=False)
        choices.can_focus = False
        yield choices

    def on_mount(self) -> None:
        """Begin to type, while the doctors are read."""
        self.keeper = SlotKeeper(self, self.refused, lambda _: None)
        self.query_one("#line").focus()
        self.look(pause=False)

    def on_unmount(self) -> None:
        """Let others have the slot."""
        self.keeper.close()

    def concerns(self, change: ChangeView) -> bool:
        """Everybody's doings but one's own holding."""
        own = self.keeper.hold is not None and change.entity_id == self.keeper.hold.id
        return super().concerns(change) and not (change.topic == "hold" and own)

    @property
    def text(self) -> str:
        """The line as typed."""
        return self.query_one("#line", LineInput).value

    @property
    def listed(self) -> OptionList:
        """The list of bookings."""
        return self.query_one("#choices", OptionList)

    @property
    def selected(self) -> Choice | None:
        """The booking under the cursor."""
        at = self.listed.highlighted
        return self.choices[at] if at is not None and at < len(self.choices) else None

    # What the line means

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        event.stop()
        self.be_quiet()
        self.listed.set_class(self.text != self.answered, "-stale")
        self.look(pause=True)

    def reload(self) -> None:
        """Somebody changed something: ask anew what the line means."""
        self.doctors = None
        self.found.clear()
        self.free.clear()
        self.look(pause=False, typed=False)

    @reading("line")
    async def look(self, *, pause: bool, typed: bool = True) -> None:
        """Find what the line means, after a pause in typing."""
        if pause:
            await asyncio.sleep(PAUSE_SECONDS)
        text = self.text
        answer = await self._answer(read_line(text, self.context.today()))
        self._show(text, answer, typed=typed)

    async def _answer(self, line: Line) -> Offer:
        if self.doctors is None:
            self.doctors = (await self.read(doctors.list_doctors)).items
        if line.trouble:
            return Offer(remark=line.trouble)
        if not line.words:
            return Offer(remark=_HINT)
        options = readings(line.words, self.doctors)
        await self._find(one.search for one in options)
        found = matches(options, self.found)
        if found:
            many = too_many(found)
            if many:
                return Offer(remark=many)
            ids, now = doctor_ids(found), self.context.now()
            free = await self._free(ids, *days_to_read(line.when, now, len(ids)))
            return offer(found, line.when, free, now)
        missing = what_is_missing(options, self.found)
        if missing:
            return Offer(remark=missing)
        await self._find(line.words)
        return Offer(remark=blamed(line.words, self.doctors, self.found))

    async def _find(self, texts: Iterable[str]) -> None:
        """Look for the patients of those texts that were not asked for before."""
        new = list(dict.fromkeys(text for text in texts if text and text not in self.found))
        if new:
            answers = await self.read(patient_search.search_each, new, MOST_CHOICES)
            self.found.update(zip(new, answers, strict=True))

    async def _free(self, ids: list[int], first: date, last: date) -> list[Slot]:
        key = (tuple(ids), first, last)
        if key not in self.free:
            self.free = {key: await self.read(availability.free_slots, ids, first, last)}
        return self.free[key]

    def _show(self, text: str, answer: Offer, *, typed: bool) -> None:
        """Show an answer. Where somebody else took what was under the cursor away, there is no
        cursor until it is put somewhere: enter must not do what was not read."""
        before, had_choices = self.selected, bool(self.choices)
        first = typed or text != self.answered or not had_choices
        self.choices, self.answered = answer.choices, text
        keys = [choice.key for choice in self.choices]
        self.listed.clear_options()
        year, width = self.context.today().year, self.listed.content_size.width
        # In two lines each where one of them is too long for one.
        apart = any(_sentence(choice, year).cell_length > width for choice in self.choices)
        self.listed.add_options(
            [Option(_sentence(choice, year, apart=apart)) for choice in self.choices]
        )
        self.listed.remove_class("-stale")
        if first:
            self.listed.highlighted = 0 if keys else None
        elif before is not None and before.key in keys:
            self.listed.highlighted = keys.index(before.key)
        elif before is not None and not self.query_one("#dialog-error").has_class("-shown"):
            at = f"{before.slot.starts_at:%a %d %b %H:%M}"
            self.complain(f"{at} with {before.doctor.name} is not free any more.")
        remark = "\n".join(filter(None, (answer.remark, _how_many(len(keys)))))
        self.query_one("#remark", Static).update(plain(remark))
        self._keep()

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        event.stop()
        self._keep()

    def _keep(self) -> None:
        """Hold what enter would book, once the typist or the cursor rests on it."""
        self.keeper.want(self.selected.slot if self.selected else None)

    # Booking

    def on_key(self, event: events.Key) -> None:
        """Arrows move the cursor of the list."""
        if event.key in ("up", "down"):
            event.stop()
            self.be_quiet()
            if event.key == "down":
                self.listed.action_cursor_down()
            else:
                self.listed.action_cursor_up()

    @on(OptionList.OptionSelected)
    def _clicked(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.listed.highlighted = event.option_index

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        if self.text != self.answered:
            self.look(pause=False)
        elif self.selected is None:
            self.listed.highlighted = 0 if self.choices else None
        else:
            self.be_quiet()
            self.save(self.selected)

    @acting
    async def save(self, choice: Choice) -> None:
        """Book; a slot lost to somebody else leaves the line as it is."""
        self.keeper.pause()
        try:
            done = await self.write(
                appointments.book,
                patient_id=choice.patient.id,
                doctor_id=choice.doctor.id,
                starts_at=choice.slot.starts_at,
                ends_at=choice.slot.ends_at,
                request_id=self.request_id,
            )
        except StoreError:
            self.keeper.resume()
            raise
        self.keeper.close(booked=True)
        self.dismiss(done)

    def refused(self, error: StoreError) -> None:
        """Tell why, and show at once what can be booked now."""
        super().refused(error)
        if isinstance(error, SlotTaken | SlotUnavailable | InUse | NotFound):
            self.reload()


def _how_many(count: int) -> str:
    if count >= MOST_CHOICES:
        return f"The first {count} that may be meant: type more, or ↑ ↓ choose."
    return f"{count} bookings may be meant: ↑ ↓ choose." if count > 1 else ""


def _sentence(choice: Choice, this_year: int, *, apart: bool = False) -> Content:
    """What enter does, word for word; with `apart` in two lines."""
    patient, at = choice.patient, choice.slot.starts_at
    day = f"{at:%a %d %b}" if at.year == this_year else f"{at:%a %d %b %Y}"
    who = content(
        "book [b]$name[/] ($mrn, $who)",
        name=patient.name,
        mrn=patient.mrn,
        who=sex_and_age(patient.sex, patient.age),
    )
    whom = content(
        "with [b]$doctor[/], [b $accent]$at[/]",
        doctor=choice.doctor.name,
        at=f"{day} {at:%H:%M}",
    )
    return lines((who, content("     ") + whom)) if apart else content(" ").join((who, whom))
