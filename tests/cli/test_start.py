"""What `chikitsa` does before any command: help, version, and what it loads for that."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
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


@pytest.mark.parametrize("app", [[], ["app"]], ids=["alone", "app"])
@pytest.mark.parametrize("file", ["", "[mail]\nport = 0\n", "[mail", None])
def test_the_app_fails_as_every_command_does(
    tmp_path: Path, file: str | None, app: list[str]
) -> None:
    """`--config=` and a file are read by Typer, `--config` and a file without it."""
    config = tmp_path / "city.toml"
    if file is not None:
        config.write_text(file, encoding="utf-8")
        config.chmod(0o600)
    chikitsa = [sys.executable, "-m", "chikitsa_tui"]
    path = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    by_typer = process([*chikitsa, f"--config={config}", *app], **path)
    assert process([*chikitsa, "--config", str(config), *app], **path) == by_typer
    assert process([*chikitsa, *app], CHIKITSA_CONFIG=str(config), **path) == by_typer
    assert (by_typer[0], by_typer[1], by_typer[2].count("\n")) == (2, "", 1)


def test_a_folder_for_a_configuration_is_wrong_usage(tmp_path: Path) -> None:
    path = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    code, stdout, stderr = process(
        [sys.executable, "-m", "chikitsa_tui", "--config", str(tmp_path)], **path
    )
    assert (code, stdout) == (2, "")
    assert stderr.startswith("Usage: chikitsa")
    assert "is a directory" in stderr


def test_nothing_is_left_to_others(visitor: Cli) -> None:
    folder = visitor.config.parent
    modes = {file.name: file.stat().st_mode & 0o077 for file in [folder, *folder.iterdir()]}
    assert set(modes.values()) == {0}
