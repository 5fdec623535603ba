"""Before many booked appointments lose their time: told, asked, and only then done."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.clock import FixedClock, SystemClock
from tests.cli.conftest import Cli
from tests.cli.test_terminal import now, rest, spawn

TUESDAY = "2026-01-06"


def book(desk: Cli, *starts: str) -> list[int]:
    return [
        desk.json(
            *("appointments", "book", "--doctor", "dr.nair", "--start", start),
            *("--patient", str(desk.json("patients", "list")[0]["id"])),
        )["id"]
        for start in starts
    ]


def statuses(desk: Cli, booked: list[int]) -> list[str]:
    return [desk.json("appointments", "show", str(one))["status"] for one in booked]


COMMANDS = {
    "leave add": ("leave", "add", "dr.nair", TUESDAY),
    "leave update": ("leave", "update", "1", "--to", TUESDAY),
    "holidays add": ("holidays", "add", TUESDAY, "Harvest"),
    "doctors deactivate": ("doctors", "deactivate", "dr.nair"),
    "hours set": ("hours", "set", "dr.nair", "tue", "17:00-20:00"),
    "hours replace": ("hours", "replace", "dr.nair", "week.csv"),
    "hours clear": ("hours", "clear", "dr.nair"),
}
"""Each command that can take the time from under appointments on the coming Tuesday."""


@pytest.fixture(autouse=True)
def _week() -> None:
    Path("week.csv").write_text("day,from,to\nwed,09:00,12:00\n")


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_nothing_happens_to_appointments_unasked(desk: Cli, words: tuple[str, ...]) -> None:
    root = desk.as_("root")
    root("leave", "add", "dr.nair", "2026-01-05T18:00", "2026-01-05T19:00")
    booked = book(desk, "tomorrow 10:30", "tomorrow 11:00")

    refused = root.refused(*words, code=7)
    assert refused["code"] == "in_use"
    assert "--affected keep|cancel|move" in refused["message"]
    for choice in ("cancel", "move"):
        unasked = root.refused(*words, "--affected", choice, code=2)
        assert unasked["code"] == "usage"
        assert "--yes" in unasked["message"]
        assert "2 booked appointments are affected." in unasked["message"]
        assert [one["id"] for one in unasked["details"]["appointments"]] == booked
        told = root(*words, "--affected", choice, code=2).stderr
        assert f"{TUESDAY} 10:30  {booked[0]}" in told
    for more in ((), ("--affected", "cancel"), ("--affected", "cancel", "--yes")):
        tried = root.json(*words, *more, "--dry-run")
        assert tried["dry_run"] is True
        assert [one["id"] for one in tried["appointments"]] == booked
    seen = root(*words, "--dry-run")
    assert f"{booked[1]}  {TUESDAY} 11:00  Meena Rao" in seen.stdout
    assert seen.stderr == "2 booked appointments are affected. Nothing was done.\n"
    assert statuses(desk, booked) == ["booked", "booked"]
    assert root.json("holidays", "list") == []
    assert len(root.json("hours", "list", "dr.nair")) == 12
    assert root.json("doctors", "show", "dr.nair")["active"] is True
    (leave,) = root.json("leave", "list")
    assert leave["ends_at"] == "2026-01-05T19:00:00+05:30"

    done = root(*words, "--affected", "cancel", "--yes")
    assert done.stderr.startswith("2 booked appointments are affected.\n")
    assert statuses(desk, booked) == ["cancelled", "cancelled"]


def test_what_affects_nobody_asks_nothing(desk: Cli) -> None:
    root = desk.as_("root")
    tried = root("leave", "add", "dr.nair", TUESDAY, "--affected", "cancel", "--dry-run")
    assert tried.stderr == "No booked appointments are affected. Nothing was done.\n"
    assert root.json("leave", "list") == []
    for choice in ((), ("--affected", "cancel")):
        made = root.json("leave", "add", "dr.nair", TUESDAY, *choice)
        assert made["affected"] == []
        assert root.json("leave", "update", str(made["id"]), "--to", "2026-01-07", *choice)
        root("leave", "delete", str(made["id"]), "--yes")
        root("hours", "set", "dr.nair", "tue", "17:00-20:00", *choice)
    root("holidays", "add", TUESDAY, "Harvest", "--affected", "move")
    for name in ("hours replace", "hours clear"):
        assert "--yes" in root(*COMMANDS[name], code=2).stderr
    assert root.json("doctors", "deactivate", "dr.nair", "--affected", "cancel")["active"] is False


def test_keeping_them_is_told_and_asks_nothing(desk: Cli) -> None:
    root = desk.as_("root")
    booked = book(desk, "tomorrow 10:30")
    words = ("leave", "add", "dr.nair", TUESDAY, "--affected", "keep")
    assert root(*words).stderr == "1 booked appointment is affected.\n"
    assert statuses(desk, booked) == ["booked"]


def test_moving_finds_them_other_slots(desk: Cli) -> None:
    root = desk.as_("root")
    booked = book(desk, "tomorrow 10:30")
    words = ("holidays", "add", TUESDAY, "Harvest", "--affected", "move", "--yes")
    (moved,) = root.json(*words)["affected"]
    assert moved["outcome"] == "moved"
    assert moved["moved_to"]["starts_at"] > "2026-01-07"
    assert statuses(desk, booked) == ["rescheduled"]


def test_a_dry_run_is_refused_as_the_change_would_be(desk: Cli) -> None:
    root = desk.as_("root")
    assert desk.refused("holidays", "add", TUESDAY, "Harvest", "--dry-run", code=4)
    assert root.refused("leave", "add", "dr.who", TUESDAY, "--dry-run", code=5)
    root("holidays", "add", TUESDAY, "Harvest")
    assert root.refused("holidays", "add", TUESDAY, "Other", "--dry-run", code=7)
    assert root.refused("leave", "add", "dr.nair", TUESDAY, "--affected", "perhaps", code=6)


def test_on_a_terminal_it_is_a_question(desk: Cli) -> None:
    present = Cli(desk.config, FixedClock(SystemClock().now())).as_("desk")
    booked = book(present, "+7d 10:30" if present.clock.now().weekday() != 6 else "+8d 10:30")
    leave = ("leave", "add", "dr.nair", "+1d", "+9d", "--affected", "cancel")
    words = ("--config", str(desk.config), *leave)
    asked = spawn(*words, token=now(desk))
    asked.expect("10:30 +1 +.*Meena Rao")
    asked.expect(r"1 booked appointment is affected\. Cancel it\? \[y/N\]:")
    asked.sendline("")
    assert "Nothing was done" in rest(asked, 2)
    assert statuses(present, booked) == ["booked"]
    asked = spawn(*words, token=now(desk))
    asked.expect(r"\[y/N\]:")
    asked.sendline("y")
    assert "affected" in rest(asked)
    assert statuses(present, booked) == ["cancelled"]


def test_a_countrys_holidays_are_shown_before_they_are_entered(desk: Cli) -> None:
    root = desk.as_("root")
    book(desk, "2026-01-26T10:30")
    words = ("holidays", "import", "IN", "--year", "2026")
    shown = root.json(*words, "--dry-run")
    assert {"id": None, "date": "2026-01-26", "name": "Republic Day", "appointments": 1} in shown
    assert root.json("holidays", "list") == []
    assert root.refused(*words, code=7)["code"] == "in_use"
    assert "--yes" in root.refused(*words, "--affected", "cancel", code=2)["message"]
    entered = root.json(*words, "--affected", "cancel", "--yes")
    assert [one["date"] for one in entered] == [one["date"] for one in shown]
    assert len(root.json("holidays", "list")) == len(shown)
    assert root.json(*words) == []


def test_a_doctor_leaves_a_department_and_comes_back(desk: Cli) -> None:
    root = desk.as_("root")
    booked = book(desk, "tomorrow 10:30")
    root("departments", "add", "--name", "Heart")
    words = ("doctors", "update", "dr.nair", "--department", "Heart", "--registration", "KMC 1")
    refused = root.refused(*words, code=7)
    assert (refused["code"], len(refused["details"]["appointments"])) == ("in_use", 1)
    assert "--affected" in refused["message"]
    assert root.json(*words, "--affected", "cancel", "--yes")["department"] == "Heart"
    assert statuses(desk, booked) == ["cancelled"]
    root("doctors", "undo", "dr.nair")
    shown = root.json("doctors", "show", "dr.nair")
    assert (shown["department"] == "Heart", statuses(desk, booked)) == (False, ["booked"])
    assert "KMC 1" in root("doctors", "show", "dr.nair").stdout


UNDOING = {
    "leave": (("leave", "add", "dr.nair", TUESDAY), ("leave", "undo", "1")),
    "holidays": (("holidays", "add", TUESDAY, "Harvest"), ("holidays", "undo", "1")),
    "doctors": (("doctors", "deactivate", "dr.nair"), ("doctors", "undo", "dr.nair")),
    "hours": (("hours", "clear", "dr.nair"), ("hours", "undo", "dr.nair")),
}


@pytest.mark.parametrize("noun", UNDOING)
def test_a_step_is_undone_with_the_appointments_it_hit(desk: Cli, noun: str) -> None:
    root = desk.as_("root")
    booked = book(desk, "tomorrow 10:30", "tomorrow 11:00")
    do, undo = UNDOING[noun]
    root(*do, "--affected", "cancel", "--yes")
    assert statuses(desk, booked) == ["cancelled", "cancelled"]
    done = root.json(*undo)
    assert ([one["id"] for one in done["restored"]], done["refused"]) == (booked, [])
    assert statuses(desk, booked) == ["booked", "booked"]
    assert root.run(*undo).code in (5, 7)
