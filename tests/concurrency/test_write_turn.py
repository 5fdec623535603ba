"""Writers of a SQLite file come one at a time and in order, whatever becomes of those before."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

from store import write_turn
from store.errors import Unavailable

PATIENCE = 60.0
_PROGRAM = """
import sys
from pathlib import Path
from store import write_turn
with write_turn.taken(Path(sys.argv[1]), 60):
    print("taken", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def turn(tmp_path: Path) -> Path:
    file = tmp_path / "hospital.db.turn"
    file.touch()
    return file


def waiting(turn: Path) -> int:
    """How many stand in the queue, as the kernel knows it."""
    file = f":{turn.stat().st_ino} "
    locks = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    return sum(file in f"{row} " and "OFDLCK" in row for row in locks)


def until_waiting(turn: Path, number: int) -> None:
    end = time.monotonic() + PATIENCE
    while waiting(turn) != number:
        assert time.monotonic() < end, f"{waiting(turn)} wait, not {number}"


@contextmanager
def another(turn: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that wants the turn, and keeps it."""
    command = [sys.executable, "-c", _PROGRAM, str(turn)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def has_the_turn(process: subprocess.Popen[str]) -> None:
    assert process.stdout is not None
    assert process.stdout.readline() == "taken\n"


def queued(turn: Path, came: list[str], name: str, place: int) -> Thread:
    """A thread that stands at so many's place in the queue, and writes its name in its turn."""

    def write() -> None:
        with write_turn.taken(turn, PATIENCE):
            came.append(name)

    thread = Thread(target=write)
    thread.start()
    until_waiting(turn, place)
    return thread


def test_whoever_comes_first_is_served_first(turn: Path) -> None:
    came: list[str] = []
    with write_turn.taken(turn, PATIENCE):
        threads = [queued(turn, came, str(n), n + 1) for n in range(6)]
        assert not came
    for thread in threads:
        thread.join()
    assert came == ["0", "1", "2", "3", "4", "5"]
    assert waiting(turn) == 0


def test_a_killed_writer_and_one_killed_in_the_queue_hold_up_nobody(turn: Path) -> None:
    came: list[str] = []
    with another(turn) as holder:
        has_the_turn(holder)
        with another(turn) as before:
            until_waiting(turn, 1)
            thread = queued(turn, came, "behind", 2)
            before.kill()
            until_waiting(turn, 1)
            assert not came
            holder.kill()
            thread.join(PATIENCE)
    assert came == ["behind"]


def test_one_stopped_in_the_queue_holds_up_the_others_for_a_moment_only(turn: Path) -> None:
    came: list[str] = []
    with another(turn) as holder:
        has_the_turn(holder)
        with another(turn) as before:
            until_waiting(turn, 1)
            before.send_signal(signal.SIGSTOP)
            thread = queued(turn, came, "behind", 2)
            holder.kill()
            thread.join(PATIENCE)
    assert came == ["behind"]


def test_who_has_no_more_patience_is_told_and_leaves_the_queue(turn: Path) -> None:
    with write_turn.taken(turn, PATIENCE):
        with pytest.raises(Unavailable, match="busy"), write_turn.taken(turn, 0.05):
            raise AssertionError("two have the turn")
        assert waiting(turn) == 0
    with write_turn.taken(turn, 0.05):
        assert waiting(turn) == 0


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    missing = tmp_path / "gone" / "hospital.db.turn"
    with pytest.raises(Unavailable, match="cannot be written to"), write_turn.taken(missing, 1):
        raise AssertionError("there is no such folder")
