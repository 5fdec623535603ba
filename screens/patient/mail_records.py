"""Asking for one's own records by e-mail: to which address, in which form, and what became of the
last request."""

from __future__ import annotations

from typing import ClassVar
from uuid import uuid4

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Static

from screens.base import Dialog, acting, reading
from screens.context import ScreenContext
from screens.patient.keys import SEND_RECORDS
from store import patient_file, patients
from store.values import OutboxStatus, RecordFormat, RecordsAsked
from widgets.form import Choice
from widgets.keys import BACK, HELP, bind
from widgets.plain import content, lines, plain

_PRINTED, _TABLE, _EXCHANGE = RecordFormat.PDF, RecordFormat.CSV, RecordFormat.FHIR
_CHOICES: dict[str, tuple[str, tuple[RecordFormat, ...]]] = {
    "pdf": ("PDF", (_PRINTED,)),
    "csv": ("CSV", (_TABLE,)),
    "fhir": ("FHIR", (_EXCHANGE,)),
    "all": ("all three", (_PRINTED, _TABLE, _EXCHANGE)),
}
_FORMS = "A PDF is for reading, CSV for a spreadsheet, FHIR for another hospital."
_NO_ADDRESS = (
    "You have no e-mail address here yet. Give one under your account (f4), or ask the reception"
    " desk; then come again."
)


class MailRecordsDialog(Dialog[str]):
    """Answers with the sentence that says that they are on their way."""

    TITLE_TEXT = "Your records by e-mail"
    NO_ADDRESS: ClassVar[str] = _NO_ADDRESS
    OPENED_BY: ClassVar[str] = "Their archive opens with a password that only you see, here."
    WIDTH = 66
    TOPICS = frozenset({"outbox", "patient"})
    BINDINGS: ClassVar[list[BindingType]] = bind(SEND_RECORDS, BACK, HELP)
    DEFAULT_CSS = "MailRecordsDialog Choice { margin-top: 1; }"

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context)
        # The same key for every attempt of this dialog: enter twice is one mail.
        self.request_id = str(uuid4())
        self.address = ""

    def body(self) -> ComposeResult:
        """The question and the choice of the form, once there is an address."""
        yield Static("", id="question", markup=False)
        choice = Choice([(key, words) for key, (words, _) in _CHOICES.items()], "", id="form")
        choice.display = False
        yield choice

    def on_mount(self) -> None:
        """Read the address."""
        self.load()

    def reload(self) -> None:
        """Read again what became of the last request."""
        self.load()

    @reading("address")
    async def load(self) -> None:
        """Show where the mail goes, and what became of the last one."""
        patient = await self.read(patients.get, self.patient_id)
        last = await self.read(patient_file.last_asked, self.patient_id)
        choice = self.query_one(Choice)
        question = self.query_one("#question", Static)
        if patient.email is None:
            question.update(plain(self.NO_ADDRESS))
            return
        self.address = masked(patient.email)
        told = [content("$ask [b]$to[/]?", ask=self.ask_words(), to=self.address)]
        told.append(plain(self.OPENED_BY))
        told += [plain(""), plain(_FORMS)]
        if last is not None:
            told += [plain(""), content("[$text-muted]$last[/]", last=last_words(last))]
            told.append(content("Its archive opens with [b]$password[/]", password=last.password))
        question.update(lines(told))
        if not choice.display:
            choice.display = True
            choice.focus()

    def action_send(self) -> None:
        """Ask for it in the chosen form."""
        if self.address:
            self.ask(_CHOICES[self.query_one(Choice).value][1])

    @acting
    async def ask(self, formats: tuple[RecordFormat, ...]) -> None:
        """Ask for it; a refusal stays to be read."""
        self.be_quiet()
        asked = await self.write(
            patient_file.ask_by_mail, self.patient_id, formats, request_id=self.request_id
        )
        self.dismiss(self.done_words(asked.password))

    @property
    def patient_id(self) -> int:
        """Whose: the patient's own who is signed in."""
        own = self.context.actor.patient_id
        assert own is not None
        return own

    def ask_words(self) -> str:
        """Whose records go where, up to the address."""
        return "Send your records to"

    def done_words(self, password: str) -> str:
        """That they are on their way, and what opens them."""
        return (
            f"On their way to {self.address}. The archive opens with {password}; s shows it again."
        )


def masked(email: str) -> str:
    """An address that its owner knows and a passer-by does not: `a…@example.org`."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"


def last_words(last: RecordsAsked) -> str:
    """What became of the last request."""
    asked = f"Asked for on {last.asked_at.day} {last.asked_at:%b, %H:%M}: "
    if last.status is OutboxStatus.SENT and last.sent_at is not None:
        return f"{asked}sent on {last.sent_at.day} {last.sent_at:%b, %H:%M}."
    if last.status is OutboxStatus.WAITING:
        return f"{asked}waiting to be sent."
    return f"{asked}it could not be sent. Ask the reception desk."
