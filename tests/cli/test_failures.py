"""Every refusal is one sentence on standard error and the exit code that scripts rely on."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from chikitsa_tui.cli.errors import EXIT_CODES
from store import departments, errors
from store.database import sqlite_driver
from tests.cli.conftest import PASSWORD, Cli, init

DOCUMENTED = {
    1: ["internal"],
    2: ["usage", "configuration"],
    3: [
        *("not_signed_in", "bad_credentials", "account_locked", "session_ended"),
        *("code_needed", "wrong_code"),
    ],
    4: ["forbidden", "password_change_needed", "second_factor_needed"],
    5: ["not_found"],
    6: ["invalid", "import_rejected"],
    7: [
        *("slot_taken", "slot_unavailable", "patient_busy", "illegal_transition"),
        *("changed_meanwhile", "in_use", "duplicate"),
    ],
    8: ["unavailable"],
}


def test_every_error_of_the_store_has_its_documented_exit_code() -> None:
    assert {c: n for n, codes in DOCUMENTED.items() for c in codes} == EXIT_CODES
    kinds = [
        kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, errors.StoreError)
    ]
    assert {kind.code for kind in kinds} <= set(EXIT_CODES)


@pytest.mark.parametrize(
    "words",
    [
        ("bogus",),
        ("departments",),
        ("departments", "lsit"),
        ("departments", "list", "--bogus"),
        ("departments", "list", "--limit", "many"),
        ("departments", "list", "--limit", "0"),
        ("departments", "add"),
        ("appointments", "show"),
        ("appointments", "show", "x"),
        ("appointments", "show", "0"),
        ("departments", "list", "--csv", "--json"),
    ],
)
def test_wrong_usage_is_2(root: Cli, words: tuple[str, ...]) -> None:
    assert "Traceback" not in root(*words, code=2).stderr
    stderr = root(*words, *(() if "--json" in words else ("--json",)), code=2).stderr
    assert json.loads(stderr)["error"]["code"] == "usage"


def test_a_missing_or_wrong_configuration_is_2(tmp_path: Path) -> None:
    nowhere = Cli(tmp_path / "nowhere.toml")
    assert nowhere.refused("departments", "list", code=2)["code"] == "configuration"
    wrong = tmp_path / "wrong.toml"
    wrong.write_text("[hospital]\ntimezone = 'Mars/Base'\n")
    told = Cli(wrong)("departments", "list", code=2).stderr
    assert told.startswith(f"{wrong}:2: ")
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    "content", [None, b"", b"not a database", b"SQLite format 3\0" + b"\0" * 84]
)
def test_a_missing_empty_or_foreign_database_is_2_and_left_alone(
    visitor: Cli, content: bytes | None
) -> None:
    database = visitor.config.parent / "chikitsa.db"
    database.unlink()
    for left in visitor.config.parent.glob("chikitsa.db-*"):
        left.unlink()
    if content is not None:
        database.write_bytes(content)
        database.chmod(0o600)
    for words in (("whoami",), ("db", "upgrade"), ("db", "check"), ()):
        told = visitor(*words, code=2).stderr
        assert "\n" not in told.strip() or not words
    if content is None:
        assert not database.exists()
        assert "chikitsa init" in visitor("whoami", code=2).stderr
    else:
        assert database.read_bytes() == content


def test_a_database_of_something_else_is_left_alone(visitor: Cli) -> None:
    import sqlite3

    database = visitor.config.parent / "chikitsa.db"
    for left in visitor.config.parent.glob("chikitsa.db*"):
        left.unlink()
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE shopping (item TEXT)")
    connection.close()
    database.chmod(0o600)
    before = database.read_bytes()
    assert "not a hospital" in visitor("whoami", code=2).stderr
    assert database.read_bytes() == before


def test_an_empty_postgresql_database_says_what_to_run(tmp_path: Path, postgres_url: str) -> None:
    config = tmp_path / "c.toml"
    config.write_text(f'[database]\nurl = "{postgres_url}"\n')
    config.chmod(0o600)
    assert "chikitsa init" in Cli(config)("whoami", code=2).stderr


@pytest.mark.parametrize(("version", "remedy"), [("0001", "db upgrade"), ("9999", "update the")])
def test_an_older_or_newer_schema_is_2_and_left_alone(root: Cli, version: str, remedy: str) -> None:
    database = root.config.parent / "chikitsa.db"
    with closing(sqlite_driver()[0].connect(database, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = database.read_bytes()
    wanted = [("whoami",), ("departments", "add", "--name", "Eyes"), ("worker",), ("db", "check")]
    for words in [*wanted, ("db", "upgrade")] if version == "9999" else wanted:
        assert remedy in root(*words, code=2).stderr
    assert database.read_bytes() == before


def test_a_database_that_others_can_read_is_2(visitor: Cli) -> None:
    database = visitor.config.parent / "chikitsa.db"
    database.chmod(0o644)
    assert f"chmod 600 {database}" in visitor("whoami", code=2).stderr


def test_a_server_that_does_not_answer_is_8(tmp_path: Path) -> None:
    config = tmp_path / "c.toml"
    config.write_text('[database]\nurl = "postgresql://nobody:canary@127.0.0.1:9/none"\n')
    config.chmod(0o600)
    error = Cli(config).refused("whoami", code=8)
    assert error["code"] == "unavailable"
    assert "canary" not in json.dumps(error)


def test_nobody_is_3(visitor: Cli) -> None:
    error = visitor.refused("departments", "list", code=3)
    assert error["code"] == "not_signed_in"
    assert "chikitsa login" in error["message"]
    visitor.token = "made up"
    assert visitor.refused("departments", "list", code=3)["code"] in (
        "not_signed_in",
        "session_ended",
    )


def test_a_wrong_password_and_an_unknown_name_look_the_same(visitor: Cli) -> None:
    words = ("login", "root", "--password-stdin", "--print-token")
    known = visitor.refused(*words, code=3, typed="wrong\n")
    unknown = visitor.refused("login", "nobody", *words[2:], code=3, typed="wrong\n")
    assert known == unknown
    assert known["code"] == "bad_credentials"


def test_signing_out_ends_the_token_for_good(root: Cli) -> None:
    assert root.json("logout") == {"username": "root", "signed_out": True}
    assert root.refused("whoami", code=3)["code"] == "session_ended"


def test_a_login_session_that_rested_too_long_is_over(root: Cli) -> None:
    root.clock.advance(timedelta(hours=2))
    assert root.refused("whoami", code=3)["code"] == "session_ended"


def test_what_a_role_may_not_is_4(desk: Cli) -> None:
    error = desk.refused("departments", "add", "--name", "X-ray", code=4)
    assert error["code"] == "forbidden"
    assert desk.refused("audit", "list", code=4)["code"] == "forbidden"
    assert desk.refused("outbox", "list", code=4)["code"] == "forbidden"


@pytest.mark.parametrize(
    "words",
    [
        ("departments", "show", "Nowhere"),
        ("departments", "show", "99"),
        ("departments", "show", "99999999999999999999"),
        ("doctors", "show", "dr.who"),
        ("users", "show", "who"),
        ("hours", "list", "dr.who"),
        ("appointments", "show", "2147483648"),
        ("appointments", "cancel", "99999999999999999999"),
        ("holidays", "delete", "2026-05-01", "--yes"),
        ("leave", "delete", "9", "--yes"),
    ],
)
def test_no_such_thing_is_5(root: Cli, words: tuple[str, ...]) -> None:
    assert root.refused(*words, code=5)["code"] == "not_found"


def test_refused_data_is_6_and_names_the_field(root: Cli) -> None:
    error = root.refused("departments", "add", "--name", "   ", code=6)
    assert error["code"] == "invalid"
    assert list(error["details"]["fields"]) == ["name"]
    for date in ("2026-W01-1", "20260101", "2026-02-30", "yesterdayish"):
        error = root.refused("appointments", "list", "--from", date, code=6)
        assert list(error["details"]["fields"]) == ["from"]
    error = root.refused("users", "list", "--role", "king", code=6)
    assert "admin" in error["message"]


def test_conflicts_are_7(root: Cli) -> None:
    root("departments", "add", "--name", "Cardiology")
    assert root.refused("departments", "add", "--name", "cardiology", code=7)["code"] == "duplicate"
    error = root.refused(
        "departments", "update", "Cardiology", "--name", "Heart", "--version", "7", code=7
    )
    assert error["code"] == "changed_meanwhile"
    assert root.refused("users", "deactivate", "root", code=7)["code"] == "in_use"


def test_deleting_needs_yes_without_a_terminal(root: Cli) -> None:
    root("departments", "add", "--name", "Cardiology")
    told = root("departments", "delete", "Cardiology", code=2).stderr
    assert "--yes" in told
    assert root.json("departments", "list")
    root("departments", "delete", "Cardiology", "--yes")
    assert root.json("departments", "list") == []


def test_a_fault_of_ours_is_1_with_a_reference_and_no_traceback(
    root: Cli, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def broken(*_args: Any, **_kwargs: Any) -> None:
        raise ZeroDivisionError("patient Meena Rao")

    monkeypatch.setattr(departments, "list_departments", broken)
    stderr = root("departments", "list", code=1).stderr
    assert "Traceback" not in stderr
    assert "Meena" not in stderr
    assert "ZeroDivision" not in stderr
    error = root.refused("departments", "list", code=1)
    assert error["code"] == "internal"
    assert error["details"]["reference"] in error["message"]
    log = tmp_path / "xdg" / "xdg_state_home" / "chikitsa" / "chikitsa.log"
    last = json.loads(log.read_text().splitlines()[-1])
    assert last["reference"] == error["details"]["reference"]
    assert last["error"]["type"] == "builtins.ZeroDivisionError"
    assert "Meena" not in log.read_text()


def test_the_log_says_what_was_asked_and_holds_nobodys_data(desk: Cli, tmp_path: Path) -> None:
    desk.config.write_text(desk.config.read_text() + '\n[log]\nfile = "c.log"\n')
    desk("patients", "search", "Meena")
    desk.refused("patients", "add", "--name", "Canary Singh", "--birth-date", "x", code=6)
    text = (desk.config.parent / "c.log").read_text()
    events = [json.loads(line) for line in text.splitlines()]
    assert [e["event"] for e in events] == ["cli.command", "cli.command", "cli.refused"]
    assert events[0]["command"] == "patients"
    assert events[2]["code"] == "invalid"
    assert not any(word in text for word in ("Meena", "Canary", desk.token, PASSWORD))


def test_init_never_writes_over_anything(visitor: Cli, tmp_path: Path) -> None:
    before = visitor.config.read_bytes()
    words = ("init", "--name", "B", "--timezone", "UTC", "--admin", "x", "--password-stdin")
    assert visitor.refused(*words, code=7, typed=PASSWORD + "\n")["code"] == "duplicate"
    assert visitor.config.read_bytes() == before
    url = f"sqlite:///{visitor.config.parent}/chikitsa.db"
    other = Cli(tmp_path / "other" / "c.toml")
    other(*words, "--database-url", url, typed=PASSWORD + "\n", code=7)
    assert not other.config.exists()
    assert visitor.as_("root").json("whoami")["username"] == "root"


@pytest.mark.parametrize(
    ("words", "typed", "code"),
    [
        (("--timezone", "Mars/Base"), PASSWORD, 2),
        (("--name", "x\x1b[2J"), PASSWORD, 2),
        (("--database-url", "oracle://x"), PASSWORD, 2),
        (("--admin", "no good name"), PASSWORD, 6),
        ((), "short", 6),
        ((), None, 2),
    ],
)
def test_init_leaves_nothing_behind_when_it_fails(
    tmp_path: Path, words: tuple[str, ...], typed: str | None, code: int
) -> None:
    cli = Cli(tmp_path / "new" / "c.toml")
    stderr = cli(
        "init",
        *("--name", "B", "--timezone", "UTC", "--admin", "x", "--password-stdin"),
        *words,
        typed=None if typed is None else typed + "\n",
        code=code,
    ).stderr
    assert "Traceback" not in stderr
    assert "\x1b" not in stderr
    folder = tmp_path / "new"
    assert not folder.exists() or list(folder.iterdir()) == []


def test_init_asks_for_what_is_missing_only_on_a_terminal(tmp_path: Path) -> None:
    cli = Cli(tmp_path / "c.toml")
    assert "--name" in cli("init", "--password-stdin", typed=PASSWORD + "\n", code=2).stderr


def test_two_hospitals_do_not_share_a_token(root: Cli, tmp_path: Path) -> None:
    other = init(tmp_path / "second" / "c.toml")
    other.token = root.token
    assert other.refused("whoami", code=3)["code"] in ("not_signed_in", "session_ended")
