"""Medical records of the whole hospital, to be found and read; each reading is in the trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content

from screens.admin.keys import FIND
from screens.admin.reading import ReadingDialog, record
from screens.admin.tables import Drawn, TableScreen, facts
from screens.base import reading
from store.values import RecordLine
from widgets.keys import bind
from widgets.plain import cell, content, lines, plain


class RecordsScreen(TableScreen[RecordLine]):
    """Signed records, the latest visit first. What is medical is behind enter alone."""

    KIND = "records"
    TITLE_TEXT = "Medical records"
    EMPTY = "No record is signed yet."
    TOPICS = frozenset({"record"})
    BINDINGS: ClassVar[list[BindingType]] = bind(FIND)

    def drawn(self) -> Mapping[str, Drawn[RecordLine]]:
        """When, whose, by whom."""
        muted = self.colours["text-muted"]
        return {
            "visit": Drawn(lambda one: f"{one.visited_at:%d %b %y %H:%M}", 15),
            "patient": Drawn(lambda one: one.patient),
            "mrn": Drawn(lambda one: cell(one.mrn, style=muted), 9),
            "doctor": Drawn(lambda one: one.doctor, 16),
            "department": Drawn(lambda one: cell(one.department, style=muted), 16),
            "signed": Drawn(
                lambda one: f"{one.signed_at:%d %b %Y %H:%M}" if one.signed_at else "–", 17
            ),
            "id": Drawn(lambda one: cell(one.id, style=muted), 10, right=True),
        }

    async def details(self, item: RecordLine) -> Content:
        """What is known without reading it."""
        signed = f"{item.signed_at:%a %d %b %Y %H:%M}" if item.signed_at else "–"
        return lines(
            [
                content("[b]$name[/]", name=item.patient),
                *facts(
                    [
                        ("Number", item.mrn),
                        ("Visit", f"{item.visited_at:%a %d %b %Y %H:%M}"),
                        ("Doctor", item.doctor),
                        ("Department", item.department),
                        ("Signed", signed),
                    ]
                ),
                plain(""),
                content("[$text-muted]enter reads it: that is noted in the trail.[/]"),
            ]
        )

    def open_details(self) -> None:
        """Read the record under the cursor."""
        self.with_selected(self.open_record)

    @reading("open")
    async def open_record(self, one: RecordLine) -> None:
        """Read it; that is noted in the audit trail."""
        found = await self.read(record, one.id)
        title = f"{one.patient} · {one.mrn}"
        self.app.push_screen(ReadingDialog(self.context, found, title=title))
