"""What of the day's queue is shown: narrowed by words that are remembered for the person, and with
rows that are marked."""

from __future__ import annotations

from datetime import datetime

from textual import on

from screens.base import acting, reading
from screens.context import ScreenContext
from screens.reception.panels import QueueLook, QueuePanel
from screens.reception.queue_acts import QueueActs
from store import desk, doctors, preferences
from store.name_keys import name_words
from store.preferences import QUEUE_FILTER
from store.queue_words import QueueFilter, parse
from store.values import ChangeView, DoctorView
from widgets.filter_line import FilterLine
from widgets.record_table import RecordTable
from widgets.row_ranges import WrongRows, parse_rows


class QueueView(QueueActs):
    """A screen with the day's queue, filtered and marked."""

    def __init__(self, context: ScreenContext, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.doctor: DoctorView | None = None
        self.filter_text: str | None = None
        """The words in force; None until they were read."""
        self._kept_text = ""
        self._doctors: dict[int, DoctorView] = {}
        self._read: object = None
        """What was read last, and shown."""

    @property
    def filter_line(self) -> FilterLine:
        """Where the words are typed."""
        return self.query_one("#queue-filter", FilterLine)

    @property
    def rows_line(self) -> FilterLine:
        """Where numbers of rows are typed."""
        return self.query_one("#queue-rows", FilterLine)

    # Reading and showing

    def know_changes(self, changes: tuple[ChangeView, ...]) -> None:
        """Forget the doctors' names where they may be others now."""
        if any(change.topic in ("doctor", "department") for change in changes):
            self._doctors = {}

    @reading("queue")
    async def load_queue(self) -> None:
        """Read the day's queue; all of it, so that what the filter hides is counted."""
        if self.filter_text is None:
            self.filter_text = await self.read(preferences.get, QUEUE_FILTER)
        if not self._doctors:
            found = await self.read(doctors.list_doctors)
            self._doctors = {doctor.id: doctor for doctor in found.items}
        rows = await self.read(desk.queue)
        if (rows, self._doctors) == self._read:
            return  # while patients are imported, most changes are none of the day's
        self._read = rows, self._doctors
        self.queue = {str(row.id): row for row in rows}
        before = self.table.selected
        self.table.mark(self.table.marks & self.queue.keys())
        self.show_queue(self.context.now())
        self.table.hold(before)

    def show_queue(self, now: datetime) -> None:
        """Show what was read, as of a moment."""
        look = QueueLook(
            everybody=tuple(self.queue.values()),
            narrowed=self.understood(),
            now=now,
            colours=self.colours,
            limits=self.context.wait_limits,
        )
        self.query_one(QueuePanel).show(look)

    def understood(self) -> QueueFilter:
        """What the words of the filter mean: of the doctors there are, and of the day's."""
        people = {key: doctor.name for key, doctor in self._doctors.items()}
        wards = {one.department_id: one.department for one in self._doctors.values()}
        for row in self.queue.values():
            people.setdefault(row.doctor_id, row.doctor)
            wards.setdefault(row.department_id, row.department)
        return parse(self.filter_text or "", people, wards)

    # The filter

    def action_filter(self) -> None:
        """Narrow the queue by words."""
        self.close_lines()
        self._kept_text = self.filter_text or ""
        self.filter_line.start(self._kept_text)

    @on(FilterLine.Changed, "#queue-filter")
    def _filter_typed(self, event: FilterLine.Changed) -> None:
        if self.filter_line.open:
            self.filter_text = event.text
            self._narrowed()

    @on(FilterLine.Left, "#queue-filter")
    def _filter_entered(self) -> None:
        unknown = self.understood().unknown
        if unknown:
            names = " and ".join(f"“{word}”" for word in unknown[:3])
            self.complain(f"No doctor, department or status begins with {names}.")
            return
        self._filter_by(self.filter_line.text.strip())
        self.table.focus()

    def action_all(self) -> None:
        """The whole queue; where that is shown, the chosen doctor's alone."""
        if self.filter_text:
            self._filter_by("")
        elif self.doctor is not None:
            self._filter_by(f"doctor:{'-'.join(name_words(self.doctor.name))}")
        else:
            self.say("All are shown. f filters by words, d chooses a doctor.")

    def _filter_by(self, text: str) -> None:
        """Let these words be in force, also after the next sign-in."""
        self.filter_text = text
        self.close_lines()
        self._narrowed()
        self.remember()

    def _narrowed(self) -> None:
        """Other words are in force: whatever row they leave under the cursor is seen there."""
        self.table.take_up()
        self.show_queue(self.context.now())

    @acting
    async def remember(self) -> None:
        """Write down the words in force, and those that came into force meanwhile."""
        written: str | None = None
        while written != self.filter_text:
            written = self.filter_text
            await self.write(preferences.put, QUEUE_FILTER, written or "")

    # Marks

    def action_mark(self) -> None:
        """Mark the row under the cursor, or no more."""
        if self._row() is not None:
            self.table.mark_selected()

    def action_rows(self) -> None:
        """Mark rows by their numbers."""
        self.close_lines()
        self.table.number(True)
        self.rows_line.start("")

    @on(FilterLine.Left, "#queue-rows")
    def _rows_entered(self, event: FilterLine.Left) -> None:
        numbered = self.table.numbered
        try:
            chosen = parse_rows(event.text, list(numbered))
        except WrongRows as wrong:
            self.complain(str(wrong))
            return
        self.table.mark(self.table.marks | {numbered[number] for number in chosen})
        self.close_lines()
        self.table.focus()

    @on(RecordTable.Marked, "#queue")
    def _marked(self) -> None:
        self.show_queue(self.context.now())

    # Leaving

    def close_lines(self) -> None:
        """Close the line that is open, if one is."""
        self.filter_line.close()
        if self.rows_line.open:
            self.rows_line.close()
            self.table.number(False)

    def leave_line(self) -> bool:
        """Escape: out of an open line, with the filter as it was; else no more marks. Whether
        there was anything to leave."""
        if self.filter_line.open:
            self.filter_text = self._kept_text
        elif not self.rows_line.open:
            marked = bool(self.table.marks) and self.table.grid.has_focus
            if marked:
                self.table.mark(())
            return marked
        self.close_lines()
        self._narrowed()
        self.table.focus()
        return True
