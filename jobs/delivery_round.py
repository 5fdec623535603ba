"""One round of delivering: claim messages, write them, begin some, send those, say what came of it.

Where a worker can keep notes of what it hands over (`store/sending_log.py`), it begins up to
`BEGUN_TOGETHER` messages in one commit, and what came of them is written down with the next ones'
beginning; if it is killed, one message is in doubt. Where it cannot, each message has a commit of
its own. Either way no message is sent that was written longer than `_UNSAID_SECONDS` before, and
what was merely claimed waits again when its lease is over.
"""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import TypeVar

from sqlalchemy.exc import DBAPIError

from jobs.addresses import wire_form
from jobs.exports.render import Rendered, render, render_paper
from jobs.letters import Sender, Unwritable, write
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
from store.sending_log import SendingLog, Taken, open_log, sweep, traces
from store.transaction import Transaction
from store.values import Actor, SlipUse

UNWRITABLE = "The letter could not be written; see the log."

CLAIMED_TOGETHER = 50
"""Messages taken in hand in one unit of work; of these a worker that dies had begun few."""

BEGUN_TOGETHER = 25
"""Messages of which a worker leaves open whether they arrived when its machine loses power, at the
most; when it is killed alone, it is one. A server that is slow is given fewer at once."""

_UNSAID_SECONDS = 1.0
"""So old a letter may be when it is sent, and so long what came of it is kept to oneself."""

_LONGEST_WORKER = 71
_INSIST_AFTER = (0.5, 1.0, 2.0, 4.0)  # seconds
_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # runs on while the machine sleeps

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """A message that is written; `address` is the recipient as the patient has it, `recipient` as
    mail servers take it."""

    held: Claim
    message: EmailMessage
    address: str
    recipient: str


@dataclass(frozen=True, slots=True)
class Unwritten:
    """A message that is not to be sent, or cannot be written."""

    held: Claim
    why: Moot | str


@dataclass(frozen=True, slots=True)
class Carried:
    """A message that was sent, when (UTC), and what came of it."""

    letter: Letter
    result: Result
    at: datetime

    @property
    def held(self) -> Claim:
        """The message."""
        return self.letter.held

    @property
    def taken(self) -> Taken | None:
        """That the mail server took it, if it did."""
        result = self.result
        return Taken(self.at, result.detail, result.digest) if result.is_sent else None


