"""Bringing in patients and past appointments by the hundred thousand.

    python -m bench.importing [--rows N] [--folder DIR]

Each import runs in a process of its own, while another books at a desk, one appointment after the
other. Its speed is held against the bare driver, which puts the very rows that the import wrote (of
every table, audit entries and search keys included) into an empty database of the same schema, in
one transaction.
"""

from __future__ import annotations

import argparse
import csv
import multiprocessing
import resource
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from random import Random
from typing import Any

from bench.figures import Figure
from bench.hospital import in_zone, throw_away
from bench.population import people
from bench.setting import Setting
from store import appointments, departments, doctors, mrn, schedule
from store.actors import system
from store.backup import files
from store.clock import SystemClock
from store.database import open_database, sqlite_driver
from store.exchange.csv_import import import_file
from store.front_door import Store
from store.hospital import Rules
from store.patient_rows import insert_patient
from store.values import Actor, HoursSession, PatientInput, Role

ROWS, DOCTORS = 100_000, 20
LEAST_SHARE, MOST_MEGABYTES, MOST_SECONDS = 0.4, 200, 0.5
DESK, ADMIN = system("bench", "bench"), Actor(Role.ADMIN, "Bench", "bench", username="bench")
TABLES = {
    "patients": ("patient", "patient_search_key", "name_word", "audit_entry", "change"),
    "appointments": ("appointment", "appointment_event", "audit_entry", "change"),
}
"""What an import writes, in the order in which references allow it."""

_DESK_PATIENT = 1
_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["bench.importing"])


@dataclass(frozen=True, slots=True)
class Taken:
    """Seconds by the clock on the wall, and of the processor alone: on a busy machine only the
    second can be compared."""

    wall: float
    processor: float


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import took, what the bare driver takes, megabytes at most, and the seconds that each
    booking at the other desk took."""

    kind: str
    rows: int
    ours: Taken
    bare: Taken
    megabytes: float
    bookings: Sequence[float]

    @property
    def share(self) -> float:
        """Which part of the bare driver's speed it reaches, by the wall's clock."""
        return self.bare.wall / self.ours.wall

    @property
    def processor_share(self) -> float:
        """The same by the processor's time."""
        return self.bare.processor / self.ours.processor

    @property
    def p95(self) -> float:
        """Seconds that 95 of 100 bookings took at most."""
        return statistics.quantiles(self.bookings, n=20)[-1]


def figures(setting: Setting) -> Iterator[Figure]:
    """A row of each import, and a booking at a desk meanwhile."""
    for one in measure(ROWS, setting.folder):
        yield Figure(
            f"a row of {one.rows:,} imported {one.kind}",
            one.ours.wall * 1000 / one.rows,
            one.bare.wall * 1000 / one.rows,
            "the bare driver, one transaction",
            most_ratio=1 / LEAST_SHARE,
        )
        yield Figure(
            f"a booking meanwhile, {one.kind} (p95)",
            one.p95 * 1000,
            statistics.median(one.bookings) * 1000,
            "the middle one of these",
            most=MOST_SECONDS * 1000,
        )


def measure(rows: int, folder: Path | None = None) -> Iterator[Imported]:
    """Both imports, one after the other, into one hospital."""
    rules, clock = in_zone("Asia/Kolkata", "IN"), SystemClock()
    with throw_away(rules, clock, folder) as store:
        staff = _staff(store)
        path = store.database.path
        assert path is not None
        for at, (kind, write) in enumerate(
            (("patients", _patients), ("appointments", _appointments))
        ):
            file = path.with_name(f"{kind}.csv")
            with file.open("w", encoding="utf-8", newline="") as stream:
                csv.writer(stream).writerows(write(rows))
            same = path.with_name(f"raw-{kind}.db")
            files.copy_out(store.database, same)
            taken, megabytes, bookings = _import(path, kind, file, (staff[at], 1 + 30 * at))
            bare = _bare(path, same, TABLES[kind])
            yield Imported(kind, rows, taken, bare, megabytes, bookings)


def _staff(store: Store) -> list[int]:
    """Doctors who work day and night, and one patient who is booked with them."""
    with store.transaction(DESK) as tx:
        department = departments.create(tx, name="Medicine")
        insert_patient(tx, PatientInput("Zubeda Desk"))
        made = [
            doctors.create(
                tx, username=f"doctor.{n}", name=f"Doctor {n}", department_id=department.id
            ).id
            for n in range(DOCTORS)
        ]
        for doctor_id in made:
            week = [HoursSession(day, 0, 24 * 60, 15) for day in range(7)]
            schedule.replace_week(tx, doctor_id, week)
    return made


def _patients(rows: int) -> Iterator[Sequence[object]]:
    yield "external_id", "mrn", "name", "birth_date", "sex", "phone", "email", "address"
    for number, one in enumerate(people(rows), 1):
        own = mrn.formed(100_000 + number)
        mail = f"patient{number}@example.org" if number % 3 else ""
        yield f"x{number}", own, one.name, one.born, "f", one.phone, mail, f"{number} Lake Road"


