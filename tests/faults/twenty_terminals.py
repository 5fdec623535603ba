"""Many terminals on one database, and the tally of what became of their work.

    python -m tests.faults.twenty_terminals --minutes 5 --terminals 20 [--database postgresql]

Each is the program itself in a process of its own, on a terminal of its own: receptionists book by
the typed line and check in, doctors and patients look around. Afterwards the database is asked,
past our own code, for whatever a screen has told to be done.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Barrier, Semaphore

from sqlalchemy import text

from store import chain
from store.clock import SystemClock
from store.database import open_database
from store.front_door import Store
from store.values import HoursSession
from tests.hospital import (
    PASSWORD,
    doctor,
    found,
    patient,
    quick_rules,
    reception,
)
from tests.servers.postgres import SETTINGS, running_postgres
from tests.terminals.conftest import SMALL, WIDE, about_noon
from tests.terminals.seat import Seat, cpu_seconds, megabytes

DOCTORS = ("Nair", "Bose", "Iyer", "Khan", "Sethi", "Dutta")
DAYS = ("today", "today", "tomorrow", "+2d", "+3d")
LONGEST_REST = 3.0
SIGNING_IN = 900.0
"""Seconds that all of them may take to sign in, on a machine that has other work."""
LOST = ("just been taken", "free any more", "That slot is held by")
NOT_THERE = ("Somebody else", "cannot", "already", "No row", "no longer in the list")
_WAITS = re.compile(r"([A-Z][a-z]+ [A-Z][a-z]+) waits for")
TROUBLE = ("had to stop", "does not answer", "went away")
_AT_THE_DOOR = Semaphore(3)
"""So many sign in at once: people do not all come within one second."""
_NO_LOSS = {name: value for name, value in SETTINGS.items() if name != "fsync"}
_OVERLAPS = """
    SELECT count(*) FROM appointment a JOIN appointment b
        ON a.doctor_id = b.doctor_id AND a.id < b.id
       AND a.starts_at < b.ends_at AND b.starts_at < a.ends_at
     WHERE a.status IN ('booked', 'checked_in', 'in_consultation', 'completed')
       AND b.status IN ('booked', 'checked_in', 'in_consultation', 'completed')
"""
_THERE = """
    SELECT p.name, a.status FROM appointment a JOIN patient p ON p.id = a.patient_id
"""


@dataclass
class Work:
    """What one terminal did: names of patients that it was told are booked or wait, how long it
    waited for each answer, slots lost to others, and what went wrong."""

    booked: list[str] = field(default_factory=list)
    checked_in: list[str] = field(default_factory=list)
    begun: set[str] = field(default_factory=set)
    looks: int = 0
    lost: int = 0
    seconds: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    processor: float = 0.0
    memory: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Person:
    """Who sits there, and what they do again and again."""

    username: str
    ready: str
    turn: Callable[[Seat, Work, random.Random], None]


@dataclass(frozen=True)
class Tally:
    """What came of it all; `wrong` is empty where nothing did."""

    terminals: int
    booked: int
    checked_in: int
    looks: int
    lost_to_others: int
    answer_p50: float
    answer_p95: float
    processor_seconds: float
    pss_mb: float
    rss_mb: float
    load: float
    wrong: tuple[str, ...]


def name_of(number: int) -> str:
    """A name that is like no other."""
    word = ""
    for _ in range(4):
        number, letter = divmod(number, 14)
        word += "bdfgjklmnprstv"[letter] + "aeiou"[(letter + len(word)) % 5]
    return f"{word[:4]} {word[4:]}".title()


def at_the_desk(names: Iterator[str]) -> Callable[[Seat, Work, random.Random], None]:
    """Book somebody; check in who came for today."""

    def turn(seat: Seat, work: Work, chance: random.Random) -> None:
        name, day, whom = next(names), chance.choice(DAYS), chance.choice(DOCTORS).lower()
        seat.press(":")
        seat.wait_for("rao nair tomorrow")
        seat.press(f"{name.lower()} {whom} {day}")
        seat.wait_for(f"book {name}")
        seat.rest(chance.uniform(0.2, 1))
        work.begun.add(name)
        if _answered(seat, work, "\r", f"{name} is booked with", *LOST) in LOST:
            work.lost += 1
            seat.press("\x1b")
            seat.rest(1)
            return
        work.booked.append(name)
        if day == "today":
            _check_in(seat, work, whom)

    return turn


def _check_in(seat: Seat, work: Work, doctor_name: str) -> None:
    """Whoever is first in the doctor's queue has come."""
    seat.press("q")
    seat.rest(0.5)
    seat.press(f"f{doctor_name} booked\r")
    seat.wait_for("hidden", f"{doctor_name.title()} · booked")
    seat.rest(0.5)
    if _answered(seat, work, "c", "waits for", *NOT_THERE) == "waits for":
        seat.rest(0.3)
        work.checked_in += _WAITS.findall(seat.screen)
    else:
        work.lost += 1
    seat.press("a")
    seat.rest(0.5)