Said = Carried | Unwritten


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
    _holder: str = ""
    _log: SendingLog | None = None
    _together: int = 1

    def run(self, connection: Connection, limit: int, stopping: Callable[[], bool]) -> None:
        """Send until nothing is due, `limit` is reached or `stopping` says so.

        Raises:
            ChannelDown: the mail server cannot be used; what was in hand waits again.
        """
        # Notes that could not be brought into the database must not pass for another round's.
        self._holder = f"{self.worker[:_LONGEST_WORKER]}#{secrets.token_hex(4)}"
        self._log = open_log(self.store.database, self._holder)
        try:
            self._run(connection, limit, stopping)
        finally:
            if self._log is not None:
                self._log.close(keep=bool(self._unsaid))

    def _run(self, connection: Connection, limit: int, stopping: Callable[[], bool]) -> None:
        while self.tried < limit and not stopping():
            # Before anything is claimed: a server that is down then costs no message a try.
            connection.open()
            held = deque(self._claim(min(CLAIMED_TOGETHER, limit - self.tried)))
            if not held:
                return
            try:
                while held and not stopping():
                    some = [held.popleft() for _ in range(min(self._together, len(held)))]
                    self._send(connection, self._written(some), held, stopping)
            finally:
                self._turn(released=held)
            sweep(self.store.database, 2 * self.lease_seconds)

    def _claim(self, most: int) -> list[Claim]:
        return self.store.write(
            self.actor,
            dispatch.claim,
            worker=self._holder,
            most=most,
            lease_seconds=self.lease_seconds,
            traces=partial(traces, self.store.database),
        )

    def _written(self, some: list[Claim]) -> list[Letter]:
        """Those that are to be sent, written from what is true now."""
        letters = []
        for held, facts in self.store.read(self.actor, _facts_of, some):
            try:
                if not isinstance(facts, Moot | str):
                    message = self._write(held, facts)
                    recipient = wire_form(facts.recipient)
                    letters.append(Letter(held, message, facts.recipient, recipient))
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
        self,
        connection: Connection,
        letters: list[Letter],
        held: deque[Claim],
        stopping: Callable[[], bool],
    ) -> None:
        """Send these, as far as they still are this worker's; those whose turn does not come soon
        go back to the front of what is `held`, to be written anew."""
        in_hand_until = time.clock_gettime(_CLOCK) + self.lease_seconds
        waiting = deque(self._turn(begins=letters))
        began = time.clock_gettime(_CLOCK)
        try:
            while waiting and not stopping():
                carried = self._carry(connection, waiting[0], in_hand_until)
                waiting.popleft()
                self._unsaid.append(carried)
                if not self._noted(carried) or _seconds_since(began) > _UNSAID_SECONDS:
                    break
        finally:
            held.extendleft(letter.held for letter in reversed(waiting))
            most = BEGUN_TOGETHER if self._log is not None else 1
            done = len(letters) - len(waiting)
            self._together = max(1, done) if waiting else min(most, 2 * self._together)

    def _carry(self, connection: Connection, letter: Letter, in_hand_until: float) -> Carried:
        self.tried += 1
        hands_over = partial(self._hand_over, letter.held, in_hand_until)
        try:
            result = connection.send(letter.message, letter.recipient, hands_over)
        except ChannelDown:
            self.tried -= 1
            raise
        except Exception:
            log.exception("mail.unsendable", extra={"outbox_id": letter.held.id})
            result = Result(Outcome.TEMPORARY, None, "A fault in sending it; see the log.")
        return Carried(letter, result, self.store.clock.now())

    def _hand_over(self, held: Claim, in_hand_until: float) -> None:
        """The last moment at which it can be kept from leaving: a process that was stopped in the
        middle of a conversation goes on with it, when another may have sent the message."""
        if time.clock_gettime(_CLOCK) >= in_hand_until:
            raise TimeoutError("This worker stood still for too long.")
        if self._log is not None:
            self._log.hands_over(held.id, held.attempt)

    def _noted(self, carried: Carried) -> bool:
        """Whether what came of a message outlives this process, so that the next may go."""
        if self._log is None or carried.result.outcome is Outcome.UNCERTAIN:
            return True
        try:
            self._log.came_of(carried.held.id, carried.held.attempt, carried.taken)
        except OSError as error:
            log.warning("mail.not-noted", extra={"worker": self.worker, "reason": str(error)})
            return False
        return True

    def _turn(self, begins: Iterable[Letter] = (), released: Iterable[Claim] = ()) -> list[Letter]:
        """Write down what came of messages, put others back, and begin the next ones, in one unit
        of work; returns those of them that may be sent."""
        said = self._unsaid
        begins, released = list(begins), list(released)
        if not (said or begins or released):
            return []

        def write_down(tx: Transaction) -> tuple[list[str], set[int]]:
            came_of = self._mark(tx, said)
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
        self._unsaid = []
        if said and self._log is not None:
            self._log.forget()
        self.sent += came_of.count("sent")
        self.failed += came_of.count("failed")
        self.discarded += came_of.count("discarded")
        for one in said:
            self._tell(one)
        return [letter for letter in begins if letter.held.id in begun]

    def _mark_alone(self, said: Said) -> list[str]:
        try:
            return self._insist(lambda tx: self._mark(tx, [said]))
        except StoreError:
            raise
        except Exception:
            log.exception("mail.unmarkable", extra={"outbox_id": said.held.id})
            return []

    def _mark(self, tx: Transaction, said: Sequence[Said]) -> list[str]:
        """Write down what came of messages; returns that in a word for each, or "" where it was
        not this worker's to say or is tried again."""
        taken, others = [], []
        for one in said:
            how = one.taken if isinstance(one, Carried) else None
            if isinstance(one, Carried) and how is not None:
                taken.append((one.held, one.letter.recipient, how))
            else:
                others.append(one)
        sent = dispatch.mark_all_sent(tx, taken) if taken else set()
        return ["sent"] * len(sent) + [self._mark_other(tx, one) for one in others]

    def _mark_other(self, tx: Transaction, said: Said) -> str:
        if isinstance(said, Unwritten):
            return self._mark_unwritten(tx, said.held, said.why)
        held, result = said.held, said.result
        code, stage, detail = result.code, result.stage, result.detail
        match result.outcome:
            case Outcome.TEMPORARY:
                word = "failed" if held.attempt >= dispatch.MOST_TRIES else ""
                done = dispatch.mark_retry(tx, held, detail, code=code, stage=stage)
            case Outcome.UNCERTAIN:
                word = "failed" if held.in_doubt else ""
                done = dispatch.mark_uncertain(tx, held, detail)
            case _:
                word = "failed"
                address = said.letter.address if stage is Stage.RECIPIENT else None
                done = dispatch.mark_failed(
                    tx, held, detail, code=code, stage=stage, address=address
                )
        return word if done else ""

    def _mark_unwritten(self, tx: Transaction, held: Claim, why: Moot | str) -> str:
        if isinstance(why, Moot) and not (why.is_late and held.last_error):
            return "discarded" if dispatch.mark_discarded(tx, held, why.reason) else ""
        error = f"{why.reason} At last: {held.last_error}" if isinstance(why, Moot) else why
        return "failed" if dispatch.mark_failed(tx, held, error) else ""

    def _tell(self, said: Said) -> None:
        if isinstance(said, Unwritten):
            return
        log.info(
            "mail.%s",
            said.result.outcome.value,
            extra={
                "outbox_id": said.held.id,
                "kind": said.held.kind.value,
                "attempt": said.held.attempt,
                "code": said.result.code,
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
    read = letter_facts.facts_for_each(tx, [held.id for held in some])
    found: list[tuple[Claim, Facts | Moot | str]] = []
    for held in some:
        try:
            found.append((held, read[held.id]()))
        except (StoreError, DBAPIError):
            raise
        except Exception:
            log.exception("mail.unwritable", extra={"outbox_id": held.id})
            found.append((held, UNWRITABLE))
    return found


def _seconds_since(began: float) -> float:
    return time.clock_gettime(_CLOCK) - began
