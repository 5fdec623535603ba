"""Every list answers in JSON and in CSV, with the same fields, and no cell is a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from tests.cli.conftest import COMMAND, Cli

FORMULA = "=cmd|'/C calc'!A0"
GIVEN = {
    "department": "Cardiology",
    "doctor": "dr.nair",
    "patient": "1",
    "text": "cmd",
    "account": "desk",
    "name": "desk",
    "user": "desk",
}
"""What a command is about, by the name of its argument."""
MORE = {
    ("slots",): ["dr.nair", "--date", "tomorrow"],
    ("db", "backups"): ["."],
}
NO_LISTS = {("hours", "set"), ("hours", "replace"), ("holidays", "import"), ("stats",), ("check",)}
"""What has `--csv` and is no list of what is there."""


def commands(group: Any = COMMAND, path: tuple[str, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every command, with the words that call it."""
    for name, command in getattr(group, "commands", {}).items():
        if hasattr(command, "commands"):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def lists() -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Every list, and the arguments that it needs."""
    for path, command in commands():
        options = {option for one in command.params for option in one.opts}
        if path[-1] != "list" and ("--csv" not in options or path in NO_LISTS):
            continue
        assert {"--json", "--csv"} <= options, path
        needed = [
            GIVEN[one.name]
            for one in command.params
            if one.param_type_name == "argument" and one.required
        ]
        yield path, [*needed, *MORE.get(path, [])]


def test_every_list_as_json_and_as_csv(desk: Cli) -> None:
    root = desk.as_("root")
    desk("patients", "add", "--name", FORMULA, "--birth-date", "1990", "--phone", "98450 11224")
    desk("patients", "add", "--name", FORMULA, "--birth-date", "1990", "--phone", "98450 11225")
    root("departments", "add", "--name", "Skin", "--description", FORMULA)
    root("holidays", "add", "2027-01-26", "--name", "Republic Day")
    root("leave", "add", "dr.nair", "2027-03-01", "2027-03-02", "--reason", FORMULA)
    desk(
        "appointments",
        *("book", "--patient", "1", "--doctor", "dr.nair", "--start", "2026-01-06 09:00"),
        *("--note", FORMULA),
    )
    desk("waitlist", "add", "--patient", "1", "--doctor", "dr.nair")
    tried, full = set(), set()
    for path, words in lists():
        rows = root.json(*path, *words)
        assert isinstance(rows, list), path
        text = root(*path, *words, "--csv").stdout
        told = list(csv.DictReader(io.StringIO(text), strict=True))
        # To look at the audit trail is itself in it.
        assert len(told) == len(rows) or path[0] == "audit", path
        tried.add(path)
        if rows:
            full.add(path)
            assert list(told[0]) == list(rows[0]), path
        for row in told:
            for cell in row.values():
                assert not cell.startswith(("=", "@", "\t", "\r")), (path, cell)
    assert {path for path in tried if path[-1] == "list"} >= {
        (noun, "list")
        for noun in (
            *("departments", "doctors", "hours", "leave", "holidays", "patients", "appointments"),
            *("records", "waitlist", "users", "jobs", "outbox", "audit"),
        )
    }
    assert len(full) >= 13, sorted(tried - full)
