"""The own medical records: all signed ones, and the one under the cursor beside the list."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import Static

from screens.base import RoleScreen, reading
from screens.context import ScreenContext
from screens.patient.keys import MAIL_RECORDS
from screens.patient.mail_records import MailRecordsDialog
from screens.patient.record import RecordDialog, diagnosis_words, record_text
from store import records
from store.values import RecordView
from widgets.keys import HELP, bind
from widgets.plain import plain
from widgets.record_table import Column, RecordTable, Row

_COLUMNS = (
    Column("day", "Day", 11),
    Column("doctor", "Doctor", 22),
    Column("what", "What it was"),
)
_NONE = "No record yet. After a visit, it is here as soon as the doctor has signed it."
_MOST = 500


class RecordsScreen(RoleScreen):
    """The list; a wide terminal shows the record beside it, enter opens it anywhere."""

    TOPICS = frozenset({"record"})
    BINDINGS: ClassVar[list[BindingType]] = bind(MAIL_RECORDS, HELP)
    CSS = """
    RecordsScreen #record-panel { display: none; width: 1fr; }
    RecordsScreen.-wide #record-panel { display: block; }
    RecordsScreen #list-panel { width: 1fr; }
    """

    def __init__(self, context: ScreenContext, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.records: dict[str, RecordView] = {}

    def body(self) -> ComposeResult:
        """The list and the record."""
        with Horizontal():
            with Vertical(id="list-panel", classes="panel") as panel:
                panel.border_title = plain("Your records")
                yield RecordTable(_COLUMNS, empty=_NONE, id="records")
            with Vertical(id="record-panel", classes="panel") as panel:
                panel.border_title = plain("What the doctor wrote")
                with VerticalScroll():
                    yield Static("", id="record", markup=False)

    def on_mount(self) -> None:
        """Begin in the list."""
        self.query_one(RecordTable).focus()

    def reload(self) -> None:
        """Read the records."""
        self.load()

    @reading("records")
    async def load(self) -> None:
        """Read the own signed records, the newest visit first."""
        page = await self.read(
            records.list_records, patient_id=self.context.actor.patient_id, limit=_MOST
        )
        self.records = {str(record.id): record for record in page.items}
        panel = self.query_one("#list-panel")
        panel.border_title = plain(f"Your records · {page.total}")
        table = self.query_one(RecordTable)
        table.show([_row(record) for record in page.items], total=page.total)
        self._show(table.selected)

    def _show(self, key: str | None) -> None:
        record = self.records.get(key or "")
        self.query_one("#record", Static).update(record_text(record) if record else "")

    @on(RecordTable.Moved, "#records")
    def _moved(self, event: RecordTable.Moved) -> None:
        self._show(event.key)

    @on(RecordTable.Opened, "#records")
    def _opened(self, event: RecordTable.Opened) -> None:
        self.app.push_screen(RecordDialog(self.context, self.records[event.key]))

    def action_mail_records(self) -> None:
        """Ask whether the records are to be sent, and in which form."""
        self.app.push_screen(MailRecordsDialog(self.context), self._asked)

    def _asked(self, sentence: str | None) -> None:
        if sentence is not None:
            self.say(sentence)


def _row(record: RecordView) -> Row:
    day = f"{record.visited_at:%d %b %Y}"
    what = diagnosis_words(record) or record.content.symptoms or "–"
    return Row(str(record.id), (day, record.doctor, what))
