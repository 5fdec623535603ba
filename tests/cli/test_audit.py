"""`chikitsa audit`: taken out, kept elsewhere, compared."""

from __future__ import annotations

import csv
import io
import json

from tests.cli.conftest import Cli


def test_an_export_by_filters_as_csv_and_as_json(desk: Cli) -> None:
    root = desk.as_("root")
    rows = list(csv.DictReader(io.StringIO(root("audit", "export", "--actor", "desk").stdout)))
    assert {row["actor"] for row in rows} == {"desk"}
    assert list(rows[0])[:9] == [
        *("id", "at", "actor", "role", "action", "entity", "entity_id", "terminal", "hash")
    ]
    assert rows[0]["at"].endswith("+05:30")
    [created] = root.json("audit", "export", "--action", "patient.create")
    assert created["actor"] == "desk"
    assert created["patient_id"] == 1
    file = root.config.parent / "trail.csv"
    told = root("audit", "export", "-o", str(file))
    assert told.stdout == ""
    assert f"{len(file.read_text().splitlines()) - 1:,} entries" in told.stderr
    assert root.json("audit", "export", "--actor", "nobody") == []


def test_who_saw_a_patient(desk: Cli) -> None:
    root = desk.as_("root")
    mrn = desk.json("patients", "list")[0]["mrn"]
    desk("patients", "show", mrn)
    found = {row["actor"]: row for row in root.json("audit", "who-saw", mrn)}
    assert found["desk"]["changes"] == 1
    assert found["desk"]["reads"] == 1
    assert root.refused("audit", "who-saw", "999999-9", code=5)["code"] == "not_found"
    desk.refused("audit", "who-saw", mrn, code=4)


def test_anchors_are_kept_one_behind_the_other(desk: Cli) -> None:
    root = desk.as_("root")
    kept = root.config.parent / "anchors.json"
    kept.write_text("".join(root("audit", "anchor", "--json").stdout for _ in range(2)))
    assert root.json("audit", "verify", "--anchors", str(kept))["anchors"] == 2
    cut_off = json.loads(root("audit", "anchor", "--json").stdout)
    cut_off["entries"] += 1000
    kept.write_text(json.dumps([cut_off]))
    error = root.refused("audit", "verify", "--anchors", str(kept), code=6)
    assert "cut off" in error["message"]
    for text in ("", "{}", "no anchor", "[1]", '{"at": 1}'):
        kept.write_text(text)
        root.refused("audit", "verify", "--anchors", str(kept), code=2)
    root.refused("audit", "verify", "--anchors", "nowhere.json", code=2)
