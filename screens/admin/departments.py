"""Departments: the list, entering and changing one, taking it out of use, deleting it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from screens.admin.keys import DELETE, EDIT, FIND, NEW, OF_DEPARTMENT, SWITCH
from screens.admin.tables import TABLE_KEYS, Drawn, TableScreen
from screens.base import acting
from screens.context import ScreenContext
from screens.messages import ListWanted
from screens.shared.confirm import Confirm
from screens.shared.dialogs import FormDialog
from screens.shared.words import active_cell, active_line
from store import departments, doctors
from store.values import DepartmentView
from widgets.form import Field, Form
from widgets.keys import bind
from widgets.plain import cell, content, lines, plain

_MOST_NOTE = 2000


class DepartmentsScreen(TableScreen[DepartmentView]):
    """All departments."""

    KIND = "departments"
    TITLE_TEXT = "Departments"
    EMPTY = "There is no department yet. n enters the first one."
    MORE_KEYS = f"[$key]o[/] records  [$key]delete[/] delete{TABLE_KEYS}"
    TOPICS = frozenset({"department", "doctor"})
    BINDINGS: ClassVar[list[BindingType]] = bind(
        NEW, EDIT, SWITCH, FIND, hidden=(DELETE, OF_DEPARTMENT)
    )

    def drawn(self) -> Mapping[str, Drawn[DepartmentView]]:
        """Name, doctors, what it does, state."""
        return {
            "name": Drawn(lambda one: cell(one.name, style=self._style(one))),
            "doctors": Drawn(lambda one: cell(one.doctors, style=self._style(one)), 9, right=True),
            "description": Drawn(lambda one: one.description, 30),
            "state": Drawn(lambda one: active_cell(one.active, self.colours), 11),
        }

    def _style(self, ward: DepartmentView) -> str:
        return "" if ward.active else self.colours["text-muted"]

    async def details(self, item: DepartmentView) -> Content:
        """Description and doctors."""
        page = await self.read(doctors.list_doctors, department_id=item.id, active=None)
        names = [
            content("• $name [$text-muted]$more[/]", name=one.name, more=_state(one.active))
            for one in page.items
        ]
        return lines(
            [
                content("[b]$name[/]", name=item.name),
                active_line(item.active),
                plain(item.description or "No description."),
                plain(""),
                content("[$text-muted]Doctors[/]"),
                *(names or [plain("none yet")]),
            ]
        )

    def action_new(self) -> None:
        """Enter a department."""
        self.app.push_screen(DepartmentForm(self.context), self._saved)

    def action_edit(self) -> None:
        """Change the one under the cursor."""
        self.with_selected(
            lambda ward: self.app.push_screen(DepartmentForm(self.context, ward), self._saved)
        )

    def _saved(self, ward: DepartmentView | None) -> None:
        if ward is not None:
            self.done(f"{ward.name} is saved.", go_to=ward.id)

    def action_records(self) -> None:
        """The medical records of the one under the cursor."""
        self.with_selected(self._show_records)

    def _show_records(self, ward: DepartmentView) -> None:
        name = ward.name.replace('"', " ")
        self.post_message(ListWanted("Records", f'department:"{name}"'))

    def action_switch(self) -> None:
        """Take it out of use, or into it again."""
        self.with_selected(self._ask_switch)

    def _ask_switch(self, ward: DepartmentView) -> None:
        if not ward.active:
            self.activate(ward)
            return
        question = f"Take {ward.name} out of use? Its history stays; nobody can be booked there."
        self.app.push_screen(
            Confirm("Deactivate", question), lambda yes: self.deactivate(ward) if yes else None
        )

    @acting
    async def activate(self, ward: DepartmentView) -> None:
        """Into use again."""
        await self.write(departments.activate, ward.id)
        self.done(f"{ward.name} is in use again.")

    @acting
    async def deactivate(self, ward: DepartmentView) -> None:
        """Out of use."""
        await self.write(departments.deactivate, ward.id)
        self.done(f"{ward.name} is out of use. a shows it, x brings it back.")

    def action_delete(self) -> None:
        """Delete one that never came to anything."""
        self.with_selected(
            lambda ward: self.app.push_screen(
                Confirm("Delete", f"Delete {ward.name} for good?"),
                lambda yes: self.delete(ward) if yes else None,
            )
        )

    @acting
    async def delete(self, ward: DepartmentView) -> None:
        """Delete it; the store tells why where it may not."""
        await self.write(departments.delete, ward.id)
        self.done(f"{ward.name} is deleted.")


def _state(active: bool) -> str:
    return "" if active else "inactive"


class DepartmentForm(FormDialog[DepartmentView]):
    """Enter a department, or change one."""

    TITLE_TEXT = "New department"
    OTHER_NAMES: ClassVar = {"name_key": "name"}

    def __init__(self, context: ScreenContext, ward: DepartmentView | None = None) -> None:
        super().__init__(context, title="Change the department" if ward else "")
        self.ward = ward

    def body(self) -> ComposeResult:
        """Name and description."""
        ward = self.ward
        yield Form(
            (
                Field(
                    "name",
                    "Name",
                    value=ward.name if ward else "",
                    required=True,
                    max_length=120,
                ),
                Field(
                    "description",
                    "Description",
                    kind="note",
                    value=ward.description if ward else "",
                    max_length=_MOST_NOTE,
                ),
            )
        )

    def save(self, values: dict[str, str]) -> None:
        """Save it."""
        self.store_it(values["name"], values["description"])

    @acting
    async def store_it(self, name: str, description: str) -> None:
        """Enter it, or change what differs."""
        if self.ward is None:
            ward = await self.write(departments.create, name=name, description=description)
        else:
            ward = await self.write(
                departments.update,
                self.ward.id,
                version=self.ward.version,
                name=name,
                description=description,
            )
        self.dismiss(ward)
