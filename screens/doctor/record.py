"""A medical record to read; a signed one is corrected by an amendment beside what it says."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from screens.base import Dialog, acting, reading
from screens.context import ScreenContext
from screens.doctor.follow_up import BooksFollowUps
from screens.doctor.keys import AMEND, FOLLOW_UP_OF_RECORD, PRINT_RECORD
from screens.doctor.record_text import FIELDS, present_text, record_facts
from screens.shared.record_paper import RecordPaperDialog
from store import records
from store.values import ChangeView, RecordStatus, RecordView
from widgets.fact_sheet import FactSheet
from widgets.form import Field, Form
from widgets.keys import BACK, HELP, bind
from widgets.plain import content, one_line, plain, shorten


class RecordScreen(BooksFollowUps):
    """One record in full."""

    TOPICS = frozenset({"record"})
    BINDINGS: ClassVar[list[BindingType]] = bind(
        AMEND, PRINT_RECORD, FOLLOW_UP_OF_RECORD, BACK, HELP
    )
    CSS = """
    RecordScreen #record-scroll { scrollbar-size-vertical: 1; }
    """

    def __init__(self, context: ScreenContext, record_id: int, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.record_id = record_id
        self.record: RecordView | None = None

    def body(self) -> ComposeResult:
        """One text that scrolls."""
        with Vertical(classes="panel") as panel:
            panel.border_title = plain("Record")
            with VerticalScroll(id="record-scroll"):
                yield FactSheet(id="record-facts")

    def on_mount(self) -> None:
        """Let arrows scroll."""
        self.query_one("#record-scroll").focus()

    def concerns(self, change: ChangeView) -> bool:
        """Only this record matters."""
        return super().concerns(change) and change.entity_id in (None, self.record_id)

    def reload(self) -> None:
        """Read the record."""
        self.load()

    @reading("record")
    async def load(self) -> None:
        """Read the record and show it."""
        self.record = record = await self.read(records.get, self.record_id)
        self.query_one(".panel").border_title = content(
            "Record · $patient · $mrn", patient=record.patient, mrn=record.mrn
        )
        self.query_one(FactSheet).show(record_facts(record))

    def action_amend(self) -> None:
        """Choose the field to correct."""
        record = self.record
        if record is None:
            return
        if record.status is not RecordStatus.SIGNED or not self._own(record):
            self.say("Only the doctor who signed a record amends it.")
            return
        self.app.push_screen(FieldDialog(self.context, record), self._field_chosen)

    def action_print(self) -> None:
        """Put the prescription or the summary on paper."""
        record = self.record
        if record is None:
            return
        if record.status is not RecordStatus.SIGNED or not self._own(record):
            self.say("Only the doctor who signed a record hands it out.")
            return
        self.app.push_screen(RecordPaperDialog(self.context, record), self._on_paper)

    def _on_paper(self, sentence: str | None) -> None:
        if sentence is not None:
            self.say(sentence)

    def action_follow_up(self) -> None:
        """Book the patient again, from the follow-up day on."""
        if self.record is not None:
            self.book_again(self.record.patient_id, self.record.content.follow_up_on)

    def _own(self, record: RecordView) -> bool:
        return record.doctor_id == self.context.actor.doctor_id

    def _field_chosen(self, field: str | None) -> None:
        if field is not None and self.record is not None:
            dialog = AmendDialog(self.context, self.record, field)
            self.app.push_screen(dialog, self._amended)

    def _amended(self, record: RecordView | None) -> None:
        if record is not None:
            self.say("The amendment stands beside what was signed.")
            self.reload()

    def action_back(self) -> None:
        """Back to where the record was opened."""
        self.dismiss(None)


class FieldDialog(Dialog[str]):
    """Which field of a record is to be corrected; each is shown with how it begins."""

    TITLE_TEXT = "Amend which field?"

    def __init__(self, context: ScreenContext, record: RecordView) -> None:
        super().__init__(context)
        self.record = record

    def body(self) -> ComposeResult:
        """The fields."""
        yield OptionList(
            *(
                Option(
                    content(
                        "$label[$text-muted]$text[/]",
                        label=f"{label:<14}",
                        text=shorten(one_line(present_text(self.record, name)), 50) or "–",
                    ),
                    id=name,
                )
                for name, label in FIELDS.items()
            ),
            compact=True,
            markup=False,
        )

    def on_mount(self) -> None:
        """Begin at the first."""
        fields = self.query_one(OptionList)
        fields.styles.background = "transparent"
        fields.styles.border = ("none", "transparent")
        fields.focus()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        self.dismiss(event.option_id)


class AmendDialog(Dialog[RecordView]):
    """The corrected text of one field, and why."""

    def __init__(self, context: ScreenContext, record: RecordView, field: str) -> None:
        super().__init__(context, title=f"Amend: {FIELDS[field]}")
        self.record = record
        self.field = field

    def body(self) -> ComposeResult:
        """Text and reason."""
        yield Static(
            plain("What was signed stays readable below the corrected text."), markup=False
        )
        text = present_text(self.record, self.field)
        yield Form(
            (
                Field("text", "Corrected text", kind="note", value=text, required=True),
                Field("reason", "Reason", required=True, max_length=500),
            )
        )

    def on_mount(self) -> None:
        """Begin in the text."""
        self.query_one(Form).focus_first()

    @on(Form.Submitted)
    def _submitted(self, event: Form.Submitted) -> None:
        self.be_quiet()
        self.save(event.values["text"], event.values["reason"])

    @acting
    async def save(self, text: str, reason: str) -> None:
        """Put the amendment beside the record."""
        record = await self.write(
            records.amend, self.record.id, field=self.field, text=text, reason=reason
        )
        self.dismiss(record)
