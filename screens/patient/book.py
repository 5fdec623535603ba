"""Booking: a department, a doctor, a free time, enter."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from screens.base import RoleScreen, reading
from screens.context import ScreenContext
from screens.messages import TabWanted
from screens.patient.booking import BookDialog
from screens.patient.keys import EARLIER_HERE, FIND
from screens.patient.slot_picker import SlotPicker
from screens.patient.waiting import JoinDialog
from screens.patient.words import fact, fee_words, short_moment
from screens.shared.doctor_dialog import DoctorChoice, DoctorDialog
from screens.shared.weeks import read_first_week, read_week
from store import availability, departments, doctors
from store.values import AppointmentView, ChangeView, DepartmentView, DoctorView, Slot
from widgets.keys import BACK, bind
from widgets.plain import cell, content, lines, plain
from widgets.record_table import Column, RecordTable, Row

_DEPARTMENT_COLUMNS = (
    Column("name", "Department"),
    Column("doctors", "Doctors", 7, right=True),
    Column("free", "First free", 16),
)
_DOCTOR_COLUMNS = (Column("name", "Doctor"), Column("free", "First free", 16))
_AHEAD = timedelta(days=6)
_LATER = "none in 7 days"
_HOME_TAB = 1


class BookScreen(RoleScreen):
    """Departments and their doctors at the left, the doctor's free times at the right; a narrow
    terminal shows one step at a time, escape goes a step back."""

    TOPICS = frozenset({"appointment", "department", "doctor", "hours", "leave", "holiday", "hold"})
    BINDINGS: ClassVar[list[BindingType]] = bind(hidden=(FIND,))
    CSS = """
    BookScreen #steps { height: 1fr; }
    BookScreen #choice { width: 52; }
    BookScreen #doctors-panel { height: 2fr; }
    BookScreen #about { height: auto; max-height: 4; margin-top: 1; color: $text-muted; }
    BookScreen #profile { height: auto; max-height: 8; margin-top: 1; }
    BookScreen #profile-line { height: auto; max-height: 2; margin-bottom: 1; }
    BookScreen.-wide #profile-line { display: none; }
    BookScreen.-narrow #choice { width: 1fr; }
    BookScreen.-narrow .step { display: none; }
    BookScreen.-narrow .step.-current { display: block; }
    BookScreen.-narrow #choice { display: none; }
    BookScreen.-narrow #choice.-current { display: block; }
    """

    def __init__(self, context: ScreenContext, tab: int = 2) -> None:
        super().__init__(context, tab)
        self.departments: dict[str, DepartmentView] = {}
        self.doctors: dict[str, DoctorView] = {}
        self.first_free: dict[int, Slot] = {}
        self.department: DepartmentView | None = None
        self.doctor: DoctorView | None = None
        self.first: date = context.today()

    def body(self) -> ComposeResult:
        """The three steps."""
        with Horizontal(id="steps"):
            with Vertical(id="choice", classes="-current"):
                with DepartmentsPanel(id="departments-panel", classes="panel step -current"):
                    yield RecordTable(
                        _DEPARTMENT_COLUMNS,
                        empty="No department takes appointments. Call the hospital.",
                        id="departments",
                    )
                    yield Static("", id="about", markup=False)
                with DoctorsPanel(id="doctors-panel", classes="panel step"):
                    yield RecordTable(
                        _DOCTOR_COLUMNS,
                        empty="No doctor here takes appointments. esc goes back.",
                        id="doctors",
                    )
                    with VerticalScroll(id="profile", can_focus=False):
                        yield Static("", id="profile-text", markup=False)
            with TimesPanel(id="times-panel", classes="panel step"):
                yield Static("", id="profile-line", markup=False)
                yield SlotPicker(self.context.now(), id="picker")

    @property
    def department_table(self) -> RecordTable:
        """The departments."""
        return self.query_one("#departments", RecordTable)

    @property
    def doctor_table(self) -> RecordTable:
        """The doctors of the chosen department."""
        return self.query_one("#doctors", RecordTable)

    @property
    def picker(self) -> SlotPicker:
        """The free times."""
        return self.query_one(SlotPicker)

    def on_mount(self) -> None:
        """Begin with the department."""
        self.query_one("#departments-panel").border_title = plain("1 Department")
        self.query_one("#doctors-panel").border_title = plain("2 Doctor")
        self.query_one("#times-panel").border_title = plain("3 Time")
        self.department_table.focus()

    # Reading

    def reload(self) -> None:
        """Read everything that is shown."""
        self.load_directory()
        self.load_times()

    def changed(self, changes: tuple[ChangeView, ...]) -> None:
        """Read the times again where this doctor is concerned; the directory always, but for a
        hold, which is gone in a moment."""
        if any(change.topic != "hold" for change in changes):
            self.load_directory()
        if self.doctor is not None and any(
            change.doctor_id in (None, self.doctor.id) for change in changes
        ):
            self.load_times()

    def second_passed(self, now: datetime) -> None:
        """Count down what others hold."""
        self.picker.pass_second(now)

    def minute_passed(self, now: datetime) -> None:
        """Times become past, and at midnight days do."""
        self.first = max(self.first, now.date())
        self.load_times()

    @reading("directory")
    async def load_directory(self) -> None:
        """Read departments, doctors, and when each is free first."""
        wards = (await self.read(departments.list_departments)).items
        people = (await self.read(doctors.list_doctors)).items
        self.first_free = await self._first_free([doctor.id for doctor in people])
        self.departments = {str(ward.id): ward for ward in wards if ward.doctors}
        self.doctors = {str(doctor.id): doctor for doctor in people}
        self._show_departments()
        self._show_doctors()

    async def _first_free(self, doctor_ids: Sequence[int]) -> dict[int, Slot]:
        today = self.context.today()
        if not doctor_ids:
            return {}
        slots = await self.read(availability.free_slots, doctor_ids, today, today + _AHEAD)
        first: dict[int, Slot] = {}
        for slot in slots:
            first.setdefault(slot.doctor_id, slot)
        return first

    @reading("times")
    async def load_times(self, *, find_first: bool = False) -> None:
        """Read seven days of the chosen doctor; with `find_first`, those of the first free time."""
        if self.doctor is None:
            return
        if find_first:
            week = await read_first_week(self, self.doctor.id, self.context.today())
            self.first = week.first
        else:
            week = await read_week(self, self.doctor.id, self.first)
        self.picker.show(week, self.context.now())

    def _show_departments(self) -> None:
        self.department_table.show([self._department_row(one) for one in self.departments.values()])

    def _department_row(self, ward: DepartmentView) -> Row:
        slots = [
            self.first_free[doctor.id]
            for doctor in self.doctors.values()
            if doctor.department_id == ward.id and doctor.id in self.first_free
        ]
        first = min(slots, key=lambda slot: slot.starts_at.timestamp(), default=None)
        return Row(str(ward.id), (ward.name, str(ward.doctors), self._free_cell(first)))

    def _free_cell(self, slot: Slot | None) -> Text:
        if slot is None:
            return cell(_LATER, style=self.colours["text-muted"])
        words = short_moment(slot.starts_at, self.context.today())
        return cell(words, style=self.colours["slot-free"])

    def _show_doctors(self) -> None:
        shown = [
            doctor
            for doctor in self.doctors.values()
            if self.department is not None and doctor.department_id == self.department.id
        ]
        self.doctor_table.show(
            [
                Row(str(doctor.id), (doctor.name, self._free_cell(self.first_free.get(doctor.id))))
                for doctor in shown
            ]
        )
        self._show_profile(self.doctors.get(self.doctor_table.selected or ""))

    def _show_profile(self, doctor: DoctorView | None) -> None:
        self.query_one("#profile-text", Static).update(_profile(doctor) if doctor else "")

    # Going from step to step

    @on(RecordTable.Moved, "#departments")
    def _department_moved(self, event: RecordTable.Moved) -> None:
        """What the cursor is on is shown beside it already."""
        self.department = self.departments.get(event.key or "")
        title = f"2 Doctor · {self.department.name}" if self.department else "2 Doctor"
        self.query_one("#doctors-panel").border_title = plain(title)
        about = self.department.description if self.department else ""
        self.query_one("#about", Static).update(plain(about))
        self._show_doctors()

    @on(RecordTable.Moved, "#doctors")
    def _doctor_moved(self, event: RecordTable.Moved) -> None:
        self._show_profile(self.doctors.get(event.key or ""))

    @on(RecordTable.Opened, "#departments")
    def _department_chosen(self) -> None:
        self._show_step("doctors-panel", self.doctor_table)

    @on(RecordTable.Opened, "#doctors")
    def _doctor_chosen(self, event: RecordTable.Opened) -> None:
        self._choose_doctor(self.doctors[event.key])

    def _choose_doctor(self, doctor: DoctorView, at: Slot | None = None) -> None:
        self.doctor = doctor
        self.first = self.context.today()
        self.query_one("#times-panel").border_title = plain(
            f"3 Time · {doctor.name}, {doctor.department}"
        )
        self.query_one("#profile-line", Static).update(_profile_line(doctor))
        self.picker.start_anew()
        self._show_step("times-panel", self.picker)
        if at is None:
            self.load_times(find_first=True)
        else:
            self.picker.go_to(at)

    def _show_step(self, panel: str, focus: Widget) -> None:
        self._mark_current(self.query_one(f"#{panel}"))
        focus.focus()

    def _mark_current(self, panel: Widget) -> None:
        for one in self.query(".step"):
            one.set_class(one is panel, "-current")
        self.query_one("#choice").set_class(panel.id != "times-panel", "-current")

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """A narrow terminal shows the step that has the focus."""
        for panel in self.query(".step"):
            if panel in event.widget.ancestors_with_self:
                self._mark_current(panel)

    def action_back(self) -> None:
        """A step back."""
        if self.query_one("#times-panel").has_class("-current"):
            self._show_step("doctors-panel", self.doctor_table)
        elif self.query_one("#doctors-panel").has_class("-current"):
            self._show_step("departments-panel", self.department_table)
        else:
            self.post_message(TabWanted(_HOME_TAB))

    def action_find(self) -> None:
        """Find a doctor by a few letters."""
        self.app.push_screen(DoctorDialog(self.context), self._found)

    def _found(self, choice: DoctorChoice | None) -> None:
        if choice is None:
            return
        self.department_table.move_to(str(choice.doctor.department_id))
        self.department = self.departments.get(str(choice.doctor.department_id))
        self._show_doctors()
        self.doctor_table.move_to(str(choice.doctor.id))
        self._choose_doctor(choice.doctor, choice.first)

    # Times

    @on(SlotPicker.Wanted)
    def _days_wanted(self, event: SlotPicker.Wanted) -> None:
        self.first = event.first
        self.load_times()

    def action_today(self) -> None:
        """Times of today."""
        self.query_one(SlotPicker).go_to_today()

    def action_day(self, days: int) -> None:
        """Times some days on or back."""
        self.query_one(SlotPicker).go(days)

    @on(SlotPicker.Chosen)
    def _time_chosen(self, event: SlotPicker.Chosen) -> None:
        if self.doctor is not None:
            self.app.push_screen(BookDialog(self.context, self.doctor, event.slot), self._booked)

    def action_wait_earlier(self) -> None:
        """No time is soon enough: be told of an earlier one."""
        if self.doctor is not None:
            self.app.push_screen(JoinDialog(self.context, doctor=self.doctor), self._joined)

    def _joined(self, sentence: str | None) -> None:
        if sentence:
            self.say(sentence)

    def _booked(self, view: AppointmentView | None) -> None:
        """Home tells what was booked; the next booking begins with the department."""
        if view is None:
            return
        self._show_step("departments-panel", self.department_table)
        self.post_message(TabWanted(_HOME_TAB))


class DepartmentsPanel(Vertical):
    """The first step."""

    BINDINGS: ClassVar[list[BindingType]] = bind(FIND)


class DoctorsPanel(Vertical):
    """The second step."""

    BINDINGS: ClassVar[list[BindingType]] = bind(FIND, BACK)


class TimesPanel(Vertical):
    """The third step; the other keys are the picker's."""

    BINDINGS: ClassVar[list[BindingType]] = bind(EARLIER_HERE, BACK, hidden=(FIND,))


def _profile(doctor: DoctorView) -> Content:
    """A doctor as patients are told of one."""
    return lines(
        [
            content("[b]$name[/]  [$text-muted]$q[/]", name=doctor.name, q=doctor.qualification),
            fact("Fee", fee_words(doctor.fee), width=5),
            plain(doctor.bio),
        ]
    )


def _profile_line(doctor: DoctorView) -> Content:
    """The same in one line, above the times."""
    parts = [doctor.qualification, f"fee {fee_words(doctor.fee)}", doctor.bio]
    return content("[$text-muted]$line[/]", line=" · ".join(part for part in parts if part))
