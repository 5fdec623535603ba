"""A real sshd on loopback, and lines to it: a terminal in memory at the client's end."""

from __future__ import annotations

import getpass
import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pexpect
import pyte

from tests.servers.process import GuardedServer, ServerMissing, free_port, wait_until

SEPARATION = Path("/run/sshd")
"""The empty folder that sshd wants when root runs it."""
_MOST = 65_536
_KEYS = {
    "enter": "\r",
    "tab": "\t",
    "escape": "\x1b",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "f5": "\x1b[15~",
    "ctrl+q": "\x11",
}
_RULES = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host
PidFile none
AuthorizedKeysFile {folder}/client.pub
ForceCommand exec {folder}/app
AllowTcpForwarding no
X11Forwarding no
PermitTTY yes
PermitRootLogin prohibit-password
PasswordAuthentication no
StrictModes no
UsePAM no
"""


class Sshd:
    """Whoever signs in here gets one program and nothing else."""

    def __init__(self, folder: Path, port: int, user: str | None = None) -> None:
        self._folder, self._port = folder, port
        self._user = user or getpass.getuser()
        self._lines: list[Line] = []

    def serve(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """The program that the next lines get."""
        exports = "".join(f"export {n}={shlex.quote(v)}\n" for n, v in environment.items())
        app = self._folder / "app"
        app.write_text(f"#!/bin/sh\n{exports}exec {shlex.join(command)}\n", encoding="utf-8")
        app.chmod(0o700)

    @property
    def address(self) -> str:
        """Who signs in, and where."""
        return f"{self._user}@127.0.0.1"

    def words(self, program: str = "ssh") -> list[str]:
        """How one of OpenSSH's clients is started for here, up to its own options."""
        options = {
            "BatchMode": "yes",
            "GlobalKnownHostsFile": "/dev/null",
            "IdentitiesOnly": "yes",
            "Port": str(self._port),
            "StrictHostKeyChecking": "yes",
            "UserKnownHostsFile": str(self._folder / "known"),
        }
        words = [program, "-F", "/dev/null", "-i", str(self._folder / "client")]
        return words + [f"-o{name}={value}" for name, value in options.items()]

    def connect(self, size: tuple[int, int], *options: str) -> Line:
        """A terminal of `size` (columns, lines) on a new connection."""
        line = Line([*self.words()[1:], "-tt", *options, self.address], size)
        self._lines.append(line)
        return line

    def hang_up_all(self) -> None:
        """End whatever lines are still open."""
        for line in self._lines:
            line.cut()
        self._lines.clear()

    def answers(self) -> bool:
        """Whether it takes connections yet."""
        asked = ["ssh-keyscan", "-T", "1", "-p", str(self._port), "127.0.0.1"]
        found = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
        (self._folder / "known").write_text(found, encoding="utf-8")
        return "ssh-ed25519" in found


class Line:
    """One connection: keys go in, and what the other side draws is on the screen."""

    def __init__(self, words: Sequence[str], size: tuple[int, int]) -> None:
        columns, lines = size
        self._picture = pyte.Screen(columns, lines)
        self._stream = pyte.Stream(self._picture)
        self._shown = ""
        self._client = pexpect.spawn(
            "ssh",
            list(words),
            dimensions=(lines, columns),
            encoding="utf-8",
            env={"PATH": os.environ["PATH"], "TERM": "xterm-256color", "LANG": "C.UTF-8"},
        )
        self._client.delaybeforesend = None

    @property
    def screen(self) -> str:
        """What is on it now, line by line."""
        drawn = False
        with suppress(pexpect.TIMEOUT, pexpect.EOF):
            while True:
                self._stream.feed(self._client.read_nonblocking(_MOST, timeout=0))
                drawn = True
        if drawn:  # who waits asks a hundred times a second
            self._shown = "\n".join(line.rstrip() for line in self._picture.display)
        return self._shown

    def type(self, text: str) -> None:
        """Type a text as it is."""
        self._client.send(text)

    def press(self, *keys: str) -> None:
        """Press keys by their names."""
        for key in keys:
            self._client.send(_KEYS[key])

    def wait_for(self, *texts: str) -> str:
        """The screen once all these texts are on it; AssertionError with it if they never are."""
        wait_until(lambda: all(text in self.screen for text in texts), lambda: self.screen)
        return self.screen

    def cut(self) -> None:
        """Cut it, as when the network goes: nobody says goodbye."""
        self._client.close(force=True)


@contextmanager
def running_sshd() -> Iterator[Sshd]:
    """An sshd with keys of its own; raises ServerMissing where it cannot be had."""
    program = shutil.which("sshd", path=f"{os.environ['PATH']}:/usr/sbin")
    if program is None or shutil.which("ssh") is None:
        raise ServerMissing("no OpenSSH: apt-get install openssh-server openssh-client")
    if os.geteuid() == 0:
        SEPARATION.mkdir(mode=0o755, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="chikitsa-ssh-"))
    for name in ("host", "client"):
        make = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name)]
        subprocess.run(make, check=True)
    port, rules = free_port(), folder / "rules"
    rules.write_text(_RULES.format(port=port, folder=folder), encoding="utf-8")
    server = GuardedServer([program, "-D", "-e", "-f", str(rules)], folder=folder)
    sshd = Sshd(folder, port)
    server.wait_until(sshd.answers)
    try:
        yield sshd
    finally:
        sshd.hang_up_all()
        server.stop()
