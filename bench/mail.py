"""A morning's reminders through a mail server on loopback, against handing the same number of
finished messages to it by bare smtplib over one connection."""

from __future__ import annotations

import multiprocessing
import smtplib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from multiprocessing.synchronize import Event
from pathlib import Path
from socket import socket

from bench.figures import Figure
from bench.hospital import in_zone, throw_away
from bench.setting import Setting
from jobs.delivery import deliver_due
from jobs.mailer import Mailer, MailSettings
from store import departments, doctors, reminders
from store.actors import system
from store.clock import FixedClock
from store.front_door import Store
from store.patient_rows import insert_patient
from store.tables import Appointment, table_of
from store.values import PatientInput

MAILS = 10_000
WORKERS = 2
"""As many as `chikitsa worker` has."""

_DAY = datetime.fromisoformat("2026-01-05T07:00+05:30")
_PATIENTS = 500
_ADDRESS = "desk@hospital.example"
_DESK = system("bench", "bench")
_VISIT = table_of(Appointment)


def figures(setting: Setting) -> Iterator[Figure]:
    """A morning's reminders."""
    yield reminders_by_mail(setting.folder)


def reminders_by_mail(folder: Path | None, mails: int = MAILS) -> Figure:
    """Milliseconds for each of so many reminders, from the outbox to the server's acceptance."""
    clock = FixedClock(_DAY - timedelta(days=2))
    with throw_away(in_zone("Asia/Kolkata", "IN"), clock, folder) as store, _server() as port:
        _fill(store, mails)
        clock.moment = _DAY
        planned = store.write(_DESK, reminders.plan)
        assert planned == (mails, 0), planned
        ours = _send(store, port, mails)
        limit = _send_bare(port, mails)
    return Figure(
        f"{mails:,} reminders by mail", ours, limit, "smtplib on one connection, no database"
    )


def _fill(store: Store, mails: int) -> None:
    """Patients with an address, and an appointment each minute or so, over many doctors."""
    with store.transaction(_DESK) as tx:
        room = departments.create(tx, name="Medicine").id
        made = [
            doctors.create(tx, username=f"dr.{n}", name=f"Doctor {n}", department_id=room).id
            for n in range(20)
        ]
        for number in range(_PATIENTS):
            given = PatientInput(name=f"Asha Rao {number}", email=f"p{number}@example.org")
            insert_patient(tx, given)
        rows = [
            {
                "patient_id": 1 + number % _PATIENTS,
                "doctor_id": made[number % len(made)],
                "department_id": room,
                "starts_at": _DAY + timedelta(hours=2, seconds=10 * number // len(made)),
                "ends_at": _DAY + timedelta(hours=2, seconds=10 * number // len(made) + 10),
                "status": "booked",
                "overbooked": True,
                **tx.stamps(),
            }
            for number in range(mails)
        ]
        tx.session.execute(_VISIT.insert(), rows)


def _send(store: Store, port: int, mails: int) -> float:
    mailer = Mailer(MailSettings("127.0.0.1", port, security="none", sender=_ADDRESS))
    sent: list[int] = []

    def work(name: str) -> None:
        sent.append(deliver_due(store, mailer, name, mails).sent)

    workers = [threading.Thread(target=work, args=(f"bench-{n}",)) for n in range(WORKERS)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    taken = time.perf_counter() - began
    assert sum(sent) == mails, sent
    return taken * 1000 / mails


def _send_bare(port: int, mails: int) -> float:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = _ADDRESS, "p@example.org", "Reminder"
    message.set_content("Your appointment is today at nine.\n" * 200)
    raw = message.as_bytes(policy=SMTP)
    with smtplib.SMTP("127.0.0.1", port) as client:
        began = time.perf_counter()
        for _ in range(mails):
            client.sendmail(_ADDRESS, ["p@example.org"], raw)
        return (time.perf_counter() - began) * 1000 / mails


@contextmanager
def _server() -> Iterator[int]:
    """A mail server in a process of its own, which accepts all and keeps nothing."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    process = context.Process(target=_serve, args=(port, ready), daemon=True)
    process.start()
    try:
        assert ready.wait(30), "the mail server does not start"
        yield port
    finally:
        process.terminate()
        process.join()


def _serve(port: int, ready: Event) -> None:
    from aiosmtpd.controller import Controller
    from aiosmtpd.handlers import Sink

    Controller(Sink(), hostname="127.0.0.1", port=port).start()
    ready.set()
    threading.Event().wait()
