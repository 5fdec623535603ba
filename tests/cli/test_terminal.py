"""What happens only on a terminal: questions, hidden passwords, tables that fit."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path

import pexpect

from store.clock import FixedClock, SystemClock
from tests.cli.conftest import PASSWORD, Cli
from tests.terminals.seat import Seat

ENVIRONMENT = {"PATH": os.environ["PATH"], "HOME": str(Path.cwd()), "TERM": "xterm"}


def spawn(*words: str, token: str = "") -> pexpect.spawn[str]:
    """The program on a terminal of 80×24."""
    return pexpect.spawn(
        sys.executable,
        ["-m", "chikitsa_tui", *words],
        env=ENVIRONMENT | ({"CHIKITSA_TOKEN": token} if token else {}),
        encoding="utf-8",
        timeout=60,
        dimensions=(24, 80),
        preexec_fn=_heed_ctrl_c,
    )


def _heed_ctrl_c() -> None:
    """Tests that are run in the background ignore it, and so would what they start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def rest(program: pexpect.spawn[str], code: int = 0) -> str:
    """What it wrote until it ended, with this exit code."""
    program.expect(pexpect.EOF)
    program.close()
    assert program.exitstatus == code, program.before
    return program.before or ""


def test_init_asks_for_what_was_not_said(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    asked = spawn("--config", str(config), "init", "--name", "City")
    asked.expect(r"Time zone \[Asia/Kolkata\]:")
    asked.sendline("Europe/London")
    asked.expect(r"administrator \[admin\]:")
    asked.sendline("")
    asked.expect("Password of admin:")
    asked.sendline(PASSWORD)
    asked.expect("Repeat.*:")
    asked.sendline(PASSWORD)
    said = rest(asked)
    assert "login admin" in said
    assert PASSWORD not in said
    assert 'timezone = "Europe/London"' in config.read_text()


def test_deleting_asks_first(root: Cli) -> None:
    root("departments", "add", "--name", "Cardiology")
    words = ("--config", str(root.config), "departments", "delete", "Cardiology")
    asked = spawn(*words, token=now(root))
    asked.expect(r"Delete the department Cardiology\? \[y/N\]:")
    asked.sendline("")
    assert "Nothing was done" in rest(asked, 2)
    asked = spawn(*words, token=now(root))
    asked.expect(r"\[y/N\]:")
    asked.sendline("y")
    rest(asked)
    assert root.json("departments", "list") == []


def test_ctrl_c_at_a_question_is_no_traceback(visitor: Cli) -> None:
    asked = spawn("--config", str(visitor.config), "login", "root", "--print-token")
    asked.expect("Password of root:")
    asked.sendintr()
    said = rest(asked, 130)
    assert "Stopped." in said
    assert "Traceback" not in said


def test_a_table_fits_the_terminal_and_is_cut_with_a_sign(root: Cli) -> None:
    root("departments", "add", "--name", "Cardiology", "--description", "मरीज़ 山田 " * 12)
    said = rest(spawn("--config", str(root.config), "departments", "list", token=now(root)))
    lines = [line for line in said.replace("\r", "").split("\n") if line]
    assert len(lines) == 2
    assert "…" in lines[1]
    assert lines[1].endswith("yes")
    assert "…" not in root("departments", "list").stdout


def test_bytes_that_are_no_text_do_not_end_the_app(visitor: Cli) -> None:
    command = [sys.executable, "-m", "chikitsa_tui", "--config", str(visitor.config)]
    seat = Seat(command, size=(80, 24), environment=ENVIRONMENT)
    seat.wait_for("Password")
    seat.press(b"caf\xe9\xff")
    seat.press("x")
    seat.wait_for("caf\ufffd\ufffdx")
    assert seat.leave("\x11") == 0


def now(cli: Cli) -> str:
    """A token of a login session of the present, for a process with the machine's clock."""
    return Cli(cli.config, FixedClock(SystemClock().now())).as_("root").token
