"""Mail with its worker killed again and again, and the tally of what became of it.

    python -m tests.faults.killed_workers --mails 2000 --kills 100

prints it. Each worker lives some time later than the one before, so that leases and doubts of the
dead are over without waiting; a person sends again what is left to a person.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email.parser import BytesHeaderParser
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from sqlalchemy import select

from store import appointments, outbox
from store.clock import SystemClock
from store.database import open_database
from store.front_door import Store
from tests.clinic import SYSTEM, Clinic, open_clinic
from tests.hospital import found, quick_rules
from tests.jobs.worker_process import work
from tests.servers.mail import MailServer
from tests.servers.process import wait_until

LATER = timedelta(minutes=20)
"""Longer than a lease and a doubt together last."""

PATIENCE = 120.0

# A server process that has loaded everything and forks workers off, so that starting one is quick.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.jobs.worker_process", "jobs.worker", "tests.hospital"])
_MESSAGE = outbox.MESSAGE.c


@dataclass
class Ward:
    """Mails owed, a mail server, and workers to be killed, each later than the one before."""

    clinic: Clinic
    server: MailServer
    queue: tuple[str, str]
    mails: int
    _starts: int = 0
    _alive: list[ForkServerProcess] = field(default_factory=list)

    def start(self, *, workers: int) -> ForkServerProcess:
        """A worker in a process of its own."""
        url = self.clinic.store.database.engine.url.render_as_string(hide_password=False)
        self._starts += 1
        later = (self._starts * LATER).total_seconds()
        arguments = (url, self.queue, self.server.port, workers, later)
        process = _FORKS.Process(target=work, args=arguments, daemon=True)
        process.start()
        self._alive.append(process)
        return process

    def kill(self, worker: ForkServerProcess) -> None:
        """End it without a word."""
        worker.kill()
        worker.join()
        self._alive.remove(worker)

    def statuses(self) -> Counter[str]:
        """How many messages are in which state."""
        with self.clinic.store.reading(SYSTEM) as tx:
            return Counter(tx.session.scalars(select(_MESSAGE.status)))

    def message_ids(self, *, in_doubt: bool | None = None) -> set[str]:
        """Of all messages, or of those that ever were in doubt, or never."""
        query = select(_MESSAGE.message_id)
        if in_doubt is not None:
            query = query.where(_MESSAGE.doubts > 0 if in_doubt else _MESSAGE.doubts == 0)
        with self.clinic.store.reading(SYSTEM) as tx:
            return set(tx.session.scalars(query))

    def copies(self) -> Counter[str]:
        """How often each arrived."""
        heads = BytesHeaderParser()  # of thousands of mails, after each kill
        return Counter(heads.parsebytes(mail.raw)["Message-ID"] for mail in self.server.inbox)

    def finish(self) -> None:
        """Let a worker live until nothing waits any more; whose doubts are over by its clock."""
        worker = self.start(workers=2)
        patience = PATIENCE + self.mails / 2
        wait_until(lambda: not self.statuses().keys() - {"sent", "failed"}, self.statuses, patience)
        self.kill(worker)

    def close(self) -> None:
        """End whoever still works."""
        for worker in list(self._alive):
            self.kill(worker)
        self.clinic.store.database.dispose()


@dataclass(frozen=True)
class Tally:
    """What became of the mails: how many workers were killed, how many came more than once and how
    many copies too many those are, how many were left to a person, and what went wrong."""

    mails: int
    kills: int
    repeated: int
    surplus: int
    left_to_a_person: int
    wrong: tuple[str, ...]


@contextmanager
def ward(url: str, queue: tuple[str, str], server: MailServer, mails: int) -> Iterator[Ward]:
    """A hospital at `url`, founded already, that owes its patients so many mails."""
    clinic = open_clinic(Store(open_database(url), SystemClock(), quick_rules()), hours=(0, 24))
    first = clinic.at(0, day=clinic.store.now().date() + timedelta(days=30))
    with clinic.store.transaction(SYSTEM) as tx:
        for number in range(mails):
            appointments.book(
                tx,
                patient_id=clinic.patients[number % 3],
                doctor_id=clinic.doctors[0],
                starts_at=first + timedelta(minutes=15 * number),
            )
    made = Ward(clinic, server, queue, mails)
    try:
        yield made
    finally:
        made.close()


def kill_at_random(owed: Ward, kills: int, *, seed: int = 20260105) -> Tally:
    """Kill so many workers at moments of chance while they send, then let the last one finish."""
    chance = random.Random(seed)
    killed = 0
    for _ in range(kills):
        missing = len(owed.message_ids() - owed.copies().keys())
        if not missing:
            break
        before = len(owed.server.inbox)
        worker = owed.start(workers=2)
        more = chance.randint(0, max(1, owed.mails // kills))
        owed.server.wait_for(before + min(more, missing), PATIENCE)
        worker.join(chance.uniform(0, 0.01))
        owed.kill(worker)
        killed += 1
    owed.finish()
    certain, doubted = owed.message_ids(in_doubt=False), owed.message_ids(in_doubt=True)
    parked = owed.statuses()["failed"]
    copies = owed.copies()
    wrong = [f"{copies[one]} copies, never in doubt" for one in certain if copies[one] != 1]
    wrong += [f"{copies[one]} copies" for one in doubted if copies[one] > 2]
    _send_again(owed)
    owed.finish()
    copies = owed.copies()
    wrong += ["never came" for one in owed.message_ids() if not copies[one]]
    if owed.statuses() != {"sent": owed.mails}:
        wrong.append(f"left: {owed.statuses()}")
    repeated = [number for number in copies.values() if number > 1]
    surplus = sum(repeated) - len(repeated)
    return Tally(owed.mails, killed, len(repeated), surplus, parked, tuple(wrong))


def _send_again(owed: Ward) -> None:
    """As an administrator does with what nobody can tell of."""
    with owed.clinic.store.transaction(SYSTEM) as tx:
        failed = tx.session.scalars(select(_MESSAGE.id).where(_MESSAGE.status == "failed")).all()
        for message_id in failed:
            outbox.retry(tx, message_id)


def main() -> int:
    """Kill workers over many mails and print the tally."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.killed_workers")
    parser.add_argument("--mails", type=int, default=2000)
    parser.add_argument("--kills", type=int, default=100)
    given = parser.parse_args()
    server = MailServer()
    server.start()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'hospital.db'}"
        found(url)
        queue = ("sqlite", str(Path(folder) / "queue.db"))
        with ward(url, queue, server, given.mails) as owed:
            tally = kill_at_random(owed, given.kills)
    server.stop()
    sys.stdout.write(f"{tally}\n")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
