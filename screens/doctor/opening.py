"""Opening an appointment from any of the doctor's screens: whatever is due is done with it."""

from __future__ import annotations

from screens.base import acting
from screens.doctor.consultation import After, ConsultationScreen
from screens.doctor.follow_up import BooksFollowUps
from screens.doctor.record import RecordScreen
from screens.shared.details import AppointmentDetails
from screens.shared.record_paper import RecordPaperDialog
from store import appointments, desk, records
from store.values import AppointmentStatus as Status
from store.values import AppointmentView, RecordStatus


class OpensVisits(BooksFollowUps):
    """Calls in who waits, resumes a consultation, shows a record, or the appointment itself."""

    @acting
    async def open_visit(self, appointment_id: int) -> None:
        """Open an appointment as it stands at this moment."""
        await self.open_it(await self.read(appointments.get, appointment_id))

    async def open_it(self, row: AppointmentView) -> None:
        """Whatever is due."""
        if row.status is Status.CHECKED_IN:
            await self.start(row)
        elif row.status is Status.IN_CONSULTATION:
            self.consult(row)
        elif row.status is Status.COMPLETED:
            await self._show_record(row)
        else:
            self.details(row.id)

    async def start(self, row: AppointmentView) -> None:
        """Call the patient in."""
        started = await self.write(appointments.start, row.id, version=row.version)
        self.done(started, f"{started.patient} is in consultation.")
        self.consult(started)

    async def _show_record(self, row: AppointmentView) -> None:
        record = await self.read(records.of_appointment, row.id)
        if record is None or record.status is RecordStatus.DRAFT:
            self.consult(row)
        else:
            self.app.push_screen(RecordScreen(self.context, record.id, self.tab))

    def consult(self, visit: AppointmentView) -> None:
        """Write the record of a visit; afterwards the screen is read again."""

        def back(after: After | None) -> None:
            self.reload()
            if after is not None:
                self.seen(visit.id, after is After.NEXT)
            if after is After.PRINT:
                self.print_visit(visit.id)

        self.app.push_screen(ConsultationScreen(self.context, visit, self.tab), back)

    @acting
    async def print_visit(self, appointment_id: int) -> None:
        """Put what was prescribed at a visit on paper, or the summary of the visit."""
        record = await self.read(records.of_appointment, appointment_id)
        if record is None or record.status is RecordStatus.DRAFT:
            self.say("No record of this visit is signed yet; there is nothing to print.")
        else:
            self.app.push_screen(RecordPaperDialog(self.context, record), self._on_paper)

    def _on_paper(self, sentence: str | None) -> None:
        if sentence is not None:
            self.say(sentence)

    def details(self, appointment_id: int) -> None:
        """Show an appointment in full."""
        self.app.push_screen(AppointmentDetails(self.context, appointment_id))

    async def start_next(self) -> bool:
        """Call in whoever waits next at this moment; False while nobody does."""
        waiting = await self.read(desk.next_waiting, self.doctor_id)
        if waiting is not None:
            await self.start(waiting)
        return waiting is not None

    def done(self, view: AppointmentView, sentence: str) -> None:
        """Tell of a step."""
        self.say(sentence)

    def seen(self, appointment_id: int, then_next: bool) -> None:
        """What comes after a consultation; `then_next` where the next patient is to be called."""
