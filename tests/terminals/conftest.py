"""A hospital whose desks are real terminals: the program in processes of its own."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from chikitsa_tui import bootstrap
from store.clock import FixedClock, SystemClock
from tests.cli.conftest import PASSWORD, Cli, _isolated, furnished, init
from tests.servers.tmux import Terminal, Tmux
from tests.settings.environment import isolated

__all__ = ["_isolated"]

WIDE = (140, 40)
SMALL = (80, 24)
SIGNED_IN = ("Dina Desk", "● live")
"""What the desk's screen has; the sign-in screen is live too, and takes what is typed too soon."""


@dataclass
class Desks:
    """A hospital, its desks' terminals, and its own view of what they did."""

    cli: Cli
    tmux: Tmux

    def open(self, size: tuple[int, int], user: str = "desk") -> Terminal:
        """Somebody signed in at a terminal."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.cli.config.parent)}
        command = [sys.executable, "-m", "chikitsa_tui", "--config", str(self.cli.config)]
        terminal = self.tmux.open(command, size=size, environment=environment)
        terminal.wait_for("Password")
        terminal.type(user)
        terminal.press("Enter")
        terminal.type(PASSWORD)
        terminal.press("Enter")
        terminal.wait_for(*SIGNED_IN)
        return terminal

    def appointments(self) -> Any:
        """All that are booked, by the command line."""
        return self.cli.json("appointments", "list", "--status", "booked")

    def sign_ins(self) -> Any:
        """Where the desk's account is signed in; the command line of the tests is one place."""
        return self.cli.json("users", "sessions", "desk")


def about_noon() -> str:
    """A time zone in which the day is far from its end now, whenever the tests run."""
    ahead = 12 - SystemClock().now().hour
    return f"Etc/GMT{-ahead:+d}" if ahead else "Etc/GMT"


@pytest.fixture(scope="session")
def _hospital(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """A doctor who works all day, every day, two patients and a desk; made once, to be copied."""
    folder = tmp_path_factory.mktemp("terminals")
    config = folder / "city" / "chikitsa.toml"
    config.parent.mkdir()
    with bootstrap.bcrypt_cost_for_tests(4), isolated(folder):
        made = init(config, "--timezone", about_noon())
        root = Cli(config, FixedClock(SystemClock().now())).as_("root")
        desk = furnished(root)
        for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun"):
            root("hours", "set", "dr.nair", day, "06:00-22:00/15")
        desk("patients", "add", "--name", "Ravi Pillai", "--birth-date", "1980", "--sex", "male")
    assert made.config == config
    return desk


@pytest.fixture
def desks(_hospital: Cli, tmp_path: Path, tmux: Tmux) -> Desks:
    """The hospital, with its desk signed in on the command line."""
    shutil.copytree(_hospital.config.parent, tmp_path / "city")
    config = tmp_path / "city" / "chikitsa.toml"
    return Desks(Cli(config, _hospital.clock, _hospital.token), tmux)
