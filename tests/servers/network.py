"""Hosts that have nothing in common but a wire: network namespaces on one bridge.

The switch has a namespace of its own as well, so that of all of this the machine sees one
interface, by which the tests' mail server is reached.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.servers.postgres import SETTINGS, _account, _folder, _initialise, _programs
from tests.servers.process import GuardedServer, ServerMissing

_NETWORK = "198.18.77"  # of the block for tests of networks (RFC 2544)
_LOCK = Path(tempfile.gettempdir()) / "chikitsa-tests-network.lock"
"""One such network at a time on a machine: all have the same addresses."""


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@dataclass
class Network:
    """The switch and its hosts; `here` is the address of the tests themselves."""

    name: str
    _numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def here(self) -> str:
        return f"{_NETWORK}.254"

    def host(self) -> Host:
        """A new host on the wire."""
        number = next(self._numbers)
        host = Host(f"{self.name}h{number}", f"{_NETWORK}.{number}")
        _ip("netns", "add", host.name)
        port = f"port{number}"
        _ip("link", "add", port, "netns", self.name, "type", "veth", *_peer("wire", host.name))
        _ip("-n", self.name, "link", "set", port, "master", "switch", "up")
        _ip("-n", host.name, "addr", "add", f"{host.address}/24", "dev", "wire")
        for device in ("wire", "lo"):
            _ip("-n", host.name, "link", "set", device, "up")
        return host


@dataclass(frozen=True)
class Host:
    """One host: what runs `inside` has its network and no other."""

    name: str
    address: str

    @property
    def inside(self) -> list[str]:
        """How a command is started on it."""
        return ["nsenter", f"--net=/run/netns/{self.name}", "--"]

    def cut_off(self) -> None:
        """Pull the plug."""
        _ip("-n", self.name, "link", "set", "wire", "down")

    def plug_in(self) -> None:
        """And put it in again."""
        _ip("-n", self.name, "link", "set", "wire", "up")


def _peer(device: str, namespace: str) -> list[str]:
    return ["peer", "name", device, "netns", namespace]


@contextmanager
def network() -> Iterator[Network]:
    """A switch without hosts; raises ServerMissing where there may be none."""
    if shutil.which("ip") is None:
        raise ServerMissing("no iproute2: apt-get install iproute2")
    made = Network(f"ck{os.getpid()}")
    with _LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            _lay(made)
            yield made
        finally:
            for name in _names(made.name):
                _ip("netns", "del", name)


def _lay(made: Network) -> None:
    own = f"{made.name}x"
    try:
        _ip("netns", "add", made.name)
        _ip("-n", made.name, "link", "add", "switch", "type", "bridge")
        _ip("-n", made.name, "link", "set", "switch", "up")
        _ip("link", "add", own, "type", "veth", *_peer("port0", made.name))
        _ip("-n", made.name, "link", "set", "port0", "master", "switch", "up")
        _ip("addr", "add", f"{made.here}/24", "dev", own)
        _ip("link", "set", own, "up")
    except subprocess.CalledProcessError:
        raise ServerMissing("network namespaces are not permitted here") from None


def _names(start: str) -> list[str]:
    return [one.name for one in Path("/run/netns").glob(f"{start}*")]


@dataclass(frozen=True)
class Servers:
    """PostgreSQL and Redis on a host: as the tests reach them, who are not on the wire, and as its
    other hosts do."""

    postgres_here: str
    postgres: str
    redis: str


@contextmanager
def servers_on(host: Host) -> Iterator[Servers]:
    """The two servers, running there."""
    with ExitStack() as running:
        here, there = running.enter_context(_postgres(host))
        yield Servers(here, there, running.enter_context(_redis(host)))


@contextmanager
def _postgres(host: Host) -> Iterator[tuple[str, str]]:
    programs, user = _programs(), _account()
    folder = _folder(user)
    data = folder / "data"
    _initialise(programs / "initdb", data, user)
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {_NETWORK}.0/24 trust\n")
    settings = SETTINGS | {"listen_addresses": "*", "unix_socket_directories": str(folder)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    become = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", "--"]
    server = GuardedServer(
        [*host.inside, *become, str(programs / "postgres"), "-D", str(data), *options],
        folder=folder,
    )
    server.wait_until((folder / ".s.PGSQL.5432").exists)
    try:
        yield (
            f"postgresql://postgres@/postgres?host={folder}",
            f"postgresql://postgres@{host.address}/postgres",
        )
    finally:
        server.stop()


@contextmanager
def _redis(host: Host) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        raise ServerMissing("no Redis: apt-get install redis-server")
    folder = Path(tempfile.mkdtemp(prefix="chikitsa-redis-"))
    options = {"port": "6379", "bind": host.address, "save": "", "protected-mode": "no"}
    words = [word for name, value in options.items() for word in (f"--{name}", value)]
    server = GuardedServer([*host.inside, program, *words, "--dir", str(folder)], folder=folder)
    try:
        yield f"redis://{host.address}:6379/0"
    finally:
        server.stop()
