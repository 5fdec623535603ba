"""Two application hosts, each with a worker, at one PostgreSQL and one Redis on a third."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from store.clock import FixedClock, SystemClock
from tests.cli.conftest import PASSWORD, Cli, _isolated, furnished, init
from tests.servers.mail import MailServer
from tests.servers.network import Host, Network, network, servers_on
from tests.servers.process import ServerMissing, wait_until
from tests.servers.tmux import Terminal, Tmux
from tests.terminals.conftest import SIGNED_IN, WIDE, about_noon

__all__ = ["_isolated"]

PATIENTS = ("Ravi Pillai", "Zoya Khan", "Arun Das", "Leela Menon")
SECONDS = 60.0
NOTICED_SOON = "?keepalives_idle=1&keepalives_interval=1&keepalives_count=2&tcp_user_timeout=2000"
"""A cut line; the program itself waits up to a quarter of a minute."""


@dataclass
class Wing:
    """One application host: its terminal and its worker."""

    host: Host
    config: Path
    tmux: Tmux
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def command(self) -> list[str]:
        return [
            *self.host.inside,
            sys.executable,
            "-m",
            "chikitsa_tui",
            "--config",
            str(self.config),
        ]

    @property
    def environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.config.parent)}

    def work(self) -> None:
        """Start the worker."""
        self.workers.append(subprocess.Popen([*self.command, "worker"], env=self.environment))

    def open(self, size: tuple[int, int]) -> Terminal:
        """The desk, signed in."""
        terminal = self.tmux.open(self.command, size=size, environment=self.environment)
        terminal.wait_for("Password")
        terminal.type("desk")
        terminal.press("Enter")
        terminal.type(PASSWORD)
        terminal.press("Enter")
        terminal.wait_for(*SIGNED_IN)
        return terminal


@dataclass
class Hospital:
    """The hospital, its two wings, and its view of what they did."""

    cli: Cli
    wings: tuple[Wing, Wing]
    mail: MailServer


@pytest.fixture
def wire() -> Iterator[Network]:
    try:
        with network() as made:
            yield made
    except ServerMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def hospital(wire: Network, tmp_path: Path, tmux: Tmux) -> Iterator[Hospital]:
    mail = MailServer()
    mail.host = wire.here
    mail.start()
    hosts = (wire.host(), wire.host())
    with servers_on(wire.host()) as servers:
        config = tmp_path / "chikitsa.toml"
        zone = ("--timezone", about_noon())
        init(config, *zone, "--database-url", servers.postgres_here)
        root = Cli(config, FixedClock(SystemClock().now())).as_("root")
        desk = furnished(root)
        for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
            root("hours", "set", "dr.nair", day, "06:00-22:00/15")
        for name in PATIENTS:
            address = f"{name.split()[0].lower()}@example.org"
            desk("patients", "add", "--name", name, "--birth-date", "1980", "--email", address)
        there = servers.postgres + NOTICED_SOON
        text = config.read_text().replace(servers.postgres_here, there)
        for section in ("queue", "cache", "feed"):
            text += f'\n[{section}]\nbackend = "redis"\nurl = "{servers.redis}"\n'
        text += f'\n[mail]\nhost = "{mail.host}"\nport = {mail.port}\nsecurity = "none"\n'
        text += 'sender = "desk@cityhospital.example"\ntimeout_seconds = 3\n'
        wing = tmp_path / "wing.toml"
        wing.write_text(text)
        wing.chmod(0o600)
        wings = (Wing(hosts[0], wing, tmux), Wing(hosts[1], wing, tmux))
        yield Hospital(desk, wings, mail)
        tmux.close_all()
        for worker in (one for wing in wings for one in wing.workers):
            worker.send_signal(signal.SIGKILL)
            worker.wait()
    mail.stop()


def book(terminal: Terminal, patient: str) -> None:
    """By one line, into the next free slot of today."""
    terminal.type(f":{patient.lower()} nair today")
    terminal.wait_for(f"book {patient}")
    terminal.press("Enter")
    terminal.wait_for(f"{patient} is booked with")


def test_what_one_host_does_the_other_shows_and_a_cut_line_loses_nothing(
    hospital: Hospital,
) -> None:
    first, second = hospital.wings
    for wing in hospital.wings:
        wing.work()
    here, there = first.open(WIDE), second.open(WIDE)
    before, meanwhile, afterwards, last = PATIENTS
    book(here, before)
    there.wait_for(before)
    hospital.mail.wait_for(1, SECONDS)

    second.host.cut_off()
    there.wait_for("○ offline")
    book(here, meanwhile)
    hospital.mail.wait_for(2, SECONDS)
    there.type(f":{last.lower()} nair")
    there.wait_for(f":{last.lower()} nair"[1:])
    assert meanwhile not in there.screen
    second.host.plug_in()
    there.wait_for("● live", meanwhile, f"book {last}")
    there.press("Enter")
    there.wait_for(f"{last} is booked with")
    here.wait_for(last)
    book(there, afterwards)
    here.wait_for(afterwards)

    mails = hospital.mail.wait_for(4, SECONDS)
    wanted = sorted(f"{name.split()[0].lower()}@example.org" for name in PATIENTS)
    assert sorted(one for mail in mails for one in mail.recipients) == wanted
    visits = hospital.cli.json("appointments", "list", "--status", "booked")
    assert sorted(visit["patient"] for visit in visits) == sorted(PATIENTS)
    root = hospital.cli.as_("root")

    def states() -> set[str]:
        return {one["status"] for one in root.json("outbox", "list")}

    # A worker notes what was accepted when its batch is over.
    wait_until(lambda: states() == {"sent"}, states)
