"""Slips and lists from the shell: on standard output, through a printer, as a PDF."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.jobs.paper import pages


@pytest.fixture
def booked(desk: Cli) -> str:
    words = ("--patient", "000001-7", "--doctor", "dr.nair", "--start", "2026-01-05 10:30")
    return str(desk.json("appointments", "book", *words)["id"])


def test_an_appointment_slip(desk: Cli, booked: str, tmp_path: Path) -> None:
    shown = desk("appointments", "slip", booked)
    assert "Mon 5 January 2026\n10:30 to 10:45\n" in shown.stdout
    assert shown.stderr == ""
    assert desk.json("appointments", "slip", booked)["mrn"] == "000001-7"
    file = tmp_path / "slip.pdf"
    saved = desk("appointments", "slip", booked, "-o", str(file))
    assert (saved.stdout, saved.stderr) == ("", f"Saved as {file}.\n")
    assert file.stat().st_mode & 0o077 == 0
    (text,) = pages(file.read_bytes())
    assert "Patient Meena Rao Number 000001-7" in text
    assert [entry.name for entry in tmp_path.iterdir() if entry.name.startswith(".slip")] == []
    trail = desk.as_("root")("audit", "list", "--csv").stdout
    assert "slip.export" in trail


def test_the_list_of_a_day(desk: Cli, booked: str) -> None:
    desk("appointments", "check-in", booked)
    shown = desk("appointments", "day-list", "--doctor", "dr.nair").stdout
    assert "Mon 5 January 2026, Asha Nair\n1 appointment\n" in shown
    assert "10:30 A-01 waiting\n  Meena Rao\n  000001-7 F 34\n  +919845011223\n" in shown
    own = desk.as_("dr.nair")("appointments", "day-list").stdout
    assert "Meena Rao" in own
    assert "+91" not in own
    assert "no appointments" in desk("appointments", "day-list", "--date", "tomorrow").stdout


def test_printing(desk: Cli, booked: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "[printing] command" in desk("appointments", "slip", booked, "--print", code=2).stderr
    program = tmp_path / "printer"
    program.write_text(f'#!/bin/sh\n[ "$1" = ok ] && cat >"{tmp_path}/paper"\n', encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setenv("CHIKITSA_PRINTING__COMMAND", f'["{program}", "ok"]')
    printed = desk("appointments", "slip", booked, "--print")
    assert printed.stderr == "Appointment slip of Meena Rao: sent to the printer.\n"
    assert "YOUR APPOINTMENT" in (tmp_path / "paper").read_text(encoding="utf-8")
    monkeypatch.setenv("CHIKITSA_PRINTING__COMMAND", f'["{program}", "broken"]')
    assert "failed (1)" in desk("appointments", "day-list", "--print", code=8).stderr


def test_what_is_refused(desk: Cli, booked: str) -> None:
    assert "ends in .pdf" in desk("appointments", "slip", booked, "-o", "x.txt", code=2).stderr
    desk("appointments", "slip", booked, "--print", "--json", code=2)
    desk("appointments", "slip", "4711", code=5)
    desk("appointments", "cancel", booked)
    assert "there is no slip" in desk("appointments", "slip", booked, code=7).stderr
    desk.as_("dr.nair")("appointments", "slip", booked, code=4)


def test_check_tells_of_printer_folder_and_fonts(
    desk: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {line["what"]: line for line in desk.json("check")}
    assert before["printer"]["works"] is None
    assert "[documents] folder" in before["documents"]["remedy"]
    assert "fonts" in before
    monkeypatch.setenv("CHIKITSA_PRINTING__COMMAND", '["no-such-printer-command"]')
    monkeypatch.setenv("CHIKITSA_DOCUMENTS__FOLDER", str(tmp_path / "papers"))
    told = desk.run("check", "--json")
    assert told.code == 8
    assert "There is no program no-such-printer-command" in told.stdout


def test_a_wrong_character_set_is_refused(desk: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHIKITSA_PRINTING__ENCODING", "klingon")
    assert "cp437" in desk("appointments", "day-list", code=2).stderr
