"""Putting a patient on the waiting list at the desk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from screens.base import StoreCalls, acting
from screens.context import ScreenContext
from screens.reception.waiting_keys import FOR_WHOM
from screens.shared.dialogs import FormDialog
from screens.shared.doctor_dialog import DoctorChoice, DoctorDialog
from screens.shared.facts import fact
from screens.shared.names import short_name
from screens.shared.wish import OTHER_NAMES, WISH_FIELDS, read_wish
from store import appointments, waitlist
from store.errors import Invalid
from store.one_line import When
from store.values import (
    AppointmentStatus,
    AppointmentView,
    DoctorView,
    PatientView,
    WaitlistEntryView,
)
from widgets.form import Field, Form
from widgets.keys import BACK, HELP, bind
from widgets.patient_finder import sex_and_age
from widgets.plain import lines

_MOST_CHOICES = 2


async def wait_dialog(
    screen: StoreCalls, patient: PatientView, doctor: DoctorView | None = None
) -> WaitDialog:
    """The dialog for a patient, which knows the appointments to come; `doctor` is the one chosen
    already."""
    page = await screen.read(
        appointments.list_appointments,
        patient_id=patient.id,
        start=screen.context.now(),
        status=AppointmentStatus.BOOKED,
    )
    return WaitDialog(screen.context, patient, page.items, doctor)


def added_words(entry: WaitlistEntryView) -> str:
    """What was done, in a sentence."""
    return f"{entry.patient} waits for an earlier slot: {entry.doctor or entry.department}."


class ForWhom(DoctorDialog):
    """A doctor, or anybody of a department."""

    TITLE_TEXT = "Waits for whom?"

    def choose_first_free(self, key: str, when: When) -> None:
        """Whoever was chosen, and not a slot; the hours are asked for in the form behind."""
        doctor = self.doctors.get(key)
        if doctor is not None:
            self.dismiss(DoctorChoice(doctor))
            return
        name = key.removeprefix("department ")
        anybody = next(one for one in self.doctors.values() if one.department == name)
        self.dismiss(DoctorChoice(anybody, whole=True))


class WaitDialog(FormDialog[WaitlistEntryView]):
    """For whom, instead of which appointment, and when. With an appointment to come, its doctor is
    taken; `f3` chooses another doctor, or a department."""

    TITLE_TEXT = "Waiting list"
    OTHER_NAMES = OTHER_NAMES
    BINDINGS: ClassVar[list[BindingType]] = bind(FOR_WHOM, BACK, HELP)
    CSS = "WaitDialog #facts { margin-bottom: 1; }"

    def __init__(
        self,
        context: ScreenContext,
        patient: PatientView,
        visits: Sequence[AppointmentView],
        doctor: DoctorView | None = None,
    ) -> None:
        """`visits` are the patient's appointments to come, the soonest first; `doctor` the one
        chosen already."""
        super().__init__(context)
        self.patient = patient
        self.visits = list(visits[:_MOST_CHOICES])
        self.choice = DoctorChoice(doctor) if doctor and not visits else None

    def body(self) -> ComposeResult:
        """Who, for whom, and the form."""
        yield Static("", id="facts", markup=False)
        choices = [(str(one.id), f"{one.starts_at:%d %b %H:%M}") for one in self.visits]
        instead = Field(
            "appointment", "Instead of", kind="choice", choices=(*choices, ("", "none, one more"))
        )
        note = Field("note", "Note", hint="for the desk, optional", max_length=500)
        yield Form((*((instead,) if choices else ()), *WISH_FIELDS, note))

    def on_mount(self) -> None:
        """Ask for whom where nothing says it."""
        self._show()
        if self.choice is None and not self.visits:
            self.action_choose_doctor()

    def _show(self) -> None:
        patient = self.patient
        rows = [
            ("Patient", patient.name, f"{sex_and_age(patient.sex, patient.age)}  {patient.mrn}")
        ]
        if self.choice is None:
            names = ", ".join(short_name(one.doctor) for one in self.visits)
            rows.append(("Waits for", names or "–", "the appointment's doctor; f3 another"))
        elif self.choice.whole:
            rows.append(("Waits for", f"anybody of {self.choice.doctor.department}", "f3 another"))
        else:
            doctor = self.choice.doctor
            rows.append(("Waits for", doctor.name, f"{doctor.department}   f3 another"))
        self.query_one("#facts", Static).update(
            lines(fact(label, value, more, width=11) for label, value, more in rows)
        )

    def action_choose_doctor(self) -> None:
        """Choose a doctor or a department."""
        self.app.push_screen(ForWhom(self.context), self._chosen)

    def _chosen(self, choice: DoctorChoice | None) -> None:
        if choice is not None:
            self.choice = choice
            self.be_quiet()
            self._show()
        elif self.choice is None and not self.visits:
            self.dismiss(None)

    def save(self, values: dict[str, str]) -> None:
        """Read what was typed, then save."""
        try:
            wish = read_wish(values, self.context.today())
        except Invalid as error:
            self.refused(error)
            return
        visit = values.get("appointment")
        choice = self.choice
        if choice is not None:
            name = "department_id" if choice.whole else "doctor_id"
            wish[name] = choice.doctor.department_id if choice.whole else choice.doctor.id
        elif not visit:
            self.complain("For whom? f3 chooses a doctor or a department.")
            return
        self.add(wish | {"appointment_id": int(visit) if visit else None, "note": values["note"]})

    @acting
    async def add(self, wish: dict[str, Any]) -> None:
        """Put the patient on the list."""
        self.dismiss(await self.write(waitlist.add, patient_id=self.patient.id, **wish))
