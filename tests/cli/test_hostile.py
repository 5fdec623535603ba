"""Strings that were seen to crash screens, drive terminals or run as formulas, through every
command that takes text and every form in which commands answer."""

from __future__ import annotations

import csv
import io
import json
import re

import pytest
from sqlalchemy import create_engine, text

from chikitsa_tui.cli.output import printable, to_json
from tests.cli.conftest import Cli

MARKUP = [
    *("[/", "[/b]", "[bold", "[red]x", "[0] a", '[x="', "[link=http://e]x[/link]", r"\[b]", "a["),
    *("[[[[", "[@click=app.quit]x[/]", "[@click=screen.dismiss]x", "[type=x, v={'a[0]'}]"),
]
ESCAPES = [
    *("\x1b[2Jx", "\x1b]52;c;aGk=\x07x", "\x1b]52;c;aGk=\x1b\\x", "\x1b]0;x", "\x1bPx\x1b\\"),
    *("\x1b_x\x1b\\", "\x9b31mx", "\x9d52;c;aGk=\x9cx", "x\x00y", "x\x07y", "x\x08y", "x\x7fy"),
]
HIDDEN = [
    "x\u202ey",
    "x\u2066y",
    "x\u200by",
    "x\u2060y",
    "\ufeffx",
    "x\U000e0041y",
    "x\u2028y",
    "x\udcffy",
]
SCRIPTS = [
    *("मीना राव", "மீனா", "മീന\u200d", "مینا", "山田花子", "👩\u200d👩\u200d👧 Rao", "José", "José"),
    *("ﬁona", "Anita २०२६"),
]
SHELL = [
    *("'; DROP TABLE patient; --", "%", "_", "{0}", "%s", "$(id)", "`id`", "../../etc/passwd"),
    *("x\nADMIN login ok", "a\tb", "x\r\nBcc: y@z.org", "  spaced  out  ", "\u00a0", " "),
]
FORMULAS = ["=cmd|'/C calc'!A0", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "'=1"]
LONG = ["x" * 10_000, "e" + "\u0301" * 20_000]
STRINGS = [*MARKUP, *ESCAPES, *HIDDEN, *SCRIPTS, *SHELL, *FORMULAS, *LONG]

ACTING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff\U000e0000-\U000e007f]"
)
REFUSALS = {0, 2, 5, 6, 7}


REPRESENTATIVES = [
    *("[/", "[@click=app.quit]x[/]", "\x1b[2Jx", "\x9b31mx", "x\x00y", "x\u202ey", "x\udcffy"),
    *(
        "मीना राव",
        "'; DROP TABLE patient; --",
        "%",
        "{0}",
        "x\nADMIN login ok",
        "=cmd|'/C calc'!A0",
    ),
    *("", "x" * 10_000, "-rf", "--help", "99999999999999999999", "+9999w", "9999-12-31"),
]


def tried(cli: Cli, *words: str) -> int:
    """Run a command that may refuse but never break; what it writes is harmless."""
    result = cli.run(*words)
    assert result.code in REFUSALS, (words, result.stderr)
    for stream in (result.stdout, result.stderr):
        assert not ACTING.search(stream), words
        assert "Traceback" not in stream
    return result.code


def forms(number: int) -> tuple[str, ...]:
    """Text and JSON in turn."""
    return ("--json",) if number % 2 else ()


def test_in_every_field_that_keeps_text(desk: Cli) -> None:
    root = desk.as_("root")
    kept = 0
    for number, string in enumerate(STRINGS):
        form = forms(number)
        birth = f"--birth-date={1950 + number}"
        commands: list[tuple[Cli, list[str]]] = [
            (root, ["departments", "add", f"--name={string}", f"--description={string}"]),
            (root, ["departments", "update", "Cardiology", f"--description={string}"]),
            (root, ["doctors", "update", "dr.nair", f"--name={string}"]),
            (root, ["doctors", "update", "dr.nair", f"--bio={string}"]),
            (root, ["doctors", "update", "dr.nair", f"--qualification={string}"]),
            (root, ["doctors", "update", "dr.nair", f"--email={string}"]),
            (root, ["leave", "add", "dr.nair", f"+{30 + number}d", f"--reason={string}"]),
            (root, ["holidays", "add", f"+{200 + number}d", "--", string]),
            (desk, ["patients", "add", f"--name={string}", birth]),
            (desk, ["patients", "add", "--name=A B", f"--address={string}", birth]),
            (desk, ["patients", "add", "--name=A B", f"--allergy={string}", birth]),
            (desk, ["patients", "add", "--name=A B", f"--emergency-name={string}", birth]),
        ]
        for who, words in commands:
            at = words.index("--") if "--" in words else len(words)
            kept += tried(who, *words[:at], *form, *words[at:]) == 0
    assert kept > len(STRINGS)
    for words in (["departments"], ["doctors"], ["patients"], ["leave"], ["holidays"]):
        for form in ((), ("--json",), ("--csv",)):
            assert tried(root, *words, "list", *form) == 0


