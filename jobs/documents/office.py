"""The hospital's paper: what screens and commands ask for a sheet as text, on the printer or as a
PDF. Nothing here decides who may have which; the store has, when it gave the sheet."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from jobs.documents.files import NO_FOLDER, new_file, save_new, tidy_name
from jobs.documents.slip_text import slip_text
from jobs.documents.visit_text import visit_text
from jobs.documents.visit_words import TITLES
from jobs.printing import Printer
from store.errors import WrongConfiguration
from store.values import DayList, Sheet, TokenSlip, VisitPaper

if TYPE_CHECKING:
    from jobs.documents.fonts import Fonts
    from jobs.documents.page import Pdf

_NO_FOLDER_FOR_LISTS = (
    "No folder for documents is configured. Set [documents] folder; until then save it from the"
    " shell: every list has --csv, and chikitsa export KIND -o FILE.csv"
)


@dataclass(frozen=True)
class PaperSettings:
    """What the configuration says of paper. `columns` is the width of the printer's line, `note`
    what the hospital tells on every appointment slip, `folder` where the app saves PDFs (None:
    nowhere), `fonts` a folder of further fonts."""

    printer: Printer = field(default_factory=Printer)
    columns: int = 42
    note: str = ""
    at_check_in: bool = True
    folder: Path | None = None
    fonts: Path | None = None


class PaperOffice:
    """Sheets of paper, as the hospital has configured them; `now` is hospital time."""

    def __init__(self, settings: PaperSettings, now: Callable[[], datetime]) -> None:
        self.settings = settings
        self._now = now

    @cached_property
    def fonts(self) -> Fonts:
        """The fonts of this machine."""
        from jobs.documents.fonts import Fonts

        return Fonts(self.settings.fonts)

    @property
    def prints_at_check_in(self) -> bool:
        """Whether a token slip leaves the printer by itself when somebody is checked in."""
        return self.settings.at_check_in and bool(self.settings.printer.command)

    def require_printer(self) -> None:
        """Refuse where there is nothing to print with.

        Raises:
            WrongConfiguration: says what to configure.
        """
        self.settings.printer.require()

    def require_folder(self) -> None:
        """Refuse where the app may save nothing.

        Raises:
            WrongConfiguration: says what to configure.
        """
        if self.settings.folder is None:
            raise WrongConfiguration(NO_FOLDER)

    def text(self, sheet: Sheet) -> str:
        """The sheet as the printer gets it."""
        if isinstance(sheet, VisitPaper):
            return visit_text(sheet, self.settings.columns)
        return slip_text(sheet, self.settings.columns, self.settings.note)

    def print(self, sheet: Sheet) -> str:
        """Print the sheet, and return a sentence that says so. Takes as long as the command.

        Raises:
            WrongConfiguration: no command is configured, or it cannot be run.
            Unavailable: the command failed or took too long.
        """
        lost = self.settings.printer.print(self.text(sheet))
        sentence = f"{title_of(sheet)}: sent to the printer."
        if lost:
            sentence += " It has no letters for part of it and prints ? instead; the PDF has them."
        return sentence

    def pdf(self, sheet: Sheet) -> Pdf:
        """The sheet as PDF."""
        if isinstance(sheet, VisitPaper):
            from jobs.documents.visit_pdf import visit_pdf

            return visit_pdf(sheet, self.fonts, self._now())
        from jobs.documents.slip_pdf import slip_pdf

        return slip_pdf(sheet, self.fonts, self._now(), self.settings.note)

    def save(self, sheet: Sheet, name: str) -> str:
        """Save the sheet as a new PDF in the configured folder; returns a sentence that says where.

        Raises:
            WrongConfiguration: no folder is configured, or it cannot be written to.
            Invalid: the name is none, or taken.
        """
        pdf = self.pdf(sheet)
        file = save_new(self.settings.folder, name, pdf.data)
        return f"Saved as {file}. {pdf.caution}".strip()

    def save_table(self, name: str, write: Callable[[TextIO], int]) -> str:
        """Save a list as a new CSV file in the configured folder; returns a sentence that says
        where.

        Raises:
            WrongConfiguration: no folder is configured, or it cannot be written to.
            Invalid: the name is none, or taken.
        """
        if self.settings.folder is None:
            raise WrongConfiguration(_NO_FOLDER_FOR_LISTS)
        with new_file(self.settings.folder, name, ".csv") as (file, stream):
            text = TextIOWrapper(stream, encoding="utf-8", newline="")
            count = write(text)
            text.detach()  # flushes, and leaves closing to the file
        return f"{count:,} {'row' if count == 1 else 'rows'} saved as {file}."

    def file_name(self, sheet: Sheet) -> str:
        """What its PDF is called unless somebody says otherwise; it names no patient."""
        if isinstance(sheet, DayList):
            return f"{sheet.day:%Y-%m-%d}-{tidy_name(sheet.doctor or 'all doctors')}.pdf"
        if isinstance(sheet, TokenSlip):
            return f"token-{tidy_name(sheet.token)}-{sheet.checked_in_at:%Y-%m-%d}.pdf"
        if isinstance(sheet, VisitPaper):
            return f"{sheet.kind}-{sheet.record_id}.pdf"
        return f"appointment-{sheet.appointment_id}.pdf"


def title_of(sheet: Sheet) -> str:
    """What a sheet is, in a line."""
    if isinstance(sheet, DayList):
        day = sheet.day
        return f"List of {day:%a} {day.day} {day:%b}, {sheet.doctor or 'all doctors'}"
    if isinstance(sheet, TokenSlip):
        return f"Token {sheet.token} of {sheet.patient}"
    if isinstance(sheet, VisitPaper):
        return f"{TITLES[sheet.kind]} of {sheet.patient}"
    return f"Appointment slip of {sheet.patient}"
