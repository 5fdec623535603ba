"""Writing a letter to a patient: text, HTML and calendar entry (of what to come to), from what
is true now.

Every text from outside goes in as a value: into HTML escaped, into headers through the standard
library, which refuses line breaks, and never as a template.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from jobs.addresses import UnusableAddress, wire_form
from jobs.invitation import invitation, method_of
from store.letter_facts import LetterFacts
from store.patient_file import RecordsFacts

# Seven bits pass every mail server on the way.
_POLICY = SMTP.clone(cte_type="7bit")


class Unwritable(Exception):
    """No letter can be made of these facts; the message says why."""


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom letters come from: the hospital's address and, where it differs, its name there."""

    address: str
    name: str = ""


def write(facts: LetterFacts, sender: Sender, *, attempt: int = 1) -> EmailMessage:
    """The letter as it is sent; `attempt` counts its tries.

    Raises:
        Unwritable: an address or a name cannot stand in a mail.
    """
    hospital = sender_name(facts, sender)
    facts = replace(
        facts,
        patient=one_line(facts.patient),
        doctor=one_line(facts.doctor),
        department=one_line(facts.department),
    )
    message = written(facts, sender, _values(facts, hospital), attempt=attempt)
    if not facts.calendar_uid:
        return message
    organizer, recipient = wire_form(sender.address), recipient_of(message)
    with unwritable():
        message.add_alternative(
            invitation(facts, organizer, hospital, recipient),
            subtype="calendar",
            params={"method": method_of(facts)},
        )
    return message


def written(
    facts: LetterFacts | RecordsFacts, sender: Sender, values: dict[str, Any], *, attempt: int
) -> EmailMessage:
    """A letter with its head, its text and its HTML, from the templates of its kind.

    Raises:
        Unwritable: an address or a name cannot stand in a mail.
    """
    try:
        recipient, organizer = wire_form(facts.recipient), wire_form(sender.address)
    except UnusableAddress as error:
        raise Unwritable(str(error)) from error
    message = EmailMessage(policy=_POLICY)
    with unwritable():
        message["From"] = Address(sender_name(facts, sender), *organizer.rsplit("@", 1))
        message["To"] = Address("", *recipient.rsplit("@", 1))
        message["Subject"] = facts.subject
        message["Date"] = format_datetime(facts.written_at)
        message["Message-ID"] = facts.message_id
        message["Auto-Submitted"] = "auto-generated"
        if attempt > 1:
            message["X-Chikitsa-Attempt"] = str(attempt)
        message.set_content(_render(f"{facts.kind}.txt", values))
        message.add_alternative(_render(f"{facts.kind}.html", values), subtype="html")
    return message


def sender_name(facts: LetterFacts | RecordsFacts, sender: Sender) -> str:
    """The name that a letter comes from."""
    return one_line(sender.name or facts.hospital)


@contextmanager
def unwritable() -> Iterator[None]:
    """Within it, what the library of mails refuses is a letter that cannot be written."""
    try:
        yield
    except (ValueError, MessageError) as error:
        raise Unwritable("A name or an address in it cannot stand in a mail.") from error


def plain_text(message: EmailMessage) -> str:
    """What a letter says, for looking at."""
    body = message.get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text


def recipient_of(message: EmailMessage) -> str:
    """The one address a letter goes to, in the form that mail servers take."""
    address: str = message["To"].addresses[0].addr_spec
    return address


def _values(facts: LetterFacts, hospital: str) -> dict[str, Any]:
    return {
        "hospital": hospital,
        "subject": facts.subject,
        "patient": facts.patient,
        "doctor": facts.doctor,
        "department": facts.department,
        "day": day_words(facts.starts_at),
        "time": f"{facts.starts_at:%H:%M}–{facts.ends_at:%H:%M}",
        "zone": _zone(facts.starts_at),
        "moved_from": _moment(facts.moved_from) if facts.moved_from else None,
        "answer_by": _moment(facts.answer_by) if facts.answer_by else None,
    }


def _render(template: str, values: dict[str, Any]) -> str:
    return _environment().get_template(template).render(values)


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("jobs", "templates"),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def day_words(moment: datetime) -> str:
    """`Monday, 5 January 2026`."""
    return f"{moment:%A}, {moment.day} {moment:%B %Y}"


def _moment(moment: datetime) -> str:
    return f"{day_words(moment)}, {moment:%H:%M}"


def _zone(moment: datetime) -> str:
    """The zone's name, so that nobody takes the hour for that of another place."""
    offset = moment.strftime("%z")
    name, place = moment.tzname() or "", str(moment.tzinfo)
    told = f"UTC{offset[:3]}:{offset[3:5]}" if moment.tzinfo is not UTC else "UTC"
    return f"{name}, {place}, {told}" if name.isalpha() and name != place else f"{place}, {told}"


def one_line(text: str) -> str:
    """Without anything that breaks a line or drives a terminal."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
