"""A program at the far end of a terminal line, and what comes over it, when."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pexpect
import pyte

QUIET_SECONDS = 0.4
"""Nothing for so long: what a key leads to is all there."""
_PATIENCE = 60.0


class Line:
    """A program on a pseudo terminal of its own."""

    def __init__(self, child: pexpect.spawn[Any], size: tuple[int, int]) -> None:
        self._child = child
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)

    @property
    def pid(self) -> int:
        """Its process."""
        pid = self._child.pid
        assert pid is not None
        return pid

    @property
    def screen(self) -> str:
        """What is on the screen now."""
        return "\n".join(self._screen.display)

    def write(self, keys: str) -> None:
        """Press keys."""
        os.write(self._child.child_fd, keys.encode())

    def read(self, seconds: float) -> bytes:
        """What comes next; empty where nothing does for so long."""
        ready, _, _ = select.select([self._child.child_fd], [], [], max(seconds, 0))
        if not ready:
            return b""
        came = os.read(self._child.child_fd, 1 << 16)
        self._stream.feed(came)
        return came

    def settle(self, quiet: float = QUIET_SECONDS) -> int:
        """How many bytes come until it is quiet."""
        total = 0
        while came := self.read(quiet):
            total += len(came)
        return total

    def bytes_within(self, seconds: float) -> int:
        """How many bytes come within a time."""
        total, end = 0, time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            total += len(self.read(left))
        return total

    def wait_for(self, text: str) -> None:
        """Read on until a text is on the screen.

        Raises:
            TimeoutError: it does not come; with the screen.
        """
        end = time.monotonic() + _PATIENCE
        while text not in self.screen:
            if time.monotonic() > end:
                raise TimeoutError(f"no {text!r} on\n{self.screen}")
            self.read(1)

    def until(self, mark: bytes) -> None:
        """Read on until some bytes come; quicker than looking at the screen, which takes longer
        than drawing it.

        Raises:
            TimeoutError: they do not come.
        """
        tail, end = b"", time.monotonic() + _PATIENCE
        while mark not in tail:
            ready, _, _ = select.select([self._child.child_fd], [], [], 1)
            tail = tail[-len(mark) :] + (os.read(self._child.child_fd, 1 << 16) if ready else b"")
            if time.monotonic() > end:
                raise TimeoutError(f"no {mark!r}")

    def answer_seconds(self, key: str) -> float:
        """How long it takes from a key to the first of what it leads to."""
        began = time.perf_counter()
        self.write(key)
        came = select.select([self._child.child_fd], [], [], _PATIENCE)[0]
        taken = time.perf_counter() - began
        if not came:
            raise TimeoutError(f"{key!r} led to nothing on\n{self.screen}")
        return taken

    def processor_seconds(self) -> float:
        """What all of its threads have used of the processor."""
        spent = 0
        for task in Path(f"/proc/{self.pid}/task").iterdir():
            spent += int((task / "schedstat").read_text().split()[0])
        return spent / 1e9

    def megabytes(self) -> float:
        """Memory that is resident, shared pages included (RSS)."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        (kilobytes,) = (row.split()[1] for row in status.splitlines() if row.startswith("VmRSS"))
        return int(kilobytes) / 1024


@contextmanager
def opened(
    command: Sequence[str], size: tuple[int, int], environment: Mapping[str, str]
) -> Iterator[Line]:
    """A line with a program on it, which is ended afterwards."""
    columns, rows = size
    child: pexpect.spawn[Any] = pexpect.spawn(
        command[0], list(command[1:]), dimensions=(rows, columns), env=dict(environment)
    )
    child.delaybeforesend = None
    try:
        yield Line(child, size)
    finally:
        child.kill(signal.SIGKILL)
        child.close(force=True)
