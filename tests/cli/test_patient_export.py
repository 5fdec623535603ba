"""`chikitsa patients export`: to a file, to standard output, to the patient's mailbox."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from fhir.resources.R4B.bundle import Bundle

from tests.cli.conftest import PASSWORD, Cli, invoke
from tests.jobs.paper import pages

MRN = "000001-7"


def test_records_go_to_a_file_or_to_standard_output(desk: Cli, tmp_path: Path) -> None:
    book = ("--patient", MRN, "--doctor", "dr.nair", "--start", "2026-01-05 10:30")
    desk("appointments", "book", *book)
    root = desk.as_("root")
    export = ("patients", "export", MRN, "--format")
    file = tmp_path / "records.pdf"
    done = root(*export, "pdf", "-o", str(file))
    assert (done.stdout, done.stderr) == ("", f"0 records of {MRN} in {file}\n")
    assert file.stat().st_mode & 0o077 == 0
    assert pages(file.read_bytes())[0].startswith(f"Meena Rao · {MRN} · born 3 Apr 1991")
    text = root(*export, "csv").stdout
    (row,) = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    assert row["starts_at"] == "2026-01-05T10:30:00+05:30"
    assert Bundle.model_validate_json(root(*export, "fhir").stdout).type == "document"
    assert "UID:appointment-" in root(*export, "ics").stdout
    assert "record.export" in root("audit", "list", "--csv").stdout


def test_by_mail_to_the_recorded_address_alone(desk: Cli) -> None:
    root = desk.as_("root")
    words = ("patients", "export", MRN, "--format", "pdf", "--mail", "--request-id", "k")
    asked = root.json(*words)
    assert asked["to"] == "meena@example.org"
    assert asked["formats"] == ["pdf"]
    assert root.json(*words)["id"] == asked["id"]
    message = root.json("outbox", "show", str(asked["id"]))
    assert (message["kind"], message["status"]) == ("records", "waiting")
    desk("patients", "update", MRN, "--email", "")
    again = root.refused("patients", "export", MRN, "--format", "csv", "--mail", code=6)
    assert "has no e-mail address" in again["message"]


def test_who_may_not_and_what_is_wrong(desk: Cli, tmp_path: Path) -> None:
    desk("patients", "export", MRN, "--format", "pdf", code=4)
    desk.as_("dr.nair")("patients", "export", MRN, "--format", "fhir", code=4)
    root = desk.as_("root")
    assert (
        "none of: pdf, csv, fhir, ics"
        in root("patients", "export", MRN, "--format", "docx", code=6).stderr
    )
    root("patients", "export", "999999-9", "--format", "pdf", code=5)
    out = str(tmp_path / "x.pdf")
    root("patients", "export", MRN, "--format", "pdf", "--mail", "-o", out, code=2)
    root("patients", "export", MRN, "--format", "csv", "--json", code=2)


def test_a_patient_exports_the_own_records(desk: Cli) -> None:
    words = ("register", "--name", "Asha Verma", "--username", "asha", "--password-stdin")
    made = invoke(["--config", str(desk.config), *words], PASSWORD + "\n", desk.clock)
    assert made.code == 0, made.stderr
    asha = desk.as_("asha")
    mrn = asha.json("whoami").get("mrn") or "000002-5"
    assert "Asha Verma" in asha("patients", "export", mrn, "--format", "csv").stdout
    asha("patients", "export", MRN, "--format", "csv", code=4)
