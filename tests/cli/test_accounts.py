"""Everyone's own account by commands: second factor, first passwords, registering (AUTH-2, -7)."""

from __future__ import annotations

import json
from datetime import timedelta

import pyotp
import pytest

from tests.cli.conftest import PASSWORD, Cli

FIRST_PASSWORD = "given at the counter 7"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
SIGN_IN = ("login", "desk", "--password-stdin", "--print-token")


def code(cli: Cli) -> str:
    return pyotp.TOTP(SECRET).at(cli.clock.moment)


@pytest.fixture
def with_codes(desk: Cli, monkeypatch: pytest.MonkeyPatch) -> tuple[Cli, list[str]]:
    """The desk with a second factor of a known secret, and its recovery codes."""
    monkeypatch.setattr(pyotp, "random_base32", lambda _length: SECRET)
    lines = f"{PASSWORD}\n{code(desk)}\n"
    answer = desk("totp", "setup", "--password-stdin", "--json", typed=lines)
    assert SECRET in answer.stderr
    assert "▀" in answer.stderr
    assert "\x1b" not in answer.stderr  # nobody scans a file
    desk.clock.advance(timedelta(seconds=30))
    status = desk.json("totp", "status")
    assert status == {"enabled": True, "required": False, "recovery_codes": 10}
    return desk, json.loads(answer.stdout)["recovery_codes"]


def test_a_script_gives_the_code_as_a_second_line(with_codes: tuple[Cli, list[str]]) -> None:
    desk, recovery = with_codes
    refused = desk.refused(*SIGN_IN, typed=f"{PASSWORD}\n", code=3)
    assert refused["code"] == "code_needed"
    assert "another line" in refused["message"]
    assert desk.refused(*SIGN_IN, typed=f"{PASSWORD}\n000000\n", code=3)["code"] == "wrong_code"
    token = desk(*SIGN_IN, typed=f"{PASSWORD}\n{code(desk)}\n").stdout.strip()
    assert Cli(desk.config, desk.clock, token).json("whoami")["second_factor"] is True
    desk(*SIGN_IN, typed=f"{PASSWORD}\n{recovery[0]}\n")
    assert desk.refused(*SIGN_IN, typed="wrong\n", code=3)["code"] == "bad_credentials"


def test_new_recovery_codes_and_turning_off(with_codes: tuple[Cli, list[str]]) -> None:
    desk, recovery = with_codes
    lines = f"{PASSWORD}\n{recovery[0]}\n"
    newer = desk.json("totp", "recovery-codes", "--password-stdin", typed=lines)["recovery_codes"]
    assert len(newer) == 10
    off = ("totp", "off", "--password-stdin")
    assert desk.refused(*off, typed=f"{PASSWORD}\n{recovery[1]}\n", code=3)["code"] == "wrong_code"
    assert desk.json(*off, typed=f"{PASSWORD}\n{newer[0]}\n")["enabled"] is False
    desk(*SIGN_IN, typed=f"{PASSWORD}\n")


def test_an_administrator_takes_it_away(with_codes: tuple[Cli, list[str]]) -> None:
    desk, _ = with_codes
    root = desk.as_("root")
    assert "--yes" in root.refused("users", "reset-totp", "desk", code=2)["message"]
    assert root.json("users", "reset-totp", "desk", "--yes")["second_factor"] is False
    assert desk.refused("whoami", code=3)["code"] == "session_ended"
    desk(*SIGN_IN, typed=f"{PASSWORD}\n")
    assert root.json("audit", "list", "--limit", "50")


def test_a_role_that_needs_one_may_only_set_it_up(
    desk: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pyotp, "random_base32", lambda _length: SECRET)
    with desk.config.open("a") as file:
        file.write('\n[security]\ntotp_roles = ["reception"]\n')
    refused = desk.refused("patients", "list", code=4)  # by a token of before
    assert refused["code"] == "second_factor_needed"
    assert "chikitsa totp setup" in refused["message"]
    signed = desk(*SIGN_IN, typed=f"{PASSWORD}\n")
    assert "chikitsa totp setup" in signed.stderr
    assert desk.json("whoami")["username"] == "desk"
    desk("totp", "setup", "--password-stdin", typed=f"{PASSWORD}\n{code(desk)}\n")
    assert desk.json("patients", "list")
    assert desk.json("totp", "status")["required"] is True
    desk.clock.advance(timedelta(seconds=30))
    lines = f"{PASSWORD}\n{code(desk)}\n"
    assert desk.refused("totp", "off", "--password-stdin", typed=lines, code=7)["code"] == "in_use"


