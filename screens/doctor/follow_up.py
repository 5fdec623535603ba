"""Booking a patient again, with the same doctor: the follow-up."""

from __future__ import annotations

from datetime import date

from screens.base import RoleScreen, acting
from screens.shared.names import day_words
from screens.shared.slot_dialog import SlotDialog
from store import appointments, doctors, patients
from store.values import AppointmentStatus, AppointmentView


class BooksFollowUps(RoleScreen):
    """A screen of a doctor from which a patient who was seen is booked again."""

    @property
    def doctor_id(self) -> int:
        """Whose screen it is."""
        doctor_id = self.context.actor.doctor_id
        assert doctor_id is not None
        return doctor_id

    @acting
    async def book_again(self, patient_id: int, day: date | None = None) -> None:
        """Open the doctor's own free slots, from the follow-up day on where there is one."""
        patient = await self.read(patients.get, patient_id)
        doctor = await self.read(doctors.get, self.doctor_id)
        after = day if day is not None and day > self.context.today() else None
        dialog = SlotDialog(self.context, patient, doctor, after=after, title="Book the follow-up")
        self.app.push_screen(dialog, self._booked)

    def _booked(self, view: AppointmentView | None) -> None:
        if view is not None:
            self.booked_again(view)

    def booked_again(self, view: AppointmentView) -> None:
        """Tell of it."""
        self.say(f"{view.patient} comes again {comes_when(view, self.context.today())}.")

    async def next_booked(self, patient_id: int) -> AppointmentView | None:
        """The patient's next appointment with this doctor."""
        found = await self.read(
            appointments.list_appointments,
            start=self.context.now(),
            doctor_id=self.doctor_id,
            patient_id=patient_id,
            status=AppointmentStatus.BOOKED,
            limit=1,
        )
        return found.items[0] if found.items else None


def comes_when(view: AppointmentView, today: date) -> str:
    """`tomorrow 09:15`, `Mon 19 Jan 09:15`."""
    return f"{day_words(view.starts_at.date(), today)} {view.starts_at:%H:%M}"
