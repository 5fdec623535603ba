"""Writing a letter to a patient: text, HTML and calendar entry (of what to come to), from what
is true now.

Every text from outside goes in as a value: into HTML escaped, into headers through the standard
library, which refuses line breaks, and never as a template. The sentences of a mail are in one
template for each language; two frames make the text and the HTML of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime
from functools import cache, lru_cache
from textwrap import fill
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from jobs.addresses import UnusableAddress, wire_form
from jobs.exports.render import Rendered
from jobs.invitation import invitation, method_of
from jobs.languages import Language, language_of, wide, zone_words
from jobs.parts import POLICY, add, make_alternative
from store.letter_facts import Facts, LetterFacts
from store.values import MailKind

_WIDTH = 76


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
    organizer, recipient = wire_form(sender.address), wire_form(facts.recipient)
    entry = invitation(facts, organizer, hospital, recipient)
    add(message, "text/calendar", entry, f'; method="{method_of(facts)}"')
    return message


def written(facts: Facts, sender: Sender, values: dict[str, Any], *, attempt: int) -> EmailMessage:
    """A letter with its head, its text and its HTML, from the template of its kind.

    Raises:
        Unwritable: an address or a name cannot stand in a mail.
    """
    try:
        recipient, organizer = wire_form(facts.recipient), wire_form(sender.address)
    except UnusableAddress as error:
        raise Unwritable(str(error)) from error
    message, language = EmailMessage(policy=POLICY), language_of(facts.language)
    subject = language.subjects.get(facts.kind, facts.subject)
    with unwritable():
        message["From"] = Address(sender_name(facts, sender), *organizer.rsplit("@", 1))
        message["To"] = Address("", *recipient.rsplit("@", 1))
        message["Subject"] = subject
        message["Date"] = format_datetime(facts.written_at)
        message["Message-ID"] = facts.message_id
        message["Auto-Submitted"] = "auto-generated"
        if attempt > 1:
            message["X-Chikitsa-Attempt"] = str(attempt)
    values = values | {"subject": subject, "closing": language.closing}
    make_alternative(message)
    add(message, "text/plain", _render("txt", facts.kind, language, values))
    add(message, "text/html", _render("html", facts.kind, language, values))
    return message


def sender_name(facts: Facts, sender: Sender) -> str:
    """The name that a letter comes from."""
    return one_line(sender.name or facts.hospital)


@contextmanager
def unwritable() -> Iterator[None]:
    """Within it, what the library of mails refuses is a letter that cannot be written."""
    try:
        yield
    except (ValueError, MessageError) as error:
        raise Unwritable("A name or an address in it cannot stand in a mail.") from error


def attach(message: EmailMessage, files: Iterable[Rendered]) -> None:
    """Put files beside what a letter says.

    Raises:
        Unwritable: the name of one cannot stand in a mail.
    """
    with unwritable():
        for one in files:
            main, sub = one.kind
            message.add_attachment(one.data, maintype=main, subtype=sub, filename=one.name)


def plain_text(message: EmailMessage) -> str:
    """What a letter says, for looking at."""
    body = message.get_body(("plain",))
    assert body is not None
    text: str = body.get_content()
    return text


def _values(facts: LetterFacts, hospital: str) -> dict[str, Any]:
    language = language_of(facts.language)
    return blank() | {
        "hospital": hospital,
        "greeting": language.greet(facts.patient),
        "doctor": facts.doctor,
        "department": facts.department,
        "day": language.day(facts.starts_at.date()),
        "time": f"{facts.starts_at:%H:%M}–{facts.ends_at:%H:%M}",
        "zone": zone_words(facts.starts_at),
        "gone": facts.kind is MailKind.CANCELLED,
        "former_doctor": one_line(facts.former_doctor),
        "moved_from": language.moment(facts.moved_from) if facts.moved_from else None,
        "answer_by": language.moment(facts.answer_by) if facts.answer_by else None,
        "cause": facts.cause,
        "holiday": one_line(facts.holiday),
    }


def blank() -> dict[str, Any]:
    """What the frames ask of every letter: no appointment, no list."""
    return {"day": "", "gone": False, "points": ()}


def _render(form: str, kind: MailKind, language: Language, values: dict[str, Any]) -> str:
    template = _environment(form).get_template(f"{language.code}/{kind}.jinja")
    return template.render(values, frame=f"frame.{form}", form=form, language=language.code)


@cache
def _environment(form: str) -> Environment:
    """Where values are set into HTML, escaped, or into text as they are."""
    html = form == "html"
    environment = Environment(
        loader=PackageLoader("jobs", "templates"),
        autoescape=html,  # noqa: S701 - the text of a mail is no HTML
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["fill"] = _filled
    environment.filters["wide"] = wide
    for name, element in (("struck", "<s>{}</s>"), ("strong", "<strong>{}</strong>")):
        environment.filters[name] = Markup(element).format if html else str  # noqa: S704
    return environment


@lru_cache(maxsize=512)
def _filled(text: str) -> str:
    """A paragraph in lines that are read well everywhere."""
    return fill(" ".join(text.split()), _WIDTH, break_long_words=False, break_on_hyphens=False)


def one_line(text: str) -> str:
    """Without anything that breaks a line or drives a terminal."""
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(text.split())
