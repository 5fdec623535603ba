"""A terminal whose line is cut in the middle of a booking."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.servers.process import wait_until
from tests.servers.tmux import Terminal
from tests.terminals.conftest import SMALL, Desks

LONGEST_SECONDS = 5.0


def begin_booking(terminal: Terminal) -> None:
    """As far as the key that books."""
    terminal.press("/")
    terminal.type("rao")
    terminal.wait_for("Meena Rao")
    terminal.press("Enter")
    terminal.wait_for("Asha Nair")
    terminal.press("Enter")
    terminal.wait_for("for the doctor, optional")
    terminal.press("Tab")
    terminal.type("knee hurts")
    terminal.wait_for("knee hurts")


def gone(pid: int) -> bool:
    """Whether the process has ended, reaped or not."""
    try:
        return " Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGTERM], ids=lambda s: s.name)
def test_nothing_is_half_done_and_nothing_stays_on_the_screen(
    desks: Desks, number: signal.Signals
) -> None:
    terminal = desks.open(SMALL)
    begin_booking(terminal)
    pid = terminal.pid
    os.kill(pid, number)
    wait_until(lambda: gone(pid), lambda: terminal.screen, LONGEST_SECONDS)
    left = terminal.left_behind()
    assert "Meena" not in left
    assert "Rao" not in left
    assert desks.appointments() == []
    assert "knee" not in left


def test_a_closed_terminal_takes_its_process_and_its_sign_in_along(desks: Desks) -> None:
    terminal = desks.open(SMALL)
    begin_booking(terminal)
    assert len(desks.sign_ins()) == 2
    pid = terminal.pid
    terminal.hang_up()
    wait_until(lambda: gone(pid), lambda: pid, LONGEST_SECONDS)
    assert desks.appointments() == []
    assert len(desks.sign_ins()) == 1
