"""Patients: the list, registering, changing, out of use, all that was written of one, and the
records by mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from screens.admin.keys import EDIT, FIND, HISTORY, MAIL_RECORDS, NEW, SWITCH
from screens.admin.mail_records import MailPatientRecords
from screens.admin.reading import ReadingDialog, history_of
from screens.admin.tables import TABLE_KEYS, Drawn, TableScreen, facts
from screens.base import acting, reading
from screens.shared.confirm import Confirm
from screens.shared.dialogs import Details
from screens.shared.patient_fields import birth_text
from screens.shared.patient_form import PatientForm
from screens.shared.words import active_cell, active_line
from store import patients
from store.values import PatientView
from widgets.keys import bind
from widgets.patient_finder import sex_and_age
from widgets.plain import cell, content, lines, plain


class PatientsScreen(TableScreen[PatientView]):
    """All patients."""

    KIND = "patients"
    TITLE_TEXT = "Patients"
    EMPTY = "There is no patient yet. n registers the first one."
    MORE_KEYS = f"[$key]x[/] on/off  [$key]m[/] mail records{TABLE_KEYS}"
    TOPICS = frozenset({"patient"})
    BINDINGS: ClassVar[list[BindingType]] = bind(
        NEW, EDIT, HISTORY, FIND, hidden=(SWITCH, MAIL_RECORDS)
    )

    def drawn(self) -> Mapping[str, Drawn[PatientView]]:
        """Who, by what number, how old, how to be reached."""
        muted = self.colours["text-muted"]
        return {
            "name": Drawn(lambda one: cell(one.name, style="" if one.active else muted)),
            "mrn": Drawn(lambda one: cell(one.mrn, style=muted), 9),
            "sex": Drawn(lambda one: sex_and_age(one.sex, one.age), 8),
            "born": Drawn(lambda one: birth_text(one) or "–", 10),
            "phone": Drawn(lambda one: one.phone or "–", 14),
            "email": Drawn(lambda one: one.email or "–", 24),
            "address": Drawn(lambda one: one.address or "–", 24),
            "username": Drawn(lambda one: one.username or "–", 12),
            "id": Drawn(lambda one: cell(one.id, style=muted), 12, right=True),
            "state": Drawn(lambda one: active_cell(one.active, self.colours), 10),
        }

    async def details(self, item: PatientView) -> Content:
        """The particulars; what is medical is behind its own key."""
        emergency = " ".join(part for part in (item.emergency_name, item.emergency_phone) if part)
        return lines(
            [
                content("[b]$name[/]", name=item.name),
                active_line(item.active),
                *facts(
                    [
                        ("Number", item.mrn),
                        ("Sex, age", sex_and_age(item.sex, item.age)),
                        ("Born", birth_text(item) or "–"),
                        ("Phone", item.phone or "–"),
                        ("E-mail", item.email or "–"),
                        ("Address", item.address or "–"),
                        ("In emergency", emergency or "–"),
                        ("User name", item.username or "–"),
                        ("External id", item.external_id or "–"),
                    ]
                ),
                content(""),
                content("[$text-muted]o reads what was written: that is noted in the trail.[/]"),
            ]
        )

    def action_new(self) -> None:
        """Register a patient."""
        self.app.push_screen(PatientForm(self.context), self._saved)

    def action_edit(self) -> None:
        """Change the one under the cursor."""
        self.with_selected(
            lambda one: self.app.push_screen(PatientForm(self.context, one), self._saved)
        )

    def _saved(self, patient: PatientView | None) -> None:
        if patient is not None:
            self.done(f"{patient.name}, {patient.mrn}, is saved.", go_to=patient.id)

    def action_switch(self) -> None:
        """Out of use, or into it again."""
        self.with_selected(self._ask_switch)

    def _ask_switch(self, one: PatientView) -> None:
        if not one.active:
            self.activate(one)
            return
        question = (
            f"Deactivate {one.name}, {one.mrn}? Nobody finds or books the patient then, who signs"
            " in no more; the history stays."
        )
        self.app.push_screen(
            Confirm("Deactivate", question), lambda yes: self.deactivate(one) if yes else None
        )

    @acting
    async def deactivate(self, one: PatientView) -> None:
        """Out of use."""
        await self.write(patients.deactivate, one.id)
        self.done(f"{one.name} is deactivated. a shows the patient, x brings one back.")

    @acting
    async def activate(self, one: PatientView) -> None:
        """Into use again."""
        await self.write(patients.activate, one.id)
        self.done(f"{one.name} is active again.")

    def action_history(self) -> None:
        """All that was written of the one under the cursor."""
        self.with_selected(self.open_history)

    @reading("open")
    async def open_history(self, one: PatientView) -> None:
        """Read it; that is noted in the audit trail."""
        found = await self.read(history_of, one.id)
        self.app.push_screen(ReadingDialog(self.context, found, title=f"{one.name} · {one.mrn}"))

    def action_mail_records(self) -> None:
        """Send the records to the patient's own address."""
        self.with_selected(
            lambda one: self.app.push_screen(
                MailPatientRecords(self.context, one), self._records_asked
            )
        )

    def _records_asked(self, told: str | None) -> None:
        if told:
            self.app.push_screen(Details(self.context, plain(told), title="Records by e-mail"))
