"""The doctor's own working hours; the administration changes them."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.widgets import Static

from screens.base import Dialog, reading
from screens.context import ScreenContext
from screens.shared.hours_table import HOURS_COLUMNS, hours_cells
from store import schedule
from store.values import ChangeView
from widgets.plain import content
from widgets.record_table import RecordTable, Row


class OwnHours(Dialog[None]):
    """The week, session by session, to be read."""

    TITLE_TEXT = "Your working hours"
    TOPICS = frozenset({"hours"})
    CSS = "OwnHours RecordTable { height: 14; }"

    def __init__(self, context: ScreenContext, doctor_id: int) -> None:
        super().__init__(context)
        self.doctor_id = doctor_id

    def body(self) -> ComposeResult:
        """The sessions, and who changes them."""
        yield RecordTable(HOURS_COLUMNS, empty="No working hours yet.", enter="")
        yield Static(content("[$text-muted]The administration changes them.[/]"), markup=False)

    def on_mount(self) -> None:
        """Read them."""
        self.query_one(RecordTable).focus()
        self.load()

    def concerns(self, change: ChangeView) -> bool:
        """Only this doctor's."""
        return super().concerns(change) and change.doctor_id == self.doctor_id

    def reload(self) -> None:
        """Read them again."""
        self.load()

    @reading("hours")
    async def load(self) -> None:
        """Read the sessions."""
        rows = await self.read(schedule.hours_of, self.doctor_id)
        self.query_one(RecordTable).show(
            [Row(str(one.id), hours_cells(one.session)) for one in rows]
        )
