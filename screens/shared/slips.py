"""A slip before it becomes paper: shown as it will be printed, then printed or saved as a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical, VerticalScroll
from textual.widgets import Input, Label, Static

from screens.base import Dialog, RoleScreen, acting, reading
from screens.context import ScreenContext
from screens.shared.names import day_words
from screens.shared.slip_keys import ALL_DOCTORS, PRINT, SAVE_PDF
from store import slips
from store.values import (
    AppointmentStatus,
    AppointmentView,
    DoctorView,
    Sheet,
    SlipUse,
    TokenSlip,
)
from widgets.inputs import EnterInput
from widgets.keys import BACK, DAY_BACK, DAY_ON, HELP, TODAY, WEEK_BACK, WEEK_ON, bind
from widgets.plain import plain


class PaperDialog(Dialog[str]):
    """Shows a slip; enter prints it, `ctrl+s` asks for the PDF's name. Answers with the sentence
    that tells what was done. What is printed is read anew at that moment."""

    WIDTH = 64
    BINDINGS: ClassVar[list[BindingType]] = bind(PRINT, SAVE_PDF, BACK, HELP)
    DEFAULT_CSS = """
    PaperDialog #slip { text-wrap: nowrap; text-overflow: ellipsis; padding: 0 2; height: auto; }
    PaperDialog #naming { height: auto; margin-top: 1; }
    """

    def body(self) -> ComposeResult:
        """The slip, and where its file is named."""
        yield Static("", id="slip", markup=False)

    def on_mount(self) -> None:
        """Let the arrows scroll, and read the slip."""
        scroll = self.query_one("#dialog-body", VerticalScroll)
        scroll.can_focus = True
        scroll.focus()
        naming = Vertical(
            Label(plain("File name"), markup=False),
            EnterInput("save", id="name", max_length=120),
            id="naming",
        )
        naming.display = False
        self.query_one("#dialog").mount(naming, before="#dialog-error")
        self.load()

    def reload(self) -> None:
        """Read it again."""
        self.load()

    async def slip(self, use: SlipUse) -> Sheet:
        """The sheet as it is now, for this use."""
        raise NotImplementedError

    @reading("slip")
    async def load(self) -> None:
        """Show the slip."""
        slip = await self.slip(SlipUse.SHOW)
        papers = self.context.services.papers
        self.query_one("#slip", Static).update(plain(papers.text(slip)))
        self.query_one("#name", Input).value = papers.file_name(slip)

    def action_print_it(self) -> None:
        """Print it."""
        self.print_now()

    @acting
    async def print_now(self) -> None:
        """Print it, and leave."""
        self.be_quiet()
        papers = self.context.services.papers
        papers.require_printer()
        slip = await self.slip(SlipUse.PRINT)
        self.dismiss(await self.call(papers.print, slip))

    def action_save_pdf(self) -> None:
        """Ask for the file's name; with the name there, save."""
        naming = self.query_one("#naming")
        if naming.display:
            self.save_now(self.query_one("#name", Input).value)
            return
        self.show_naming()

    @acting
    async def show_naming(self) -> None:
        """Open the field, where there is a slip and the app may save files at all."""
        self.be_quiet()
        self.context.services.papers.require_folder()
        await self.slip(SlipUse.SHOW)
        self.query_one("#dialog-body").styles.max_height = "50vh"  # leaves room for the field
        self.query_one("#naming").display = True
        self.query_one("#name", Input).focus()

    @on(Input.Submitted, "#name")
    def _named(self, event: Input.Submitted) -> None:
        event.stop()
        self.save_now(event.value)

    @acting
    async def save_now(self, name: str) -> None:
        """Save it, and leave."""
        self.be_quiet()
        slip = await self.slip(SlipUse.EXPORT)
        self.dismiss(await self.call(self.context.services.papers.save, slip, name))


class SlipDialog(PaperDialog):
    """The slip of one appointment, as it fits where that stands."""

    TOPICS = frozenset({"appointment"})

    def __init__(self, context: ScreenContext, view: AppointmentView) -> None:
        waits = view.status in (AppointmentStatus.CHECKED_IN, AppointmentStatus.IN_CONSULTATION)
        super().__init__(context, title="Token slip" if waits else "Appointment slip")
        self.appointment_id = view.id

    async def slip(self, use: SlipUse) -> Sheet:
        """The appointment's slip."""
        return await self.read(slips.of_appointment, self.appointment_id, use)


class DayListDialog(PaperDialog):
    """The list of a day, of all doctors or of the chosen one; `[` and `]` change the day."""

    TOPICS = frozenset({"appointment", "patient"})
    BINDINGS: ClassVar[list[BindingType]] = bind(
        PRINT,
        SAVE_PDF,
        DAY_BACK,
        DAY_ON,
        ALL_DOCTORS,
        HELP,
        hidden=(BACK, TODAY, WEEK_BACK, WEEK_ON),
    )

    def __init__(self, context: ScreenContext, doctor: DoctorView | None) -> None:
        super().__init__(context, title="List of the day")
        self.day = context.today()
        self.doctor = doctor
        self.one = False

    async def slip(self, use: SlipUse) -> Sheet:
        """The list."""
        doctor_id = self.doctor.id if self.doctor and self.one else None
        slip = await self.read(slips.day_list, day=self.day, doctor_id=doctor_id, use=use)
        day = day_words(self.day, self.context.today())
        self.query_one("#dialog").border_title = plain(f"List of {day}")
        return slip

    def action_today(self) -> None:
        """Today's list."""
        self._go(self.context.today() - self.day)

    def action_day(self, days: int) -> None:
        """The list some days on or back."""
        self._go(timedelta(days=days))

    def _go(self, by: timedelta) -> None:
        self.day += by
        self.load()

    def action_all(self) -> None:
        """All doctors, or the chosen one."""
        if self.doctor is None:
            self.complain("No doctor is chosen: choose one with d at the desk, then come again.")
            return
        self.one = not self.one
        self.load()


class PaperScreen(RoleScreen):
    """A screen from which slips are printed."""

    def show_slip(self, view: AppointmentView) -> None:
        """Open the slip of an appointment."""
        self.app.push_screen(SlipDialog(self.context, view), self._on_paper)

    def show_day_list(self, doctor: DoctorView | None) -> None:
        """Open the day's list of all doctors, which a key narrows to the chosen `doctor`."""
        self.app.push_screen(DayListDialog(self.context, doctor), self._on_paper)

    def _on_paper(self, sentence: str | None) -> None:
        if sentence is not None:
            self.say(sentence)

    def print_tokens(self, views: Sequence[AppointmentView]) -> None:
        """Print the tokens of those who have just come, where that is configured."""
        here = [view.id for view in views if view.status is AppointmentStatus.CHECKED_IN]
        if here and self.context.services.papers.prints_at_check_in:
            # Not an @acting method: who comes while the printer works gets a slip too.
            self.run_worker(self._guarded(self._print_tokens(here)), group="print")

    async def _print_tokens(self, appointment_ids: Sequence[int]) -> None:
        for appointment_id in appointment_ids:
            slip = await self.read(slips.of_appointment, appointment_id, SlipUse.PRINT)
            if isinstance(slip, TokenSlip):
                # The slip itself tells that it was printed; a refusal is told by `_guarded`.
                await self.call(self.context.services.papers.print, slip)
