"""The three panels of the desk; each knows its keys, so that the footer follows the focus."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from screens.reception.keys import (
    BOOK,
    CANCEL,
    CHECK_IN,
    DAY_LIST,
    DECIDE,
    DOCTOR,
    EDIT,
    FILTER,
    FIND,
    HERE,
    LEFT,
    MARK,
    MOVE,
    NEW,
    NO_SHOW,
    ONE_DOCTOR,
    ONE_LINE,
    OPEN,
    PRINT,
    QUEUE,
    ROWS,
    SLOTS,
    UNDO,
    WAIT,
    WALK_IN,
)
from screens.shared.merge_keys import TWICE
from screens.shared.names import short_name
from store.queue_words import QueueFilter
from store.values import AppointmentStatus, AppointmentView
from widgets.badges import WaitLimits, status_text
from widgets.filter_line import FilterLine
from widgets.keys import bind
from widgets.patient_finder import PatientFinder
from widgets.plain import cell, content, lines, one_line, plain
from widgets.record_table import MARK as MARK_SIGN
from widgets.record_table import Cell, Column, RecordTable, Row, Tagged

_QUEUE_COLUMNS = (
    Column("token", "Token", 5),
    Column("time", "Time", 5),
    Column("patient", "Patient"),
    Column("doctor", "Doctor", 9),
    Column("status", "Status", 17),
)

WIDE, BROAD = 120, 140
"""From these widths of the terminal on all panels are shown, and have room for whole names."""


class FinderPanel(Vertical):
    """Find a patient as you type."""

    BINDINGS: ClassVar[list[BindingType]] = bind(
        HERE, EDIT, NEW, QUEUE, hidden=(BOOK, WAIT, FIND, SLOTS, DOCTOR, ONE_LINE, UNDO, TWICE)
    )

    def compose(self) -> ComposeResult:
        """The finder."""
        self.border_title = plain("Find patient")
        self.border_subtitle = content("[$key]f3[/] new   [$key]a[/] wait")
        yield PatientFinder(enter="book", id="finder")


@dataclass(frozen=True, slots=True)
class QueueLook:
    """The day's queue as it is to be seen: all of it, what the filter leaves, and as of when."""

    everybody: tuple[AppointmentView, ...]
    narrowed: QueueFilter
    now: datetime
    colours: Mapping[str, str]
    limits: WaitLimits


class QueuePanel(Vertical):
    """The day's appointments: who waits first."""

    BINDINGS: ClassVar[list[BindingType]] = bind(
        CHECK_IN,
        FIND,
        WALK_IN,
        MOVE,
        CANCEL,
        hidden=(
            *(UNDO, NO_SHOW, LEFT, OPEN, SLOTS, DOCTOR, NEW, ONE_LINE, QUEUE),
            *(MARK, ROWS, FILTER, ONE_DOCTOR, PRINT, DAY_LIST, DECIDE, TWICE),
        ),
    )

    def compose(self) -> ComposeResult:
        """The two lines, the table, and what must not be overlooked: a filter, and marks."""
        self.border_title = plain("Today")
        self.border_subtitle = content(
            "[$key]f[/] filter   [$key]space[/] mark   [$key]s[/] slots   "
            "[$key]:[/] one line   [$key]u[/] undo"
        )
        yield FilterLine(
            hint="nair waiting, cardio, status:booked", enter="keep", id="queue-filter"
        )
        yield FilterLine(hint="3-7, or 3,5-7, or all", label="Rows", enter="mark", id="queue-rows")
        yield RecordTable(
            _QUEUE_COLUMNS,
            empty="Nobody is booked today. / finds a patient to book.",
            enter="",
            markable=True,
            id="queue",
        )
        yield Static("", id="queue-note", markup=False)

    def show(self, look: QueueLook) -> None:
        """Show the queue."""
        table = self.query_one(RecordTable)
        shown = [view for view in look.everybody if look.narrowed.keeps(view)]
        self.border_title = _title(look, len(shown))
        table.say_empty(
            "The filter hides all. a shows all."
            if look.everybody
            else "Nobody is booked today. / finds a patient to book."
        )
        table.show([_row(view, look.now, look.colours, look.limits) for view in shown])
        notes = [*_filter_notes(look), *_mark_notes(table.marks, shown)]
        note = self.query_one("#queue-note", Static)
        note.display = bool(notes)
        note.update(lines(notes))


def _title(look: QueueLook, shown: int) -> Content:
    """The panel's title: the day in numbers, or what of it is shown."""
    if look.narrowed.narrows:
        return content(
            "[b $status-long-wait]$shown of $all shown[/] · $what",
            shown=shown,
            all=len(look.everybody),
            what=one_line(" · ".join(look.narrowed.told)),
        )
    count = Counter(row.status for row in look.everybody)
    return plain(
        f"Today · {count[AppointmentStatus.BOOKED]} booked"
        f" · {count[AppointmentStatus.CHECKED_IN]} waiting"
        f" · {count[AppointmentStatus.IN_CONSULTATION]} in consultation"
        f" · {count[AppointmentStatus.COMPLETED]} done"
    )


def _filter_notes(look: QueueLook) -> list[Content]:
    """That rows are hidden, how many wait among them, and words that hide nothing."""
    notes = []
    hidden = [view for view in look.everybody if not look.narrowed.keeps(view)]
    if look.narrowed.narrows:
        waiting = sum(view.status is AppointmentStatus.CHECKED_IN for view in hidden)
        number = f"{len(hidden)} hidden by the filter" if hidden else "The filter hides nobody now"
        notes.append(
            content(
                "[b $status-long-wait]▼ $number$waiting[/]"
                "  [$key]a[/] shows all  [$key]f[/] change",
                number=number,
                waiting=f", {waiting} waiting" if waiting else "",
            )
        )
    if look.narrowed.unknown:
        words = ", ".join(f"“{word}”" for word in look.narrowed.unknown[:3])
        notes.append(
            content("[$text-error]! $words fits no doctor, department or status.[/]", words=words)
        )
    return notes


def _mark_notes(marks: frozenset[str], shown: Sequence[AppointmentView]) -> list[Content]:
    """How many are marked, and how many of these are not seen."""
    if not marks:
        return []
    hidden = len(marks - {str(view.id) for view in shown})
    return [
        content(
            "[b $accent]$mark $n marked$hidden[/]  [$key]c o v x[/] act on all of them"
            "  [$key]esc[/] unmarks",
            mark=MARK_SIGN,
            n=len(marks),
            hidden=f" ({hidden} hidden)" if hidden else "",
        )
    ]


def _row(
    view: AppointmentView, now: datetime, colours: Mapping[str, str], limits: WaitLimits
) -> Row:
    over = view.status in (
        AppointmentStatus.COMPLETED,
        AppointmentStatus.CANCELLED,
        AppointmentStatus.NO_SHOW,
        AppointmentStatus.LEFT,
    )
    quiet = colours["text-muted"] if over else ""
    patient: Cell = cell(view.patient, style=quiet)
    if view.mail_refused:
        patient = Tagged(view.patient, "✗mail", quiet, quiet or f"bold {colours['status-missed']}")
    cells: tuple[Cell, ...] = (
        cell(view.token or "", style=colours["text-muted"] if over else f"bold {colours['token']}"),
        cell(f"{view.starts_at:%H:%M}", style=quiet),
        patient,
        cell(short_name(view.doctor), style=colours["text-muted"]),
        status_text(view, now, colours, limits, late=True),
    )
    return Row(str(view.id), cells)
