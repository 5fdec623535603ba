"""A worker that stands still in the middle of a conversation, for longer than it has a message in
hand, and goes on when another has taken its messages over: each patient hears once."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select

from jobs.delivery import deliver_due
from jobs.mailer import Mailer, MailSettings
from store import outbox
from store.clock import SystemClock
from store.database import open_database
from store.front_door import Store
from tests.clinic import SYSTEM
from tests.faults.killed_workers import _FORKS, LATER, PATIENCE, Ward, ward
from tests.hospital import quick_rules
from tests.jobs.worker_process import LaterClock
from tests.servers.mail import MailServer, Stage
from tests.servers.process import wait_until

LEASE = 0.5
"""Seconds."""


@pytest.fixture(params=["sqlite", "postgres"])
def owed(request: pytest.FixtureRequest, smtp_server: MailServer) -> Iterator[Ward]:
    """Three mails."""
    found: Callable[[], str] = request.getfixturevalue(f"found_{request.param}")
    with ward(found(), ("sqlite", ""), smtp_server, 3) as made:
        yield made


def deliver(url: str, port: int, lease_seconds: float, later: bool = False) -> None:
    """One round of a worker, which is over when nothing is due any more."""
    mailer = Mailer(MailSettings("127.0.0.1", port, security="none", sender="desk@city.example"))
    clock = LaterClock(LATER) if later else SystemClock()
    store = Store(open_database(url), clock, quick_rules())
    deliver_due(store, mailer, f"worker {os.getpid()}", lease_seconds=lease_seconds)
    store.database.dispose()


@pytest.mark.parametrize(
    ("stage", "accepted"),
    [("RCPT", False), ("DATA", True)],
    ids=["before it left", "before its receipt came"],
)
def test_nobody_hears_twice(owed: Ward, stage: Stage, accepted: bool) -> None:
    url = owed.clinic.store.database.engine.url.render_as_string(hide_password=False)
    place = (url, owed.server.port)
    fault = owed.server.hang(stage, accept=accepted)
    worker = _FORKS.Process(target=deliver, args=(*place, LEASE), daemon=True)
    worker.start()
    assert worker.pid is not None
    assert fault.reached.wait(PATIENCE)
    os.kill(worker.pid, signal.SIGSTOP)
    wait_until(lambda: lease_is_over(owed), owed.statuses)

    deliver(*place, LEASE)
    fault.release()
    os.kill(worker.pid, signal.SIGCONT)
    worker.join(PATIENCE)
    assert worker.exitcode == 0
    deliver(*place, LEASE, later=True)

    assert owed.copies() == Counter(owed.message_ids())
    assert owed.statuses() == {"sent": owed.mails}


def lease_is_over(owed: Ward) -> bool:
    with owed.clinic.store.reading(SYSTEM) as tx:
        last = tx.session.scalar(select(func.max(outbox.MESSAGE.c.lease_until)))
    return last is not None and last < owed.clinic.store.now()
