"""The hospital's paper: what screens and commands ask for a slip as text, on the printer or as a
PDF. Nothing here decides who may have which; the store has, when it gave the slip."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from jobs.documents.files import NO_FOLDER, save_new, tidy_name
from jobs.documents.slip_text import slip_text
from jobs.printing import Printer
from store.errors import WrongConfiguration
from store.values import DayList, Slip, TokenSlip

if TYPE_CHECKING:
    from jobs.documents.fonts import Fonts
    from jobs.documents.page import Pdf


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
    """Slips on paper, as the hospital has configured it; `now` is hospital time."""

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

    def text(self, slip: Slip) -> str:
        """The slip as the printer gets it."""
        return slip_text(slip, self.settings.columns, self.settings.note)

    def print(self, slip: Slip) -> str:
        """Print the slip, and return a sentence that says so. Takes as long as the command.

        Raises:
            WrongConfiguration: no command is configured, or it cannot be run.
            Unavailable: the command failed or took too long.
        """
        lost = self.settings.printer.print(self.text(slip))
        sentence = f"{title_of(slip)}: sent to the printer."
        if lost:
            sentence += " It has no letters for part of it and prints ? instead; the PDF has them."
        return sentence

    def pdf(self, slip: Slip) -> Pdf:
        """The slip as PDF."""
        from jobs.documents.slip_pdf import slip_pdf

        return slip_pdf(slip, self.fonts, self._now(), self.settings.note)

    def save(self, slip: Slip, name: str) -> str:
        """Save the slip as a new PDF in the configured folder; returns a sentence that says where.

        Raises:
            WrongConfiguration: no folder is configured, or it cannot be written to.
            Invalid: the name is none, or taken.
        """
        pdf = self.pdf(slip)
        file = save_new(self.settings.folder, name, pdf.data)
        return f"Saved as {file}. {pdf.caution}".strip()

    def file_name(self, slip: Slip) -> str:
        """What its PDF is called unless somebody says otherwise; it names no patient."""
        if isinstance(slip, DayList):
            return f"{slip.day:%Y-%m-%d}-{tidy_name(slip.doctor or 'all doctors')}.pdf"
        if isinstance(slip, TokenSlip):
            return f"token-{tidy_name(slip.token)}-{slip.checked_in_at:%Y-%m-%d}.pdf"
        return f"appointment-{slip.appointment_id}.pdf"


def title_of(slip: Slip) -> str:
    """What a slip is, in a line."""
    if isinstance(slip, DayList):
        return f"List of {slip.day:%a} {slip.day.day} {slip.day:%b}, {slip.doctor or 'all doctors'}"
    if isinstance(slip, TokenSlip):
        return f"Token {slip.token} of {slip.patient}"
    return f"Appointment slip of {slip.patient}"
