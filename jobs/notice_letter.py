"""The mail that tells the owner of an account what was done with it."""

from __future__ import annotations

from email.message import EmailMessage

from jobs.languages import language_of, zone_words
from jobs.letters import Sender, blank, one_line, written
from store.notices import NoticeFacts


def write_notice(facts: NoticeFacts, sender: Sender, *, attempt: int = 1) -> EmailMessage:
    """The mail as it is sent.

    Raises:
        Unwritable: an address or a name cannot stand in a mail.
    """
    language = language_of(facts.language)
    values = blank() | {
        "hospital": one_line(sender.name or facts.hospital),
        "greeting": language.greet(one_line(facts.name)),
        "username": facts.username,
        "event": facts.event.value,
        "place": one_line(facts.place),
        "code": facts.code,
        "until": language.moment(facts.good_until) if facts.good_until else "",
        "when": f"{language.moment(facts.happened_at)} ({zone_words(facts.happened_at)})",
    }
    return written(facts, sender, values, attempt=attempt)
