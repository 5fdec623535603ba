"""A medical record as a JSON file: what is taken and what is refused, and how that is told."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chikitsa_tui.cli.record_file import read_record
from store.errors import Invalid
from store.values import Diagnosis, RecordInput, Vitals

TODAY = date(2026, 1, 5)
_ONE_BY_ONE = {"notes", "pulse_bpm", "weight_kg"}


def read(folder: Path, content: object) -> RecordInput:
    file = folder / "visit.json"
    file.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
    return read_record(file, TODAY).content


def test_everything_that_a_record_has(tmp_path: Path) -> None:
    record = read(
        tmp_path,
        {
            "symptoms": "बुखार",
            "diagnoses": ["Cold", {"text": "Fever", "code": "R50.9"}],
            "vitals": {"pulse_bpm": 80, "temperature_c": 38.25, "weight_kg": 70, "height_cm": None},
            "follow_up_on": "+2w",
            "prescription": [{"drug": "Paracetamol", "duration_days": 3, "id": 7}],
        },
    )
    assert record.symptoms == "बुखार"
    assert record.diagnoses == (Diagnosis("Cold"), Diagnosis("Fever", "R50.9"))
    assert record.vitals == Vitals(
        pulse_bpm=80, temperature_c=Decimal("38.25"), weight_kg=Decimal(70)
    )
    assert record.follow_up_on == date(2026, 1, 19)
    assert record.prescription[0].duration_days == 3


def test_an_empty_record_is_one(tmp_path: Path) -> None:
    assert read(tmp_path, {}) == RecordInput()
    assert read(tmp_path, {"follow_up_on": None, "vitals": None}) == RecordInput()


@pytest.mark.parametrize(
    ("content", "given"),
    [
        ({}, set()),
        ({"notes": "x", "follow_up_on": None}, {"notes", "follow_up_on"}),
        ({"prescription": []}, {"prescription"}),
        ({"notes": "x", "vitals": {"pulse_bpm": 80, "weight_kg": None}}, _ONE_BY_ONE),
        ({"vitals": None}, {"vitals"}),
        ({"vitals": {}}, {"vitals"}),
    ],
)
def test_which_fields_a_file_gives(tmp_path: Path, content: Any, given: set[str]) -> None:
    file = tmp_path / "visit.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    assert read_record(file, TODAY).given == given


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "not JSON"),
        ('{"symptoms": "x",}', "line 1"),
        ("[1]", "braces"),
        ("null", "braces"),
        ({"symptom": "x"}, "“symptoms”"),
        ({"symptoms": 3}, "symptoms must be text"),
        ({"diagnoses": "Cold"}, "diagnoses must be a list"),
        ({"diagnoses": [3]}, "diagnoses"),
        ({"diagnoses": [{"txt": "x"}]}, "“text”"),
        ({"vitals": {"puls": 80}}, "“pulse_bpm”"),
        ({"vitals": {"pulse_bpm": "80"}}, "pulse_bpm must be a whole number"),
        ({"vitals": {"pulse_bpm": True}}, "pulse_bpm must be a whole number"),
        ({"vitals": {"temperature_c": "x"}}, "temperature_c must be a number"),
        ('{"vitals": {"temperature_c": NaN}}', "temperature_c must be a number"),
        ('{"vitals": {"weight_kg": Infinity}}', "weight_kg must be a number"),
        ({"follow_up_on": "20260101"}, "is not a day"),
        ({"prescription": [{"drug": "x", "dosis": "y"}]}, "“dose”"),
        ({"prescription": [{"drug": "x", "quantity": 1.5}]}, "quantity must be a whole number"),
        ("[" * 200_000, "nested too deeply"),
        ({"notes": "x" * 2_000_001}, "too long"),
    ],
)
def test_anything_else_is_refused_with_one_sentence(
    tmp_path: Path, content: Any, words: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        read(tmp_path, content)
    assert words in refusal.value.message
    assert "\n" not in refusal.value.message


def test_files_that_are_none(tmp_path: Path) -> None:
    (tmp_path / "latin.json").write_bytes(b'{"notes": "Jos\xe9"}')
    with pytest.raises(Invalid, match="UTF-8"):
        read_record(tmp_path / "latin.json", TODAY)
