"""The app on a real terminal line: how soon it is there, what it weighs, what it sends and how
soon it answers; beside a bare Textual app on the same machine."""

from __future__ import annotations

import csv
import json
import os
import random
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure
from bench.line import Line, opened
from bench.population import people
from bench.setting import Setting

SCREENS = ((80, 24), (140, 40))
STARTS, KEYS, MOVES = 7, 300, 20
IDLE_SECONDS = 50
IMPORTED = 20_000
DOWN, UP, TAB = "\x1b[B", "\x1b[A", "\t"
_PASSWORD = "monsoon-lantern-42"  # noqa: S105 -- of the demo, which shows it
_BARE = "a bare Textual app"
_TABLE = "a bare DataTable"


@dataclass(frozen=True)
class Desk:
    """A demo hospital, and the ways into it."""

    config: Path
    environment: dict[str, str]

    def chikitsa(self, *words: str) -> list[str]:
        """The program with these words."""
        return [sys.executable, "-m", "chikitsa_tui", "--config", str(self.config), *words]

    def bare(self, what: str) -> list[str]:
        """A bare Textual app."""
        return [sys.executable, "-m", "bench.bare", what]

    def run(self, *words: str, typed: str = "") -> str:
        """What a command prints."""
        return subprocess.run(
            self.chikitsa(*words),
            env=self.environment,
            input=typed,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    @contextmanager
    def signed_in(self, screen: tuple[int, int]) -> Iterator[Line]:
        """The receptionist's desk, all of it drawn."""
        with opened(self.chikitsa(), screen, self.environment) as line:
            line.wait_for("Password")
            line.write(f"meera\r{_PASSWORD}\r")
            line.wait_for("Reception ")
            line.wait_for("check in")
            line.settle(2)
            line.write(DOWN)
            line.settle(1)
            yield line

    @contextmanager
    def table(self, screen: tuple[int, int]) -> Iterator[Line]:
        """A bare table, all of it drawn."""
        with opened(self.bare("table"), screen, self.environment) as line:
            line.wait_for("Patient 3")
            line.settle()
            yield line

    @contextmanager
    def importing(self) -> Iterator[None]:
        """While other processes bring in patients, one file after the other."""
        token = self.run("login", "admin", "--password-stdin", "--print-token", typed=_PASSWORD)
        environment = self.environment | {"CHIKITSA_TOKEN": token.strip()}
        end = threading.Event()

        def bring() -> None:
            for number in count():
                command = self.chikitsa("import", "patients", str(self._patients(number)))
                process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
                while process.poll() is None and not end.wait(0.1):
                    pass
                if end.is_set():
                    process.kill()
                    process.wait()
                    return
                assert process.returncode == 0

        importer = threading.Thread(target=bring)
        importer.start()
        try:
            yield
        finally:
            end.set()
            importer.join()

    def _patients(self, part: int) -> Path:
        """A file of patients whom no other part has."""
        file = self.config.with_name(f"patients-{part}.csv")
        with file.open("w", encoding="utf-8", newline="") as stream:
            rows = csv.writer(stream)
            rows.writerow(("external_id", "name", "birth_date", "sex"))
            for number, one in enumerate(people(IMPORTED, seed=part)):
                rows.writerow((f"{part}-{number}", one.name, one.born, "f"))
        return file


def figures(setting: Setting) -> Iterator[Figure]:
    """All of them, on a small and on a wide screen."""
    with _demo(setting.folder) as desk:
        for screen in SCREENS:
            yield from _first_frame(desk, screen)
            with desk.table(screen) as bare, desk.signed_in(screen) as line:
                size = "{}x{}".format(*screen)
                yield from _weight(line, bare, size)
                yield from _answers(line, bare, f"a key, {size}")
                with desk.importing():
                    line.bytes_within(5)
                    yield from _answers(line, bare, f"a key during an import, {size}")
                yield from _sent(line, bare, size)


@contextmanager
def _demo(folder: Path | None) -> Iterator[Desk]:
    with TemporaryDirectory(prefix="chikitsa-bench-", dir=folder) as place:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": place,
            "TMPDIR": place,
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONPYCACHEPREFIX": str(Path(place) / "bytecode"),
        }
        command = [sys.executable, "-m", "chikitsa_tui", "demo", "--no-app", "--json"]
        made = subprocess.run(command, env=environment, capture_output=True, check=True).stdout
        yield Desk(Path(json.loads(made)["config"]), environment)


def _first_frame(desk: Desk, screen: tuple[int, int]) -> Iterator[Figure]:
    """By the clock on the wall, and by the processor's time, which others' work hardly changes."""
    ours: list[tuple[float, float]] = []
    bare: list[tuple[float, float]] = []
    for number in range(STARTS + 1):
        for command, mark, taken in (
            (desk.bare("Bareword"), b"Bareword", bare),
            (desk.chikitsa(), b"Password", ours),
        ):
            began = time.perf_counter()
            with opened(command, screen, desk.environment) as line:
                line.until(mark)
                if number:  # the first writes the bytecode
                    taken.append((time.perf_counter() - began, line.processor_seconds()))
    size = "{}x{}".format(*screen)
    for at, name in enumerate(("sign-in screen", "sign-in screen, processor time")):
        yield Figure(
            f"{name}, {size}",
            statistics.median(one[at] for one in ours) * 1000,
            statistics.median(one[at] for one in bare) * 1000,
            f"the first frame of {_BARE}",
            most_ratio=1.6,
        )


def _weight(line: Line, bare: Line, size: str) -> Iterator[Figure]:
    yield Figure(
        f"memory, signed in, {size}", line.megabytes(), bare.megabytes(), _TABLE, "MB", most=80
    )


def _sent(line: Line, bare: Line, size: str) -> Iterator[Figure]:
    """Kilobytes for one step of the cursor, for going to the next panel, and for nothing."""

    def bytes_of(on: Line, key: str, times: int) -> float:
        taken = []
        for _ in range(times):
            on.write(key)
            taken.append(on.settle())
        return statistics.median(filter(None, taken)) / 1000

    limit = bytes_of(bare, DOWN, MOVES)
    yield Figure(f"cursor down, {size}", bytes_of(line, DOWN, MOVES), limit, _TABLE, "kB", 1.1)
    yield Figure(f"next panel, {size}", bytes_of(line, TAB, 9), limit, "the same", "kB", most=17)
    # The clock and the waiting times change with the minute: from one to before the next.
    line.bytes_within(62 - time.time() % 60)
    idle = line.bytes_within(IDLE_SECONDS)
    yield Figure(f"idle for {IDLE_SECONDS} s, {size}", idle / 1000, 0, "nothing", "kB", most=0)
    minute = line.bytes_within(60 - IDLE_SECONDS + 5)
    yield Figure(f"a minute passes, {size}", minute / 1000, limit, "a bare DataTable's step", "kB")


def _answers(line: Line, bare: Line, what: str) -> Iterator[Figure]:
    ours, limits = _answer_times(line), _answer_times(bare)
    for name, share, most in (("p50", 50, 10), ("p99", 99, 50)):
        yield Figure(
            f"{what}, {name}",
            ours[len(ours) * share // 100] * 1000,
            limits[len(limits) * share // 100] * 1000,
            _TABLE,
            most=most,
        )


def _answer_times(on: Line) -> list[float]:
    """From keys to the first of what they lead to, sorted; pressed as people press them."""
    rest = random.Random(1)
    taken = []
    for number in range(KEYS):
        on.bytes_within(0.06 + rest.random() / 20)
        taken.append(on.answer_seconds(DOWN if number // 10 % 2 == 0 else UP))
    return sorted(taken)
