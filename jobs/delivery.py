"""Delivering what is due: claim a message, write it from what is true now, send it, say so.

The outbox alone knows what is owed. No transaction is open while the mail server is spoken to, and
whatever becomes of one message, the next has its turn.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Concatenate, ParamSpec

from jobs.breaker import Breaker
from jobs.exports.render import render, render_paper
from jobs.letters import Sender, Unwritable, plain_text, recipient_of, write
from jobs.mailer import ChannelDown, Connection, Mailer, MailSettings, Outcome, Result
from jobs.records_letter import write_records
from store import dispatch, letter_facts, outbox, patient_file, record_papers
from store.actors import system
from store.dispatch import Claim
from store.errors import IllegalTransition, Unavailable
from store.front_door import Store
from store.letter_facts import LetterFacts, Moot
from store.patient_file import RecordsFacts
from store.transaction import Transaction
from store.values import Actor, OutboxStatus, PatientFile, SlipUse, VisitPaper

NO_MAIL_SERVER = "No mail server is configured, so messages wait. Set [mail] host."

# A claim is held through MAIL, RCPT, DATA, the message and the answer, each of which may take as
# long as the mail server's time limit.
_STEPS_IN_A_LEASE = 6
_INSIST_AFTER = (0.5, 1.0, 2.0, 4.0)  # seconds

P = ParamSpec("P")

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


@dataclass
class _Round:
    """One round of delivering, by one worker over one connection."""

    store: Store
    actor: Actor
    worker: str
    sender: Sender
    lease_seconds: float
    most_bytes: int
    fonts: Path | None
    sent: int = 0
    failed: int = 0
    discarded: int = 0
    tried: int = 0

    def next_letter(self) -> tuple[Claim, EmailMessage] | None:
        """The next message that is still to be sent, claimed and written; None: nothing is due."""
        while True:
            found = self.store.write(self.actor, self._claim_one)
            if found is None:
                return None
            held, facts, file = found
            if facts is None:
                continue
            try:
                return held, self._write(facts, file, held.attempt)
            except Unwritable as error:
                self._give_up(held, str(error))
            except Exception:
                # A fault of ours in one letter must not keep the others from their patients.
                log.exception("mail.unwritable", extra={"outbox_id": held.id})
                self._give_up(held, "The letter could not be written; see the log.")

    def settle(self, held: Claim, result: Result, recipient: str) -> None:
        """Say what became of a message, and count it."""
        self.tried += 1
        match result.outcome:
            case Outcome.SENT:
                self.sent += self._say(dispatch.mark_sent, held, recipient=recipient)
            case Outcome.TEMPORARY:
                self._say(dispatch.mark_retry, held, result.detail, code=result.code)
                self.failed += held.attempt >= dispatch.MOST_TRIES
            case Outcome.PERMANENT:
                self._give_up(held, result.detail, result.code)
            case Outcome.UNCERTAIN:
                self._say(dispatch.mark_uncertain, held, result.detail)
                self.failed += held.in_doubt
        log.info(
            "mail.%s",
            result.outcome.value,
            extra={
                "outbox_id": held.id,
                "kind": held.kind.value,
                "attempt": held.attempt,
                "code": result.code,
                "worker": self.worker,
            },
        )

    def _write(
        self, facts: LetterFacts | RecordsFacts, file: PatientFile | VisitPaper | None, attempt: int
    ) -> EmailMessage:
        if isinstance(facts, LetterFacts):
            return write(facts, self.sender, attempt=attempt)
        assert file is not None
        if isinstance(file, VisitPaper):
            attachments = [render_paper(file, facts.written_at, self.fonts)]
        else:
            attachments = [render(file, form, self.fonts) for form in facts.formats]
        return write_records(
            facts, self.sender, attachments, most_bytes=self.most_bytes, attempt=attempt
        )

    def _claim_one(
        self, tx: Transaction
    ) -> tuple[Claim, LetterFacts | RecordsFacts | None, PatientFile | VisitPaper | None] | None:
        """One at a time: what a worker that dies had in hand is then the one message whose fate
        nobody knows, and no lease runs out behind a slow letter before it."""
        claimed = dispatch.claim(tx, worker=self.worker, lease_seconds=self.lease_seconds)
        if not claimed:
            return None
        held = claimed[0]
        if held.attempt > dispatch.MOST_TRIES:
            dispatch.mark_failed(tx, held, "Every worker that tried to send it ended over it.")
            self.failed += 1
            return held, None, None
        facts = letter_facts.facts_for(tx, held.id)
        if isinstance(facts, Moot):
            dispatch.mark_discarded(tx, held, facts.reason)
            self.discarded += 1
            return held, None, None
        if isinstance(facts, LetterFacts):
            return held, facts, None
        if facts.paper is not None:
            return held, facts, record_papers.of_record(tx, *facts.paper, SlipUse.EXPORT)
        return held, facts, patient_file.read(tx, facts.patient_id, facts.formats)

    def _give_up(self, held: Claim, error: str, code: int | None = None) -> None:
        self._say(dispatch.mark_failed, held, error, code=code)
        self.failed += 1

    def _say(
        self,
        mark: Callable[Concatenate[Transaction, P], bool],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> bool:
        """Write down what became of a message, and insist where the database is busy for long (an
        import): a letter that has gone out and is not known to have would go out twice."""
        for pause in _INSIST_AFTER:
            try:
                return self.store.write(self.actor, mark, *args, **kwargs)
            except Unavailable:
                log.warning("mail.mark-delayed", extra={"worker": self.worker})
                time.sleep(pause)
        return self.store.write(self.actor, mark, *args, **kwargs)


def deliver_due(
    store: Store,
    mailer: Mailer | None,
    worker_name: str,
    limit: int = 1000,
    *,
    actor: Actor | None = None,
    breaker: Breaker | None = None,
    stopping: Callable[[], bool] = lambda: False,
    lease_seconds: float | None = None,
) -> Delivered:
    """Send what is due, `limit` messages at most.

    Args:
        mailer: None where no mail server is configured; everything waits then.
        worker_name: tells this worker from every other, on any machine.
        actor: for whom; the system itself unless given.
        breaker: remembers between rounds that the mail server does not answer; without one it is
            tried at once.
        stopping: asked before each message; True ends the round.
        lease_seconds: how long a message stays in the hands of a worker that died.

    Raises:
        Unavailable: the database does not answer.
        Forbidden: the actor may not deliver mail.
    """
    actor = actor or system(worker_name)
    if mailer is None:
        return _nothing(store, actor, NO_MAIL_SERVER)
    breaker = breaker or Breaker()
    reason = breaker.reason(store.clock.now())
    if reason is not None or not store.read(actor, dispatch.due, 1):
        return _nothing(store, actor, reason)
    settings = mailer.settings
    round_ = _Round(
        store,
        actor,
        worker_name,
        Sender(settings.address, settings.sender_name),
        lease_seconds or _lease_for(settings),
        settings.most_bytes,
        settings.fonts,
    )
    problem = None
    try:
        with mailer.connect() as connection:
            _send_all(round_, connection, breaker, limit, stopping)
    except ChannelDown as error:
        problem = error.message
        breaker.failed(store.clock.now(), problem)
        log.warning("mail.channel-down", extra={"worker": worker_name})
    waiting = _waiting(store, actor)
    return Delivered(round_.sent, round_.failed, round_.discarded, waiting, problem)


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
        return plain_text(write(facts, sender))
    except Unwritable as error:
        raise IllegalTransition(f"This message would not be sent: {error}") from error


def _send_all(
    round_: _Round,
    connection: Connection,
    breaker: Breaker,
    limit: int,
    stopping: Callable[[], bool],
) -> None:
    while round_.tried < limit and not stopping():
        # Before anything is claimed: a server that is down then costs no message a try.
        connection.open()
        found = round_.next_letter()
        if found is None:
            return
        held, letter = found
        recipient = recipient_of(letter)
        try:
            result = connection.send(letter, recipient)
        except ChannelDown:
            round_.store.write(round_.actor, dispatch.release, held)
            raise
        except Exception:
            log.exception("mail.unsendable", extra={"outbox_id": held.id})
            result = Result(Outcome.TEMPORARY, None, "A fault in sending it; see the log.")
        round_.settle(held, result, recipient)
        if result.outcome is Outcome.SENT:
            breaker.worked()


def _lease_for(settings: MailSettings) -> float:
    return max(dispatch.LEASE_SECONDS, _STEPS_IN_A_LEASE * settings.timeout_seconds)


def _facts_to_show(tx: Transaction, message_id: int) -> LetterFacts | RecordsFacts | Moot:
    shown = outbox.get(tx, message_id)
    tx.record("mail.preview", "outbox", shown.id)
    return letter_facts.facts_for(tx, message_id)


def _nothing(store: Store, actor: Actor, problem: str | None) -> Delivered:
    return Delivered(0, 0, 0, _waiting(store, actor), problem)


def _waiting(store: Store, actor: Actor) -> int:
    return store.read(actor, outbox.counts)[OutboxStatus.WAITING]
