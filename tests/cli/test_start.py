"""What `chikitsa` does before any command: help, version, and what it loads for that."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest

from tests.cli.conftest import COMMAND, PASSWORD, Cli, invoke

HEAVY = ("textual", "sqlmodel", "sqlalchemy", "huey", "redis", "yagmail", "keyring", "pydantic")


def every_command(group: Any = COMMAND, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, command in group.commands.items():
        yield (*path, name)
        if hasattr(command, "commands"):
            yield from every_command(command, (*path, name))


@pytest.mark.parametrize("words", [(), *every_command()], ids=" ".join)
def test_every_help_shows_an_example_that_begins_with_the_command(words: tuple[str, ...]) -> None:
    result = invoke([*words, "--help"], "", None)
    assert result.code == 0
    assert result.stderr == ""
    example = " ".join(result.stdout.split("Example: ")[1].split())
    assert example.startswith(("chikitsa", "export CHIKITSA_TOKEN"))
    assert all(word in example for word in words if word != "app")


def test_help_loads_neither_textual_nor_sqlmodel() -> None:
    code = (
        "import sys\n"
        "from chikitsa_tui.cli import main\n"
        "sys.argv = ['chikitsa', '--help']\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stderr.strip() == "[]"
    assert run.stdout.startswith("Usage: chikitsa")


def test_version() -> None:
    result = invoke(["--version"], "", None)
    assert result.code == 0
    assert result.stdout.startswith("chikitsa 0.")


def process(words: list[str], typed: str = "", **environment: str) -> tuple[int, str, str]:
    done = subprocess.run(
        words, input=typed, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout, done.stderr


def test_the_program_itself(visitor: Cli) -> None:
    """Through a real process: pipes, exit codes, `python -m`, and a reader that goes away."""
    path = {"PATH": os.environ["PATH"], "HOME": str(visitor.config.parent)}
    chikitsa = [sys.executable, "-m", "chikitsa_tui", "--config", str(visitor.config)]
    login = [*chikitsa, "login", "root", "--password-stdin", "--print-token"]
    code, token, stderr = process(login, PASSWORD, **path)
    assert (code, stderr) == (0, "")
    signed_in = path | {"CHIKITSA_TOKEN": token.strip()}
    code, stdout, stderr = process([*chikitsa, "whoami"], **signed_in)
    assert (code, stderr) == (0, "")
    assert "root" in stdout
    code, stdout, stderr = process([*chikitsa, "whoami"], **path)
    assert (code, stdout) == (3, "")
    assert "chikitsa login" in stderr
    code, _, stderr = process(chikitsa, **signed_in)
    assert code == 2
    assert "needs a terminal" in stderr
    pipe = ["/bin/bash", "-o", "pipefail", "-c", '"$@" audit list --csv | true', "bash", *chikitsa]
    assert process(pipe, **signed_in) == (0, "", "")


def test_nothing_is_left_to_others(visitor: Cli) -> None:
    folder = visitor.config.parent
    modes = {file.name: file.stat().st_mode & 0o077 for file in [folder, *folder.iterdir()]}
    assert set(modes.values()) == {0}
