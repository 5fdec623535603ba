"""A worker in a process of its own, for tests that signal or kill it.

python worker_process.py DATABASE_URL QUEUE_BACKEND QUEUE_LOCATION SMTP_PORT SECONDS_AHEAD
POLL_SECONDS
"""

from __future__ import annotations

import logging
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Literal

ROOT = Path(__file__).resolve().parents[2]


def start_worker(
    database_url: str,
    queue: tuple[str, str],
    smtp_port: int,
    seconds_ahead: float = 0,
    poll_seconds: float = 0.1,
) -> subprocess.Popen[str]:
    """Start one, by whose clock it is so much later; its log lines, one event each, come out of
    its standard error."""
    numbers = (str(smtp_port), str(seconds_ahead), str(poll_seconds))
    return subprocess.Popen(
        [sys.executable, __file__, database_url, *queue, *numbers],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
    )


@dataclass(frozen=True)
class LaterClock:
    """The machine's clock, and so much later."""

    ahead: timedelta

    def now(self) -> datetime:
        """The moment that it is there."""
        return datetime.now(UTC) + self.ahead


def work(
    database_url: str,
    queue: tuple[str, str],
    smtp_port: int,
    workers: int = 2,
    seconds_ahead: float = 0,
    poll_seconds: float = 0.1,
) -> None:
    """Open the hospital and work, until a signal ends this process."""
    from jobs.mailer import Mailer, MailSettings
    from jobs.queue import QueueSettings, build_queue
    from jobs.worker import run
    from store.database import open_database
    from store.front_door import Store
    from store.hospital import ReminderRules
    from store.queue_key import queue_key
    from tests.hospital import quick_rules

    backend, location = queue
    # The reminders of today and tomorrow are due at any hour.
    rules = replace(quick_rules(), reminders=ReminderRules(at=time(0), days_ahead=(0, 1)))
    settings = MailSettings(
        "127.0.0.1",
        smtp_port,
        security="none",
        sender="desk@cityhospital.example",
        timeout_seconds=5,
    )
    database = open_database(database_url)
    kind: Literal["redis", "sqlite"] = "redis" if backend == "redis" else "sqlite"
    run(
        Store(database, LaterClock(timedelta(seconds=seconds_ahead)), rules),
        build_queue(QueueSettings(kind, location, queue_key(database))),
        Mailer(settings),
        workers,
        poll_seconds=poll_seconds,
    )


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    url, backend, location, port, ahead, poll = sys.argv[1:]
    work(
        url,
        (backend, location),
        int(port),
        seconds_ahead=float(ahead),
        poll_seconds=float(poll),
    )
