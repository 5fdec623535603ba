"""One round of delivering: claim messages, write them, begin some, send those, say what came of it.

A worker that is killed leaves open of `BEGUN_TOGETHER` messages at most whether they arrived; what
it had merely claimed waits again when its lease is over. What comes of a message is written down in
the unit of work that begins the next ones, so that a message costs no commit of its own.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from jobs.exports.render import Rendered, render, render_paper
from jobs.letters import Sender, Unwritable, recipient_of, write
from jobs.mailer import ChannelDown, Connection, Outcome, Result, Stage
from jobs.notice_letter import write_notice
from jobs.records_letter import write_records
from jobs.report_letter import write_report
from store import dispatch, letter_facts, patient_file, record_papers, report_mail
from store.dispatch import Claim
from store.errors import StoreError, Unavailable
from store.front_door import Store
from store.letter_facts import Facts, LetterFacts, Moot
from store.notices import NoticeFacts
from store.patient_file import RecordsFacts
from store.report_mail import ReportFacts
from store.transaction import Transaction
from store.values import Actor, SlipUse

UNWRITABLE = "The letter could not be written; see the log."

CLAIMED_TOGETHER = 16
"""Messages taken in hand in one unit of work; of these a worker that dies had begun none."""

BEGUN_TOGETHER = 1
"""Messages of which a worker that dies leaves open whether they arrived, at the most. More would
save commits, and then come twice, or a quarter of an hour late."""

_UNSAID_SECONDS = 0.25
"""What came of a message is not kept longer than this before it is written down."""

_INSIST_AFTER = (0.5, 1.0, 2.0, 4.0)  # seconds
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # runs on while the machine sleeps

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that is written; `address` is the recipient as the patient has it."""

    held: Claim
    message: EmailMessage
    address: str


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A message that is not to be sent, or cannot be written."""

    held: Claim
    why: Moot | str


Said = tuple[Letter, Result] | Unwritten


@dataclass
class Round:
    """One round, by one worker over one connection; `sent`, `failed` and `discarded` count what
    became of messages, `tried` those that were sent to the mail server."""

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
    _unsaid: list[Said] = field(default_factory=list)

    def run(self, connection: Connection, limit: int, stopping: Callable[[], bool]) -> None:
        """Send until nothing is due, `limit` is reached or `stopping` says so.

        Raises:
            ChannelDown: the mail server cannot be used; what was in hand waits again.
        """
        while self.tried < limit and not stopping():
            # Before anything is claimed: a server that is down then costs no message a try.
            connection.open()
            most = min(CLAIMED_TOGETHER, limit - self.tried)
            held = deque(self._claim(most))
            if not held:
                return
            try:
                while held and not stopping():
                    some = [held.popleft() for _ in range(min(BEGUN_TOGETHER, len(held)))]
                    self._send(connection, self._written(some), stopping)
            finally:
                self._turn(released=held)

    def _claim(self, most: int) -> list[Claim]:
        return self.store.write(
            self.actor,
            dispatch.claim,
            worker=self.worker,
            most=most,
            lease_seconds=self.lease_seconds,
        )

    def _written(self, some: list[Claim]) -> list[Letter]:
        """Those that are to be sent, written from what is true now."""
        letters = []
        for held, facts in self.store.read(self.actor, _facts_of, some):
            try:
                if not isinstance(facts, Moot | str):
                    message = self._write(held, facts)
                    letters.append(Letter(held, message, facts.recipient))
                else:
                    self._unsaid.append(Unwritten(held, facts))
            except Unwritable as error:
                self._unsaid.append(Unwritten(held, str(error)))
            except Exception:
                # A fault of ours in one letter must not keep the others from their patients.
                log.exception("mail.unwritable", extra={"outbox_id": held.id})
                self._unsaid.append(Unwritten(held, UNWRITABLE))
        return letters

    def _write(self, held: Claim, facts: Facts) -> EmailMessage:
        if isinstance(facts, LetterFacts):
            return write(facts, self.sender, attempt=held.attempt)
        if isinstance(facts, NoticeFacts):
            return write_notice(facts, self.sender, attempt=held.attempt)
        with self._kept(held):
            if isinstance(facts, ReportFacts):
                report = self.store.read(self.actor, report_mail.report_of, facts)
                return write_report(facts, report, self.sender, self.fonts, attempt=held.attempt)
            attachments = self._attachments(facts)
            return write_records(
                facts, self.sender, attachments, most_bytes=self.most_bytes, attempt=held.attempt
            )

    def _attachments(self, facts: RecordsFacts) -> list[Rendered]:
        read = self.store.read
        if facts.paper is not None:
            paper = read(self.actor, record_papers.of_record, *facts.paper, SlipUse.EXPORT)
            return [render_paper(paper, facts.written_at, self.fonts)]
        file = read(self.actor, patient_file.read, facts.patient_id, facts.formats)
        return [render(file, form, self.fonts) for form in facts.formats]

    @contextmanager
    def _kept(self, held: Claim) -> Iterator[None]:
        """While something is written that may take longer than a lease."""
        self._turn()
        done = threading.Event()

        def keep() -> None:
            while not done.wait(self.lease_seconds / 3):
                try:
                    self.store.write(
                        self.actor, dispatch.keep, [held], lease_seconds=self.lease_seconds
                    )
                except StoreError as error:
                    log.warning("mail.lease-not-kept", extra={"reason": error.code})

        keeper = threading.Thread(target=keep, daemon=True)
        keeper.start()
        try:
            yield
        finally:
            done.set()
            keeper.join()

    def _send(
        self, connection: Connection, letters: list[Letter], stopping: Callable[[], bool]
    ) -> None:
        """Send these, as far as they still are this worker's when their turn comes."""
        waiting = deque(self._turn(begins=letters))
        said_at = time.clock_gettime(_CLOCK)
        try:
            while waiting and not stopping():
                if time.clock_gettime(_CLOCK) - said_at > _UNSAID_SECONDS:
                    waiting = deque(self._turn(begins=waiting))
                    said_at = time.clock_gettime(_CLOCK)
                    continue
                result = self._carry(connection, waiting[0])
                self._unsaid.append((waiting.popleft(), result))
        finally:
            if waiting:
                self._turn(released=[letter.held for letter in waiting])

    def _carry(self, connection: Connection, letter: Letter) -> Result:
        self.tried += 1
        try:
            return connection.send(letter.message, recipient_of(letter.message))
        except ChannelDown:
            self.tried -= 1
            raise
        except Exception:
            log.exception("mail.unsendable", extra={"outbox_id": letter.held.id})
            return Result(Outcome.TEMPORARY, None, "A fault in sending it; see the log.")

    def _turn(self, begins: Iterable[Letter] = (), released: Iterable[Claim] = ()) -> list[Letter]:
        """Write down what came of messages, put others back, and begin the next ones, in one unit
        of work; returns those of them that may be sent."""
        said, self._unsaid = self._unsaid, []
        begins, released = list(begins), list(released)
        if not (said or begins or released):
            return []

        def write_down(tx: Transaction) -> tuple[list[str], set[int]]:
            came_of = [self._mark(tx, one) for one in said]
            for held in released:
                dispatch.release(tx, held)
            mine = [letter.held for letter in begins]
            if not mine:
                return came_of, set()
            return came_of, dispatch.begin(tx, mine, lease_seconds=self.lease_seconds)

        try:
            came_of, begun = self._insist(write_down)
        except StoreError:
            raise
        except Exception:
            # One that cannot be written down must not take what is known of the others with it.
            log.exception("mail.unmarkable", extra={"worker": self.worker})
            came_of, begun = [word for one in said for word in self._mark_alone(one)], set()
        self.sent += came_of.count("sent")
        self.failed += came_of.count("failed")
        self.discarded += came_of.count("discarded")
        for one in said:
            self._log(one)
        return [letter for letter in begins if letter.held.id in begun]

    def _mark_alone(self, said: Said) -> Iterator[str]:
        try:
            yield self._insist(lambda tx: self._mark(tx, said))
        except StoreError:
            raise
        except Exception:
            held = said.held if isinstance(said, Unwritten) else said[0].held
            log.exception("mail.unmarkable", extra={"outbox_id": held.id})

    def _mark(self, tx: Transaction, said: Said) -> str:
        """Write down what came of one message; returns that in a word, or "" where it was not this
        worker's to say or is tried again."""
        if isinstance(said, Unwritten):
            return self._mark_unwritten(tx, said.held, said.why)
        letter, result = said
        held, code, stage, detail = letter.held, result.code, result.stage, result.detail
        word = ""
        match result.outcome:
            case Outcome.SENT:
                word, recipient = "sent", recipient_of(letter.message)
                done = dispatch.mark_sent(
                    tx, held, recipient=recipient, reply=detail, digest=result.digest
                )
            case Outcome.TEMPORARY:
                word = "failed" if held.attempt >= dispatch.MOST_TRIES else ""
                done = dispatch.mark_retry(tx, held, detail, code=code, stage=stage)
            case Outcome.UNCERTAIN:
                word = "failed" if held.in_doubt else ""
                done = dispatch.mark_uncertain(tx, held, detail)
            case _:
                word = "failed"
                address = letter.address if stage is Stage.RECIPIENT else None
                done = dispatch.mark_failed(
                    tx, held, detail, code=code, stage=stage, address=address
                )
        return word if done else ""

    def _mark_unwritten(self, tx: Transaction, held: Claim, why: Moot | str) -> str:
        if isinstance(why, Moot) and not (why.is_late and held.last_error):
            return "discarded" if dispatch.mark_discarded(tx, held, why.reason) else ""
        error = f"{why.reason} At last: {held.last_error}" if isinstance(why, Moot) else why
        return "failed" if dispatch.mark_failed(tx, held, error) else ""

    def _log(self, said: Said) -> None:
        if isinstance(said, Unwritten):
            return
        letter, result = said
        log.info(
            "mail.%s",
            result.outcome.value,
            extra={
                "outbox_id": letter.held.id,
                "kind": letter.held.kind.value,
                "attempt": letter.held.attempt,
                "code": result.code,
                "worker": self.worker,
            },
        )

    def _insist(self, rule: Callable[[Transaction], T]) -> T:
        """Write down what became of messages, and insist where the database is busy for long (an
        import): a letter that has gone out and is not known to have would go out twice."""
        for pause in _INSIST_AFTER:
            try:
                return self.store.write(self.actor, rule)
            except Unavailable:
                log.warning("mail.mark-delayed", extra={"worker": self.worker})
                time.sleep(pause)
        return self.store.write(self.actor, rule)


def _facts_of(tx: Transaction, some: Sequence[Claim]) -> list[tuple[Claim, Facts | Moot | str]]:
    """What each says now; a fault of ours in one is its own."""
    found: list[tuple[Claim, Facts | Moot | str]] = []
    for held in some:
        try:
            found.append((held, letter_facts.facts_for(tx, held.id)))
        except (StoreError, DBAPIError):
            raise
        except Exception:
            log.exception("mail.unwritable", extra={"outbox_id": held.id})
            found.append((held, UNWRITABLE))
    return found
