"""Find a patient as you type: by name, phone, patient number or date of birth."""

from __future__ import annotations

from collections.abc import Sequence

from textual import on
from textual.content import Content
from textual.message import Message

from store.values import PatientView, Sex
from widgets.pick_list import PickList
from widgets.plain import content, lines

_SEXES = {Sex.FEMALE: "F", Sex.MALE: "M", Sex.OTHER: "O", Sex.UNKNOWN: "–"}


def sex_and_age(sex: Sex, age: int | None) -> str:
    """`F 34`; what is not known is a dash."""
    return f"{_SEXES[sex]} {'–' if age is None else age}"


def patient_lines(patient: PatientView) -> Content:
    """A patient in two lines: the name, then what tells namesakes apart. A third where the mail
    server of the address takes none, so that whoever speaks with the patient asks for another."""
    name = content("[b]$name[/]", name=patient.name)
    if not patient.active:
        name = content("[b]$name[/]  [$text-error]inactive[/]", name=patient.name)
    about = content(
        "[$text-muted]$mrn $who $phone[/]",
        mrn=patient.mrn,
        who=sex_and_age(patient.sex, patient.age),
        phone=patient.phone or "no phone",
    )
    refused = [content("[$text-error]✗mail refused[/]")] if patient.email_refused_at else []
    return lines([name, about, *refused])


class PatientFinder(PickList):
    """A list of patients that narrows as one types."""

    class Picked(Message):
        """A patient was chosen."""

        def __init__(self, finder: PatientFinder, patient: PatientView) -> None:
            super().__init__()
            self.finder = finder
            self.patient = patient

        @property
        def control(self) -> PatientFinder:
            """The finder, for `@on(…, "#id")`."""
            return self.finder

    def __init__(self, *, enter: str = "choose", id: str | None = None) -> None:
        super().__init__(hint="name, phone, number, birth date", enter=enter, id=id)
        self.patients: dict[str, PatientView] = {}

    @property
    def patient(self) -> PatientView | None:
        """The patient under the cursor."""
        return self.patients.get(self.selected or "")

    def show_patients(self, patients: Sequence[PatientView], note: str) -> None:
        """Answer what was asked."""
        self.patients = {str(patient.id): patient for patient in patients}
        self.show([(str(p.id), patient_lines(p)) for p in patients], note)

    @on(PickList.Chosen)
    def _chosen(self, event: PickList.Chosen) -> None:
        event.stop()
        patient = self.patients.get(event.key)
        if patient is not None:
            self.post_message(self.Picked(self, patient))
