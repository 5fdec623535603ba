"""A morning's reminders through a mail server on loopback, against handing the same letters to it,
finished, by bare smtplib over one connection."""

from __future__ import annotations

import multiprocessing
import smtplib
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from multiprocessing.connection import Connection
from pathlib import Path
from socket import socket
from typing import Any

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
WORKERS = 3
"""As many as `chikitsa worker` has."""

_DAY = datetime.fromisoformat("2026-01-05T07:00+05:30")
_PATIENTS = 500
_LETTERS_KEPT = 500
_ADDRESS = "desk@hospital.example"
_DESK = system("bench", "bench")
_VISIT = table_of(Appointment)


def figures(setting: Setting) -> Iterator[Figure]:
    """A morning's reminders."""
    yield reminders_by_mail(setting.folder)


def reminders_by_mail(folder: Path | None, mails: int = MAILS) -> Figure:
    """Milliseconds for each of so many reminders, from the outbox to the server's acceptance."""
    clock = FixedClock(_DAY - timedelta(days=2))
    with throw_away(in_zone("Asia/Kolkata", "IN"), clock, folder) as store, _server() as server:
        _fill(store, mails)
        clock.moment = _DAY
        planned = store.write(_DESK, reminders.plan)
        assert planned == (mails, 0), planned
        port, asked = server
        ours = _send(store, port, mails)
        asked.send("letters")
        limit = _send_bare(port, mails, asked.recv())
    return Figure(
        f"{mails:,} reminders by mail",
        ours,
        limit,
        "smtplib on one connection, no database",
        most_ratio=1.67,
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


def _send_bare(port: int, mails: int, letters: list[tuple[str, bytes]]) -> float:
    """The same letters again, as bytes, by bare smtplib."""
    with smtplib.SMTP("127.0.0.1", port) as client:
        began = time.perf_counter()
        for number in range(mails):
            recipient, raw = letters[number % len(letters)]
            client.sendmail(_ADDRESS, [recipient], raw)
        return (time.perf_counter() - began) * 1000 / mails


@contextmanager
def _server() -> Iterator[tuple[int, Connection]]:
    """A mail server in a process of its own, which accepts all; its port, and where it answers
    with the first letters that it got, once it is asked."""
    with socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(port, theirs), daemon=True)
    process.start()
    try:
        assert ours.poll(120), "the mail server does not start"
        ours.recv()
        yield port, ours
    finally:
        process.terminate()
        process.join()


class _Kept:
    """Keeps the first letters, and of all others nothing."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, bytes]] = []

    async def handle_DATA(  # noqa: N802 - aiosmtpd calls it by this name
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        if len(self.letters) < _LETTERS_KEPT:
            self.letters.append((envelope.rcpt_tos[0], envelope.original_content))
        return "250 OK"


def _serve(port: int, asked: Connection) -> None:
    from aiosmtpd.controller import Controller

    kept = _Kept()
    Controller(kept, hostname="127.0.0.1", port=port).start()
    asked.send("ready")
    asked.recv()
    asked.send(kept.letters)
    threading.Event().wait()
