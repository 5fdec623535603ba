"""The worker as people start it: a process that sends what is owed and ends when it is told to."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from store import appointments, outbox
from store.clock import SystemClock
from store.database import open_database
from store.front_door import Store
from store.tables import Appointment, table_of
from store.values import OutboxStatus
from tests.clinic import SYSTEM, Clinic, open_clinic
from tests.hospital import quick_rules
from tests.jobs.worker_process import start_worker
from tests.servers.mail import MailServer

Queue = tuple[str, str]
Start = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def clinic(request: pytest.FixtureRequest) -> Iterator[Clinic]:
    """A clinic that lives in real time, as the worker does; on SQLite unless a test says where."""
    found: Callable[[], str] = request.getfixturevalue(
        "found_postgres" if getattr(request, "param", "") == "postgresql" else "found_sqlite"
    )
    store = Store(open_database(found()), SystemClock(), quick_rules())
    yield open_clinic(store, hours=(0, 24))
    store.database.dispose()


@pytest.fixture
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Queue:
    if getattr(request, "param", "") == "redis":
        return "redis", request.getfixturevalue("redis_url")
    return "sqlite", str(tmp_path / "queue.db")


@pytest.fixture
def start(clinic: Clinic, queue: Queue, smtp_server: MailServer) -> Iterator[Start]:
    started: list[subprocess.Popen[str]] = []

    def start_here(
        other: Queue | None = None, ahead: float = 0, poll: float = 0.1
    ) -> subprocess.Popen[str]:
        url = clinic.store.database.engine.url.render_as_string(hide_password=False)
        started.append(start_worker(url, other or queue, smtp_server.port, ahead, poll))
        return started[-1]

    yield start_here
    for process in started:
        process.kill()
        process.communicate()


everywhere = pytest.mark.parametrize(
    ("clinic", "queue"), [("sqlite", "sqlite"), ("postgresql", "redis")], indirect=True
)


def book(clinic: Clinic, day: date, slot: int = 0) -> None:
    clinic.store.write(
        SYSTEM,
        appointments.book,
        patient_id=clinic.patients[slot % 3],
        doctor_id=clinic.doctors[0],
        starts_at=clinic.at(10, day=day) + timedelta(minutes=15 * slot),
    )


def in_days(clinic: Clinic, days: int) -> date:
    return clinic.store.now().date() + timedelta(days=days)


@everywhere
def test_a_bookings_mail_leaves_within_seconds(
    clinic: Clinic, start: Start, smtp_server: MailServer
) -> None:
    worker = start()
    assert worker.stderr is not None
    assert worker.stderr.readline() == "worker.start\n"
    book(clinic, in_days(clinic, 2))
    booked_at = time.monotonic()
    smtp_server.wait_for(1)
    assert time.monotonic() - booked_at < 5
    worker.send_signal(signal.SIGTERM)
    _, log = worker.communicate(timeout=20)
    assert worker.returncode == 0
    assert log.splitlines()[-1] == "worker.stop"
    assert clinic.store.read(SYSTEM, outbox.counts)[OutboxStatus.SENT] == 1


@pytest.mark.parametrize(("clinic", "queue"), [("postgresql", "sqlite")], indirect=True)
def test_a_booking_wakes_a_worker_that_looks_once_in_ten_minutes(
    clinic: Clinic, start: Start, smtp_server: MailServer
) -> None:
    """Wakes it, unless it was not listening yet, or had other work in its queue; then the next
    booking does."""
    start(poll=600)
    for slot in range(12):
        book(clinic, in_days(clinic, 2), slot)
        with suppress(AssertionError):
            smtp_server.wait_for(1, timeout=5)
            return
    raise AssertionError("nothing wakes it")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_message_in_hand_is_finished_before_the_end(
    clinic: Clinic, start: Start, smtp_server: MailServer, number: signal.Signals
) -> None:
    for slot in range(3):
        book(clinic, in_days(clinic, 2), slot)
    held = [smtp_server.hang("DATA"), smtp_server.hang("DATA")]
    worker = start()
    assert held[0].reached.wait(20)
    worker.send_signal(number)
    for fault in held:
        fault.release()
    worker.communicate(timeout=20)
    assert worker.returncode == 0
    counts = clinic.store.read(SYSTEM, outbox.counts)
    assert counts[OutboxStatus.SENT] == len(smtp_server.inbox) >= 1
    assert counts[OutboxStatus.SENT] + counts[OutboxStatus.WAITING] == 3
    with clinic.store.reading(SYSTEM) as tx:
        assert not tx.session.execute(
            outbox.MESSAGE.select().where(outbox.MESSAGE.c.status == "sending")
        ).all()


@everywhere
def test_two_processes_side_by_side_send_nothing_twice(
    clinic: Clinic, start: Start, smtp_server: MailServer
) -> None:
    count = 40
    for slot in range(count):
        book(clinic, in_days(clinic, 2), slot)
    for _ in range(2):
        start()
    smtp_server.wait_for(count, timeout=60)
    assert len({mail.message["Message-ID"] for mail in smtp_server.inbox}) == count
    assert len(smtp_server.inbox) == count


def test_a_reminder_that_is_due_is_planned_and_sent(
    clinic: Clinic, start: Start, smtp_server: MailServer
) -> None:
    book(clinic, in_days(clinic, 2))
    soon = datetime.now(UTC).replace(second=0, microsecond=0) + timedelta(hours=1)
    with clinic.store.transaction(SYSTEM) as tx:
        tx.session.execute(outbox.MESSAGE.update().values(status="discarded"))
        tx.session.execute(
            table_of(Appointment)
            .update()
            .values(
                starts_at=soon,
                ends_at=soon + timedelta(minutes=15),
                created_at=soon - timedelta(days=3),
            )
        )
    start()
    (mail,) = smtp_server.wait_for(1, timeout=60)
    assert mail.message["Subject"] == "Appointment reminder"


def test_mail_goes_out_although_redis_is_down(
    clinic: Clinic, start: Start, smtp_server: MailServer
) -> None:
    from tests.servers.process import free_port

    book(clinic, in_days(clinic, 2))
    worker = start(("redis", f"redis://127.0.0.1:{free_port()}/0"))
    smtp_server.wait_for(1)
    worker.send_signal(signal.SIGTERM)
    _, log = worker.communicate(timeout=30)
    assert worker.returncode == 0
    assert log.splitlines().count("queue.down") == 1


@everywhere
def test_each_reminder_goes_once_whatever_rings_twice(
    clinic: Clinic, start: Start, smtp_server: MailServer
) -> None:
    """Two schedulers, a restart within the minute, and a clock that is set back an hour."""
    count = 6
    for slot in range(count):
        book(clinic, in_days(clinic, 1), slot)
    with clinic.store.transaction(SYSTEM) as tx:
        tx.session.execute(outbox.MESSAGE.update().values(status="discarded"))
        long_ago = clinic.store.now() - timedelta(days=9)
        tx.session.execute(table_of(Appointment).update().values(created_at=long_ago))
    workers = [start(), start()]
    smtp_server.wait_for(count, timeout=60)
    for worker in workers:
        worker.kill()
    for ahead in (0, -3600):
        start(ahead=ahead)
    book(clinic, in_days(clinic, 2))
    mails = smtp_server.wait_for(count + 1, timeout=60)
    reminders = [m for m in mails if m.message["Subject"] == "Appointment reminder"]
    assert len({mail.message["Message-ID"] for mail in reminders}) == len(reminders) == count


def test_redis_goes_away_and_comes_back(
    clinic: Clinic, start: Start, smtp_server: MailServer
) -> None:
    from tests.servers.process import ServerMissing, free_port
    from tests.servers.redis_server import own_redis

    port = free_port()
    try:
        with own_redis(port) as url:
            worker = start(("redis", url))
            book(clinic, in_days(clinic, 2))
            smtp_server.wait_for(1)
    except ServerMissing as missing:
        pytest.skip(str(missing))
    book(clinic, in_days(clinic, 2), 1)
    smtp_server.wait_for(2, timeout=60)
    with own_redis(port):
        assert worker.stderr is not None
        told = iter(worker.stderr.readline, "")
        assert next(line for line in told if line == "queue.answers\n")
        book(clinic, in_days(clinic, 2), 2)
        smtp_server.wait_for(3, timeout=60)
        worker.send_signal(signal.SIGTERM)
        worker.communicate(timeout=30)
    assert worker.returncode == 0
    assert len(smtp_server.inbox) == 3
