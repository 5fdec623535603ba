"""The command line: a day's appointments with a long past behind it, beside khal, which lists a
month of a calendar of ten thousand events."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure, Missing
from bench.hospital import PASSWORD, signed_in, url_of
from bench.setting import MONDAY, Setting
from store.front_door import Store
from store.values import Role

EVENTS, EVENT_DAYS = 10_000, 730
TIMES = 5
KHAL = "khal==0.14.1"

ENGINES = ("sqlite", "postgresql")

_CONFIGURATION = """
[hospital]
name = "Bench"
timezone = "Asia/Kolkata"
region = "IN"
[database]
url = "{url}"
"""
_KHAL = """
[calendars]
[[bench]]
path = {folder}/calendar
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = Asia/Kolkata
default_timezone = Asia/Kolkata
[sqlite]
path = {folder}/cache.db
"""


def figures(setting: Setting) -> Iterator[Figure | Missing]:
    """How long the list of a day takes, from the command to its last line."""
    with TemporaryDirectory(dir=setting.folder) as place:
        folder = Path(place)
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": place,
            "LANG": "C.UTF-8",
            "PYTHONPYCACHEPREFIX": str(folder / "bytecode"),
        }
        what = "chikitsa appointments list of a day"
        khal = _khal(folder)
        if khal is None:
            yield Missing(what, f"{KHAL} cannot be installed here")
            return
        limit = _month_of_khal(folder, khal, environment)
        for size in setting.sizes:
            with setting.with_past(size) as store:
                yield Figure(
                    f"{what}, {size:,}",
                    _day_of_ours(folder, environment, store),
                    limit,
                    f"khal list of a month of {EVENTS:,} events in two years",
                    most_ratio=1,
                )


def _day_of_ours(folder: Path, environment: Mapping[str, str], store: Store) -> float:
    config = folder / "chikitsa.toml"
    config.write_text(_CONFIGURATION.format(url=url_of(store)), encoding="utf-8")
    user = signed_in(store, Role.RECEPTION).username
    chikitsa = [sys.executable, "-m", "chikitsa_tui", "--config", str(config)]
    login = [*chikitsa, "login", user, "--password-stdin", "--print-token"]
    token = subprocess.run(
        login, env=environment, input=PASSWORD, capture_output=True, text=True, check=True
    ).stdout
    day = str(MONDAY.date())
    listing = [*chikitsa, "appointments", "list", "--from", day, "--to", day]
    return _taken(listing, {**environment, "CHIKITSA_TOKEN": token.strip()}, least=200)


def _khal(folder: Path) -> Path | None:
    """Khal in an environment of its own, for it is no part of what Chikitsa is made with; None
    where it cannot be had."""
    python = folder / "khal" / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", str(python.parents[1])], check=True)
    fetch = [str(python), "-m", "pip", "install", "-q", KHAL]
    if subprocess.run(fetch, check=False, capture_output=True).returncode:
        return None
    return python.with_name("khal")


def _month_of_khal(folder: Path, khal: Path, environment: Mapping[str, str]) -> float:
    calendar = folder / "calendar"
    calendar.mkdir()
    for number in range(EVENTS):
        start = datetime(2025, 1, 1) + timedelta(days=EVENT_DAYS) / EVENTS * number  # noqa: DTZ001
        (calendar / f"{number}.ics").write_text(_event(number, start), encoding="utf-8")
    config = folder / "khal.conf"
    config.write_text(_KHAL.format(folder=folder), encoding="utf-8")
    listing = [str(khal), "-c", str(config), "list", "2026-01-01", "2026-01-31"]
    return _taken(listing, environment, least=400)


def _event(number: int, start: datetime) -> str:
    at, end = (f"{one:%Y%m%dT%H%M%S}" for one in (start, start + timedelta(minutes=15)))
    return "\r\n".join(
        (
            *("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:bench", "BEGIN:VEVENT", f"UID:{number}"),
            *(f"DTSTAMP:{at}Z", f"DTSTART;TZID=Asia/Kolkata:{at}"),
            *(f"DTEND;TZID=Asia/Kolkata:{end}", f"SUMMARY:Patient {number}"),
            *("END:VEVENT", "END:VCALENDAR", ""),
        )
    )


def _taken(command: Sequence[str], environment: Mapping[str, str], least: int) -> float:
    """The middle of some runs in milliseconds, after one that fills caches and writes bytecode.
    It has to print so many lines at least."""
    taken = []
    for number in range(TIMES + 1):
        began = time.perf_counter()
        done = subprocess.run(command, env=environment, capture_output=True, check=True)
        if number:
            taken.append(time.perf_counter() - began)
        assert len(done.stdout.splitlines()) >= least, done
    return statistics.median(taken) * 1000
