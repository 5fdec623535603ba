"""Somebody at a terminal, without a picture of it: keys go in, and what is drawn is read as text.

Cheaper than tmux or an emulator, so that many fit on one machine.
"""

from __future__ import annotations

import re
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pexpect

_DRAWING = re.compile(
    rb"\x1b\[[0-9;:?<>=]*[ -/]*[@-~]|\x1b[\]P_^X].*?(?:\x1b\\|\x07)|\x1b[ -/]*[0-~]", re.DOTALL
)
_PATIENCE = 120.0
_MOST = 65_536
_LAST = 600


class Stuck(AssertionError):
    """What was waited for did not come; holds the last that was drawn."""


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
        self._drawn = b""

    @property
    def pid(self) -> int:
        """The process on it."""
        return int(self._child.pid)

    def press(self, keys: str) -> None:
        """Press keys one after the other, as characters; what was drawn before is forgotten."""
        self._drawn = b""
        self._child.send(keys)

    def wait_for(self, *texts: str, patience: float = _PATIENCE) -> str:
        """The first of these texts that is drawn from the last key on."""
        deadline = time.monotonic() + patience
        while True:
            heard = self.heard
            for text in texts:
                if text in heard:
                    return text
            if time.monotonic() > deadline or not self._child.isalive():
                raise Stuck(f"waited for {texts}, last drawn: {heard[-_LAST:]!r}")
            self.look(0.5)

    def rest(self, seconds: float) -> None:
        """Look on for some seconds."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.look(left)

    def look(self, seconds: float) -> None:
        """Read what is drawn next, if anything is within so many seconds."""
        try:
            self._drawn += self._child.read_nonblocking(_MOST, timeout=seconds)
        except pexpect.TIMEOUT:
            return
        except pexpect.EOF as end:
            raise Stuck(f"it has ended: {self.heard[-_LAST:]!r}") from end

    @property
    def heard(self) -> str:
        """What was drawn since the last key, as text."""
        return _DRAWING.sub(b"", self._drawn).decode(errors="replace")

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
