"""Starting a server on a free port, waiting until it answers, and ending it for certain."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

GUARD = Path(__file__).with_name("guard.py")
PATIENCE_SECONDS = 30.0


class ServerMissing(Exception):
    """The server's program cannot be had here; the message says what to install."""


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_until(
    true: Callable[[], bool], shown: Callable[[], object], patience: float = PATIENCE_SECONDS
) -> None:
    """Return once `true()` of another process; AssertionError with `shown()` when it takes longer
    than so many seconds."""
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline, shown()
        time.sleep(0.01)


class GuardedServer:
    """A server process that cannot outlive the tests (see guard.py)."""

    def __init__(self, command: Sequence[str], *, folder: Path, user: str | None = None) -> None:
        self._log = folder / "log"
        self._guard = subprocess.Popen(
            [sys.executable, "-I", str(GUARD), user or "-", str(folder), *command],
            stdin=subprocess.PIPE,
        )

    def wait_until(self, answers: Callable[[], bool], patience: float = PATIENCE_SECONDS) -> None:
        """Return once `answers()`; raises AssertionError with the server's log otherwise."""
        try:
            wait_until(answers, self._told, patience)
        except AssertionError:
            self.stop()
            raise

    def _told(self) -> str:
        log = self._log.read_text(errors="replace") if self._log.exists() else "(no log)"
        return f"the server does not answer:\n{log}"

    def stop(self) -> None:
        """End the server and remove its folder."""
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait(PATIENCE_SECONDS)
