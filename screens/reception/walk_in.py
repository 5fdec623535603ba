"""Taking in a patient who came without an appointment."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widgets import Input, Label, Static

from screens.base import Dialog, acting, reading
from screens.context import ScreenContext
from screens.shared.booking_keys import OTHER_DOCTOR, TAKE_IN
from screens.shared.doctor_dialog import DoctorChoice, DoctorDialog
from screens.shared.facts import fact
from store import desk
from store.errors import SlotUnavailable
from store.values import AppointmentView, DoctorView, PatientView
from widgets.inputs import EnterInput, LineInput
from widgets.keys import BACK, HELP, bind
from widgets.patient_finder import sex_and_age
from widgets.plain import lines


class WalkInDialog(Dialog[AppointmentView]):
    """Patient and doctor; enter gives the token."""

    TITLE_TEXT = "Walk-in"
    TOPICS = frozenset({"appointment", "doctor", "hours", "leave", "holiday", "hold"})
    BINDINGS: ClassVar[list[BindingType]] = bind(OTHER_DOCTOR, BACK, HELP, hidden=(TAKE_IN,))
    CSS = """
    WalkInDialog #facts { margin-bottom: 1; }
    WalkInDialog #note-row { height: 1; }
    WalkInDialog #note-row Label { width: 10; color: $text-muted; }
    """

    def __init__(
        self, context: ScreenContext, patient: PatientView, doctor: DoctorView | None
    ) -> None:
        super().__init__(context)
        self.patient = patient
        self.doctor = doctor
        self.place = ""
        self.request_id = str(uuid4())

    def body(self) -> ComposeResult:
        """Who, with whom, when, and a note."""
        yield Static("", id="facts", markup=False)
        with Horizontal(id="note-row"):
            yield Label("Note")
            yield EnterInput(
                "take in", placeholder="for the doctor, optional", max_length=500, id="note"
            )

    @property
    def unsaved(self) -> bool:
        """A note that was typed."""
        return bool(self.query_one("#note", LineInput).value.strip())

    def on_mount(self) -> None:
        """Ask for a doctor where none is chosen."""
        self.query_one("#note").focus()
        self._show()
        if self.doctor is None:
            self.action_choose_doctor()
        else:
            self.reload()

    def reload(self) -> None:
        """Read where the patient would go."""
        if self.doctor is not None:
            self.load()

    @reading("place")
    async def load(self) -> None:
        """Read where the patient would go."""
        assert self.doctor is not None
        try:
            place = await self.read(desk.walk_in_place, self.doctor.id)
        except SlotUnavailable:
            self.place = "no working time left today: choose another doctor"
        else:
            how = "free at" if place.free else "nothing free: between the others at"
            self.place = f"{how} {place.starts_at:%H:%M}"
        self._show()

    def _show(self) -> None:
        patient, doctor = self.patient, self.doctor
        who = sex_and_age(patient.sex, patient.age)
        rows = (
            ("Patient", patient.name, f"{who}  {patient.mrn}"),
            ("Doctor", doctor.name if doctor else "–", doctor.department if doctor else ""),
            ("Slot", self.place, ""),
        )
        self.query_one("#facts", Static).update(
            lines(fact(label, value, more, width=10) for label, value, more in rows)
        )

    def action_choose_doctor(self) -> None:
        """Choose another doctor."""
        self.app.push_screen(DoctorDialog(self.context), self._doctor_chosen)

    def _doctor_chosen(self, choice: DoctorChoice | None) -> None:
        if choice is not None:
            self.doctor = choice.doctor
            self.be_quiet()
            self.reload()
        elif self.doctor is None:
            self.dismiss(None)

    @on(Input.Submitted)
    def _entered(self, event: Input.Submitted) -> None:
        event.stop()
        self.action_take_in()

    def action_take_in(self) -> None:
        """Take the patient in."""
        if self.doctor is not None:
            self.be_quiet()
            self.save(self.doctor)

    @acting
    async def save(self, doctor: DoctorView) -> None:
        """Check in and draw the token."""
        self.dismiss(
            await self.write(
                desk.walk_in,
                patient_id=self.patient.id,
                doctor_id=doctor.id,
                note=self.query_one("#note", LineInput).value,
                request_id=self.request_id,
            )
        )
