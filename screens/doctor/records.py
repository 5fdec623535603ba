"""The doctor's own records: found by any of their words, read, amended, and drafts gone on with."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import on
from textual.binding import BindingType
from textual.content import Content

from screens.base import acting
from screens.context import ScreenContext
from screens.doctor.keys import BOOK_PATIENT, DRAFTS_ALONE, FIND
from screens.doctor.opening import OpensVisits
from screens.doctor.own_list import OwnList, facts_beside
from screens.doctor.patient_panel import diagnosis_words, medicine
from screens.doctor.record import RecordScreen
from store import appointments, records
from store.values import Page, RecordStatus, RecordView
from widgets.keys import HELP, bind
from widgets.plain import cell, content, lines, one_line, shorten
from widgets.record_table import Column, RecordTable, Row

_LONGEST = 240


class RecordsScreen(OwnList[RecordView], OpensVisits):
    """The list; enter opens a signed record, or goes on with a draft."""

    TOPICS = frozenset({"record", "patient"})
    TITLE_TEXT = "Your records"
    EMPTY = "You have written no record yet."
    HINT = "words of a diagnosis, a code, notes or a drug"
    SIDE_TITLE = "Record"
    PAGE_ROWS = 50  # each patient whose record is shown is an entry of the audit trail
    COLUMNS = (
        Column("day", "Visit", 15),
        Column("patient", "Patient", 20),
        Column("what", "Diagnosis"),
        Column("state", "", 12),
    )
    BINDINGS: ClassVar[list[BindingType]] = bind(FIND, DRAFTS_ALONE, BOOK_PATIENT, HELP)

    def __init__(self, context: ScreenContext, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.drafts_alone = False

    async def read_page(self, text: str, offset: int) -> Page[RecordView]:
        """Read the records that have the words."""
        return await self.read(
            records.list_records,
            doctor_id=self.doctor_id,
            status=RecordStatus.DRAFT if self.drafts_alone else None,
            text=text,
            limit=self.PAGE_ROWS,
            offset=offset,
        )

    def narrowed_by(self) -> str:
        """Whether drafts alone are shown."""
        return "unfinished alone" if self.drafts_alone else ""

    def key(self, item: RecordView) -> str:
        """By the record."""
        return str(item.id)

    def row(self, item: RecordView) -> Row:
        """When, of whom, what was found, and how the record stands."""
        return Row(
            self.key(item),
            (
                cell(f"{item.visited_at:%d %b %y %H:%M}"),
                cell(item.patient),
                cell(diagnosis_words(item), style=self.colours["text-muted"]),
                self._state(item),
            ),
        )

    def _state(self, item: RecordView) -> Text:
        if item.status is RecordStatus.DRAFT:
            return cell("○ draft", style=self.colours["token"])
        words = "✔ amended" if item.amendments else "✔ signed"
        return cell(words, style=self.colours["accent"])

    def beside(self, item: RecordView) -> Content:
        """The record in few words."""
        draft = item.status is RecordStatus.DRAFT
        told = item.content
        facts = [
            ("number", item.mrn),
            ("visit", f"{item.visited_at:%a %d %b %Y %H:%M}"),
            ("symptoms", _brief(told.symptoms)),
            ("diagnosis", _brief(", ".join(one.text for one in told.diagnoses))),
            ("notes", _brief(told.notes)),
            ("prescribed", _brief(", ".join(medicine(one) for one in told.prescription))),
            ("follow-up", f"{told.follow_up_on:%a %d %b %Y}" if told.follow_up_on else ""),
        ]
        keys = [("enter", "goes on writing" if draft else "reads it, amends, prints")]
        name = content("[b]$name[/]", name=item.patient)
        return lines(facts_beside(name, facts, *keys, ("b", "books the follow-up")))

    def action_drafts(self) -> None:
        """Unfinished records alone, or all."""
        self.drafts_alone = not self.drafts_alone
        self.narrow()

    @on(RecordTable.Opened, "#list")
    def _opened(self) -> None:
        item = self.selected
        if item is not None:
            self.open_record(item)

    @acting
    async def open_record(self, item: RecordView) -> None:
        """Read it, or go on with it."""
        if item.status is RecordStatus.DRAFT and item.appointment_id is not None:
            self.consult(await self.read(appointments.get, item.appointment_id))
        else:
            self.app.push_screen(RecordScreen(self.context, item.id, self.tab))

    def action_follow_up(self) -> None:
        """Book the patient of the record under the cursor again."""
        item = self.selected
        if item is None:
            self.say("There is no record under the cursor.")
        else:
            self.book_again(item.patient_id, item.content.follow_up_on)


def _brief(text: str) -> str:
    return shorten(one_line(text), _LONGEST)
