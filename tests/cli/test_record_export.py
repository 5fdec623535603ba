"""`chikitsa records export`: the prescription and the summary of a visit."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.jobs.paper import pages

BOOK = ("--patient", "000001-7", "--doctor", "dr.nair", "--start", "2026-01-05 10:30")
VISIT = {
    "symptoms": "बुखार",
    "diagnoses": [{"text": "Fever", "code": "R50.9"}],
    "prescription": [
        {"drug": "Paracetamol", "dose": "500 mg", "frequency": "1-1-1", "duration_days": 3}
    ],
}


@pytest.fixture
def doctor(desk: Cli) -> Cli:
    return desk.as_("dr.nair")


@pytest.fixture
def signed(desk: Cli, doctor: Cli, tmp_path: Path) -> str:
    visit = str(desk.json("appointments", "book", *BOOK)["id"])
    desk("appointments", "check-in", visit)
    doctor("appointments", "start", visit)
    file = tmp_path / "visit.json"
    file.write_text(json.dumps(VISIT), encoding="utf-8")
    doctor("appointments", "complete", visit, "--record", str(file))
    return str(doctor.json("records", "show", "--appointment", visit)["id"])


def test_to_a_file_or_to_standard_output(doctor: Cli, signed: str, tmp_path: Path) -> None:
    file = tmp_path / "summary.pdf"
    saved = doctor("records", "export", signed, "--format", "pdf", "-o", str(file))
    assert saved.stdout == ""
    assert saved.stderr.startswith(f"Saved as {file}.\n")
    assert file.stat().st_mode & 0o077 == 0
    (text,) = pages(file.read_bytes())
    assert "Visit summary" in text
    assert "Paracetamol 500 mg" in text
    shown = doctor("records", "export", signed, "--paper", "prescription", "--format", "text")
    assert "PRESCRIPTION\nMon 5 January 2026\nAsha Nair\n" in shown.stdout
    assert "बुखार" not in shown.stdout
    assert "बुखार" in doctor("records", "export", signed, "--format", "text").stdout
    trail = doctor.as_("root").json("audit", "list")
    assert [one["action"] for one in trail].count("record.export") == 3


def test_through_the_printer(
    doctor: Cli, signed: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = ("records", "export", signed, "--paper", "prescription", "--print")
    assert "[printing] command" in doctor(*export, code=2).stderr
    program = tmp_path / "printer"
    program.write_text(f'#!/bin/sh\ncat >"{tmp_path}/paper"\n', encoding="utf-8")
    program.chmod(0o700)
    monkeypatch.setenv("CHIKITSA_PRINTING__COMMAND", f'["{program}"]')
    monkeypatch.setenv("CHIKITSA_HOSPITAL__LETTERHEAD", '["12 Lake Road, Chennai"]')
    assert doctor(*export).stderr == "Prescription of Meena Rao: sent to the printer.\n"
    assert "12 Lake Road, Chennai" in (tmp_path / "paper").read_text(encoding="utf-8")


def test_by_mail_and_once(doctor: Cli, signed: str) -> None:
    words = ("records", "export", signed, "--paper", "prescription", "--mail", "--request-id", "k")
    asked = doctor.json(*words)
    assert (asked["kind"], asked["to"]) == ("paper", "meena@example.org")
    assert doctor.json(*words)["id"] == asked["id"]
    message = doctor.as_("root").json("outbox", "show", str(asked["id"]))
    assert (message["subject"], message["status"]) == ("A paper for you", "waiting")


def test_what_is_refused(desk: Cli, doctor: Cli, signed: str) -> None:
    export = ("records", "export", signed)
    doctor(*export, "--format", "text", "--mail", code=2)
    doctor(*export, "--print", "--mail", code=2)
    doctor(*export, "--json", code=2)
    assert "pdf, text" in doctor(*export, "--format", "docx", code=6).stderr
    doctor("records", "export", "4711", code=5)
    desk(*export, "--format", "text", code=4)
