"""The waiting list in a patient's words: asking to be told of an earlier time, seeing what one
waits for, and leaving."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from screens.base import Dialog, StoreCalls, acting, reading
from screens.context import ScreenContext
from screens.patient.keys import LEAVE_LIST
from screens.patient.words import fact, long_moment
from screens.shared.confirm import Confirm
from screens.shared.dialogs import FormDialog
from screens.shared.wish import OTHER_NAMES, WISH_FIELDS, read_wish, wish_words
from store import waitlist
from store.errors import Invalid
from store.values import AppointmentView, DoctorView, OfferOutcome, WaitlistEntryView
from widgets.form import Form
from widgets.keys import BACK, HELP, bind
from widgets.plain import cell, content, lines, plain
from widgets.record_table import Column, RecordTable, Row

_LAST = {
    OfferOutcome.DECLINED: "you did not want",
    OfferOutcome.LAPSED: "was not taken in time",
    OfferOutcome.TAKEN: "was taken by somebody else",
    OfferOutcome.GONE: "is not there any more",
}


class JoinDialog(FormDialog[str]):
    """Tell me of an earlier time: than an appointment, or with a doctor. Answers with what was
    done."""

    TITLE_TEXT = "Tell me of an earlier time"
    OTHER_NAMES = OTHER_NAMES
    BINDINGS: ClassVar[list[BindingType]] = bind(BACK, HELP)
    CSS = "JoinDialog #meaning { margin-bottom: 1; }"

    def __init__(
        self,
        context: ScreenContext,
        visit: AppointmentView | None = None,
        doctor: DoctorView | None = None,
    ) -> None:
        """Give the appointment that is to become earlier, or the doctor."""
        super().__init__(context)
        self.visit = visit
        self.doctor = doctor

    def body(self) -> ComposeResult:
        """What happens then, and when it would suit."""
        yield Static(lines(self._meaning()), id="meaning", markup=False)
        yield Form(WISH_FIELDS)

    def _meaning(self) -> list[Content]:
        name = self.visit.doctor if self.visit else self.doctor.name if self.doctor else ""
        rows = [
            content("When an earlier time with [b]$name[/] comes free, you hear of it", name=name)
        ]
        rows.append(plain("by e-mail and on your first page, and may take it or not."))
        if self.visit is not None:
            when = long_moment(self.visit.starts_at)
            rows.append(content("Until then [b]$when[/] stays yours.", when=when))
        return [*rows, plain("When would it suit you? Leave empty what does not matter.")]

    def save(self, values: dict[str, str]) -> None:
        """Read what was typed, then join."""
        try:
            wish = read_wish(values, self.context.today())
        except Invalid as error:
            self.refused(error)
            return
        if self.visit is not None:
            wish["appointment_id"] = self.visit.id
        else:
            assert self.doctor is not None
            wish["doctor_id"] = self.doctor.id
        self.join(wish)

    @acting
    async def join(self, wish: dict[str, Any]) -> None:
        """Join the list."""
        entry = await self.write(
            waitlist.add, patient_id=self.context.actor.patient_id or 0, **wish
        )
        who = entry.doctor or entry.department
        self.dismiss(f"You are on the waiting list: you hear of an earlier time with {who}.")


class MyWaits(Dialog[None]):
    """What I wait for; `x` leaves the list."""

    TITLE_TEXT = "You wait for an earlier time"
    TOPICS = frozenset({"waitlist", "appointment"})
    BINDINGS: ClassVar[list[BindingType]] = bind(LEAVE_LIST, BACK, HELP)
    CSS = """
    MyWaits RecordTable { height: 6; }
    MyWaits #about { height: auto; margin-top: 1; }
    """

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context)
        self.entries: dict[str, WaitlistEntryView] = {}

    def body(self) -> ComposeResult:
        """The table, and the one under the cursor in words."""
        yield RecordTable(
            (Column("who", "With"), Column("when", "When it suits", 34)),
            empty="You wait for nothing. esc goes back.",
            enter="",
            id="waits",
        )
        yield Static("", id="about", markup=False)

    @property
    def table(self) -> RecordTable:
        """What I wait for."""
        return self.query_one("#waits", RecordTable)

    def on_mount(self) -> None:
        """Begin in the table."""
        self.table.focus()
        self.load()

    def reload(self) -> None:
        """Read it again."""
        self.load()

    @reading("waits")
    async def load(self) -> None:
        """Read what I wait for."""
        found = await read_waits(self)
        self.entries = {str(one.id): one for one in found}
        self.table.show(
            [
                Row(str(one.id), (cell(one.doctor or one.department), cell(wish_words(one))))
                for one in found
            ]
        )
        self._tell()

    def on_record_table_moved(self) -> None:
        """Tell of the one under the cursor."""
        self._tell()

    def _tell(self) -> None:
        entry = self.entries.get(self.table.selected or "")
        rows = [] if entry is None else _in_words(entry)
        self.query_one("#about", Static).update(lines(rows))

    def action_leave_list(self) -> None:
        """Ask, then leave."""
        entry = self.entries.get(self.table.selected or "")
        if entry is not None:
            who = entry.doctor or entry.department
            self.app.push_screen(
                Confirm("Leave", f"Hear no more of earlier times with {who}?"),
                lambda yes: self.leave(entry) if yes else None,
            )

    @acting
    async def leave(self, entry: WaitlistEntryView) -> None:
        """Leave the list."""
        await self.write(waitlist.withdraw, entry.id)
        if len(self.entries) == 1:
            self.dismiss(None)
        else:
            self.load()


async def read_waits(screen: StoreCalls) -> list[WaitlistEntryView]:
    """My own entries that have not ended; what was not answered in time goes on first."""
    if await screen.read(waitlist.overdue):
        await screen.tend(waitlist.pass_on)
    page = await screen.read(waitlist.list_entries)
    return list(page.items)


def offer_lines(entry: WaitlistEntryView, now: datetime) -> list[Content]:
    """An offer as it stands on the first page."""
    offer = entry.offer
    assert offer is not None
    rows = [
        content(
            "[b $accent]$when[/], [b]$doctor[/], $department",
            when=long_moment(offer.starts_at),
            doctor=offer.doctor,
            department=offer.department,
        )
    ]
    if entry.appointment_at is not None:
        when = f"instead of {long_moment(entry.appointment_at)}"
        rows.append(content("[$text-muted]$when[/]", when=when))
    left = offer.minutes_left(now)
    rows.append(
        content(
            "[$key]y[/] take it   [$key]d[/] no, thank you   "
            "[$text-muted]until $until, $left minutes left[/]",
            until=f"{offer.expires_at:%H:%M}"
            if offer.expires_at.date() == now.date()
            else f"{offer.expires_at:%a %H:%M}",
            left=left,
        )
    )
    return rows


def waits_line(entries: list[WaitlistEntryView]) -> Content:
    """What I wait for, in one line of the first page; what became of the last offer with it."""
    names = ", ".join(one.doctor or one.department for one in entries)
    return content(
        "[$text-muted]Waiting    [/] for an earlier time: $names  [$key]v[/] shows it",
        names=names,
    )


def last_words(entry: WaitlistEntryView) -> str:
    """What became of the last offer: `Wed 07 Jan 11:00 was taken by somebody else`."""
    if entry.last is None or entry.last.outcome not in _LAST:
        return ""
    return f"{entry.last.starts_at:%a %d %b %H:%M} {_LAST[entry.last.outcome]}"


def _in_words(entry: WaitlistEntryView) -> list[Content]:
    rows = []
    if entry.appointment_at is not None:
        rows.append(fact("Instead of", long_moment(entry.appointment_at)))
    rows.append(fact("Since", long_moment(entry.created_at)))
    if entry.offer is not None:
        until = f"{entry.offer.expires_at:%H:%M}"
        rows.append(fact("Offered", f"{long_moment(entry.offer.starts_at)}, until {until}"))
    last = last_words(entry)
    if last:
        rows.append(fact("Before", last))
    return rows
