"""The mail that brings a patient's records: nothing medical in its text, all of it attached, in an
archive whose password comes on another way."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage

from jobs.exports.archive import locked
from jobs.exports.render import Rendered
from jobs.languages import HINDI, language_of
from jobs.letters import Sender, attach, blank, one_line, written
from store.patient_file import RecordsFacts
from store.values import RecordFormat

_NAMES = {
    RecordFormat.PDF: "a PDF to read",
    RecordFormat.CSV: "a table (CSV) for a spreadsheet",
    RecordFormat.FHIR: "a file (FHIR R4B) for another hospital's computer",
    RecordFormat.ICS: "your appointments for a calendar",
}
_HINDI_NAMES = {
    RecordFormat.PDF: "पढ़ने के लिए PDF",
    RecordFormat.CSV: "स्प्रेडशीट के लिए तालिका (CSV)",
    RecordFormat.FHIR: "दूसरे अस्पताल के कंप्यूटर के लिए फ़ाइल (FHIR R4B)",
    RecordFormat.ICS: "कैलेंडर के लिए आपके अपॉइंटमेंट",
}


def write_records(
    facts: RecordsFacts,
    sender: Sender,
    attachments: Sequence[Rendered],
    *,
    most_bytes: int,
    attempt: int = 1,
) -> EmailMessage:
    """The mail as it is sent. Where the attachments are too large it goes without them and says
    so, for a patient who waits for a mail that never comes asks nobody.

    Args:
        most_bytes: how large the attachments may be together; in the mail they are a third larger.

    Raises:
        Unwritable: an address or a name cannot stand in a mail.
    """
    if facts.password and attachments:
        name = f"records-{facts.written_at:%Y-%m-%d}.zip"
        attachments = [locked(attachments, name, facts.password)]
    size = sum(len(one.data) for one in attachments)
    too_large = size > most_bytes
    language = language_of(facts.language)
    names = _HINDI_NAMES if language is HINDI else _NAMES
    values = blank() | {
        "hospital": one_line(sender.name or facts.hospital),
        "greeting": language.greet(one_line(facts.patient)),
        "asked": language.day(facts.asked_at.date()),
        "points": [] if too_large else [names[form] for form in facts.formats],
        "too_large": too_large,
        "size": _megabytes(size),
        "most": _megabytes(most_bytes),
    }
    message = written(facts, sender, values, attempt=attempt)
    if not too_large:
        attach(message, attachments)
    return message


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