def looking_round(*keys: str) -> Callable[[Seat, Work, random.Random], None]:
    """Go through screens and lists; each key draws something."""

    def turn(seat: Seat, work: Work, chance: random.Random) -> None:
        for key in keys:
            began = time.monotonic()
            seat.press(key)
            seat.look(30)
            work.seconds.append(time.monotonic() - began)
            work.looks += 1
            seat.rest(chance.uniform(0.3, 1))

    return turn


def _answered(seat: Seat, work: Work, keys: str, *texts: str) -> str:
    """The first of these texts behind these keys; how long it took is noted."""
    began = time.monotonic()
    seat.press(keys)
    heard = seat.wait_for(*texts)
    work.seconds.append(time.monotonic() - began)
    return heard


def fill(store: Store, terminals: int, people: int) -> list[Person]:
    """Doctors who work all day, patients enough, and who sits at the terminals: three in five at
    the desk, one in five doctors and patients each."""
    week = [HoursSession(day, 6 * 60, 22 * 60, 15) for day in range(7)]
    for name in DOCTORS:
        doctor(store, f"Dr {name}", username=f"dr.{name.lower()}", hours=week)
    desks = max(1, terminals * 3 // 5)
    names = [name_of(number) for number in range(desks * people)]
    for name in names:
        patient(store, name)
    seated: list[Person] = []
    for number in range(terminals):
        if number < desks:
            username = f"desk{number}"
            reception(store, username, f"Desk {number}")
            own = itertools.cycle(names[number * people : (number + 1) * people])
            seated.append(Person(username, "· Reception", at_the_desk(own)))
        elif (number - desks) % 2 == 0:
            last = DOCTORS[(number - desks) // 2 % len(DOCTORS)].lower()
            round_ = looking_round("2", "]", "]", "[", "3", "4", "1")
            seated.append(Person(f"dr.{last}", "· Doctor", round_))
        else:
            username = f"person{number}"
            patient(store, f"Person {name_of(9000 + number)}", username=username)
            seated.append(Person(username, "· Patient", looking_round("2", "3", "1")))
    return seated


def sit(
    person: Person,
    config: Path,
    size: tuple[int, int],
    all_in: Barrier,
    go_on: Callable[[int], bool],
    seed: int,
) -> Work:
    """Sign in, work as long as `go_on(rounds)` once all are in, and leave."""
    work, chance = Work(), random.Random(seed)
    environment = {"PATH": os.environ["PATH"], "HOME": str(config.parent)}
    command = [sys.executable, "-m", "chikitsa_tui", "--config", str(config)]
    seat = Seat(command, size=size, environment=environment)
    try:
        seat.wait_for("Password", patience=SIGNING_IN)
        with _AT_THE_DOOR:
            seat.press(f"{person.username}\r")
            seat.rest(0.5)
            seat.press(f"{PASSWORD}\r")
            seat.wait_for(person.ready, patience=SIGNING_IN)
        all_in.wait(SIGNING_IN)
        for rounds in itertools.count():
            if not go_on(rounds):
                break
            seat.rest(chance.uniform(0.5, LONGEST_REST))
            person.turn(seat, work, chance)
            _note_trouble(seat, work)
        work.processor, work.memory = cpu_seconds(seat.pid), megabytes(seat.pid)
        if code := seat.leave("\x11"):
            work.wrong.append(f"{person.username} left with {code}")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told in the tally
        work.wrong.append(f"{person.username}: {type(error).__name__} {error}")
    finally:
        seat.cut()
    return work


def _note_trouble(seat: Seat, work: Work) -> None:
    heard = seat.screen
    work.wrong += [f"{one}" for one in TROUBLE if one in heard]


def run(
    store: Store,
    config: Path,
    seated: Sequence[Person],
    *,
    rounds: int = 0,
    seconds: float = 0.0,
) -> Tally:
    """All of them at once, for so many rounds of work or so long; and then the database."""
    began: list[float] = []
    all_in = Barrier(len(seated), lambda: began.append(time.monotonic()))

    def go_on(done: int) -> bool:
        return done < rounds or time.monotonic() < began[0] + seconds

    with ThreadPoolExecutor(len(seated)) as pool:
        sitting = [
            pool.submit(sit, person, config, (WIDE, SMALL)[number % 2], all_in, go_on, number)
            for number, person in enumerate(seated)
        ]
        work = [one.result() for one in sitting]
    wrong = [sentence for one in work for sentence in one.wrong]
    wrong += _verified(store, work)
    waits = sorted(wait for one in work for wait in one.seconds) or [0.0]
    return Tally(
        terminals=len(seated),
        booked=sum(len(one.booked) for one in work),
        checked_in=sum(len(one.checked_in) for one in work),
        looks=sum(one.looks for one in work),
        lost_to_others=sum(one.lost for one in work),
        answer_p50=round(statistics.median(waits), 3),
        answer_p95=round(waits[int(len(waits) * 0.95)], 3),
        processor_seconds=round(sum(one.processor for one in work), 1),
        pss_mb=round(statistics.mean(one.memory[0] for one in work), 1),
        rss_mb=round(statistics.mean(one.memory[1] for one in work), 1),
        load=round(os.getloadavg()[0], 1),
        wrong=tuple(wrong),
    )


def _verified(store: Store, work: Sequence[Work]) -> list[str]:
    """What the database says against what the screens told, in sentences."""
    with store.database.begin(write=False) as connection:
        overlaps = connection.execute(text(_OVERLAPS)).scalar_one()
        there = connection.execute(text(_THERE)).all()
        broken = chain.first_broken(connection)[1]
    wrong = [f"{overlaps} overlaps"] if overlaps else []
    wrong += [f"the audit trail breaks at {broken}"] if broken is not None else []
    names = [name for name, _ in there]
    told = [name for one in work for name in one.booked]
    begun = {name for one in work for name in one.begun}
    waiting = {name for name, status in there if status == "checked_in"}
    wrong += [
        f"{name} was booked {names.count(name)} times" for name in told if names.count(name) != 1
    ]
    wrong += [f"{name} was never booked by anybody" for name in names if name not in begun]
    wrong += [
        f"{name} does not wait" for one in work for name in one.checked_in if name not in waiting
    ]
    return wrong


@contextmanager
def hospital(url: str, folder: Path) -> Iterator[tuple[Store, Path]]:
    """A new hospital at `url`, in which it is about noon, and the configuration that names it."""
    zone = about_noon()
    found(url, zone)
    store = Store(open_database(url), SystemClock(), quick_rules(zone))
    config = folder / "chikitsa.toml"
    config.write_text(
        f'[hospital]\nname = "City Hospital"\ntimezone = "{zone}"\n[database]\nurl = "{url}"\n'
        # On a busy machine the first waits long for the last to sign in.
        "[security]\n"
        "screen_lock_minutes = {reception = 30, doctor = 30, patient = 30}\n"
        "idle_minutes = {reception = 60, doctor = 60, patient = 60}\n"
    )
    config.chmod(0o600)
    try:
        yield store, config
    finally:
        store.database.dispose()


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """An empty database of a kind, which keeps what it commits."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'hospital.db'}"
        return
    with running_postgres({**_NO_LOSS, "synchronous_commit": "on"}) as server:
        url = server.create()
        yield url
        server.drop(url)


def main() -> int:
    """Let many work for some minutes, and print the tally."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.twenty_terminals")
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--terminals", type=int, default=20)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    given = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as name,
        database(given.database, Path(name)) as url,
        hospital(url, Path(name)) as (store, config),
    ):
        seated = fill(store, given.terminals, people=int(given.minutes * 20) + 5)
        tally = run(store, config, seated, seconds=given.minutes * 60)
    for what, value in vars(tally).items():
        sys.stdout.write(f"{what}: {value}\n")
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
