"""A hospital that a doctor reaches over SSH."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import PASSWORD, Cli
from tests.servers.ssh import Line, Sshd
from tests.terminals.conftest import _hospital, _isolated

__all__ = ["_hospital", "_isolated"]

SMALL = (80, 24)


@dataclass
class Ward:
    """A hospital, the way into it, and what its command line tells of it."""

    desk: Cli
    doctor: Cli
    sshd: Sshd

    def sign_in(self) -> Line:
        """Dr Nair, signed in over a new connection."""
        line = self.sshd.connect(SMALL)
        line.wait_for("Password")
        line.type("dr.nair")
        line.press("enter")
        line.type(PASSWORD)
        line.press("enter")
        line.wait_for("Asha Nair · Doctor")
        return line

    def waiting(self) -> int:
        """Meena Rao has come without an appointment and waits; the number of her visit."""
        words = ("--patient", "000001-7", "--doctor", "dr.nair")
        visit: int = self.desk.json("appointments", "walk-in", *words)["id"]
        return visit

    def record(self, visit: int) -> Any:
        """The record of a visit as the doctor may see it, draft or signed."""
        return self.doctor.json("records", "show", "--appointment", str(visit))


@pytest.fixture
def ward(_hospital: Cli, tmp_path: Path, sshd: Sshd) -> Ward:
    """The hospital at the other end of the line."""
    shutil.copytree(_hospital.config.parent, tmp_path / "city")
    config = tmp_path / "city" / "chikitsa.toml"
    desk = Cli(config, _hospital.clock, _hospital.token)
    sshd.serve(
        [sys.executable, "-m", "chikitsa_tui", "--config", str(config)],
        {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "LANG": "C.UTF-8"},
    )
    return Ward(desk, desk.as_("dr.nair"), sshd)
