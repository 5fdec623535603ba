"""Delivering what is due: claim messages, write them from what is true now, send them, say so.

The outbox alone knows what is owed. No transaction is open while the mail server is spoken to, and
whatever becomes of one message, the next has its turn.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace

from jobs.delivery_round import Round
from jobs.letters import Sender, Unwritable, plain_text, write
from jobs.mailer import ChannelDown, Mailer, MailSettings
from jobs.notice_letter import write_notice
from jobs.records_letter import write_records
from jobs.report_letter import write_report
from store import dispatch, letter_facts, mail_channel, outbox, report_mail
from store.actors import system
from store.errors import IllegalTransition
from store.front_door import Store
from store.letter_facts import Facts, Moot
from store.notices import NoticeFacts
from store.patient_file import RecordsFacts
from store.report_mail import ReportFacts
from store.transaction import Transaction
from store.values import Actor, OutboxStatus

NO_MAIL_SERVER = "No mail server is configured, so messages wait. Set [mail] host."

# A claim is held through MAIL, RCPT, DATA, the message and the answer, each of which may take as
# long as the mail server's time limit.
_STEPS_IN_A_LEASE = 6

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Delivered:
    """What one round of delivering did. `waiting` counts all messages that still wait, due or not;
    `problem` is a sentence where the mail server could not be used."""

    sent: int
    failed: int
    discarded: int
    waiting: int
    problem: str | None = None

    def as_dict(self) -> dict[str, int]:
        """The figures that scripts read."""
        return {"sent": self.sent, "failed": self.failed, "waiting": self.waiting}


def deliver_due(
    store: Store,
    mailer: Mailer | None,
    worker_name: str,
    limit: int = 1000,
    *,
    actor: Actor | None = None,
    by_hand: bool = False,
    stopping: Callable[[], bool] = lambda: False,
    lease_seconds: float | None = None,
) -> Delivered:
    """Send what is due, `limit` messages at most.

    Args:
        mailer: None where no mail server is configured; everything waits then.
        worker_name: tells this worker from every other, on any machine.
        actor: for whom; the system itself unless given.
        by_hand: try a mail server at once that is being left alone.
        stopping: asked before each message; True ends the round.
        lease_seconds: how long a message stays in the hands of a worker that died.

    Raises:
        Unavailable: the database does not answer.
        Forbidden: the actor may not deliver mail.
    """
    actor = actor or system(worker_name)
    if mailer is None:
        return _nothing(store, actor, NO_MAIL_SERVER)
    reason = None if by_hand else store.read(actor, mail_channel.resting)
    if reason is not None or not store.read(actor, dispatch.due, 1):
        return _nothing(store, actor, reason)
    was_down = store.read(actor, mail_channel.standing) is not None
    settings = mailer.settings
    round_ = Round(
        store,
        actor,
        worker_name,
        Sender(settings.address, settings.sender_name),
        lease_seconds or _lease_for(settings),
        settings.most_bytes,
        settings.fonts,
    )
    down: ChannelDown | None = None
    try:
        with mailer.connect() as connection:
            round_.run(connection, limit, stopping)
    except ChannelDown as error:
        down = error
    if was_down and round_.sent:
        store.write(actor, mail_channel.note_up)
    if down is not None:
        store.write(actor, mail_channel.note_down, down.trouble, down.message)
        told = {"worker": worker_name, "trouble": down.trouble.value}
        log.warning("mail.channel-down", extra=told)
    return Delivered(
        round_.sent,
        round_.failed,
        round_.discarded,
        _waiting(store, actor),
        down.message if down else None,
    )


def preview(store: Store, actor: Actor, message_id: int, settings: MailSettings | None) -> str:
    """The text of a message as it would be sent now.

    Raises:
        NotFound: there is no such message.
        IllegalTransition: it would not be sent, and why.
    """
    facts = store.read(actor, _facts_to_show, message_id)
    if isinstance(facts, Moot):
        raise IllegalTransition(f"This message would not be sent: {facts.reason}")
    address = settings.address if settings is not None and settings.address else facts.recipient
    sender = Sender(address, settings.sender_name if settings else "")
    try:
        if isinstance(facts, RecordsFacts):
            # Without the records, which are not an administrator's to read by looking at mail.
            return plain_text(write_records(facts, sender, (), most_bytes=0))
        if isinstance(facts, NoticeFacts):
            # A code by mail is its reader's alone.
            hidden = replace(facts, code="•" * len(facts.code))
            return plain_text(write_notice(hidden, sender))
        if isinstance(facts, ReportFacts):
            report = store.read(actor, report_mail.report_of, facts)
            fonts = settings.fonts if settings else None
            return plain_text(write_report(facts, report, sender, fonts))
        return plain_text(write(facts, sender))
    except Unwritable as error:
        raise IllegalTransition(f"This message would not be sent: {error}") from error


def _lease_for(settings: MailSettings) -> float:
    return max(dispatch.LEASE_SECONDS, _STEPS_IN_A_LEASE * settings.timeout_seconds)


def _facts_to_show(tx: Transaction, message_id: int) -> Facts | Moot:
    shown = outbox.get(tx, message_id)
    tx.record("mail.preview", "outbox", shown.id)
    return letter_facts.facts_for(tx, message_id)


def _nothing(store: Store, actor: Actor, problem: str | None) -> Delivered:
    return Delivered(0, 0, 0, _waiting(store, actor), problem)


def _waiting(store: Store, actor: Actor) -> int:
    return store.read(actor, outbox.counts)[OutboxStatus.WAITING]
