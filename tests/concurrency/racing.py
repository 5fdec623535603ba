"""Many processes at one line: each opens the hospital itself, waits, and books at the signal."""

from __future__ import annotations

import multiprocessing
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from multiprocessing.synchronize import Barrier
from zoneinfo import ZoneInfo

from sqlalchemy import make_url

from store import actors, appointments, holds
from store.clock import FixedClock
from store.database import open_database
from store.errors import StoreError
from store.front_door import Store
from store.hospital import HospitalRules, Rules
from store.values import Actor

_LINE_SECONDS = 120


@dataclass(frozen=True)
class Attempt:
    """One process's try: the patient, the doctor, and from when to when."""

    patient_id: int
    doctor_id: int
    starts_at: datetime
    ends_at: datetime | None = None
    actor: Actor | None = None
    """Who tries; None is the system itself."""
    holds: bool = False
    """Whether the slot is only to be held, as for an open dialog."""


def race(url: str, now: datetime, attempts: Sequence[Attempt]) -> Counter[str]:
    """Start one process for each attempt, all at once; count `won` and the refusals' codes."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.concurrency.racing"])
    line = context.Barrier(len(attempts))
    results: multiprocessing.Queue[str] = context.Queue()
    racers = [
        context.Process(target=_run, args=(url, now, attempt, line, results))
        for attempt in attempts
    ]
    for racer in racers:
        racer.start()
    outcome = Counter(results.get(timeout=_LINE_SECONDS) for _ in racers)
    for racer in racers:
        racer.join(_LINE_SECONDS)
    return outcome


def _run(
    url: str,
    now: datetime,
    attempt: Attempt,
    line: Barrier,
    results: multiprocessing.Queue[str],
) -> None:
    try:
        zone = now.tzinfo
        assert isinstance(zone, ZoneInfo)
        rules = Rules(HospitalRules("City Hospital", zone))
        database = open_database(_patient(url), patience=_LINE_SECONDS)
        store = Store(database, FixedClock(now), rules)
        store.changes_since(None)  # the connection stands before the signal
        line.wait(_LINE_SECONDS)
        results.put(_book(store, attempt))
    except BaseException as error:
        results.put(f"{type(error).__name__}: {error}")
        raise


def _patient(url: str) -> str:
    """With time to wait for all the others: new processes hold the doctor's lock for a tenth of a
    second each, and where other work keeps the processors busy for ten times as long, which
    for many together is more than the program waits."""
    found = make_url(url)
    if found.get_backend_name() != "postgresql":
        return url
    limits = f"-c lock_timeout={_LINE_SECONDS}s -c statement_timeout={_LINE_SECONDS}s"
    return found.update_query_dict({"options": limits}).render_as_string(hide_password=False)


def _book(store: Store, attempt: Attempt) -> str:
    actor = attempt.actor or actors.system("racer")
    try:
        if attempt.holds:
            store.write(actor, holds.take, attempt.doctor_id, attempt.starts_at)
            return "held"
        store.write(
            actor,
            appointments.book,
            patient_id=attempt.patient_id,
            doctor_id=attempt.doctor_id,
            starts_at=attempt.starts_at,
            ends_at=attempt.ends_at,
        )
    except StoreError as refusal:
        return refusal.code
    return "won"
