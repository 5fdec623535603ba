"""The mail that brings a patient's records: nothing medical in its text, all of it attached."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage

from jobs.exports.render import Rendered
from jobs.letters import Sender, day_words, one_line, unwritable, written
from store.patient_file import RecordsFacts
from store.values import RecordFormat

_NAMES = {
    RecordFormat.PDF: "a PDF to read",
    RecordFormat.CSV: "a table (CSV) for a spreadsheet",
    RecordFormat.FHIR: "a file (FHIR R4B) for another hospital's computer",
    RecordFormat.ICS: "your appointments for a calendar",
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
    size = sum(len(one.data) for one in attachments)
    too_large = size > most_bytes
    values = {
        "hospital": one_line(sender.name or facts.hospital),
        "subject": facts.subject,
        "patient": one_line(facts.patient),
        "asked": day_words(facts.asked_at),
        "names": [] if too_large else [_NAMES[form] for form in facts.formats],
        "too_large": too_large,
        "size": _megabytes(size),
        "most": _megabytes(most_bytes),
    }
    message = written(facts, sender, values, attempt=attempt)
    if not too_large:
        with unwritable():
            for one in attachments:
                main, sub = one.kind
                message.add_attachment(one.data, maintype=main, subtype=sub, filename=one.name)
    return message


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