def test_a_temporary_password_is_changed_before_anything_else(root: Cli) -> None:
    new = ("--username", "new", "--name", "New Desk", "--role", "reception", "--password-stdin")
    root("users", "add", *new, "--temporary", typed=FIRST_PASSWORD + "\n")
    desk = root.as_("new", FIRST_PASSWORD)
    refused = desk.refused("patients", "list", code=4)
    assert refused["code"] == "password_change_needed"
    assert "chikitsa passwd" in refused["message"]
    assert desk.json("whoami")["username"] == "new"
    desk("passwd", "--password-stdin", typed=f"{FIRST_PASSWORD}\n{PASSWORD}\n")
    assert desk.json("patients", "list") == []
    desk("logout")


def test_a_forgotten_password_is_reset_by_a_one_time_code(desk: Cli) -> None:
    root = desk.as_("root")
    assert "--yes" in root.refused("users", "reset-password", "desk", code=2)["message"]
    made = root.json("users", "reset-password", "desk", "--yes")
    assert made["expires_at"] == "2026-01-06T09:00:00+05:30"
    assert desk.refused("whoami", code=3)["code"] == "session_ended"
    assert desk.refused(*SIGN_IN, typed=PASSWORD + "\n", code=3)["code"] == "bad_credentials"
    again = desk.as_("desk", made["code"])
    assert again.refused("patients", "list", code=4)["code"] == "password_change_needed"
    used = desk.refused(*SIGN_IN, typed=made["code"] + "\n", code=3)
    assert "used already" in used["message"]
    again("passwd", "--password-stdin", typed=f"{made['code']}\nanother kettle 12\n")
    assert again.json("patients", "list")
    desk.as_("desk", "another kettle 12")
    own = root.refused("users", "reset-password", "root", "--yes", code=7)
    assert "chikitsa passwd" in own["message"]
    by_mail = ("users", "reset-password", "desk", "--mail", "--yes")
    assert "no e-mail address" in root.refused(*by_mail, code=6)["message"]
    desk.as_("desk", "another kettle 12")  # as it was


def test_staff_are_written_to_in_their_language(desk: Cli) -> None:
    root = desk.as_("root")
    new = ("--username", "anil", "--name", "Anil Das", "--role", "reception", "--language", "hi")
    made = root.json("users", "add", *new, "--password-stdin", typed=FIRST_PASSWORD + "\n")
    assert made["language"] == "hi"
    changed = root.json("users", "update", "anil", "--email", "a@example.org", "--language", "")
    assert (changed["email"], changed["language"]) == ("a@example.org", "")
    wrong = root.refused("users", "update", "anil", "--language", "Hindi", code=6)
    assert "Give the language by its code" in wrong["message"]
    root("doctors", "update", "dr.nair", "--language", "hi")
    assert root.json("users", "show", "dr.nair")["language"] == "hi"
    assert "with the doctor" in root.refused("users", "update", "dr.nair", code=6)["message"]
    assert root.refused("report", "hospital", "--language", "xx", code=6)["code"] == "invalid"


def test_an_account_that_was_never_used_is_deleted(desk: Cli) -> None:
    root = desk.as_("root")
    new = ("--username", "mistake", "--name", "Mis Take", "--role", "admin", "--password-stdin")
    root("users", "add", *new, typed=FIRST_PASSWORD + "\n")
    assert "--yes" in root.refused("users", "delete", "mistake", code=2)["message"]
    assert root.json("users", "delete", "mistake", "--yes")["username"] == "mistake"
    assert root.refused("users", "show", "mistake", code=5)["code"] == "not_found"
    for used in ("desk", "dr.nair"):
        refused = root.refused("users", "delete", used, "--yes", code=7)
        assert "Deactivate the account instead" in refused["message"]
    assert root.refused("users", "delete", "root", "--yes", code=7)["code"] == "in_use"


def test_registering_may_be_left_to_the_desk(visitor: Cli) -> None:
    with visitor.config.open("a") as file:
        file.write("\n[security]\nself_registration = false\n")
    words = ("register", "--username", "meena", "--name", "Meena Rao", "--password-stdin")
    refused = visitor.refused(*words, typed=PASSWORD + "\n", code=4)
    assert "reception desk" in refused["message"]
