"""Figures from the shell: the hospital's for administrators, a doctor's own for the doctor."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

from tests.cli.conftest import Cli

SPANS = ("today", "week", "month", "period")


def one_seen_and_one_missed(desk: Cli) -> Cli:
    """Of Monday's two patients one came. Gives back the administrator's terminal."""
    (rao,) = desk.json("patients", "search", "rao")
    for name, at in (("Arjun Das", "09:15"), (rao["mrn"], "09:30")):
        mrn = name
        if not name[0].isdigit():
            mrn = desk.json("patients", "add", "--name", name, "--birth-date", "1980")["mrn"]
        words = ("--patient", mrn, "--doctor", "dr.nair", "--start", f"today {at}")
        desk("appointments", "book", *words)
    first, second = (str(one["id"]) for one in desk.json("appointments", "list"))
    desk.clock.advance(timedelta(hours=1))
    root = desk.as_("root")
    for step in ("check-in", "start", "complete"):
        root("appointments", step, first)
    root("appointments", "no-show", second)
    return root


def test_the_hospitals_figures(desk: Cli) -> None:
    root = one_seen_and_one_missed(desk)
    told = root.json("stats")
    assert (told["patients"], told["doctors"], told["departments"]) == (2, 1, 1)
    for span in SPANS:
        assert (told[span]["completed"], told[span]["no_show"], told[span]["standing"]) == (1, 1, 2)
        assert told[span]["no_show_rate"] == 0.5
    assert (told["from"], told["to"], len(told["days"])) == ("2025-12-07", "2026-01-05", 30)
    (busiest,) = told["busiest_doctors"]
    assert (busiest["appointments"], busiest["no_shows"]) == (2, 1)
    assert (told["hours"][9], sum(told["hours"])) == (2, 2)
    assert told["weekdays"]["mon"] == 2

    rows = list(csv.DictReader(io.StringIO(root("stats", "--csv").stdout)))
    values = {(row["part"], row["name"], row["figure"]): row["value"] for row in rows}
    assert values["all", "", "patients"] == "2"
    assert values["appointments", "today", "no_show_rate"] == "0.5"
    assert values["days", "2026-01-05", "completed"] == "1"
    assert values["hours", "09", "standing"] == "2"

    text = root("stats").stdout
    assert "busiest departments" in text
    assert "50.0%" in text
    assert "2025-12-07 to 2026-01-05" in text

    other = root.json("stats", "--from", "2025-12-01", "--to", "2025-12-31")
    assert (other["period"]["standing"], other["today"]["standing"]) == (0, 2)
    assert other["period"]["no_show_rate"] is None


def test_a_doctor_gets_the_own_figures(desk: Cli) -> None:
    root = one_seen_and_one_missed(desk)
    own = root.json("stats", "--doctor", "dr.nair")
    assert (own["patients"], own["new_patients"], own["today"]["no_show"]) == (1, 1, 1)
    nair = root.as_("dr.nair")
    assert nair.json("stats") == own


def test_others_get_none(desk: Cli) -> None:
    assert desk.refused("stats", code=4)["code"] == "forbidden"
    root = desk.as_("root")
    assert root.refused("stats", "--doctor", "nobody", code=5)["code"] == "not_found"
    wrong = root.refused("stats", "--from", "today", "--to", "yesterday", code=6)
    assert "not before" in wrong["details"]["fields"]["to"]
    root.refused("stats", "--json", "--csv", code=2)
