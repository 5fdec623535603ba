"""The prescription or the summary of a visit, before it is printed, saved or mailed."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from textual.binding import BindingType

from screens.base import acting
from screens.context import ScreenContext
from screens.shared.confirm import Confirm
from screens.shared.slip_keys import MAIL, OTHER_PAPER, PRINT, SAVE_PDF
from screens.shared.slips import PaperDialog
from store import patients, record_papers
from store.values import PaperKind, RecordView, Sheet, SlipUse
from widgets.keys import BACK, HELP, bind
from widgets.plain import plain

_TITLES = {PaperKind.PRESCRIPTION: "Prescription", PaperKind.SUMMARY: "Visit summary"}


class RecordPaperDialog(PaperDialog):
    """Shows the prescription of a signed record, or its summary where nothing was prescribed; a
    key shows the other. What is mailed goes to the patient's own address."""

    WIDTH = 76
    TOPICS = frozenset({"record"})
    BINDINGS: ClassVar[list[BindingType]] = bind(PRINT, SAVE_PDF, MAIL, OTHER_PAPER, BACK, HELP)

    def __init__(self, context: ScreenContext, record: RecordView) -> None:
        prescribed = bool(record.prescription)
        self.kind = PaperKind.PRESCRIPTION if prescribed else PaperKind.SUMMARY
        super().__init__(context, title=_TITLES[self.kind])
        self.record = record
        # One key for each paper of this dialog: pressed twice it is one mail.
        self.requests = {kind: str(uuid4()) for kind in PaperKind}

    async def slip(self, use: SlipUse) -> Sheet:
        """The paper."""
        sheet = await self.read(record_papers.of_record, self.record.id, self.kind, use)
        self.query_one("#dialog").border_title = plain(_TITLES[self.kind])
        return sheet

    def action_other(self) -> None:
        """The other paper of the same visit."""
        self.show_other()

    @acting
    async def show_other(self) -> None:
        """Show it, or say why there is none and stay."""
        self.be_quiet()
        other = {
            PaperKind.PRESCRIPTION: PaperKind.SUMMARY,
            PaperKind.SUMMARY: PaperKind.PRESCRIPTION,
        }
        kind = other[self.kind]
        await self.read(record_papers.of_record, self.record.id, kind)
        self.kind = kind
        self.load()

    def action_mail(self) -> None:
        """Mail it to the patient, after asking."""
        self.ask_to_mail()

    @acting
    async def ask_to_mail(self) -> None:
        """Ask, with the address before one's eyes."""
        self.be_quiet()
        patient = await self.read(patients.get, self.record.patient_id)
        if not patient.email:
            self.complain("The patient has no e-mail address. The reception desk can record one.")
            return
        question = f"Mail the {_TITLES[self.kind].lower()} to {patient.email}?"
        self.app.push_screen(
            Confirm("By e-mail", question), lambda yes: self.mail_now() if yes else None
        )

    @acting
    async def mail_now(self) -> None:
        """Ask for the mail, and leave; a refusal stays to be read."""
        asked = await self.write(
            record_papers.ask_by_mail,
            self.record.id,
            self.kind,
            request_id=self.requests[self.kind],
        )
        self.dismiss(f"{_TITLES[self.kind]}: in the mail to {asked.email} within minutes.")
