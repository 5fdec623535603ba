"""The waiting list at the desk: who waits, what is offered to whom and for how long still."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.content import Content

from screens.admin.keys import ALL, FIND
from screens.admin.lists import ListScreen
from screens.base import acting, reading
from screens.context import ScreenContext
from screens.reception.find_patient import FindPatient
from screens.reception.news import TITLE, TellsNews
from screens.reception.wait import added_words, wait_dialog
from screens.reception.waiting_keys import BOOK, DECLINE, NEW, OFFER, UNDO, WITHDRAW
from screens.shared.confirm import Confirm
from screens.shared.names import day_words, short_name
from screens.shared.wish import wish_words
from store import offering, undo, waiting_words, waitlist
from store.errors import Invalid
from store.values import (
    AppointmentView,
    OfferOutcome,
    OfferView,
    PatientView,
    WaitlistEnd,
    WaitlistEntryView,
    WaitlistStatus,
)
from store.waiting_words import WaitingFilter
from widgets.keys import bind
from widgets.plain import cell, content, lines, plain
from widgets.record_table import Column

_SOON = 30
_OVER = {
    WaitlistStatus.BOOKED: ("✔ booked", "status-done"),
    WaitlistStatus.EXPIRED: ("✗ over", "status-cancelled"),
    WaitlistStatus.WITHDRAWN: ("⊘ withdrawn", "status-cancelled"),
}
ENDS = {
    WaitlistEnd.WINDOW: "the days that were wished for are over",
    WaitlistEnd.PATIENT: "the patient is deactivated",
    WaitlistEnd.APPOINTMENT: "the appointment is over or cancelled",
    WaitlistEnd.DOCTOR: "the doctor takes no appointments any more",
}
_OUTCOMES = {
    OfferOutcome.ACCEPTED: "booked",
    OfferOutcome.DECLINED: "declined",
    OfferOutcome.LAPSED: "not answered in time",
    OfferOutcome.TAKEN: "taken by somebody else meanwhile",
    OfferOutcome.GONE: "no longer there: the doctor's hours changed",
    OfferOutcome.ENDED: "not needed any more",
}


class WaitlistScreen(ListScreen[WaitlistEntryView], TellsNews):
    """Offers that wait for an answer first, then who waits, in the order in which they are asked;
    `a` shows those too whose waiting has ended."""

    TITLE_TEXT = TITLE
    EMPTY = "Nobody waits for an earlier slot. n puts a patient on the list."
    MORE_KEYS = "[$key]/[/] filter   [$key]a[/] all   [$key]u[/] undo"
    COLUMNS = (
        Column("patient", "Patient"),
        Column("for", "Waits for", 14),
        Column("offered", "Offered", 16),
        Column("state", "Answer", 19),
    )
    CSS = "WaitlistScreen #details-panel { width: 42; }"
    TOPICS = frozenset({"waitlist", "appointment", "patient", "doctor"})
    BINDINGS: ClassVar[list[BindingType]] = bind(
        BOOK, DECLINE, OFFER, NEW, WITHDRAW, hidden=(FIND, ALL, UNDO)
    )

    def __init__(self, context: ScreenContext, tab: int = 2) -> None:
        super().__init__(context, tab)
        self._booked: AppointmentView | None = None
        self._wanted = WaitingFilter()

    @property
    def hint(self) -> str:
        """An example of the words that this list knows."""
        return waiting_words.EXAMPLE

    @property
    def searched(self) -> str:
        """The words that are no state."""
        return self._wanted.text

    def narrowed(self) -> None:
        """Other words; another state is read anew."""
        try:
            wanted = waiting_words.read_filter(self.filter.text, self.context.today())
        except Invalid as refusal:
            self.filter.complain(refusal.message)
            return
        self.filter.be_quiet()
        before, self._wanted = self._wanted, wanted
        if wanted.states == before.states:
            super().narrowed()
        else:
            self.load()

    async def read_items(self) -> dict[str, WaitlistEntryView]:
        """The entries; what was not answered in time goes on first."""
        if await self.read(waitlist.overdue):
            await self.tend(waitlist.pass_on)
        status = self._wanted.states or (WaitlistStatus if self.show_all else None)
        page = await self.read(waitlist.list_entries, status=status)
        rank = {WaitlistStatus.OFFERED: 0, WaitlistStatus.WAITING: 1}
        found = sorted(page.items, key=lambda one: rank.get(one.status, 2))
        return {str(one.id): one for one in found}

    def minute_passed(self, now: datetime) -> None:
        """Count the minutes that are left; one that has none goes to the next."""
        if any(one.offer and one.offer.expires_at <= now for one in self.items.values()):
            self.load()
        else:
            self._show()

    def row(self, item: WaitlistEntryView) -> tuple[Text | str, ...]:
        """Who, for whom, what is offered, how long still."""
        muted = self.colours["text-muted"]
        style = muted if item.status in _OVER else ""
        offer = item.offer
        return (
            cell(item.patient, style=style),
            cell(short_name(item.doctor) if item.doctor else item.department, style=style),
            cell(self._when(offer) if offer else "", style=self.colours["accent"]),
            self._state(item),
        )

    def _when(self, offer: OfferView) -> str:
        day = day_words(offer.starts_at.date(), self.context.today())
        return f"{day} {offer.starts_at:%H:%M}"

    def _state(self, item: WaitlistEntryView) -> Text:
        if item.status in _OVER:
            words, colour = _OVER[item.status]
            return cell(words, style=self.colours[colour])
        if item.offer is None:
            return cell("○ waiting", style=self.colours["status-booked"])
        left = item.offer.minutes_left(self.context.now())
        hurry = left <= _SOON
        words = f"● {'' if item.patient_email else 'call, '}{left}m left{' !' if hurry else ''}"
        colour = self.colours["status-long-wait" if hurry else "status-waiting"]
        return cell(words, style=f"bold {colour}" if hurry else colour)

    def known_by(self, item: WaitlistEntryView) -> str:
        """Patient, number, doctor, department, status."""
        return f"{item.patient} {item.mrn} {item.doctor or ''} {item.department} {item.status}"

    async def details(self, item: WaitlistEntryView) -> Content:
        """All of an entry, its appointment read anew."""
        return lines(entry_lines(item, self.context.now()))

    # What is done with an entry

    def action_book(self) -> None:
        """Book the offered slot for the patient."""
        self.with_selected(self._book_or_say)

    def _book_or_say(self, item: WaitlistEntryView) -> None:
        if item.offer is None:
            self.say(f"Nothing is offered to {item.patient}. o offers the first free slot.")
        else:
            self.take(item, item.offer)

    @acting
    async def take(self, item: WaitlistEntryView, offer: OfferView) -> None:
        """Book it, or move the appointment that was to become earlier."""
        made = await self.write(waitlist.accept, item.id, offer_id=offer.id)
        self._booked = made
        self.load()
        verb = "is moved to" if made.predecessor_id else "is booked:"
        when = f"{made.starts_at:%a %d %b %H:%M}, {made.doctor}"
        self.say(f"{made.patient} {verb} {when}.", key="u", verb="undo")

    def action_undo(self) -> None:
        """Take the last booking back."""
        if self._booked is None:
            self.say("There is no booking of this list to take back.")
        else:
            self.take_back(self._booked)

    @acting
    async def take_back(self, made: AppointmentView) -> None:
        """Undo it; the entry waits again."""
        await self.write(undo.undo, made.id)
        self._booked = None
        self.done(f"Undone: {made.patient} waits again, in the same place.")

    def action_decline(self) -> None:
        """The patient does not want it."""
        self.with_selected(
            lambda item: (
                self.turn_down(item, item.offer)
                if item.offer
                else self.say(f"Nothing is offered to {item.patient}.")
            )
        )

    @acting
    async def turn_down(self, item: WaitlistEntryView, offer: OfferView) -> None:
        """Ask the next; this one waits on."""
        await self.write(waitlist.decline, item.id, offer_id=offer.id)
        self.done(f"{item.patient} does not want {self._when(offer)} and waits on.")

    def action_offer(self) -> None:
        """Offer the first free slot that fits."""
        self.with_selected(self.offer)

    @acting
    async def offer(self, item: WaitlistEntryView) -> None:
        """Offer it, before others who may have come first."""
        after = await self.write(offering.to_entry, item.id)
        assert after.offer is not None
        until = f"until {after.offer.expires_at:%H:%M}"
        self.done(f"Offered to {after.patient}: {self._when(after.offer)}, {until}.")

    def action_withdraw(self) -> None:
        """Ask, then take the patient off the list."""
        self.with_selected(
            lambda item: self.app.push_screen(
                Confirm("Withdraw", f"Take {item.patient} off the waiting list?"),
                lambda yes: self.withdraw(item) if yes else None,
            )
        )

    @acting
    async def withdraw(self, item: WaitlistEntryView) -> None:
        """Take the patient off the list."""
        await self.write(waitlist.withdraw, item.id)
        self.done(f"{item.patient} waits no more.")

    def action_new(self) -> None:
        """Find a patient, then put the patient on the list."""
        self.app.push_screen(FindPatient(self.context), self._found)

    def _found(self, patient: PatientView | None) -> None:
        if patient is not None:
            self.open_wait(patient)

    @reading("wait")
    async def open_wait(self, patient: PatientView) -> None:
        """Ask for what and until when."""
        dialog = await wait_dialog(self, patient)
        self.app.push_screen(dialog, self._added)

    def _added(self, entry: WaitlistEntryView | None) -> None:
        if entry is not None:
            self.done(added_words(entry), go_to=entry.id)


def entry_lines(item: WaitlistEntryView, now: datetime) -> list[Content]:
    """An entry in full."""
    rows = [
        content("[b]$name[/]  [$text-muted]$mrn[/]", name=item.patient, mrn=item.mrn),
        _fact("Phone", item.patient_phone or "none"),
        _fact("E-mail", item.patient_email or "none: call about an offer"),
        _fact("Waits for", item.doctor or f"anybody of {item.department}"),
        _fact("When", wish_words(item)),
        _fact("Since", f"{item.created_at:%a %d %b %Y %H:%M}"),
    ]
    if item.appointment_at is not None:
        rows.append(_fact("Instead of", f"{item.appointment_at:%a %d %b %Y %H:%M}"))
    if item.note:
        rows.append(_fact("Note", item.note))
    if item.offer is not None:
        left = item.offer.minutes_left(now)
        rows += [
            plain(""),
            content("[$accent]Offered    [b]$slot[/][/]", slot=_slot(item.offer)),
            _fact("Until", f"{item.offer.expires_at:%a %H:%M}, {left} minutes left"),
        ]
    if item.last is not None:
        rows += [plain(""), _fact("Before", _slot(item.last))]
        rows.append(_fact("", _OUTCOMES.get(item.last.outcome, "")))
    if item.ended_because is not None:
        rows += [plain(""), _fact("Ended", ENDS[item.ended_because])]
    return rows


def _slot(offer: OfferView) -> str:
    return f"{offer.starts_at:%a %d %b %H:%M}, {offer.doctor}"


def _fact(label: str, value: str) -> Content:
    return content("[$text-muted]$label[/]$value", label=f"{label:<11}", value=value)