def test_wherever_something_is_named_or_narrowed(desk: Cli) -> None:
    root = desk.as_("root")
    for number, string in enumerate(REPRESENTATIVES):
        commands: list[tuple[Cli, list[str]]] = [
            (root, ["departments", "show", "--", string]),
            (root, ["departments", "list", f"--limit={string}"]),
            (root, ["doctors", "show", "--", string]),
            (root, ["doctors", "list", f"--text={string}"]),
            (root, ["doctors", "update", "dr.nair", f"--phone={string}"]),
            (root, ["hours", "set", "dr.nair", "--", string, string]),
            (root, ["hours", "set", "dr.nair", "sun", f"09:00-10:00/{string}"]),
            (root, ["leave", "add", "dr.nair", "--", string]),
            (root, ["holidays", "delete", "--yes", "--", string]),
            (root, ["users", "show", "--", string]),
            (root, ["users", "list", f"--role={string}"]),
            (root, ["audit", "list", f"--actor={string}", f"--entity={string}"]),
            (root, ["outbox", "list", f"--status={string}"]),
            (root, ["import", "--", string, string]),
            (root, ["import", "patients", "--", string]),
            (root, ["export", "--", string]),
            (root, ["jobs", "run", "--", string]),
            (desk, ["patients", "add", "--name=A B", f"--birth-date={string}"]),
            (desk, ["patients", "add", "--name=A B", f"--phone={string}", f"--email={string}"]),
            (desk, ["patients", "add", "--name=A B", f"--sex={string}", f"--mrn={string}"]),
            (desk, ["patients", "search", "--", string]),
            (desk, ["patients", "show", "--", string]),
            (desk, ["slots", "dr.nair", f"--date={string}"]),
            (desk, ["slots", f"--department={string}", "--first=1"]),
            (desk, ["appointments", "list", f"--from={string}"]),
            (desk, ["appointments", "list", f"--patient={string}"]),
            (desk, ["appointments", "list", f"--status={string}"]),
            (desk, ["appointments", "walk-in", "--patient=1", "--doctor=1", f"--note={string}"]),
            (desk, ["appointments", "book", "--patient=1", "--doctor=1", f"--start={string}"]),
            (desk, ["appointments", "cancel", "1", f"--reason={string}"]),
            (desk, ["appointments", "show", "--", string]),
            (desk, ["--", string]),
            (desk, ["departments", f"--{string}"]),
        ]
        for who, words in commands:
            at = words.index("--") if "--" in words else len(words)
            tried(who, *words[:at], *(forms(number) if at else ()), *words[at:])


@pytest.mark.parametrize("string", [*MARKUP[:-1], *SCRIPTS[:6], *SHELL[:8]])
def test_what_is_accepted_is_shown_literally(root: Cli, string: str) -> None:
    if tried(root, "departments", "add", "--name", f"a {string}") == 6:
        return
    (row,) = root.json("departments", "list")
    assert row["name"] == f"a {string}"
    assert f"a {string}" in root("departments", "list").stdout


def test_rows_that_were_there_before_us_cannot_act_either(root: Cli) -> None:
    root("departments", "add", "--name", "Cardiology")
    hostile = "a\x1b[2J\x9b31m\u202e=b\nnext"
    engine = create_engine(f"sqlite:///{root.config.parent}/chikitsa.db")
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE department SET name = :name, description = :name"), {"name": hostile}
        )
    engine.dispose()
    table = root("departments", "list").stdout
    card = root("departments", "show", "1").stdout
    as_csv = root("departments", "list", "--csv").stdout
    as_json = root("departments", "list", "--json").stdout
    assert not any(ACTING.search(stream) for stream in (table, card, as_csv, as_json))
    assert len(table.splitlines()) == 2
    assert "a·[2J·31m·=b next" in table
    assert json.loads(as_json)[0]["name"] == hostile


@pytest.mark.parametrize("string", FORMULAS)
def test_csv_cells_are_no_formulas(root: Cli, string: str) -> None:
    words = ("--name", f"A{string.strip()}", f"--description={string}")
    assert tried(root, "departments", "add", *words) in {0, 6}
    for row in csv.reader(io.StringIO(root("departments", "list", "--csv").stdout)):
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


@pytest.mark.parametrize("string", STRINGS, ids=range(len(STRINGS)))
def test_json_says_exactly_what_it_was_given(string: str) -> None:
    said = to_json({"name": string})
    assert not ACTING.search(said)
    assert json.loads(said) == {"name": string}
    assert not ACTING.search(printable(string, lines=True))
    assert len(printable(string).splitlines()) <= 1
