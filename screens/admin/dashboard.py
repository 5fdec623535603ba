"""The administrator's first screen: how the hospital does, and the list behind each figure."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Grid, Vertical, VerticalScroll
from textual.timer import Timer

from screens.admin import dashboard_text as text
from screens.admin.troubles import Troubles
from screens.base import RoleScreen, reading
from screens.context import ScreenContext
from screens.messages import ListWanted
from store import mail_troubles, statistics
from store.values import ChangeView, HospitalFigures
from widgets.charts import ColumnChart
from widgets.figure_grid import FigureGrid
from widgets.keys import HELP, REFRESH, bind
from widgets.plain import content, plain
from widgets.record_table import RecordTable
from widgets.status_line import StatusLine

_READING = "Reading …"
_EMPTY = "No appointments in these days."
_USUAL_ROWS = 10
_REST = 10
"""A count may take a tenth of the time: in a large hospital something changes every second."""


class DashboardScreen(RoleScreen):
    """Figures, charts, and the busiest."""

    TOPICS = frozenset({"appointment", "patient", "doctor", "department", "account", "outbox"})
    BINDINGS: ClassVar[list[BindingType]] = bind(REFRESH, HELP)
    CSS_PATH = "dashboard.tcss"

    def __init__(self, context: ScreenContext, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.figures: HospitalFigures | None = None
        self._rest_until = 0.0
        self._due: Timer | None = None

    def body(self) -> ComposeResult:
        """What keeps mail from leaving, and panels in a grid that scrolls where the terminal is
        low."""
        yield Troubles()
        with VerticalScroll(id="dashboard", can_focus=False), Grid(id="panels"):
            with Vertical(id="appointments-panel", classes="panel") as panel:
                panel.border_title = plain("Appointments")
                panel.border_subtitle = content("[$key]enter[/] opens the list")
                yield FigureGrid(text.SPANS, cells=8, id="appointments")
            with Vertical(id="hospital-panel", classes="panel") as panel:
                panel.border_title = plain("Hospital")
                yield FigureGrid(cells=9, id="hospital")
            with Vertical(id="trend-panel", classes="panel") as panel:
                panel.border_title = plain("Visits a day, and below no-shows ✗")
                yield ColumnChart(opens=True, below="✗", empty=_READING, id="trend")
            with Vertical(id="week-panel", classes="panel") as panel:
                panel.border_title = plain("An average week")
                yield ColumnChart(empty=_READING, id="week")
            with Vertical(id="hours-panel", classes="panel") as panel:
                panel.border_title = plain("By hour of the day")
                yield ColumnChart(empty=_READING, id="hours")
            with Vertical(id="departments-panel", classes="panel") as panel:
                panel.border_title = plain("Busiest departments (✗ no-shows)")
                yield RecordTable(text.SHARE_COLUMNS, empty=_READING, id="departments")
            with Vertical(id="doctors-panel", classes="panel") as panel:
                panel.border_title = plain("Busiest doctors (✗ no-shows)")
                yield RecordTable(text.SHARE_COLUMNS, empty=_READING, id="doctors")

    def on_mount(self) -> None:
        """Begin at today's appointments."""
        self.query_one("#appointments").focus()

    # Reading

    def reload(self) -> None:
        """Count."""
        self.load()
        self.load_troubles()

    @reading("troubles")
    async def load_troubles(self) -> None:
        """Ask what keeps mail from leaving; cheap, so that it needs no rest."""
        self.query_one(Troubles).show(await self.read(mail_troubles.sentences))

    @reading("dashboard")
    async def load(self) -> None:
        """Count and show; then rest so long that counting never takes much of the time."""
        began = self.context.services.seconds()
        self.figures = await self.read(statistics.of_hospital)
        now = self.context.services.seconds()
        self._rest_until = now + _REST * (now - began)
        self._show(self.figures)
        if low := await self.call(self.context.store.low_on_room):
            self.query_one(StatusLine).warn(low)

    def changed(self, changes: tuple[ChangeView, ...]) -> None:
        """Count again, when the rest is over."""
        rest = self._rest_until - self.context.services.seconds()
        if rest <= 0:
            self.load()
        elif self._due is None:
            self._due = self.set_timer(rest, self._count_again)

    def _count_again(self) -> None:
        self._due = None
        self.load()

    def _show(self, figures: HospitalFigures) -> None:
        told = figures.activity
        rows = text.appointment_rows(told)
        self.query_one("#panels").set_class(len(rows) > _USUAL_ROWS, "-more")
        self.query_one("#appointments", FigureGrid).show(rows)
        self.query_one("#hospital", FigureGrid).show(text.hospital_rows(figures))
        for name, pillars in (
            ("#trend", text.trend(told)),
            ("#week", text.weekdays(told)),
            ("#hours", text.hours(told)),
        ):
            chart = self.query_one(name, ColumnChart)
            chart.empty = _EMPTY
            chart.show(pillars)
        for name, shares in (
            ("#departments", figures.busiest_departments),
            ("#doctors", figures.busiest_doctors),
        ):
            table = self.query_one(name, RecordTable)
            table.say_empty(_EMPTY)
            table.show(text.share_rows(shares, self.colours))

    def minute_passed(self, now: datetime) -> None:
        """At midnight it is another day; a worker may be missing by now."""
        if (now.hour, now.minute) == (0, 0):
            self.reload()
        else:
            self.load_troubles()

    # The list behind a figure

    @on(FigureGrid.Opened, "#appointments")
    def _appointments_wanted(self, event: FigureGrid.Opened) -> None:
        self._open(text.behind_appointments(event.key, event.column, self.context.today()))

    @on(FigureGrid.Opened, "#hospital")
    def _hospital_wanted(self, event: FigureGrid.Opened) -> None:
        if self.figures is not None:
            self._open(text.behind_hospital(event.key, self.figures.activity))

    @on(ColumnChart.Opened, "#trend")
    def _day_wanted(self, event: ColumnChart.Opened) -> None:
        self._open(("Appointments", f"on:{event.key}"))

    @on(RecordTable.Opened)
    def _share_wanted(self, event: RecordTable.Opened) -> None:
        if self.figures is not None:
            of = "doctor" if event.table.id == "doctors" else "department"
            self._open(text.behind_share(of, event.key, self.figures.activity))

    def _open(self, wanted: text.Wanted) -> None:
        self.post_message(ListWanted(*wanted))
