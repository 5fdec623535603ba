"""The worklist of appointments whose time is gone: kept in leave, on a holiday, outside of hours.

Each stays on the list until somebody moves or cancels it, or its time is given back.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType

from screens.base import Dialog, acting, reading
from screens.context import ScreenContext
from screens.shared.confirm import Confirm
from screens.shared.conflict_keys import CANCEL, MOVE, MOVE_ALL
from screens.shared.details import AppointmentDetails
from screens.shared.dialogs import what_became
from store import conflicts
from store.values import Affected, ChangeView, Clash, Conflict
from widgets.keys import BACK, HELP, bind
from widgets.names import short_name
from widgets.plain import cell
from widgets.record_table import Column, RecordTable, Row

_WHEN, _PATIENT, _WHY = Column("when", "When", 16), Column("patient", "Patient"), "why"
_DOCTOR = Column("doctor", "Doctor", 12)
_WORDS = {Clash.LEAVE: "leave", Clash.HOLIDAY: "holiday", Clash.HOURS: "outside hours"}


class ConflictsDialog(Dialog[None]):
    """The worklist of one doctor, or of all for None."""

    TITLE_TEXT = "Booked at times that are gone"
    TOPICS = frozenset({"appointment", "leave", "holiday", "hours", "doctor"})
    BINDINGS: ClassVar[list[BindingType]] = bind(MOVE, CANCEL, MOVE_ALL, BACK, HELP)
    CSS = "ConflictsDialog RecordTable { height: 13; }"

    def __init__(self, context: ScreenContext, doctor_id: int | None) -> None:
        super().__init__(context)
        self.doctor_id = doctor_id
        self.items: dict[str, Conflict] = {}

    def body(self) -> ComposeResult:
        """The list."""
        doctor = () if self.doctor_id is not None else (_DOCTOR,)
        why = Column(_WHY, "What took the time", 26 - 14 * len(doctor))
        columns = (_WHEN, _PATIENT, *doctor, why)
        yield RecordTable(columns, empty="Nobody is left to decide on.", enter="details")

    @property
    def table(self) -> RecordTable:
        """The list."""
        return self.query_one(RecordTable)

    def on_mount(self) -> None:
        """Read it."""
        self.table.focus()
        self.load()

    def concerns(self, change: ChangeView) -> bool:
        """Only this doctor's, and what concerns all."""
        ours = self.doctor_id is None or change.doctor_id in (None, self.doctor_id)
        return super().concerns(change) and ours

    def reload(self) -> None:
        """Read it again."""
        self.load()

    @reading("conflicts")
    async def load(self) -> None:
        """Read whose time is gone."""
        page = await self.read(conflicts.conflicts, doctor_id=self.doctor_id)
        self.items = {str(one.appointment.id): one for one in page.items}
        self.table.show([self._row(one) for one in page.items], total=page.total)

    def _row(self, one: Conflict) -> Row:
        visit = one.appointment
        why = f"{_WORDS[one.clash]}: {one.why}" if one.why else _WORDS[one.clash]
        doctor = () if self.doctor_id is not None else (cell(short_name(visit.doctor)),)
        return Row(
            str(visit.id),
            (cell(f"{visit.starts_at:%a %d %b %H:%M}"), cell(visit.patient), *doctor, cell(why)),
        )

    def _selected(self) -> Conflict | None:
        return self.items.get(self.table.selected or "")

    @on(RecordTable.Opened)
    def _opened(self, event: RecordTable.Opened) -> None:
        event.stop()
        self.app.push_screen(AppointmentDetails(self.context, int(event.key)))

    def action_move(self) -> None:
        """Move the one under the cursor."""
        one = self._selected()
        if one is not None:
            self.decide([one.appointment.id], Affected.MOVE)

    def action_cancel(self) -> None:
        """Cancel the one under the cursor, after a question."""
        one = self._selected()
        if one is not None:
            visit = one.appointment
            question = f"Cancel {visit.patient}, {visit.starts_at:%a %d %b %H:%M}?"
            self._ask("Cancel", question, [visit.id], Affected.CANCEL)

    def action_move_all(self) -> None:
        """Move all that are listed, after a question."""
        ids = [one.appointment.id for one in self.items.values()]
        if ids:
            question = (
                f"Move all {len(ids)} to the next free times? The patients hear of it by mail."
            )
            self._ask("Move all", question, ids, Affected.MOVE)

    def _ask(self, title: str, question: str, ids: Sequence[int], affected: Affected) -> None:
        self.app.push_screen(
            Confirm(title, question), lambda yes: self.decide(ids, affected) if yes else None
        )

    @acting
    async def decide(self, ids: Sequence[int], affected: Affected) -> None:
        """Do what was chosen, and tell what came of it."""
        self.be_quiet()
        done = await self.write(conflicts.resolve, ids, affected)
        moved = done[0].moved_to if len(done) == 1 else None
        if moved is not None:
            when = f"{moved.starts_at:%a %d %b %H:%M}"
            self.toast(f"{moved.patient} is moved to {when}, {moved.doctor}.")
        else:
            self.toast(what_became(done).strip())
        self.load()
