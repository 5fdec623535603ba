"""Doctors: the list, entering, changing, out of use, their hours and leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from screens.admin.doctor_form import DoctorForm
from screens.admin.hours import HoursDialog
from screens.admin.keys import DEPARTMENT, EDIT, FIND, HOURS, LEAVE, NEW, SWITCH
from screens.admin.tables import TABLE_KEYS, Drawn, TableScreen
from screens.base import Dialog, acting, reading
from screens.context import ScreenContext
from screens.shared.affected import MayHitAppointments
from screens.shared.confirm import Confirm
from screens.shared.dialogs import what_stands_again, what_was_chosen
from screens.shared.entry_keys import UNDO
from screens.shared.leave import LeaveDialog
from screens.shared.patient_fields import language_words
from screens.shared.refused import show_left_out
from screens.shared.words import (
    WEEKDAYS,
    active_cell,
    active_line,
    fee_text,
    session_words,
    span_words,
)
from store import departments, doctors, leave, schedule, time_off_undo
from store.text import begins
from store.values import Affected, DepartmentView, DoctorView, LeaveView, TimeStep, WorkingHoursView
from widgets.keys import bind
from widgets.pick_list import PickList
from widgets.plain import cell, content, lines, plain

_EVERY = "every"


class DoctorsScreen(TableScreen[DoctorView], MayHitAppointments):
    """All doctors, or those of one department."""

    KIND = "doctors"
    TITLE_TEXT = "Doctors"
    EMPTY = "There is no doctor yet. n enters the first one."
    MORE_KEYS = f"[$key]x[/] on/off  [$key]/[/] filter{TABLE_KEYS}"
    TOPICS = frozenset({"doctor", "department", "hours", "leave", "account"})
    BINDINGS: ClassVar[list[BindingType]] = bind(
        NEW, EDIT, HOURS, LEAVE, SWITCH, hidden=(FIND, DEPARTMENT, UNDO)
    )

    def __init__(self, context: ScreenContext, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.department: DepartmentView | None = None

    @property
    def line(self) -> str:
        """The filter, and the department that was chosen."""
        here = f"department:{self.department.id}" if self.department else ""
        return f"{super().line} {here}".strip()

    def narrowed_by(self) -> str:
        """The department."""
        parts = [self.department.name if self.department else "", super().narrowed_by()]
        return " · ".join(part for part in parts if part)

    def drawn(self) -> Mapping[str, Drawn[DoctorView]]:
        """Who, where, how to be reached, state."""
        muted = self.colours["text-muted"]
        return {
            "name": Drawn(lambda one: cell(one.name, style=self._style(one))),
            "department": Drawn(lambda one: cell(one.department, style=self._style(one)), 16),
            "username": Drawn(lambda one: cell(one.username, style=muted), 12),
            "qualification": Drawn(lambda one: one.qualification, 16),
            "registration": Drawn(lambda one: one.registration or "–", 14),
            "email": Drawn(lambda one: one.email or "–", 24),
            "phone": Drawn(lambda one: one.phone or "–", 15),
            "queue": Drawn(lambda one: one.queue_code, 6),
            "state": Drawn(lambda one: active_cell(one.active, self.colours), 10),
        }

    def _style(self, doctor: DoctorView) -> str:
        return "" if doctor.active else self.colours["text-muted"]

    async def details(self, item: DoctorView) -> Content:
        """Particulars, the week, and leave to come."""
        hours = await self.read(schedule.hours_of, item.id)
        away = await self.read(leave.list_leave, doctor_id=item.id, start=self.context.now())
        return lines([*_particulars(item), *_week(hours), *_away(away)])

    # Entering and changing

    def action_new(self) -> None:
        """Enter a doctor."""
        self.open_form(None)

    def action_edit(self) -> None:
        """Change the one under the cursor."""
        self.with_selected(self.open_form)

    @reading("form")
    async def open_form(self, doctor: DoctorView | None) -> None:
        """Open the form, with the departments that a doctor may belong to."""
        wards = (await self.read(departments.list_departments)).items
        if not wards:
            self.say("Enter a department first: a doctor belongs to one.")
            return
        form = DoctorForm(self.context, wards, doctor, self.department)
        self.app.push_screen(form, self._saved)

    def _saved(self, doctor: DoctorView | None) -> None:
        if doctor is not None:
            self.done(f"{doctor.name} is saved. w sets the working hours.", go_to=doctor.id)

    def action_hours(self) -> None:
        """Open the working hours of the one under the cursor."""
        self.with_selected(
            lambda doctor: self.app.push_screen(
                HoursDialog(self.context, doctor), self._dialog_closed
            )
        )

    def action_leave(self) -> None:
        """Open the leave of the one under the cursor."""
        self.with_selected(
            lambda doctor: self.app.push_screen(
                LeaveDialog(self.context, doctor), self._dialog_closed
            )
        )

    def _dialog_closed(self, _: None) -> None:
        self.load_details()

    # In and out of use

    def action_switch(self) -> None:
        """Out of use, or into it again."""
        self.with_selected(self._ask_switch)

    def _ask_switch(self, doctor: DoctorView) -> None:
        if not doctor.active:
            self.activate(doctor)
            return
        question = (
            f"Deactivate {doctor.name}? The doctor takes no appointments and signs in no more;"
            " the history stays."
        )
        self.app.push_screen(
            Confirm("Deactivate", question), lambda yes: self.deactivate(doctor) if yes else None
        )

    def deactivate(self, doctor: DoctorView) -> None:
        """Out of use; appointments that are booked are shown first."""
        self.change(
            lambda tx, affected: doctors.deactivate(tx, doctor.id, affected), self._deactivated
        )

    def _deactivated(self, doctor: DoctorView, affected: Affected | None) -> None:
        sentence = f"{doctor.name} is deactivated.{what_was_chosen(affected)}"
        self.done(sentence, became=doctor, undo=True)

    def action_undo(self) -> None:
        """Take back that the one under the cursor was deactivated or went elsewhere, or the one
        who has just left the list."""
        self.with_acted_on(self.take_back)

    @acting
    async def take_back(self, doctor: DoctorView) -> None:
        """Take it back, with the appointments that it hit."""
        done = await self.write(time_off_undo.take_back, TimeStep.DOCTOR, doctor.id)
        self.done(f"{doctor.name} is as before.{what_stands_again(done)}", go_to=doctor.id)
        await show_left_out(self, done)

    @acting
    async def activate(self, doctor: DoctorView) -> None:
        """Into use again."""
        await self.write(doctors.activate, doctor.id)
        self.done(f"{doctor.name} is active again.")

    # The department

    def action_department(self) -> None:
        """Choose a department to narrow the list to."""
        self.app.push_screen(DepartmentDialog(self.context), self._department_chosen)

    def _department_chosen(self, choice: DepartmentView | str | None) -> None:
        if choice is not None:
            self.department = choice if isinstance(choice, DepartmentView) else None
            self.narrow()


def _particulars(doctor: DoctorView) -> list[Content]:
    pairs = (
        ("Department", doctor.department),
        ("User name", doctor.username),
        ("Qualification", doctor.qualification or "–"),
        ("Registration", doctor.registration or "–"),
        ("E-mail", doctor.email or "–"),
        ("Phone", doctor.phone or "–"),
        ("Mails in", language_words(doctor.language)),
        ("Fee", f"₹{fee_text(doctor.fee)}" if doctor.fee is not None else "–"),
        ("Queue letter", doctor.queue_code),
    )
    facts = [
        content("[$text-muted]$label[/]$value", label=f"{label:<15}", value=value)
        for label, value in pairs
    ]
    bio = [plain(""), plain(doctor.bio)] if doctor.bio else []
    return [content("[b]$name[/]", name=doctor.name), active_line(doctor.active), *facts, *bio]


def _week(hours: Sequence[WorkingHoursView]) -> list[Content]:
    rows = [plain(""), content("[$text-muted]Working hours / minutes a slot[/]")]
    for weekday, sessions in groupby(hours, key=lambda one: one.session.weekday):
        words = [session_words(one.session) for one in sessions]
        usual = "   ".join(one for one in words if " " not in one)
        rows.append(content("$day  $words", day=WEEKDAYS[weekday], words=usual or "–"))
        rows += [content("     $words", words=one) for one in words if " " in one]
    return rows if hours else [*rows, plain("none yet: w sets them")]


def _away(away: Sequence[LeaveView]) -> list[Content]:
    rows = [plain(""), content("[$text-muted]Leave to come[/]")]
    for one in away:
        rows.append(plain(span_words(one.starts_at, one.ends_at)))
        rows.append(content("[$text-muted]  $reason[/]", reason=one.reason or "–"))
    return rows if away else [*rows, plain("none")]


class DepartmentDialog(Dialog["DepartmentView | str"]):
    """Choose a department, or all of them, by typing a few letters."""

    TITLE_TEXT = "Doctors of which department?"
    CSS = "DepartmentDialog PickList { height: 14; }"

    def body(self) -> ComposeResult:
        """A field and the departments."""
        yield PickList(hint="department")

    def on_mount(self) -> None:
        """Start typing at once."""
        self.departments: dict[str, DepartmentView] = {}
        self.query_one(PickList).focus()
        self.load()

    @reading("departments")
    async def load(self) -> None:
        """Read them."""
        page = await self.read(departments.list_departments, active=None)
        self.departments = {str(ward.id): ward for ward in page.items}
        self._show(self.query_one(PickList).text)

    @on(PickList.Asked)
    def _asked(self, event: PickList.Asked) -> None:
        self._show(event.text)

    def _show(self, text: str) -> None:
        hits = [
            (key, content("[b]$name[/]  [$text-muted]$n[/]", name=ward.name, n=_count(ward)))
            for key, ward in self.departments.items()
            if begins(text, ward.name)
        ]
        if begins(text, "all departments"):
            hits.insert(0, (_EVERY, content("[$accent]all departments[/]")))
        note = "" if hits else "No department begins like that."
        self.query_one(PickList).show(hits, note)

    @on(PickList.Chosen)
    def _chosen(self, event: PickList.Chosen) -> None:
        self.dismiss(self.departments.get(event.key, _EVERY))


def _count(ward: DepartmentView) -> str:
    return "1 doctor" if ward.doctors == 1 else f"{ward.doctors} doctors"
