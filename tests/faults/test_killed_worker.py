"""A worker killed with -9 between claiming a message and saying what became of it.

200 mails: none is lost; one comes twice only where the kill fell between the server's acceptance
and our mark, and then under the same Message-ID.
"""

from __future__ import annotations

import multiprocessing
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import pytest

from store import appointments, outbox
from store.clock import SystemClock
from store.database import open_database
from store.front_door import Store
from tests.clinic import SYSTEM, Clinic, open_clinic
from tests.hospital import quick_rules
from tests.jobs.worker_process import work
from tests.servers.mail import Fault, MailServer
from tests.servers.process import wait_until

MAILS = 200
# Long beside one message, short beside the test's patience: a dead worker's message waits for it.
LEASE_SECONDS = 10.0
PATIENCE = 120.0

# A server process that has loaded everything and forks workers off, so that starting one is quick.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.jobs.worker_process", "jobs.worker", "tests.hospital"])


@dataclass
class Ward:
    """200 mails owed, a mail server, and workers to be killed."""

    clinic: Clinic
    server: MailServer
    queue: tuple[str, str]

    def start(self, *, workers: int) -> ForkServerProcess:
        url = self.clinic.store.database.engine.url.render_as_string(hide_password=False)
        arguments = (url, self.queue, self.server.port, LEASE_SECONDS, workers)
        process = _FORKS.Process(target=work, args=arguments, daemon=True)
        process.start()
        return process

    def statuses(self) -> Counter[str]:
        with self.clinic.store.reading(SYSTEM) as tx:
            return Counter(tx.session.scalars(outbox.MESSAGE.select().with_only_columns(_STATUS)))

    def message_ids(self) -> set[str]:
        with self.clinic.store.reading(SYSTEM) as tx:
            return set(tx.session.scalars(outbox.MESSAGE.select().with_only_columns(_MESSAGE_ID)))

    def copies(self) -> Counter[str]:
        return Counter(mail.message["Message-ID"] for mail in self.server.inbox)

    def finish(self) -> None:
        """Let a worker live until all is sent."""
        last = self.start(workers=2)
        wait_until(lambda: self.statuses() == {"sent": MAILS}, self.statuses, PATIENCE)
        last.kill()
        last.join()


_STATUS, _MESSAGE_ID = outbox.MESSAGE.c.status, outbox.MESSAGE.c.message_id


@pytest.fixture(params=["sqlite", "postgresql and redis"])
def ward(request: pytest.FixtureRequest, tmp_path: Path, smtp_server: MailServer) -> Iterator[Ward]:
    small = request.param == "sqlite"
    found: Callable[[], str] = request.getfixturevalue(
        "found_sqlite" if small else "found_postgres"
    )
    queue = (
        ("sqlite", str(tmp_path / "queue.db"))
        if small
        else ("redis", request.getfixturevalue("redis_url"))
    )
    store = Store(open_database(found()), SystemClock(), quick_rules())
    clinic = open_clinic(store, hours=(0, 24))
    first = clinic.at(0, day=store.now().date() + timedelta(days=3))
    with store.transaction(SYSTEM) as tx:
        for number in range(MAILS):
            appointments.book(
                tx,
                patient_id=clinic.patients[number % 3],
                doctor_id=clinic.doctors[0],
                starts_at=first + timedelta(minutes=15 * number),
            )
    yield Ward(clinic, smtp_server, queue)
    store.database.dispose()


def test_killed_at_each_step_of_the_conversation(ward: Ward) -> None:
    repeats: Counter[str] = Counter()
    for _ in range(3):
        for stage, accepted in (
            ("MAIL", False),
            ("RCPT", False),
            ("DATA", False),
            ("DATA", True),
        ):
            fault: Fault = ward.server.hang(stage, accept=accepted)  # type: ignore[arg-type]
            worker = ward.start(workers=1)
            assert fault.reached.wait(PATIENCE)
            if accepted:
                repeats[ward.server.inbox[-1].message["Message-ID"]] += 1
            worker.kill()
            worker.join()
            fault.release()
    ward.finish()
    assert ward.copies() == Counter(dict.fromkeys(ward.message_ids(), 1)) + repeats
    assert len(ward.server.inbox) == MAILS + 3


def test_killed_at_any_moment(ward: Ward) -> None:
    chance = random.Random(20260105)
    kills = 0
    while ward.statuses()["sent"] < MAILS * 3 // 4 and kills < 15:
        before = len(ward.server.inbox)
        worker = ward.start(workers=2)
        ward.server.wait_for(before + 1, timeout=PATIENCE)
        worker.join(chance.uniform(0, 0.25))
        worker.kill()
        worker.join()
        kills += 1
    assert kills >= 5
    ward.finish()
    copies = ward.copies()
    assert set(copies) == ward.message_ids()
    # Two threads hold two messages at most when the kill falls.
    assert sum(copies.values()) - MAILS <= 2 * kills
    with ward.clinic.store.reading(SYSTEM) as tx:
        for row in tx.session.execute(outbox.MESSAGE.select()):
            assert copies[row.message_id] <= row.attempts
