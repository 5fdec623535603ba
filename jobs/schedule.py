"""What the worker does, and when: each minute it looks after what is scheduled and passes on what
was offered from the waiting list and not answered, at any time it delivers what is due."""

from __future__ import annotations

import logging
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping
from functools import partial
from os import getpid
from typing import Any

from huey import Huey, crontab

from jobs.delivery import deliver_due
from jobs.mailer import Mailer
from jobs.queue import TROUBLE
from store import (
    day_close,
    dispatch,
    file_check,
    job_runs,
    mail_channel,
    reminders,
    report_mail,
    waitlist,
)
from store.actors import system
from store.errors import Damaged, OtherVersion, StoreError
from store.front_door import Store
from store.transaction import Transaction

_FALL_BACK_EVERY = 10.0  # seconds

log = logging.getLogger(__name__)


def _plan_reminders(tx: Transaction) -> str:
    queued, skipped = reminders.plan(tx)
    return f"{queued} queued, {skipped} skipped" if queued else ""


def _plan_reports(tx: Transaction) -> str:
    queued, skipped = report_mail.plan(tx)
    return f"{queued} queued, {skipped} skipped" if queued or skipped else ""


EACH_MINUTE: Mapping[str, Callable[[Transaction], object]] = {
    "plan_reminders": _plan_reminders,
    "pass_on_offers": waitlist.pass_on,
    "close_day": day_close.close_due,
    "plan_reports": _plan_reports,
}
"""What is looked after each minute, in one unit of work each; what it returns is for the log."""


class Duties:
    """The worker's duties, each safe to be called by any thread, twice, or late.

    `stopping` is asked between messages; True ends the round.
    """

    def __init__(self, store: Store, mailer: Mailer | None) -> None:
        self.store = store
        self.mailer = mailer
        self.stopping: Callable[[], bool] = lambda: False
        self.sent = 0
        self.damage: Damaged | None = None
        self._process = f"{socket.gethostname()[:40]}:{getpid()}:{secrets.token_hex(3)}"

    def do(self, name: str) -> None:
        """Do one of `EACH_MINUTE`."""
        try:
            done = self.store.write(system(self._process), EACH_MINUTE[name])
        except StoreError as error:
            log.warning("duty.postponed", extra={"duty": name, "reason": error.code})
        else:
            if done:
                log.info("duty.done", extra={"duty": name, "done": str(done)})

    def each_minute(self) -> dict[str, Callable[[], None]]:
        """What is looked after each minute, by the names that other processes on the same queue
        know these tasks by."""
        rules = {name: partial(self.do, name) for name in EACH_MINUTE}
        return {**rules, "check_file": self.check_file}

    def check_file(self) -> None:
        """See to the day's look at the hospital's file; `damage` is what ends the worker."""
        try:
            looked = file_check.look_daily(self.store, system(self._process))
        except Damaged as damage:
            self.damage = damage
        except StoreError as error:
            log.warning("duty.postponed", extra={"duty": "check_file", "reason": error.code})
        else:
            if looked:
                log.info("duty.done", extra={"duty": "check_file", "done": "whole"})

    def sign_of_life(self) -> None:
        """Let an administrator see that there is a worker.

        Raises:
            OtherVersion: as `Bell.ring`.
        """
        try:
            self.store.write(system(self._process), job_runs.sign_of_life, self._process)
        except OtherVersion:
            raise
        except StoreError as error:
            log.warning("duty.postponed", extra={"duty": "sign of life", "reason": error.code})

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
        for name, duty in duties.each_minute().items():
            queue.periodic_task(crontab(minute="*", strict=True), name=name)(_guarded(duty, name))
        self._deliver = queue.task(name="deliver")(_guarded(duties.deliver, "deliver"))

    def ring(self, workers: int) -> None:
        """See to it that as many tasks to deliver wait as there is mail for, `workers` at most.

        Raises:
            OtherVersion: nothing can be done before the worker is started anew.
            Damaged: nothing should be done before the database is restored.
        """
        if self._duties.damage is not None:
            raise self._duties.damage
        try:
            wanted = self._duties.due(workers)
        except OtherVersion:
            raise
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
            for duty in self._duties.each_minute().values():
                duty()
            self._duties.deliver()
            self._fell_back = time.monotonic()

    def _note_queue(self, *, answers: bool) -> None:
        if answers != self._answers:
            self._answers = answers
            log.warning("queue.answers" if answers else "queue.down")


def _guarded(duty: Callable[[], None], name: str) -> Callable[[], Any]:
    """A fault in one duty is logged and ends that round of it, nothing else."""

    def run() -> None:
        try:
            duty()
        except Exception:
            log.exception("worker.fault", extra={"duty": name})

    return run
