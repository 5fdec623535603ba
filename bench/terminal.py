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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure
from bench.line import Line, opened
from bench.population import people
from bench.setting import Setting

SCREENS = ((80, 24), (140, 40))
STARTS, KEYS, MOVES = 7, 500, 20
IDLE_SECONDS = 50
IMPORTED = 20_000
DOWN, UP = "\x1b[B", "\x1b[A"
PANELS = {"80x24": ("/", "\x1b"), "140x40": ("\t",)}
"""Keys that go to another panel; on a small screen there is one at a time."""

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
                process = subprocess.Popen(
                    command,
                    env=environment,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
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
    """All of them, on a small and on a wide screen; keys during an import on the wide one."""
    with _demo(setting.folder) as desk, ExitStack() as stack:
        for screen in SCREENS:
            yield from _first_frame(desk, screen)
        lines: list[tuple[Line, Line, str]] = []
        for screen in SCREENS:
            bare = stack.enter_context(desk.table(screen))
            line = stack.enter_context(desk.signed_in(screen))
            lines.append((line, bare, "{}x{}".format(*screen)))
        for line, bare, size in lines:
            yield from _weight(line, bare, size)
            yield from _answers(line, bare, f"a key, {size}")
        line, bare, size = lines[-1]
        with desk.importing():
            line.bytes_within(5)
            yield from _answers(line, bare, f"a key during an import, {size}")
        for line, bare, size in lines:
            yield from _sent(line, bare, size)
        yield from _left_alone({size: line for line, _, size in lines})


@contextmanager
def _demo(folder: Path) -> Iterator[Desk]:
    with TemporaryDirectory(dir=folder) as place:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": place,
            "TMPDIR": place,
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONPYCACHEPREFIX": str(Path(place) / "bytecode"),
            # One waits for longer than that while the other is measured.
            "CHIKITSA_SECURITY__SCREEN_LOCK_MINUTES__RECEPTION": "60",
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
    """Kilobytes for one step of the cursor, and for going to the next panel."""
    limit = _kilobytes(bare, [DOWN])
    step = _kilobytes(line, [DOWN])
    yield Figure(f"cursor down, {size}", step, limit, _TABLE, "kB", 1.1)
    panel = _kilobytes(line, PANELS[size])
    yield Figure(f"next panel, {size}", panel, limit, "the same", "kB", most=17)


def _kilobytes(on: Line, keys: Sequence[str]) -> float:
    """What keys lead to, pressed one after the other: the middle of each, and of those the most."""
    taken: dict[str, list[int]] = {key: [] for key in keys}
    for _ in range(MOVES // len(keys)):
        for key in keys:
            on.write(key)
            taken[key].append(on.settle())
    return max(statistics.median(filter(None, one)) for one in taken.values()) / 1000


def _left_alone(lines: Mapping[str, Line]) -> Iterator[Figure]:
    """Kilobytes while nobody does anything, on all screens at once."""
    # The clock and the waiting times change with the minute: from one to before the next.
    _all_within(lines, 62 - time.time() % 60)
    idle = _all_within(lines, IDLE_SECONDS)
    minute = _all_within(lines, 60 - IDLE_SECONDS + 5)
    for size in lines:
        yield Figure(f"idle for {IDLE_SECONDS} s, {size}", idle[size], 0, "nothing", "kB", most=0)
        yield Figure(f"a minute passes, {size}", minute[size], idle[size], "idle", "kB")


def _all_within(lines: Mapping[str, Line], seconds: float) -> dict[str, float]:
    """Kilobytes that come to each within a time."""
    end, came = time.monotonic() + seconds, dict.fromkeys(lines, 0.0)
    while time.monotonic() < end:
        for size, line in lines.items():
            came[size] += len(line.read(0.05)) / 1000
    return came


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
        on.bytes_within(0.03 + rest.random() / 20)
        taken.append(on.answer_seconds(DOWN if number // 10 % 2 == 0 else UP))
    return sorted(taken)
