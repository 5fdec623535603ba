"""A consultation over SSH by keys alone, and what is left of it when the line is cut."""

from __future__ import annotations

from typing import Any

from tests.servers.process import wait_until
from tests.servers.ssh import Line
from tests.ssh.conftest import Ward

VITALS = ("128/82", "96", "38.4", "98", "16", "61.5", "162")
LINES = {
    "amox 500 1-0-1 5d pc": "= Amoxicillin 500 mg · 1 morning, 1 night · 5 days",
    "para 650 1-1-1 3d": "= Paracetamol 650 mg · 1 morning, 1 noon, 1 night · 3 days",
    "cetirizine 10 0-0-1 5d": "= Cetirizine 10 mg · 1 night · 5 days",
}
WRITTEN: dict[str, Any] = {
    "symptoms": "fever for three days, sore throat",
    "diagnoses": [
        ("J02.9", "Acute pharyngitis, unspecified"),
        ("E11.9", "Type 2 diabetes mellitus without complications"),
        (None, "stressed at work"),
    ],
    "vitals": (128, 82, 96, 38.4, 98, 16, 61.5, 162),
    "treatment": "salt-water gargles",
    "notes": "off work until Thursday",
}
TWO_LINES = [("Amoxicillin", "1-0-1", 5, 10), ("Paracetamol", "1-1-1", 3, 9)]
THIRD_LINE = ("Cetirizine", "0-0-1", 5, 5)


def write(line: Line) -> None:
    """Symptoms, vital signs, three diagnoses, what is to be done, and when to come again."""
    line.type(WRITTEN["symptoms"])
    line.press("tab")
    for value in VITALS:
        line.type(value)
        line.press("enter")
    for code in ("J02.9", "E11.9"):
        line.type(code.lower())
        line.wait_for(f"› {code}")
        line.press("enter")
    line.type("stressed at work")
    line.press("tab")
    line.type(WRITTEN["treatment"])
    line.press("tab")
    line.type(WRITTEN["notes"])
    line.press("tab")
    line.type("+1w")
    line.press("enter")


def prescribe(line: Line, *texts: str) -> None:
    """Lines of the prescription as on paper, each taken when it is understood."""
    for text in texts:
        line.type(text)
        line.wait_for(LINES[text])
        line.press("enter")


def told(record: Any) -> dict[str, Any]:
    """What a record says, its prescription apart."""
    vitals = record["vitals"]
    names = (
        *("systolic_mmhg", "diastolic_mmhg", "pulse_bpm", "temperature_c", "spo2_percent"),
        *("respiration_per_min", "weight_kg", "height_cm"),
    )
    return {
        **{name: record[name] for name in ("symptoms", "treatment", "notes")},
        "diagnoses": [(one["code"], one["text"]) for one in record["diagnoses"]],
        "vitals": tuple(vitals[name] for name in names),
    }


def prescribed(record: Any) -> list[Any]:
    """The lines of a record's prescription."""
    names = ("drug", "frequency", "duration_days", "quantity")
    return [tuple(line[name] for name in names) for line in record["prescription"]]


def test_a_patient_is_seen_by_keys_alone(ward: Ward) -> None:
    visit = ward.waiting()
    line = ward.sign_in()
    line.type("n")
    line.wait_for("Symptoms")
    write(line)
    prescribe(line, *LINES)
    line.press("f5")
    line.wait_for("Meena Rao: signed and completed.")
    record = ward.record(visit)
    assert record["status"] == "signed"
    assert told(record) == WRITTEN
    assert prescribed(record) == [*TWO_LINES, THIRD_LINE]


def test_a_cut_line_costs_nothing_that_was_typed(ward: Ward) -> None:
    visit = ward.waiting()
    line = ward.sign_in()
    line.type("n")
    line.wait_for("Symptoms")
    write(line)
    *two, third = LINES
    prescribe(line, *two)
    line.type(third)
    line.wait_for(LINES[third])
    line.cut()
    kept = [*TWO_LINES, (third, "", None, None)]
    wait_until(
        lambda: prescribed(ward.record(visit)) == kept, lambda: prescribed(ward.record(visit))
    )
    assert told(ward.record(visit)) == WRITTEN
    line = ward.sign_in()
    line.wait_for("Now    ◐ Meena Rao", "kept")
    line.press("enter")
    line.wait_for("Symptoms", "salt-water gargles", "stressed at work")
    line.press("f5")
    line.wait_for("Meena Rao: signed and completed.")
    record = ward.record(visit)
    assert told(record) == WRITTEN
    assert prescribed(record) == [*TWO_LINES, THIRD_LINE]
