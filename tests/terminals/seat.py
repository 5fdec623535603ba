"""Somebody at a terminal: keys go in, and what is drawn is on a screen of our own.

Cheaper than tmux, so that many fit on one machine.
"""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pexpect
import pyte

_PATIENCE = 120.0
_MOST = 65_536


class Stuck(AssertionError):
    """What was waited for did not come; holds the screen."""


class Seat:
    """A program on a terminal of its own."""

    def __init__(
        self, command: Sequence[str], *, size: tuple[int, int], environment: Mapping[str, str]
    ) -> None:
        columns, lines = size
        self._child: Any = pexpect.spawn(
            command[0],
            list(command[1:]),
            dimensions=(lines, columns),
            env={"TERM": "xterm-256color", "LANG": "C.UTF-8", **environment},
        )
        self._child.delaybeforesend = None
        self._picture = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._picture)

    @property
    def pid(self) -> int:
        """The process on it."""
        return int(self._child.pid)

    def press(self, keys: str | bytes) -> None:
        """Press keys one after the other, as characters, or send what no key does as bytes."""
        self._child.send(keys)

    def wait_for(self, *texts: str, patience: float = _PATIENCE) -> str:
        """The first of these texts that is on the screen."""
        deadline = time.monotonic() + patience
        while True:
            heard = self.screen
            for text in texts:
                if text in heard:
                    return text
            if time.monotonic() > deadline or not self._child.isalive():
                raise Stuck(f"waited for {texts}:\n{heard}")
            self.look(0.5)

    def rest(self, seconds: float) -> None:
        """Look on for some seconds."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.look(left)

    def look(self, seconds: float) -> None:
        """Read what is drawn next, if anything is within so many seconds."""
        try:
            self._stream.feed(self._child.read_nonblocking(_MOST, timeout=seconds))
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF as end:
            raise Stuck(f"it has ended:\n{self.screen}") from end

    @property
    def screen(self) -> str:
        """What is on it now, line by line."""
        return "\n".join(line.rstrip() for line in self._picture.display)

    def leave(self, keys: str) -> int | None:
        """Leave with these keys; the program's exit code."""
        self._child.send(keys)
        self._child.expect(pexpect.EOF, timeout=_PATIENCE)
        self._child.close()
        status: int | None = self._child.exitstatus
        return status

    def cut(self) -> None:
        """End what is on it, whatever it does."""
        if self._child.isalive():
            self._child.kill(signal.SIGKILL)
            self._child.wait()
        self._child.close()


def cpu_seconds(pid: int) -> float:
    """Processor seconds of a process so far, the kernel's for it included."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def megabytes(pid: int) -> tuple[float, float]:
    """Memory of a process: its own share (PSS), and all that it sees (RSS)."""
    found = dict(
        line.split(":") for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    )
    return tuple(int(found[name].split()[0]) / 1000 for name in ("Pss", "Rss"))  # type: ignore[return-value]
