"""The shell's Tab: doctors, departments and patients; nothing where nobody is signed in."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from tests.cli.conftest import Cli

MEERA = "000001-7"


def offered(cli: Cli, *words: str, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What bash is offered for the last word."""
    line = ["chikitsa", "--config", str(cli.config), *words]
    monkeypatch.setenv("_CHIKITSA_COMPLETE", "complete_bash")
    monkeypatch.setenv("COMP_WORDS", " ".join(line))
    monkeypatch.setenv("COMP_CWORD", str(len(line) - 1))
    done = cli.run()
    assert (done.code, done.stderr) == (0, "")
    return [one for one in done.stdout.splitlines() if one]


def test_names_are_completed(desk: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    root = desk.as_("root")
    root("departments", "add", "--name", "Ear & Nose")

    def tab(*words: str) -> list[str]:
        return offered(desk, *words, monkeypatch=monkeypatch)

    assert tab("doctors", "show", "dr") == ["dr.nair"]
    assert tab("appointments", "list", "--doctor", "dr.n") == ["dr.nair"]
    assert tab("departments", "show", "Ear") == [r"Ear\ \&\ Nose"]
    assert (
        tab("departments", "show", "ear")
        == tab("departments", "show", "EAR\\ \\&")
        == [r"Ear\ \&\ Nose"]
    )
    assert tab("doctors", "show", "DR.N") == ["dr.nair"]
    assert tab("patients", "show", "00") == [MEERA]
    assert tab("patients", "show", "0") == []
    assert tab("hours", "set", "nobody") == []


def test_zsh_is_told_to_take_any_case(desk: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_CHIKITSA_COMPLETE", "complete_zsh")
    line = f"chikitsa --config {desk.config} departments show CARD"
    monkeypatch.setenv("_TYPER_COMPLETE_ARGS", line)
    done = desk.run()
    told, offer = done.stdout.split(";\n", 1)
    assert told == "zstyle ':completion:*:*:chikitsa:*' matcher 'm:{a-zA-Z}={A-Za-z}'"
    assert offer.startswith('_arguments \'*: :(("Cardiology"')


def test_nothing_is_offered_or_said_where_nobody_is_signed_in(
    desk: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody = replace(desk, token="")
    nowhere = replace(desk, config=desk.config.with_name("none.toml"))
    for cli in (nobody, nowhere):
        assert offered(cli, "doctors", "show", "dr", monkeypatch=monkeypatch) == []


def test_completing_commands_loads_no_store() -> None:
    code = (
        "import sys; from chikitsa_tui.cli.root import app; from typer.main import get_command\n"
        "try: get_command(app).main(args=[], prog_name='chikitsa')\n"
        "finally: print('sqlmodel' in sys.modules)"
    )
    env = os.environ | {"_CHIKITSA_COMPLETE": "complete_bash", "COMP_CWORD": "1"}
    env["COMP_WORDS"] = "chikitsa pati"
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False
    )
    assert done.stdout.splitlines() == ["patients", "False"], done.stderr
