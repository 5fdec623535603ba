"""The worker process: Huey's consumer, a watch over the outbox, and an orderly end."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from huey import Huey
from huey.consumer import Consumer

from jobs.mailer import Mailer
from jobs.schedule import Bell, Duties
from store import wakeups
from store.changes import Topic
from store.errors import Damaged, OtherVersion
from store.front_door import Store

POLL_SECONDS = 1.0
"""How often the outbox is looked at, if nothing wakes the worker sooner: a booking's mail leaves
within about as long."""

_HEARTBEAT_SECONDS = 60.0
_LEAST_SECONDS = 0.1
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

log = logging.getLogger(__name__)


def run(
    store: Store,
    queue: Huey,
    mailer: Mailer | None,
    workers: int = 3,
    *,
    poll_seconds: float = POLL_SECONDS,
) -> None:
    """Work until a signal ends it (SIGINT, SIGTERM, SIGHUP): the message in hand is sent first.

    Only in the main thread, which alone hears signals. Several workers may run side by side, on
    one machine or many.

    Raises:
        OtherVersion: the database is of another version by now; the worker ended in order.
        Damaged: the look of the day found its file damaged; so did it.

    Args:
        mailer: None where no mail server is configured; reminders are planned all the same.
        workers: how many messages are sent at once.
    """
    # Huey tells of a queue that is down twice a second; the bell tells once.
    logging.getLogger("huey").setLevel(logging.CRITICAL)
    duties = Duties(store, mailer)
    bell = Bell(queue, duties)
    owed = threading.Event()
    unfit: list[OtherVersion | Damaged] = []
    with _signals_put_back():
        consumer = _Consumer(queue, workers=workers, shutdown_timeout=_patience(mailer))
        stop: threading.Event = consumer.stop_flag
        duties.stopping = stop.is_set
        watch = threading.Thread(
            target=_watch,
            args=(bell, duties, workers, poll_seconds, owed, stop, unfit),
            daemon=True,
        )
        log.info("worker.start", extra={"workers": workers, "mail": mailer is not None})
        watch.start()
        try:
            consumer.run()
            if unfit:  # no signal has seen to it that the message in hand is sent first
                consumer.stop(graceful=True)
        finally:
            stop.set()
            owed.set()
            watch.join(_patience(mailer))
        log.info("worker.stop", extra={"sent": duties.sent})
    for refusal in unfit:
        raise refusal


class _Consumer(Consumer):  # type: ignore[misc]
    """Huey's consumer, which lets every signal end it in order; Huey itself cuts a task short at
    SIGTERM and starts anew at SIGHUP."""

    def __init__(self, queue: Huey, **options: Any) -> None:
        super().__init__(queue, initial_delay=0.05, max_delay=0.5, **options)
        self._signal_actions = dict.fromkeys(_ENDING, (False, True))


def _watch(
    bell: Bell,
    duties: Duties,
    workers: int,
    poll_seconds: float,
    owed: threading.Event,
    stop: threading.Event,
    unfit: list[OtherVersion | Damaged],
) -> None:
    def woken(topics: frozenset[str]) -> None:
        if not topics or Topic.OUTBOX in topics:
            owed.set()

    ear = wakeups.listen(duties.store.database, duties.store.bell, woken)
    beat = float("-inf")
    # Between two looks at least so long: a morning's mail comes in at once.
    while not stop.wait(min(poll_seconds, _LEAST_SECONDS)):
        owed.wait(poll_seconds)
        owed.clear()
        try:
            bell.ring(workers)
            if time.monotonic() - beat >= _HEARTBEAT_SECONDS:
                beat = time.monotonic()
                duties.sign_of_life()
                log.info("worker.alive", extra={"sent": duties.sent})
        except (OtherVersion, Damaged) as refusal:
            log.error("worker.unfit", extra={"reason": refusal.message})
            unfit.append(refusal)
            stop.set()
        except Exception:
            log.exception("worker.fault", extra={"duty": "watch"})
    ear.close()


def _patience(mailer: Mailer | None) -> float:
    """How long the end waits for the message in hand: two steps of a slow mail server."""
    return 5.0 if mailer is None else 2 * mailer.settings.timeout_seconds + 5.0


@contextmanager
def _signals_put_back() -> Iterator[None]:
    before = {number: signal.getsignal(number) for number in _ENDING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
