"""The doctor's own appointments, past and to come, narrowed by words; each step is taken here."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.binding import BindingType
from textual.content import Content

from screens.base import acting
from screens.doctor.keys import BOOK, CANCEL, DETAILS, FIND, MOVE, NO_SHOW, PRINT, UNDO
from screens.doctor.own_list import OwnList
from screens.doctor.today_text import side_text
from screens.doctor.visit_acts import VisitActs
from store import visit_list
from store.values import AppointmentView, Page
from widgets.badges import status_text
from widgets.keys import HELP, bind
from widgets.patient_finder import sex_and_age
from widgets.plain import cell
from widgets.record_table import Column, RecordTable, Row


class AppointmentsScreen(OwnList[AppointmentView], VisitActs):
    """The list; enter does what is due: calls in, resumes, shows the record or the appointment."""

    TOPICS = frozenset({"appointment", "patient", "record"})
    TITLE_TEXT = "Your appointments"
    EMPTY = "Nobody was ever booked with you."
    HINT = visit_list.HINT
    SIDE_TITLE = "Appointment"
    BEGINS_WITH = "to:today"
    COLUMNS = (
        Column("when", "When", 15),
        Column("patient", "Patient"),
        Column("who", "", 5),
        Column("mrn", "Number", 9),
        Column("status", "Status", 22),
    )
    BINDINGS: ClassVar[list[BindingType]] = bind(
        FIND, MOVE, CANCEL, NO_SHOW, HELP, hidden=(UNDO, BOOK, PRINT, DETAILS)
    )

    async def read_page(self, text: str, offset: int) -> Page[AppointmentView]:
        """Read the appointments that the words ask for."""
        return await self.read(
            visit_list.of_doctor, self.doctor_id, text, limit=self.PAGE_ROWS, offset=offset
        )

    def key(self, item: AppointmentView) -> str:
        """By the appointment."""
        return str(item.id)

    def row(self, item: AppointmentView) -> Row:
        """When, who, and how it stands."""
        muted = self.colours["text-muted"]
        return Row(
            self.key(item),
            (
                cell(f"{item.starts_at:%d %b %y %H:%M}"),
                cell(item.patient),
                cell(sex_and_age(item.patient_sex, item.patient_age), style=muted),
                cell(item.mrn, style=muted),
                status_text(item, self.context.now(), self.colours, self.context.wait_limits),
            ),
        )

    def beside(self, item: AppointmentView) -> Content:
        """The appointment."""
        return side_text(item, self.context.now())

    async def visit_here(self) -> AppointmentView | None:
        """The appointment under the cursor."""
        return self.selected

    @on(RecordTable.Opened, "#list")
    def _opened(self) -> None:
        item = self.selected
        if item is not None:
            self.open_row(item)

    @acting
    async def open_row(self, row: AppointmentView) -> None:
        """Whatever is due with the row."""
        await self.open_it(row)
