"""A hospital that was made and is spoken to by the command line alone."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backends import fail
from typer.main import get_command
from typer.testing import CliRunner

from chikitsa_tui import bootstrap
from chikitsa_tui.cli.root import app
from store.clock import FixedClock
from tests.hospital import MONDAY_MORNING
from tests.settings.environment import isolated

PASSWORD = "kettle on the ledge 7"
COMMAND = get_command(app)


@dataclass(frozen=True)
class Result:
    """What a command left: its exit code and its two streams."""

    code: int
    stdout: str
    stderr: str


def invoke(words: Sequence[str], typed: str, clock: FixedClock | None, token: str = "") -> Result:
    """Run a command as the program does; the tree of commands is built only once."""
    runner = CliRunner()
    with runner.isolation(input=typed, env={"CHIKITSA_TOKEN": token or None}) as streams:
        with pytest.raises(SystemExit) as end:
            COMMAND.main(args=list(words), prog_name="chikitsa", obj=clock)
        sys.stdout.flush()
        sys.stderr.flush()
        stdout, stderr = streams[0].getvalue(), streams[1].getvalue()
    return Result(int(end.value.code or 0), stdout.decode(), stderr.decode())


@dataclass
class Cli:
    """`cli("patients", "list")` runs `chikitsa patients list`, as who is signed in here."""

    config: Path
    clock: FixedClock = field(default_factory=lambda: FixedClock(MONDAY_MORNING))
    token: str = ""

    def __call__(self, *words: str, typed: str | None = None, code: int = 0) -> Result:
        """Run a command; `typed` is standard input, `code` the exit code it must have."""
        result = self.run(*words, typed=typed)
        assert result.code == code, result.stderr
        assert code == 0 or result.stdout == ""
        return result

    def run(self, *words: str, typed: str | None = None) -> Result:
        """As calling it, whatever the exit code."""
        return invoke(["--config", str(self.config), *words], typed or "", self.clock, self.token)

    def json(self, *words: str, typed: str | None = None) -> Any:
        """The answer to a command with `--json`."""
        return json.loads(self(*words, "--json", typed=typed).stdout)

    def refused(self, *words: str, code: int, typed: str | None = None) -> dict[str, Any]:
        """The error of a command with `--json`; its exit code must be `code`."""
        stderr = self(*words, "--json", typed=typed, code=code).stderr
        error: dict[str, Any] = json.loads(stderr[stderr.index("{") :])["error"]
        assert set(error) == {"code", "message", "details"}
        return error

    def as_(self, name: str, password: str = PASSWORD) -> Cli:
        """The same hospital, signed in as somebody else."""
        words = ("login", name, "--password-stdin", "--print-token")
        token = self(*words, typed=password + "\n").stdout.strip()
        return Cli(self.config, self.clock, token)


@pytest.fixture(autouse=True)
def _isolated(tmp_path: Path) -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())  # type: ignore[no-untyped-call]
    with bootstrap.bcrypt_cost_for_tests(4), isolated(tmp_path):
        yield
    keyring.set_keyring(before)


def init(config: Path, *more: str) -> Cli:
    """A hospital made by `chikitsa init`, with nobody signed in."""
    cli = Cli(config)
    cli(
        "init",
        *("--name", "City Hospital", "--timezone", "Asia/Kolkata"),
        *("--admin", "root", "--password-stdin", *more),
        typed=PASSWORD + "\n",
    )
    return cli


@pytest.fixture(scope="session")
def _made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A hospital that `init` made, once, to be copied."""
    folder = tmp_path_factory.mktemp("made")
    with bootstrap.bcrypt_cost_for_tests(4), isolated(folder):
        init(folder / "city" / "chikitsa.toml")
    return folder / "city"


@pytest.fixture(scope="session")
def _furnished(_made: Path, tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The same with people in it; its desk is signed in."""
    folder = tmp_path_factory.mktemp("furnished")
    shutil.copytree(_made, folder / "city")
    with bootstrap.bcrypt_cost_for_tests(4), isolated(folder):
        return furnished(Cli(folder / "city" / "chikitsa.toml").as_("root"))


@pytest.fixture
def visitor(_made: Path, tmp_path: Path) -> Cli:
    """A new hospital on SQLite; nobody is signed in."""
    shutil.copytree(_made, tmp_path / "city")
    return Cli(tmp_path / "city" / "chikitsa.toml")


@pytest.fixture
def root(visitor: Cli) -> Cli:
    """A new hospital on SQLite; its administrator is signed in."""
    return visitor.as_("root")


def furnished(root: Cli) -> Cli:
    """With a department, a doctor who works every day, a reception desk and a patient; the desk
    is signed in."""
    root("departments", "add", "--name", "Cardiology", "--description", "Heart")
    root(
        "doctors",
        "add",
        *("--username", "dr.nair", "--name", "Asha Nair", "--department", "Cardiology"),
        *("--qualification", "MBBS, MD", "--email", "nair@example.org", "--password-stdin"),
        typed=PASSWORD + "\n",
    )
    for day in ("mon", "tue", "wed", "thu", "fri", "sat"):
        root("hours", "set", "dr.nair", day, "09:00-13:00/15", "17:00-20:00/15")
    root(
        "users",
        "add",
        *("--username", "desk", "--name", "Dina Desk", "--role", "reception", "--password-stdin"),
        typed=PASSWORD + "\n",
    )
    desk = root.as_("desk")
    desk(
        "patients",
        "add",
        *("--name", "Meena Rao", "--birth-date", "1991-04-03", "--sex", "female"),
        *("--phone", "98450 11223", "--email", "meena@example.org", "--address", "12 Lake Road"),
    )
    return desk


@pytest.fixture
def desk(_furnished: Cli, tmp_path: Path) -> Cli:
    """The reception desk of a furnished hospital on SQLite."""
    shutil.copytree(_furnished.config.parent, tmp_path / "furnished")
    return Cli(tmp_path / "furnished" / "chikitsa.toml", token=_furnished.token)
