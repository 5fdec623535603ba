"""Mail, scheduled work, files in and out, and looking whether everything works."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import keyring
import pytest

from store.clock import FixedClock, SystemClock
from tests.cli.conftest import PASSWORD, Cli
from tests.faults.damage import damaged
from tests.servers.mail import MailServer
from tests.settings.test_secrets import InMemory


def with_mail(cli: Cli, server: MailServer) -> None:
    text = cli.config.read_text()
    cli.config.write_text(
        f'{text}\n[mail]\nhost = "127.0.0.1"\nport = {server.port}\nsecurity = "none"\n'
        'sender = "desk@example.org"\n'
    )


def book(desk: Cli, start: str) -> str:
    words = ("--patient", "1", "--doctor", "dr.nair", "--start", start)
    return str(desk.json("appointments", "book", *words)["id"])


def test_messages_are_delivered_once(desk: Cli, smtp_server: MailServer) -> None:
    root = desk.as_("root")
    book(desk, "tomorrow 10:30")
    error = root.refused("outbox", "deliver", code=8)
    assert error["code"] == "unavailable"
    with_mail(desk, smtp_server)
    assert root.json("outbox", "deliver") == {"sent": 1, "failed": 0, "waiting": 0}
    assert root.json("outbox", "deliver") == {"sent": 0, "failed": 0, "waiting": 0}
    assert len(smtp_server.inbox) == 1
    (message,) = root.json("outbox", "list", "--status", "sent")
    assert message["sent_at"] == "2026-01-05T09:00:00+05:30"
    assert root.refused("outbox", "retry", str(message["id"]), code=7)


def test_what_is_wrong_with_the_mail_server_is_told(desk: Cli, smtp_server: MailServer) -> None:
    root = desk.as_("root")
    book(desk, "tomorrow 10:30")
    with_mail(desk, smtp_server)
    smtp_server.refuse("MAIL", "550 who are you")
    assert root.refused("outbox", "deliver", code=8)["code"] == "unavailable"
    told = root("outbox", "list").stderr
    assert "takes nothing from desk@example.org: 550 who are you So since 05 Jan 09:00" in told
    assert "Waiting will not mend it" in told
    checked = {one["what"]: one for one in json.loads(root.run("check", "--json").stdout)}
    assert checked["outbox"]["works"] is False
    assert "550 who are you So since" in checked["outbox"]["detail"]
    assert root.json("outbox", "deliver")["sent"] == 1
    assert root("outbox", "list").stderr == ""


def test_a_message_can_be_given_up_and_taken_up_again(desk: Cli) -> None:
    root = desk.as_("root")
    book(desk, "tomorrow 10:30")
    (message,) = root.json("outbox", "list", "--status", "waiting")
    number = str(message["id"])
    assert root.json("outbox", "discard", number)["status"] == "discarded"
    assert root.json("outbox", "retry", number)["status"] == "waiting"
    assert root.json("outbox", "show", number)["to"] == "meena@example.org"
    book(desk, "tomorrow 11:30")
    both = [str(one["id"]) for one in root.json("outbox", "list")]
    given_up = root.json("outbox", "discard", *both)
    assert [one["status"] for one in given_up] == ["discarded", "discarded"]
    error = root.refused("outbox", "retry", number, "999", code=7)
    assert error["details"] == {"done": [int(number)], "refused": [999]}
    assert "999: There is no" in error["message"]
    assert root.json("outbox", "show", number)["status"] == "waiting"
    assert root.refused("outbox", "show", "999", code=5)


def test_reminders_are_planned_by_hand_once(desk: Cli) -> None:
    root = desk.as_("root")
    desk.json("patients", "add", "--name", "Ravi Das", "--birth-date", "1980")
    book(desk, "tomorrow 10:30")
    words = ("--patient", "2", "--doctor", "dr.nair", "--start", "tomorrow 11:00")
    desk("appointments", "book", *words)
    run = ("jobs", "run", "reminders", "--date", "tomorrow")
    assert root.json(*run) == {"queued": 1, "skipped": 1}
    assert root.json(*run) == {"queued": 0, "skipped": 1}
    job = root.json("jobs", "list")[0]
    assert job["job"] == "reminders"
    assert job["next_run"] == "2026-01-06T07:00:00+05:30"
    assert desk.refused(*run, code=4)["code"] == "forbidden"
    root("jobs", "run", "laundry", code=2)


def test_the_day_is_closed_by_hand(desk: Cli) -> None:
    root = desk.as_("root")
    missing = book(desk, "today 09:30")
    root.clock.advance(timedelta(minutes=46))
    assert root.json("jobs", "run", "close-day") == {"queued": 1, "skipped": 0}
    assert root.json("jobs", "run", "close-day", "--date", "today") == {"queued": 0, "skipped": 0}
    assert desk.json("appointments", "show", missing)["status"] == "no_show"
    jobs = {job["job"]: job for job in root.json("jobs", "list")}
    assert jobs["close-day"]["result"] == {"no_shows": 0, "left_open": 0}
    assert jobs["close-day"]["last_run"] == "2026-01-05T09:46:00+05:30"
    assert root.refused("jobs", "run", "close-day", "--date", "tomorrow", code=6)
    assert desk.refused("jobs", "run", "close-day", code=4)


def test_the_worker_sends_until_it_is_told_to_stop(desk: Cli, smtp_server: MailServer) -> None:
    with_mail(desk, smtp_server)
    now = Cli(desk.config, FixedClock(SystemClock().now()))
    book(now.as_("desk"), "mon 10:30")
    environment = {"PATH": os.environ["PATH"], "HOME": str(desk.config.parent)}
    words = [sys.executable, "-m", "chikitsa_tui", "--config", str(desk.config), "worker"]
    worker = subprocess.Popen(words, env=environment, stderr=subprocess.PIPE, text=True)
    try:
        assert smtp_server.wait_for(1)
    finally:
        worker.send_signal(signal.SIGTERM)
        _, stderr = worker.communicate(timeout=60)
    assert worker.returncode == 0
    assert "Traceback" not in stderr


def test_files_in_and_out_again(desk: Cli, tmp_path: Path) -> None:
    root = desk.as_("root")
    people = tmp_path / "people.csv"
    people.write_text(
        "Id,FIRST,LAST,BIRTHDATE,GENDER\np1,Asha,Rao,1990-02-01,F\np2,Ravi,Das,1985-07-09,M\n"
    )
    mapping = ["external_id=Id", "name=FIRST+LAST", "birth_date=BIRTHDATE", "sex=GENDER"]
    words = ["import", "patients", str(people), *(w for m in mapping for w in ("--map", m))]
    tried = root.json(*words, "--dry-run")
    assert (tried["rows"], tried["added"], tried["dry_run"]) == (2, 2, True)
    assert len(desk.json("patients", "list")) == 1
    assert root.json(*words)["added"] == 2
    again = root.json(*words)
    assert (again["added"], again["unchanged"]) == (0, 2)
    assert {p["name"] for p in desk.json("patients", "list")} == {
        "Meena Rao",
        "Asha Rao",
        "Ravi Das",
    }
    out = tmp_path / "out.csv"
    root("export", "patients", "-o", str(out))
    assert out.stat().st_mode & 0o077 == 0
    printed = root("export", "patients").stdout
    rows = list(csv.DictReader(io.StringIO(out.read_text())))
    assert list(csv.DictReader(io.StringIO(printed))) == rows
    assert root.json("import", "patients", str(out))["unchanged"] >= 2


def test_a_file_with_bad_rows_is_refused_whole_or_taken_without_them(
    desk: Cli, tmp_path: Path
) -> None:
    root = desk.as_("root")
    file, rejects = tmp_path / "d.csv", tmp_path / "rejects.csv"
    file.write_text("name,description\nX-ray,Pictures\n,nothing\nCardiology\x1b,bad\n")
    error = root.refused("import", "departments", str(file), code=6)
    assert error["code"] == "import_rejected"
    assert [row["line"] for row in error["details"]["rows"]] == [3, 4]
    told = root("import", "departments", str(file), code=6).stderr
    assert "Line 3: " in told
    assert "\x1b" not in told
    assert len(root.json("departments", "list")) == 1
    taken = root.json(
        "import", "departments", str(file), "--skip-invalid", "--rejects", str(rejects)
    )
    assert (taken["added"], taken["refused"]) == (1, 2)
    assert len(rejects.read_text().splitlines()) >= 3
    root("import", "departments", str(tmp_path / "nowhere.csv"), code=6)
    root("import", "departments", str(file), "--map", "name", code=2)
    assert desk.refused("import", "departments", str(file), code=4)


@pytest.mark.parametrize(
    "words", [("jobs", "run", "laundry"), ("import", "laundry", "x.csv"), ("export", "laundry")]
)
def test_a_kind_that_there_is_not_is_wrong_usage(root: Cli, words: tuple[str, ...]) -> None:
    known = "reminders" if "jobs" in words else "departments"
    assert known in root(*words, code=2).stderr


def test_appointments_go_out_and_come_back_in_the_midst_of_a_visit(
    desk: Cli, tmp_path: Path
) -> None:
    root = desk.as_("root")
    book(desk, "09:30")
    desk.clock.advance(timedelta(minutes=20))
    desk("appointments", "check-in", "1")
    desk.as_("dr.nair")("appointments", "start", "1")
    out = tmp_path / "visits.csv"
    desk.clock.advance(timedelta(minutes=30))
    root("export", "appointments", "-o", str(out))
    assert ",in_consultation," in out.read_text()
    report = root.json("import", "appointments", str(out))
    assert (report["rows"], report["unchanged"], report["refused"]) == (1, 1, 0)


def test_check_tells_each_thing_with_its_remedy(
    desk: Cli, smtp_server: MailServer, redis_url: str
) -> None:
    found = {row["what"]: row for row in desk.json("check")}
    assert [row["works"] for row in found.values() if row["works"] is False] == []
    assert found["mail server"]["works"] is None
    assert "[mail] host" in found["mail server"]["remedy"]
    assert found["keyring"]["works"] is None
    assert "CHIKITSA_TOKEN" in found["keyring"]["remedy"]
    assert found["database"]["works"] is True
    assert "SQLite" in found["database"]["detail"]
    with_mail(desk, smtp_server)
    desk.config.write_text(
        desk.config.read_text()
        + f'[cache]\nbackend = "redis"\nurl = "{redis_url}"\n'
        + '[queue]\nbackend = "redis"\nurl = "redis://:canary@127.0.0.1:9/0"\n'
    )
    result = desk.run("check", "--json")
    assert result.code == 8
    found = {row["what"]: row for row in json.loads(result.stdout)}
    assert found["mail server"]["works"] is True
    assert found["cache"]["works"] is True
    assert found["queue"]["works"] is False
    assert found["queue"]["remedy"]
    assert "canary" not in result.stdout
    text = desk.run("check").stdout
    assert re.search(r"FAILS +queue", text)


def test_login_keeps_the_token_in_the_keyring(visitor: Cli) -> None:
    words = ("login", "root", "--password-stdin")
    refused = visitor.refused(*words, typed=PASSWORD + "\n", code=8)
    assert "--print-token" in refused["message"]
    keyring.set_keyring(InMemory())
    assert visitor.json(*words, typed=PASSWORD + "\n")["role"] == "admin"
    assert visitor.json("whoami")["username"] == "root"
    visitor("logout")
    assert visitor.refused("whoami", code=3)["code"] == "not_signed_in"


def test_print_token_prints_the_token_alone(visitor: Cli) -> None:
    words = ("login", "root", "--password-stdin", "--print-token")
    result = visitor(*words, typed=PASSWORD + "\n")
    assert re.fullmatch(r"[\w-]{40,}\n", result.stdout)
    assert result.stderr == ""


def test_changing_the_password_ends_the_other_login_sessions(root: Cli) -> None:
    other = root.as_("root")
    assert len(root.json("users", "sessions")) == 2
    new = "an umbrella for the moon"
    root.refused("passwd", "--password-stdin", typed=f"wrong\n{new}\n", code=3)
    root.refused("passwd", "--password-stdin", typed=f"{PASSWORD}\nshort\n", code=6)
    root("passwd", "--password-stdin", typed=f"{PASSWORD}\n{new}\n")
    assert root.json("whoami")["username"] == "root"
    assert other.refused("whoami", code=3)["code"] == "session_ended"
    assert root.as_("root", new).json("whoami")["role"] == "admin"


def test_a_patient_registers_and_books(desk: Cli) -> None:
    visitor = Cli(desk.config, desk.clock)
    registered = visitor.json(
        "register",
        *("--username", "ravi", "--name", "Ravi Das", "--birth-date", "1985-07-09"),
        *("--email", "ravi@example.org", "--password-stdin"),
        typed=PASSWORD + "\n",
    )
    ravi = visitor.as_("ravi")
    booked = ravi.json(
        "appointments",
        "book",
        *("--patient", registered["mrn"], "--doctor", "dr.nair", "--start", "tomorrow 11:00"),
    )
    assert ravi.json("appointments", "list") == [booked]
    other = ("--patient", "1", "--doctor", "dr.nair", "--start", "tomorrow 12:00")
    assert ravi.run("appointments", "book", *other).code in (4, 5)
    assert ravi.run("patients", "show", "1").code in (4, 5)
    assert ravi.json("appointments", "cancel", str(booked["id"]))["status"] == "cancelled"


def test_accounts_are_locked_out_and_let_in(desk: Cli) -> None:
    root = desk.as_("root")
    root("users", "deactivate", "desk")
    assert desk.refused("whoami", code=3)["code"] == "session_ended"
    assert root.json("users", "activate", "desk")["active"] is True
    again = desk.as_("desk")
    assert root.json("users", "end-sessions", "desk", "--yes") == {"ended": 1}
    assert again.refused("whoami", code=3)["code"] == "session_ended"
    assert root.json("users", "unlock", "desk")["locked_until"] is None


def test_a_demo_hospital(tmp_path: Path) -> None:
    nowhere = Cli(tmp_path / "unused.toml")
    made = nowhere.json("demo", "--patients", "20", "--seed", "3", "--no-app")
    demo = Cli(Path(made["config"]), nowhere.clock)
    assert {account["role"] for account in made["accounts"]} == {
        *("admin", "reception", "doctor", "patient"),
    }
    for account in made["accounts"]:
        signed_in = demo.as_(account["username"], account["password"])
        assert signed_in.json("whoami")["role"] == account["role"]
        if account["role"] == "reception":
            assert len(signed_in.json("patients", "list")) >= 20
    assert demo.config.parent.stat().st_mode & 0o077 == 0
    assert demo.json("db", "check")["problems"] == 0


def test_appointments_for_a_calendar_and_for_a_spreadsheet(desk: Cli, tmp_path: Path) -> None:
    book(desk, "tomorrow 10:30")
    gone = book(desk, "tomorrow 11:30")
    desk("appointments", "cancel", gone)
    text = desk("appointments", "export", "--doctor", "dr.nair").stdout
    assert text.count("BEGIN:VEVENT") == 1
    assert "DTSTART;TZID=Asia/Kolkata:20260106T103000" in text
    file = tmp_path / "day.csv"
    words = ("--from", "tomorrow", "--to", "tomorrow", "--format", "csv", "-o", str(file))
    assert "1 appointments in" in desk("appointments", "export", *words).stderr
    (row,) = csv.DictReader(io.StringIO(file.read_text()))
    assert (row["starts_at"], row["status"]) == ("2026-01-06T10:30:00+05:30", "booked")
    desk("appointments", "export", "--format", "pdf", code=6)


def test_a_worker_sends_nothing_from_a_damaged_file(desk: Cli, smtp_server: MailServer) -> None:
    """Damage that no statement comes upon."""
    book(desk, "tomorrow 10:30")
    with_mail(desk, smtp_server)
    file = desk.config.with_name("chikitsa.db")
    root = desk.as_("root")
    with damaged(file):
        assert root.json("holidays", "list") == []
        (*_, told) = desk("worker", code=8).stderr.splitlines()
        assert told.startswith("The database file is damaged: Tree ")
        assert "chikitsa db restore" in told
        assert smtp_server.connections == 0
        findings = json.loads(root.run("check", "--json").stdout)
        assert [one["remedy"] for one in findings if one["what"] == "database"] == [told]
