"""Terminals in tmux: the program in a real process, keys typed into it, its screen read back."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.servers.process import GuardedServer, ServerMissing, wait_until


class Tmux:
    """A tmux of the tests' own, which no configuration of the machine reaches."""

    def __init__(self, socket: Path) -> None:
        self._command = ["tmux", "-u", "-S", str(socket)]
        self._opened = 0

    def open(
        self, command: Sequence[str], *, size: tuple[int, int], environment: Mapping[str, str]
    ) -> Terminal:
        """A terminal of `size` (columns, lines) with a command on it and nothing else in its
        environment. It stays when the command ends, as the one of a shared desk does."""
        self._opened += 1
        name = f"desk-{self._opened}"
        clean = ["env", "-i", "TERM=screen-256color", *map("=".join, environment.items())]
        place = ("-x", str(size[0]), "-y", str(size[1]))
        self.run("new-session", "-d", "-s", name, *place, "--", *clean, *command)
        return Terminal(self, name)

    def run(self, *words: str) -> str:
        """The answer to a tmux command."""
        return subprocess.run(
            [*self._command, *words], capture_output=True, text=True, check=True
        ).stdout

    def close_all(self) -> None:
        """Close whatever terminals are still open, and end the programs on them."""
        for number in range(1, self._opened + 1):
            close = [*self._command, "kill-session", "-t", f"=desk-{number}"]
            subprocess.run(close, capture_output=True, check=False)  # some were closed in the test
        self._opened = 0

    def answers(self) -> bool:
        """Whether it takes commands yet."""
        asked = [*self._command, "show-options", "-s"]
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0


class Terminal:
    """One terminal with a program on it."""

    def __init__(self, tmux: Tmux, name: str) -> None:
        self._tmux = tmux
        self._pane = f"{name}:0.0"

    @property
    def screen(self) -> str:
        """What is on it now, line by line."""
        return self._tmux.run("capture-pane", "-p", "-t", self._pane)

    @property
    def pid(self) -> int:
        """The process on it."""
        return int(self._tmux.run("display-message", "-p", "-t", self._pane, "#{pane_pid}"))

    def press(self, *keys: str) -> None:
        """Press keys by tmux's names, such as Enter, Left, C-q or a letter."""
        self._tmux.run("send-keys", "-t", self._pane, *keys)

    def type(self, text: str) -> None:
        """Type a text as it is."""
        self._tmux.run("send-keys", "-t", self._pane, "-l", text)

    def wait_for(self, *texts: str) -> str:
        """The screen once all these texts are on it; AssertionError with it if they never are."""
        wait_until(lambda: all(text in self.screen for text in texts), lambda: self.screen)
        return self.screen

    def left_behind(self) -> str:
        """The screen once its program has ended and tmux has read all that it wrote."""
        dead = ("display-message", "-p", "-t", self._pane, "#{pane_dead}")
        wait_until(lambda: self._tmux.run(*dead).strip() == "1", lambda: self.screen)
        return self.screen

    def hang_up(self) -> None:
        """Close the terminal, as a cut line does: its process gets SIGHUP."""
        self._tmux.run("kill-pane", "-t", self._pane)


@contextmanager
def running_tmux() -> Iterator[Tmux]:
    """A tmux without terminals; raises ServerMissing where it cannot be had."""
    program = shutil.which("tmux")
    if program is None:
        raise ServerMissing("no tmux: apt-get install tmux")
    folder = Path(tempfile.mkdtemp(prefix="chikitsa-tmux-"))
    socket, rules = folder / "socket", folder / "rules"
    rules.write_text("set -g remain-on-exit on\nset -g status off\n")
    server = GuardedServer([program, "-D", "-S", str(socket), "-f", str(rules)], folder=folder)
    tmux = Tmux(socket)
    server.wait_until(tmux.answers)
    try:
        yield tmux
    finally:
        server.stop()
