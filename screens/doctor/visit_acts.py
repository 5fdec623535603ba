"""What a doctor does with an appointment wherever it is seen, and taking it back: by the keys of
the desk's queue."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from screens.base import acting
from screens.context import ScreenContext
from screens.doctor.follow_up import comes_when
from screens.doctor.opening import OpensVisits
from screens.shared.confirm import AskReason, Confirm
from screens.shared.names import day_words
from screens.shared.slot_dialog import SlotDialog
from store import appointments, doctors, records
from store.undo import undo
from store.values import AppointmentStatus as Status
from store.values import AppointmentView
from widgets.badges import status_words


class VisitActs(OpensVisits):
    """A screen with appointments, of which one is under the cursor."""

    def __init__(self, context: ScreenContext, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.undoable: list[tuple[int, str]] = []

    async def visit_here(self) -> AppointmentView | None:
        """The appointment under the cursor."""
        raise NotImplementedError

    async def _here(self) -> AppointmentView | None:
        row = await self.visit_here()
        if row is None:
            self.say("There is no appointment under the cursor.")
        return row

    def _when(self, row: AppointmentView) -> str:
        """The time, with the day where it is another than today."""
        day = row.starts_at.date()
        words = "" if day == self.context.today() else f"{day_words(day, self.context.today())} "
        return f"{words}{row.starts_at:%H:%M}"

    def done(self, view: AppointmentView, sentence: str) -> None:
        """Tell of a step, and remember it for undo."""
        self.undoable.append((view.id, sentence))
        self.say(sentence, key="u", verb="undo")

    @acting
    async def action_details(self) -> None:
        """Show the appointment in full."""
        row = await self._here()
        if row is not None:
            self.details(row.id)

    @acting
    async def action_print(self) -> None:
        """Put the prescription or summary of the visit on paper."""
        row = await self._here()
        if row is not None:
            self.print_visit(row.id)

    @acting
    async def action_no_show(self) -> None:
        """The patient did not come."""
        row = await self._here()
        if row is not None:
            question = f"{row.patient} did not come, {self._when(row)}?"
            self.app.push_screen(
                Confirm("No-show", question),
                lambda yes: self.take(row, appointments.no_show, "no-show") if yes else None,
            )

    @acting
    async def action_cancel(self) -> None:
        """Cancel the appointment."""
        row = await self._here()
        if row is not None:
            question = f"Cancel {row.patient}, {self._when(row)}? The patient hears by mail."
            asked = AskReason("Cancel", question, label="Reason (optional)", enter="cancel it")
            self.app.push_screen(
                asked,
                lambda reason: (
                    None
                    if reason is None
                    else self.take(row, appointments.cancel, "cancelled", reason)
                ),
            )

    @acting
    async def take(
        self,
        row: AppointmentView,
        rule: Callable[..., AppointmentView],
        became: str,
        reason: str | None = None,
    ) -> None:
        """Take an appointment's step and tell of it."""
        more = {} if reason is None else {"reason": reason}
        view = await self.write(rule, row.id, version=row.version, **more)
        self.done(view, f"{view.patient}: {became}.")

    @acting
    async def action_move(self) -> None:
        """Move the appointment to another of the own free slots."""
        row = await self._here()
        if row is not None:
            doctor = await self.read(doctors.get, self.doctor_id)
            self.app.push_screen(SlotDialog(self.context, None, doctor, moving=row), self._moved_to)

    def _moved_to(self, view: AppointmentView | None) -> None:
        if view is not None:
            self.done(view, f"{view.patient} comes {comes_when(view, self.context.today())}.")

    @acting
    async def action_follow_up(self) -> None:
        """Book the patient again, into the own time."""
        row = await self._here()
        if row is not None:
            self.book_again(row.patient_id, await self._follow_up_day(row))

    async def _follow_up_day(self, row: AppointmentView) -> date | None:
        """The day that the visit's record gives, if it was written."""
        if row.status not in (Status.IN_CONSULTATION, Status.COMPLETED):
            return None
        record = await self.read(records.of_appointment, row.id)
        return record.content.follow_up_on if record is not None else None

    def booked_again(self, view: AppointmentView) -> None:
        """Tell of it, and let it be taken back."""
        when = comes_when(view, self.context.today())
        self.done(view, f"{view.patient} comes again {when}.")

    def action_undo(self) -> None:
        """Take the last step back."""
        if self.undoable:
            self.take_back(*self.undoable[-1])
        else:
            self.say("There is no step of yours to undo on this screen.")

    @acting
    async def take_back(self, appointment_id: int, sentence: str) -> None:
        """Undo a step; once refused it is not offered again."""
        self.undoable.remove((appointment_id, sentence))
        view = await self.write(undo, appointment_id)
        again = "" if view.status is Status.CANCELLED else " again"
        self.say(f"Undone: {view.patient} is {status_words(view.status)}{again}.")

    # What comes after a consultation

    @acting
    async def seen(self, appointment_id: int, then_next: bool) -> None:
        """Tell what came of a consultation; offer what it leaves to be done."""
        visit = await self.read(appointments.get, appointment_id)
        if visit.status is not Status.COMPLETED:
            self.say(f"The draft of {visit.patient} is kept.", key="u", verb="undo")
        elif not then_next and (day := await self._unbooked_follow_up(visit)) is not None:
            self.stay_with(visit)
            when = day_words(day, self.context.today())
            sentence = f"{visit.patient}: signed and completed."
            self.say(sentence, key="b", verb=f"books the follow-up, {when}")
        else:
            self.say(f"{visit.patient}: signed and completed.")
            self.go_on_from(visit)
        if then_next:
            self.call_in_next()

    async def _unbooked_follow_up(self, visit: AppointmentView) -> date | None:
        """The follow-up day that the visit's record gives and nobody has booked yet."""
        day = await self._follow_up_day(visit)
        booked = day is not None and await self.next_booked(visit.patient_id) is not None
        return None if booked else day

    def stay_with(self, visit: AppointmentView) -> None:
        """Keep the cursor on a visit, for its follow-up is offered."""

    def go_on_from(self, visit: AppointmentView) -> None:
        """Put the cursor on what comes next."""

    @acting
    async def call_in_next(self) -> None:
        """Call in whoever waits next at this moment."""
        if not await self.start_next():
            self.say(f"Nobody waits.{self.who_comes()}")

    def who_comes(self) -> str:
        """What is known of those still to come, as a sentence."""
        return ""
