"""From nothing to a signed record by commands alone, on both databases; and what scripts read."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path

from tests.cli.conftest import Cli, furnished, init

MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\+05:30")
SLOT = ["doctor_id", "starts_at", "ends_at", "free", "held_by"]
APPOINTMENT = [
    *("id", "patient_id", "mrn", "patient", "doctor_id", "doctor", "department", "starts_at"),
    *("ends_at", "status", "token", "overbooked", "walk_in", "note", "version"),
]
PATIENT = ["id", "mrn", "name", "birth_date", "sex", "phone", "email", "address", "active"]
DOCTOR = ["id", "username", "name", "department", "qualification", "email", "active"]
DEPARTMENT = ["id", "name", "description", "doctors", "active"]
MESSAGE = [
    *("id", "kind", "to", "subject", "status", "attempts", "last_error", "due_at", "sent_at"),
]
AUDIT = [
    *("id", "at", "actor", "role", "action", "entity", "entity_id", "terminal", "hash"),
    "outcome",
]

RECORD = {
    "symptoms": "Palpitations",
    "diagnoses": [{"text": "Essential hypertension", "code": "I10"}],
    "vitals": {"systolic_mmhg": 150, "diastolic_mmhg": 95, "temperature_c": 36.8},
    "treatment": "Less salt",
    "notes": "Come back in two weeks",
    "follow_up_on": "2026-01-19",
    "prescription": [
        {"drug": "Amlodipine", "dose": "5 mg", "frequency": "1-0-0", "duration_days": 14}
    ],
}


def test_from_nothing_to_a_signed_record(tmp_path: Path, database_url: str) -> None:
    desk = furnished(init(tmp_path / "c.toml", "--database-url", database_url).as_("root"))
    (found,) = desk.json("patients", "search", "rao")
    mrn = found["mrn"]
    free = [slot for slot in desk.json("slots", "dr.nair", "--date", "today") if slot["free"]]
    assert list(free[0]) == SLOT
    assert free[0]["starts_at"] == "2026-01-05T09:00:00+05:30"
    first = free[1]

    booked = desk.json(
        "appointments",
        "book",
        *("--patient", mrn, "--doctor", "dr.nair", "--start", first["starts_at"]),
        *("--note", "first visit"),
    )
    assert list(booked) == APPOINTMENT
    assert (booked["status"], booked["note"], booked["token"]) == ("booked", "first visit", None)
    number = str(booked["id"])
    (queued,) = desk.json("appointments", "queue", "--doctor", "dr.nair")
    assert queued == booked
    waits = ("appointments", "queue", "--status", "checked-in")
    assert desk.json(*waits) == []
    arrived = desk.json("appointments", "check-in", number)
    assert desk.json(*waits) == [arrived]
    assert arrived["status"] == "checked_in"
    assert arrived["token"]

    doctor = desk.as_("dr.nair")
    assert doctor.json("appointments", "start", number)["status"] == "in_consultation"
    desk.clock.advance(timedelta(minutes=12))
    (tmp_path / "visit.json").write_text(json.dumps(RECORD), encoding="utf-8")
    done = doctor.json("appointments", "complete", number, "--record", str(tmp_path / "visit.json"))
    assert done["status"] == "completed"

    record = doctor.json("records", "show", "--appointment", number)
    assert record["status"] == "signed"
    for name in ("symptoms", "diagnoses", "treatment", "notes", "follow_up_on"):
        assert record[name] == RECORD[name]
    assert record["vitals"]["systolic_mmhg"] == 150
    assert record["vitals"]["temperature_c"] == 36.8
    (line,) = record["prescription"]
    assert (line["drug"], line["duration_days"]) == ("Amlodipine", 14)
    assert MOMENT.fullmatch(record["signed_at"])
    assert doctor.json("records", "list", "--patient", mrn)[0]["id"] == record["id"]
    assert doctor.json("departments", "records", "Cardiology")[0]["id"] == record["id"]

    amended = doctor.json(
        "records",
        "amend",
        str(record["id"]),
        *("--field", "notes", "--text", "Come back in one week", "--reason", "misheard"),
    )
    assert amended["amendments"][0]["earlier_text"] == RECORD["notes"]
    listed = ("records", "list", "--status", "signed", "--find")
    assert [one["id"] for one in doctor.json(*listed, "amlo hypertension")] == [record["id"]]
    assert doctor.json(*listed, "insulin") == []

    root = desk.as_("root")
    checked = root.json("audit", "verify")
    assert checked["entries"] > 10
    (message,) = root.json("outbox", "list")
    assert list(message) == MESSAGE
    assert (message["kind"], message["to"], message["status"]) == (
        "booked",
        "meena@example.org",
        "waiting",
    )
    assert list(root.json("audit", "list", "--limit", "1")[0]) == AUDIT
    assert root.json("db", "check")["problems"] == 0
    upgraded = root.json("db", "upgrade")
    assert upgraded["before"] == upgraded["now"]

    assert [one["mrn"] for one in doctor.json("patients", "search", "rao")] == [mrn]
    again = ("--doctor", "dr.nair", "--start", "2026-01-19 09:15")
    follow_up = doctor.json("appointments", "book", "--patient", mrn, *again)
    assert follow_up["starts_at"] == "2026-01-19T09:15:00+05:30"


def test_the_fields_that_scripts_read(desk: Cli) -> None:
    (patient,) = desk.json("patients", "list")
    assert list(patient) == PATIENT
    assert patient["name"] == "Meena Rao"
    assert patient["birth_date"] == "1991-04-03"
    assert patient["phone"] == "+919845011223"
    assert patient["active"] is True
    assert list(desk.json("patients", "show", patient["mrn"])) == PATIENT
    assert list(desk.json("patients", "show", str(patient["id"]))) == PATIENT
    (doctor,) = desk.json("doctors", "list")
    assert list(doctor) == DOCTOR
    assert desk.json("doctors", "show", "dr.nair") == doctor
    (department,) = desk.json("departments", "list")
    assert list(department) == DEPARTMENT
    assert department["doctors"] == 1
    assert desk.json("departments", "show", "Cardiology") == department
    assert desk.json("departments", "show", str(department["id"])) == department


def test_lists_are_csv_with_the_same_rows(desk: Cli) -> None:
    lines = desk("patients", "list", "--csv").stdout.splitlines()
    assert lines[0] == ",".join(PATIENT)
    assert lines[1].endswith(
        "Meena Rao,1991-04-03,female,+919845011223,meena@example.org,12 Lake Road,true"
    )
    assert desk.json("patients", "list", "meena rao", "born:1991") == desk.json("patients", "list")
    assert desk.json("patients", "list", "born:1970", "--all") == []
    assert "did you mean" in desk.refused("patients", "list", "bron:1991", code=6)["message"]
    assert desk("appointments", "list", "--csv").stdout == ""
    assert desk.json("appointments", "list") == []


def test_moving_cancelling_and_taking_back(desk: Cli) -> None:
    (patient,) = desk.json("patients", "list")
    words = ("--patient", patient["mrn"], "--doctor", "dr.nair")
    booked = desk.json("appointments", "book", *words, "--start", "tomorrow 10:30")
    moved = desk.json("appointments", "reschedule", str(booked["id"]), "--start", "wed 5pm")
    assert moved["starts_at"] == "2026-01-07T17:00:00+05:30"
    assert moved["id"] != booked["id"]
    number = str(moved["id"])
    assert desk.json("appointments", "cancel", number, "--reason", "ill")["status"] == "cancelled"
    assert desk.json("appointments", "undo", number)["status"] == "booked"
    error = desk.refused("appointments", "start", number, code=4)
    assert error["code"] == "forbidden"
    error = desk.refused("appointments", "no-show", number, code=7)
    assert error["code"] == "illegal_transition"
    walked_in = desk.json("appointments", "walk-in", *words)
    assert walked_in["walk_in"] is True
    assert walked_in["token"]


def test_a_taken_slot_offers_others(desk: Cli) -> None:
    (patient,) = desk.json("patients", "list")
    other = desk.json("patients", "add", "--name", "Ravi Das", "--birth-date", "34y")
    assert other["sex"] == "unknown"
    assert desk.json("patients", "update", other["mrn"], "--sex", "m")["sex"] == "male"
    error = desk.refused("patients", "update", other["mrn"], "--sex", "q", code=6)
    assert list(error["details"]["fields"]) == ["sex"]
    start = ("--doctor", "dr.nair", "--start", "tomorrow 10:30")
    desk("appointments", "book", "--patient", patient["mrn"], *start)
    error = desk.refused("appointments", "book", "--patient", other["mrn"], *start, code=7)
    assert error["code"] == "slot_taken"
    assert len(error["details"]["nearest"]) == 3
    assert "2026-01-06T10:15:00+05:30" in error["details"]["nearest"]
    told = desk("appointments", "book", "--patient", other["mrn"], *start, code=7)
    assert "10:15" in told.stderr
    overbooked = desk.json(
        "appointments", "book", "--patient", other["mrn"], *start, "--overbook", "--reason", "pain"
    )
    assert overbooked["overbooked"] is True


def test_leave_over_bookings_is_refused_until_somebody_decides(desk: Cli) -> None:
    (patient,) = desk.json("patients", "list")
    root = desk.as_("root")
    booked = desk.json(
        "appointments",
        "book",
        *("--patient", patient["mrn"], "--doctor", "dr.nair", "--start", "tomorrow 10:30"),
    )
    words = ("leave", "add", "dr.nair", "tomorrow", "+2d", "--reason", "conference")
    error = root.refused(*words, code=7)
    assert error["code"] == "in_use"
    assert [a["id"] for a in error["details"]["appointments"]] == [booked["id"]]
    in_the_way = f"2026-01-06 10:30  {booked['id']}  {patient['mrn']}  {patient['name']}"
    assert in_the_way in root(*words, code=7).stderr
    leave = root.json(*words, "--affected", "cancel", "--yes")
    assert leave["starts_at"] == "2026-01-06T00:00:00+05:30"
    assert leave["ends_at"] == "2026-01-08T00:00:00+05:30"
    assert leave["affected"][0]["outcome"] == "cancelled"
    assert desk.json("appointments", "show", str(booked["id"]))["status"] == "cancelled"
    assert not any(slot["free"] for slot in desk.json("slots", "dr.nair", "--date", "+1d"))
    root("leave", "delete", str(leave["id"]), code=2)
    root("leave", "delete", str(leave["id"]), "--yes")
    assert root.json("leave", "list") == []


def test_a_fee_is_written_as_money(desk: Cli) -> None:
    root = desk.as_("root")
    for fee, shown in (("40000", "400.00"), ("40005", "400.05"), ("7", "0.07")):
        root("doctors", "update", "dr.nair", "--fee", fee)
        lines = root("doctors", "show", "dr.nair").stdout.splitlines()
        assert [line.split() for line in lines if line.startswith("fee")] == [["fee", shown]]


def test_the_audit_trail_tells_what_came_of_it(desk: Cli) -> None:
    root = desk.as_("root")
    desk.refused("departments", "add", "--name", "X-ray", code=4)
    denied, *others = root.json("audit", "list", "--actor", "desk")
    assert denied["outcome"] == "denied"
    assert {entry["outcome"] for entry in others} == {"ok"}
    heading, first, *_ = root("audit", "list", "--actor", "desk").stdout.splitlines()
    assert re.split(r" {2,}", heading.strip())[4:6] == ["action", "outcome"]
    assert "denied" in first


def test_hours_as_a_week_in_a_file(desk: Cli, tmp_path: Path) -> None:
    root = desk.as_("root")
    week = tmp_path / "week.csv"
    week.write_text(
        "day,from,to,slot_minutes,valid_from,valid_to\n"
        "mon,09:00,12:00,20,,\nsat,22:00,24:00,30,2026-02-01,2026-02-28\n"
    )
    rows = root.json("hours", "replace", "dr.nair", str(week), "--yes")
    assert [(r["day"], r["from"], r["to"], r["slot_minutes"]) for r in rows] == [
        ("mon", "09:00", "12:00", 20),
        ("sat", "22:00", "24:00", 30),
    ]
    assert rows[1]["valid_from"] == "2026-02-01"
    csv = root("hours", "list", "dr.nair", "--csv").stdout
    week.write_text(csv)
    assert [
        {**r, "id": 0} for r in root.json("hours", "replace", "dr.nair", str(week), "--yes")
    ] == [{**r, "id": 0} for r in rows]
    for wrong, words in {
        "day,from,to,slot\nmon,09:00,12:00,20\n": "slot_minutes",
        "day,from,to\nmon,9 o'clock,12:00\n": "Line 2",
        'day,from,to\n"mon,09:00,12:00\n': "never closed",
        "day,from,to\nmon,09:00,12:00,15,7\n": "ine 2",
        "day,from,to,valid_from\nmon,09:00,12:00,20260101\n": "2026-12-31",
    }.items():
        week.write_text(wrong)
        error = root.refused("hours", "replace", "dr.nair", str(week), "--yes", code=6)
        assert words in error["message"]
    assert root.json("hours", "clear", "dr.nair", "--yes") == []


def test_a_holiday_closes_the_day(desk: Cli) -> None:
    root = desk.as_("root")
    holiday = root.json("holidays", "add", "26 jan", "Republic Day")
    assert holiday["date"] == "2026-01-26"
    assert desk.json("slots", "dr.nair", "--date", "2026-01-26") == []
    error = root.refused("holidays", "add", "--date", "26 jan", "--name", "Again", code=7)
    assert error["code"] == "duplicate"
    root("holidays", "add", "26 jan", code=2)
    root("holidays", "delete", "2026-01-26", "--yes")
    assert len(desk.json("slots", "dr.nair", "--date", "2026-01-26")) == 28


def test_the_first_free_slots_of_a_department(desk: Cli) -> None:
    found = desk.json("slots", "--department", "Cardiology", "--first", "3")
    assert [slot["starts_at"][11:16] for slot in found] == ["09:00", "09:15", "09:30"]
    desk("slots", code=2)
    desk("slots", "dr.nair", "--department", "Cardiology", code=2)


def test_a_record_file_keeps_what_it_does_not_name(desk: Cli) -> None:
    (patient,) = desk.json("patients", "list")
    visit = desk.json("appointments", "walk-in", "--patient", patient["mrn"], "--doctor", "dr.nair")
    number, doctor = str(visit["id"]), desk.as_("dr.nair")
    doctor("appointments", "start", number)
    complete = ("appointments", "complete", number, "--record", "-", "--draft")
    doctor(*complete, typed=json.dumps({"symptoms": "Cough", "vitals": {"pulse_bpm": 80}}))
    identity = str(doctor.json("records", "show", "--appointment", number)["id"])
    doctor("prescriptions", "add", identity, "--drug", "Paracetamol")
    second = doctor("prescriptions", "add", identity, "--drug", "Paracetamol 650 mg")
    assert "This prescription has Paracetamol already." in second.stderr
    doctor("appointments", "undo", number)
    doctor(*complete, typed=json.dumps({"notes": "Rest", "vitals": {"weight_kg": 61}}))
    record = doctor.json("records", "show", "--appointment", number)
    assert (record["symptoms"], record["vitals"]["pulse_bpm"]) == ("Cough", 80)
    assert float(record["vitals"]["weight_kg"]) == 61
    assert record["notes"] == "Rest"
    assert [line["drug"] for line in record["prescription"]] == [
        "Paracetamol",
        "Paracetamol 650 mg",
    ]


def test_a_draft_and_its_prescription(desk: Cli, tmp_path: Path) -> None:
    (patient,) = desk.json("patients", "list")
    number = str(
        desk.json("appointments", "walk-in", "--patient", patient["mrn"], "--doctor", "dr.nair")[
            "id"
        ]
    )
    doctor = desk.as_("dr.nair")
    doctor("appointments", "start", number)
    done = doctor.json(
        "appointments",
        "complete",
        number,
        *("--record", "-", "--draft"),
        typed=json.dumps({"symptoms": "Cough", "diagnoses": ["Cold"]}),
    )
    assert done["status"] == "completed"
    record = doctor.json("records", "show", "--appointment", number)
    assert record["status"] == "draft"
    identity = str(record["id"])
    line = doctor.json(
        "prescriptions", "add", identity, "--drug", "Paracetamol", "--dose", "500 mg"
    )
    changed = doctor.json("prescriptions", "update", str(line["id"]), "--dose", "650 mg")
    assert (changed["drug"], changed["dose"]) == ("Paracetamol", "650 mg")
    doctor("prescriptions", "delete", str(line["id"]), "--yes")
    add = ("prescriptions", "add", identity, "--line", "amox 500 1-0-1 5d pc hot water")
    told = doctor(*add, "--quantity", "12")
    assert "Amoxicillin 500 mg · 1 morning, 1 night · 5 days" in told.stderr
    assert "Not understood, kept as instruction: hot water" in told.stderr
    typed = doctor.json("records", "show", identity)["prescription"][0]
    assert (typed["drug"], typed["dose"], typed["quantity"]) == ("Amoxicillin", "500 mg", 12)
    assert typed["instructions"] == "after food, hot water"
    doctor("prescriptions", "add", identity, code=2)
    doctor("prescriptions", "delete", str(typed["id"]), "--yes")
    signed = doctor.json("records", "sign", identity)
    assert (signed["status"], signed["prescription"]) == ("signed", [])
    doctor("prescriptions", "add", identity, "--drug", "Aspirin", code=7)
    history = doctor.json("patients", "history", patient["mrn"])
    assert history["records"][0]["id"] == record["id"]
    assert "records" not in desk.json("patients", "history", patient["mrn"])
