"""The waiting list from the shell: joining, being offered a freed slot, answering, leaving."""

from __future__ import annotations

from datetime import timedelta

from tests.cli.conftest import Cli

ENTRY = [
    *("id", "patient_id", "mrn", "patient", "doctor_id", "doctor", "department_id", "department"),
    *("appointment_id", "first_day", "last_day", "from_time", "to_time", "note", "status"),
    *("ended_because", "created_at", "offer_id", "offered_doctor_id", "offered_starts_at"),
    *("offer_expires_at", "version"),
]
SLOT = "2026-01-07T10:30:00+05:30"


def patient(desk: Cli, name: str) -> str:
    made = desk.json("patients", "add", "--name", name, "--birth-date", "1980")
    mrn: str = made["mrn"]
    return mrn


def test_from_joining_to_the_booked_slot(desk: Cli) -> None:
    (rao,) = desk.json("patients", "search", "rao")
    first, second = patient(desk, "Arjun Das"), patient(desk, "Lata Sen")
    booked = desk.json(
        *("appointments", "book", "--patient", rao["mrn"], "--doctor", "dr.nair"),
        *("--start", SLOT),
    )
    waits = desk.json(
        *("waitlist", "add", "--patient", first, "--doctor", "dr.nair"),
        *("--first-day", "wed", "--last-day", "+2w", "--from-time", "10:00", "--to-time", "12:00"),
        *("--note", "call after nine"),
    )
    assert list(waits) == ENTRY
    assert (waits["status"], waits["from_time"], waits["to_time"]) == ("waiting", "10:00", "12:00")
    desk("waitlist", "add", "--patient", second, "--department", "Cardiology")
    assert desk.refused("waitlist", "add", "--patient", first, "--doctor", "dr.nair", code=7)
    assert desk.refused("waitlist", "add", "--patient", first, code=6)["code"] == "invalid"

    desk("appointments", "cancel", str(booked["id"]))
    offered = desk.json("waitlist", "list", "--doctor", "dr.nair")
    assert [one["offered_starts_at"] for one in offered] == [SLOT]
    assert offered[0]["offer_expires_at"] == "2026-01-05T11:00:00+05:30"
    desk.clock.advance(timedelta(hours=2))
    desk = desk.as_("desk")
    late, behind = desk.json("waitlist", "list")
    assert (late["status"], behind["status"]) == ("waiting", "offered")
    assert desk.refused("waitlist", "accept", str(late["id"]), code=7)["code"] == (
        "illegal_transition"
    )
    wrong = ("waitlist", "accept", str(behind["id"]), "--offer-id", "99")
    assert desk.refused(*wrong, code=7)["code"] == "changed_meanwhile"
    made = desk.json("waitlist", "accept", str(behind["id"]))
    assert (made["mrn"], made["starts_at"], made["status"]) == (second, SLOT, "booked")
    assert [one["status"] for one in desk.json("waitlist", "list", "--all")] == [
        "waiting",
        "booked",
    ]
    assert "Arjun Das" in desk("waitlist", "list").stdout
    assert desk("waitlist", "list", "--csv").stdout.splitlines()[0] == ",".join(ENTRY)


def test_offering_declining_and_leaving_by_hand(desk: Cli) -> None:
    mrn = patient(desk, "Arjun Das")
    number = str(desk.json("waitlist", "add", "--patient", mrn, "--doctor", "dr.nair")["id"])
    assert desk.json("waitlist", "offer", number)["offered_starts_at"] == (
        "2026-01-05T11:15:00+05:30"
    )
    assert desk.refused("waitlist", "offer", number, code=7)["code"] == "duplicate"
    assert desk.json("waitlist", "decline", number)["status"] == "waiting"
    named = ("waitlist", "offer", "--doctor", "dr.nair", "--start", "wed 10:30")
    assert desk.json(*named)["offered_starts_at"] == SLOT
    desk("waitlist", "decline", number)
    assert desk.refused(*named, code=5)["code"] == "not_found"
    assert desk.refused("waitlist", "offer", code=2)["code"] == "usage"
    assert desk.refused("waitlist", "offer", number, "--doctor", "dr.nair", code=2)
    assert "--yes" in desk.refused("waitlist", "delete", number, code=2)["message"]
    assert desk.json("waitlist", "delete", number, "--yes")["status"] == "withdrawn"
    assert desk.json("waitlist", "list") == []
    assert desk.json("waitlist", "show", number)["status"] == "withdrawn"
    assert desk.refused("waitlist", "show", "99", code=5)["code"] == "not_found"
    assert desk.as_("dr.nair").refused("waitlist", "list", code=4)["code"] == "forbidden"