def _appointments(rows: int) -> Iterator[Sequence[object]]:
    """Days full of appointments, the newest a week ago."""
    yield "external_id", "patient", "doctor", "starts_at", "minutes", "status", "note"
    random, now = Random(1), datetime.now(UTC).replace(minute=0, second=0, microsecond=0)
    for number in range(rows):
        hour, quarter = divmod(number // DOCTORS, 4)
        starts_at = now - timedelta(days=7, hours=hour, minutes=15 * quarter)
        status = random.choice(("completed", "completed", "completed", "no_show", "cancelled"))
        patient = f"x{1 + random.randrange(rows)}"
        doctor = f"doctor.{number % DOCTORS}"
        yield f"v{number}", patient, doctor, starts_at.isoformat(), 15, status, "Fever and cough"


def _import(
    path: Path, kind: str, file: Path, desk_of: tuple[int, int]
) -> tuple[Taken, float, list[float]]:
    """Time and megabytes of the import, and seconds of each booking meanwhile."""
    told: multiprocessing.Queue[Any] = _PROCESSES.Queue()
    ready, begin, end = _PROCESSES.Event(), _PROCESSES.Event(), _PROCESSES.Event()
    desk = _PROCESSES.Process(target=_book, args=(path, *desk_of, ready, end, told))
    clerk = _PROCESSES.Process(target=_bring, args=(path, kind, file, begin, told))
    desk.start()
    clerk.start()
    ready.wait()
    begin.set()
    taken, megabytes = told.get()
    end.set()
    bookings: list[float] = told.get()
    for process in (desk, clerk):
        process.join()
    return taken, megabytes, bookings


def _open(path: Path) -> Store:
    rules = Rules(in_zone("Asia/Kolkata", "IN"))
    return Store(open_database(f"sqlite:///{path}"), SystemClock(), rules)


def _bring(
    path: Path, kind: str, file: Path, begin: Event, told: multiprocessing.Queue[Any]
) -> None:
    store = _open(path)
    begin.wait()
    began, used = time.perf_counter(), time.process_time()
    report = import_file(store, ADMIN, kind, file)
    taken = Taken(time.perf_counter() - began, time.process_time() - used)
    assert report.added == report.rows, report
    told.put((taken, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def _book(
    path: Path,
    doctor_id: int,
    first_day: int,
    ready: Event,
    end: Event,
    told: multiprocessing.Queue[Any],
) -> None:
    store = _open(path)
    taken: list[float] = []
    first = store.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=first_day)
    ready.set()
    while not end.is_set():
        slot = len(taken)
        began = time.perf_counter()
        store.write(
            DESK,
            appointments.book,
            patient_id=_DESK_PATIENT,
            doctor_id=doctor_id,
            starts_at=first + timedelta(minutes=15 * slot),
        )
        taken.append(time.perf_counter() - began)
        time.sleep(0.02)
    told.put(taken)


def _bare(imported: Path, same: Path, tables: Sequence[str]) -> Taken:
    """What the bare driver takes for what an import wrote, into the database as it was
    before; durable as ours."""
    driver, _ = sqlite_driver()
    connection = driver.connect(str(same), isolation_level=None)
    try:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("ATTACH ? AS imported", (str(imported),))
        written = [(name, _written(connection, name)) for name in tables]
        began, used = time.perf_counter(), time.process_time()
        connection.execute("BEGIN IMMEDIATE")
        for name, rows in written:
            places = ", ".join("?" for _ in rows[0])
            connection.executemany(f"INSERT INTO main.{name} VALUES ({places})", rows)  # noqa: S608
        connection.execute("COMMIT")
        return Taken(time.perf_counter() - began, time.process_time() - used)
    finally:
        connection.close()


def _written(connection: Any, name: str) -> list[Any]:
    """The rows of a table that an import wrote, in the order in which it wrote them."""
    order = {"patient_search_key": "patient_id, key", "name_word": "word"}.get(name, "id")
    kept = {  # our own names, all of them
        "patient_search_key": "patient_id > (SELECT max(id) FROM main.patient)",
        "name_word": "(key, word) NOT IN (SELECT key, word FROM main.name_word)",
    }.get(name, f"id > (SELECT coalesce(max(id), 0) FROM main.{name})")  # noqa: S608
    query = f"SELECT * FROM imported.{name} WHERE {kept} ORDER BY {order}"  # noqa: S608
    found = connection.execute(query)
    rows: list[Any] = found.fetchall()
    return rows


def main() -> None:
    """Measure, print, and say where a promise is not kept."""
    parser = argparse.ArgumentParser(prog="python -m bench.importing", description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--folder", type=Path, help="where to measure, by its disk")
    given = parser.parse_args()
    print(
        f"{'import of':<14}{'rows/s':>9}{'bare':>9}{'share':>7}{'of CPU':>8}{'MB':>6}"
        f"{'p95 of a booking':>20}"
    )
    for one in measure(given.rows, given.folder):
        print(
            f"{one.kind:<14}{one.rows / one.ours.wall:>9,.0f}{one.rows / one.bare.wall:>9,.0f}"
            f"{one.share:>7.0%}{one.processor_share:>8.0%}{one.megabytes:>6,.0f}"
            f"{one.p95 * 1000:>14,.0f} ms of {len(one.bookings):,}",
            flush=True,
        )
    print(
        f"promised: a share of {LEAST_SHARE:.0%} at least, {MOST_MEGABYTES} MB and"
        f" {MOST_SECONDS * 1000:.0f} ms at most"
    )


if __name__ == "__main__":
    main()
