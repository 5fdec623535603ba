"""What the worker does, and when: each minute plan reminders and pass on what was offered from the
waiting list and not answered, at any time deliver what is due."""

from __future__ import annotations

import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable
from os import getpid
from typing import Any

from huey import Huey, crontab

from jobs.delivery import deliver_due
from jobs.mailer import Mailer
from jobs.queue import TROUBLE
from store import dispatch, mail_channel, reminders, waitlist
from store.actors import system
from store.errors import StoreError
from store.front_door import Store
from store.transaction import Transaction

_FALL_BACK_EVERY = 10.0  # seconds

log = logging.getLogger(__name__)


class Duties:
    """The worker's duties, each safe to be called by any thread, twice, or late.

    `stopping` is asked between messages; True ends the round.
    """

    def __init__(self, store: Store, mailer: Mailer | None) -> None:
        self.store = store
        self.mailer = mailer
        self.stopping: Callable[[], bool] = lambda: False
        self.sent = 0
        self._process = f"{socket.gethostname()[:40]}:{getpid()}:{secrets.token_hex(3)}"

    def plan_reminders(self) -> None:
        """Put the reminders that are due into the outbox."""
        try:
            queued, skipped = self.store.write(system(self._process), reminders.plan)
        except StoreError as error:
            log.warning("reminders.postponed", extra={"reason": error.code})
        else:
            if queued:
                log.info("reminders.planned", extra={"queued": queued, "skipped": skipped})

    def pass_on_offers(self) -> None:
        """Offer to the next of the waiting list what was not answered in time."""
        try:
            made = self.store.write(system(self._process), waitlist.pass_on)
        except StoreError as error:
            log.warning("waitlist.postponed", extra={"reason": error.code})
        else:
            if made:
                log.info("waitlist.offered", extra={"offers": made})

    def deliver(self) -> None:
        """Send what is due."""
        worker = f"{self._process}:{threading.current_thread().name}"[:80]
        try:
            done = deliver_due(
                self.store,
                self.mailer,
                worker,
                stopping=self.stopping,
            )
        except StoreError as error:
            log.warning("mail.postponed", extra={"reason": error.code})
        else:
            self.sent += done.sent

    def due(self, most: int) -> int:
        """How many messages could be sent at once, counted up to `most`."""
        if self.mailer is None:
            return 0

        def due(tx: Transaction) -> int:
            return 0 if mail_channel.resting(tx) else dispatch.due(tx, most)

        return self.store.read(system(self._process), due)


class Bell:
    """Rings for the duties through the queue; where that does not answer, does them itself."""

    def __init__(self, queue: Huey, duties: Duties) -> None:
        self._queue, self._duties = queue, duties
        self._answers = True
        self._fell_back = 0.0
        # The names are what other processes on the same queue know these tasks by.
        queue.periodic_task(crontab(minute="*", strict=True), name="plan_reminders")(
            _guarded(duties.plan_reminders)
        )
        queue.periodic_task(crontab(minute="*", strict=True), name="pass_on_offers")(
            _guarded(duties.pass_on_offers)
        )
        self._deliver = queue.task(name="deliver")(_guarded(duties.deliver))

    def ring(self, workers: int) -> None:
        """See to it that as many tasks to deliver wait as there is mail for, `workers` at most."""
        try:
            wanted = self._duties.due(workers)
        except StoreError as error:
            log.warning("mail.postponed", extra={"reason": error.code})
            return
        try:
            for _ in range(wanted - self._queue.pending_count()):
                self._deliver()
        except TROUBLE:
            self._do_without_queue()
        else:
            self._note_queue(answers=True)

    def _do_without_queue(self) -> None:
        self._note_queue(answers=False)
        if time.monotonic() - self._fell_back > _FALL_BACK_EVERY:
            self._duties.plan_reminders()
            self._duties.pass_on_offers()
            self._duties.deliver()
            self._fell_back = time.monotonic()

    def _note_queue(self, *, answers: bool) -> None:
        if answers != self._answers:
            self._answers = answers
            log.warning("queue.answers" if answers else "queue.down")


def _guarded(duty: Callable[[], None]) -> Callable[[], Any]:
    """A fault in one duty is logged and ends that round of it, nothing else."""

    def run() -> None:
        try:
            duty()
        except Exception:
            log.exception("worker.fault", extra={"duty": duty.__name__})

    return run
