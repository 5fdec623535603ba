"""Registering a patient, or changing one's particulars, in one form; likely duplicates are shown
before anybody is entered twice."""

from __future__ import annotations

from typing import Any, ClassVar

from msgspec.structs import asdict
from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from screens.base import Dialog, acting
from screens.context import ScreenContext
from screens.shared.booking_keys import SOMEBODY_NEW, THIS_ONE
from screens.shared.patient_fields import (
    ALLERGIES,
    MORE_ALLERGIES,
    birth_text,
    input_of,
    patient_fields,
)
from store import patient_search, patients
from store.values import PatientInput, PatientView
from widgets.form import Form
from widgets.keys import BACK, HELP, bind
from widgets.patient_finder import sex_and_age
from widgets.plain import plain
from widgets.record_table import Column, RecordTable, Row


class PatientForm(Dialog[PatientView]):
    """Register a patient, or with `patient`, change one. Answers with the patient as saved, or
    with the one that was there already."""

    TITLE_TEXT = "Register a patient"

    def __init__(
        self,
        context: ScreenContext,
        patient: PatientView | None = None,
        *,
        name: str = "",
        phone: str = "",
    ) -> None:
        super().__init__(context, title="Change a patient" if patient else "")
        self.patient = patient
        self.fields = patient_fields(patient, name, phone)
        self.fields.append(MORE_ALLERGIES if patient else ALLERGIES)

    def body(self) -> ComposeResult:
        """The form."""
        if self.patient is not None:
            yield Static(plain(f"Patient number {self.patient.mrn}"), markup=False)
        yield Form(self.fields)

    def on_mount(self) -> None:
        """Start in the first field."""
        self.query_one(Form).focus_first()

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        self.be_quiet()
        if self.patient is None:
            self.look_for_duplicates(event.values)
        else:
            self.change(self.patient, event.values)

    @acting
    async def look_for_duplicates(self, values: dict[str, str]) -> None:
        """Ask who is there already; register where nobody is like this."""
        given = input_of(values)
        similar = await self.read(patient_search.likely_duplicates, given)
        if similar:
            self.app.push_screen(
                DuplicatesDialog(self.context, similar), lambda answer: self._decided(given, answer)
            )
        else:
            await self._register(given)

    def _decided(self, given: PatientInput, answer: PatientView | bool | None) -> None:
        if isinstance(answer, PatientView):
            self.dismiss(answer)
        elif answer:
            self.register(given)

    @acting
    async def register(self, given: PatientInput) -> None:
        """Register, knowing of the similar ones."""
        await self._register(given)

    async def _register(self, given: PatientInput) -> None:
        self.dismiss(await self.write(patients.register, given))

    @acting
    async def change(self, patient: PatientView, values: dict[str, str]) -> None:
        """Save what differs; what was written of allergies is added to those that are known."""
        given = asdict(input_of(values))
        found = given.pop("allergies")
        changes = {
            field.name: given[field.name]
            for field in self.fields
            if field.name in given and values[field.name] != field.value
        }

        def whole(tx: Any) -> PatientView:
            saved = patients.update(tx, patient.id, changes, version=patient.version)
            for substance in found:
                patients.add_allergy(tx, patient.id, substance)
            return saved

        self.dismiss(await self.write(whole))


class DuplicatesDialog(Dialog["PatientView | bool"]):
    """Patients who may be the one being registered: enter takes one, `ctrl+s` registers anew."""

    TITLE_TEXT = "Is it one of these?"
    BINDINGS: ClassVar[list[BindingType]] = bind(SOMEBODY_NEW, BACK, HELP, hidden=(THIS_ONE,))
    COLUMNS = (
        Column("name", "Patient"),
        Column("mrn", "Number", 11),
        Column("who", "", 6),
        Column("born", "Born", 11),
        Column("phone", "Phone", 15),
    )

    def __init__(self, context: ScreenContext, similar: list[PatientView]) -> None:
        super().__init__(context)
        self.similar = {str(patient.id): patient for patient in similar}

    def body(self) -> ComposeResult:
        """The similar ones in a table."""
        yield Static(
            plain("These patients are much like the one you are registering."), markup=False
        )
        table = RecordTable(self.COLUMNS, empty="", enter="this one")
        table.styles.height = len(self.similar) + 2
        yield table

    def on_mount(self) -> None:
        """Show them, the likeliest first."""
        table = self.query_one(RecordTable)
        table.show([self._row(patient) for patient in self.similar.values()])
        table.focus()

    @staticmethod
    def _row(patient: PatientView) -> Row:
        cells: tuple[Text | str, ...] = (
            patient.name,
            patient.mrn,
            sex_and_age(patient.sex, patient.age),
            birth_text(patient) or "–",
            patient.phone or "–",
        )
        return Row(str(patient.id), cells)

    @on(RecordTable.Opened)
    def _opened(self, event: RecordTable.Opened) -> None:
        self.dismiss(self.similar[event.key])

    def action_this_one(self) -> None:
        """Take the patient under the cursor."""
        key = self.query_one(RecordTable).selected
        if key is not None:
            self.dismiss(self.similar[key])

    def action_somebody_new(self) -> None:
        """Register all the same."""
        self.dismiss(True)
