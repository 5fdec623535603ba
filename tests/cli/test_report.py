"""`chikitsa report`, `jobs run reports` and `import fhir`."""

from __future__ import annotations

from pathlib import Path

from tests.cli.conftest import Cli
from tests.jobs.paper import pages
from tests.jobs.patient_file import FILE

MRN = "000001-7"


def test_a_month_as_text_json_and_files(desk: Cli, tmp_path: Path) -> None:
    book = ("--patient", MRN, "--doctor", "dr.nair", "--start", "2026-01-05 10:30")
    desk("appointments", "book", *book)
    root = desk.as_("root")
    report = ("report", "doctor", "dr.nair", "--month", "2026-01")
    told = root(*report).stdout
    assert "January 2026" in told
    assert any(line.split() == ["Appointments", "1", "0", "new"] for line in told.splitlines())
    found = root.json(*report)
    assert (found["month"], found["now"]["tally"]["booked"]) == ("2026-01", 1)
    file = tmp_path / "january.pdf"
    root(*report, "-o", str(file))
    assert "Activity in January 2026" in pages(file.read_bytes())[0]
    root(*report, "-o", str(tmp_path / "january.csv"))
    assert "appointments,booked,,1,0" in (tmp_path / "january.csv").read_text("utf-8-sig")
    assert root.json("report", "hospital", "--month", "2026-01")["doctor_id"] is None
    own = desk.as_("dr.nair")
    assert own.json("report", "doctor", "dr.nair")["month"] == "2025-12"
    own("report", "hospital", code=4)
    desk(*report, code=4)
    assert "write it as 2026-01" in root(*report[:3], "--month", "May", code=6).stderr
    root(*report, "-o", str(tmp_path / "january.doc"), code=2)
    root("jobs", "run", "reports", "--date", "today", code=2)
    assert root.json("jobs", "run", "reports", "--month", "2025-12")["queued"] >= 0


def test_another_hospitals_patient(desk: Cli, tmp_path: Path) -> None:
    from jobs.exports.fhir import bundle

    file = tmp_path / "patient.json"
    file.write_bytes(bundle(FILE))
    root = desk.as_("root")
    before = root.json("audit", "list")[0]["id"]
    tried = root.json("import", "fhir", str(file), "--dry-run")
    assert (tried["registered"], tried["records"], tried["mrn"]) == (True, 1, None)
    assert root.json("audit", "list")[0]["id"] == before
    taken = root.json("import", "fhir", str(file))
    assert tried | {name: taken[name] for name in ("patient_id", "mrn", "dry_run")} == taken
    assert (taken["registered"], taken["records"]) == (True, 1)
    assert root.json("import", "fhir", str(file))["records"] == 0
    history = root.json("patients", "history", taken["mrn"])
    assert [one["diagnoses"][0]["text"] for one in history["records"]] == ["Acute pharyngitis"]
    assert "no FHIR R4B bundle" in root("import", "fhir", "/dev/null", code=6).stderr
    desk("import", "fhir", str(file), code=4)
