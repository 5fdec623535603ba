from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from screens.doctor.typed import read_follow_up, read_line, read_vitals, show_line, show_vitals
from store.errors import Invalid
from store.values import PrescriptionInput, Vitals
from tests.ui import hostile
from widgets.prescription_grid import LineText

NOTHING = Vitals()


@pytest.mark.parametrize(
    ("text", "pressures"),
    [("128/82", (128, 82)), ("128 82", (128, 82)), ("१२८/८२", (128, 82)), ("128", (128, None))],
)
def test_blood_pressure_is_read_as_it_is_spoken(
    text: str, pressures: tuple[int, int | None]
) -> None:
    vitals, errors = read_vitals({"blood_pressure": text}, NOTHING)
    assert not errors
    assert (vitals.systolic_mmhg, vitals.diastolic_mmhg) == pressures


@pytest.mark.parametrize(
    "typed",
    [
        {"blood_pressure": "82/128"},
        {"blood_pressure": "1288/2"},
        {"blood_pressure": "a/b"},
        {"blood_pressure": "1/2/3"},
        {"pulse_bpm": "720"},
        {"pulse_bpm": "7e1"},
        {"pulse_bpm": "-72"},
        {"temperature_c": "368"},
        {"temperature_c": "36.85"},
        {"temperature_c": "nan"},
        {"weight_kg": "inf"},
        {"spo2_percent": "101"},
    ],
)
def test_what_is_implausible_is_named_and_what_stood_stays(typed: dict[str, str]) -> None:
    standing = Vitals(120, 80, 70, Decimal("36.6"), Decimal(60), spo2_percent=98)
    vitals, errors = read_vitals({**show_vitals(standing), **typed}, standing)
    assert set(errors) == set(typed)
    assert vitals == standing


def test_the_rest_is_kept_beside_what_is_implausible() -> None:
    vitals, errors = read_vitals({"pulse_bpm": "720", "weight_kg": "68,5"}, NOTHING)
    assert list(errors) == ["pulse_bpm"]
    assert vitals == Vitals(weight_kg=Decimal("68.5"))


def test_vitals_stand_in_their_fields_as_they_were_typed() -> None:
    vitals = Vitals(128, 82, 76, Decimal("36.8"), Decimal(68), Decimal(165), 98, 16)
    assert read_vitals(show_vitals(vitals), NOTHING) == (vitals, {})


def test_a_line_stands_in_its_fields_as_it_was_typed() -> None:
    line = PrescriptionInput("amoxicillin", "500 mg", "oral", "1-1-1", 5, 15, "after food", "mild")
    assert read_line(show_line(line)).kept == line


@pytest.mark.parametrize(("text", "days"), [("5", 5), ("5d", 5), ("2w", 14), ("५", 5), ("", None)])
def test_days_are_read(text: str, days: int | None) -> None:
    read = read_line(LineText(drug="x-ray dye", duration_days=text))
    assert not read.errors
    assert read.kept is not None
    assert read.kept.duration_days == days


@pytest.mark.parametrize("text", ["x", "0", "-1", "1.5", "99999", "w"])
def test_days_that_are_none_are_named_and_the_drug_is_kept(text: str) -> None:
    read = read_line(LineText(drug="metformin", duration_days=text))
    assert list(read.errors) == ["duration_days"]
    assert read.kept == PrescriptionInput("metformin")


def test_a_line_without_a_drug_is_not_kept() -> None:
    read = read_line(LineText(dose="5 mg"))
    assert read.kept is None
    assert "drug" in read.errors


@pytest.mark.parametrize("text", hostile.CONTROLS)
def test_controls_in_a_line_are_named_by_their_field(text: str) -> None:
    read = read_line(LineText(drug="metformin", instructions=text, answer=text))
    assert set(read.errors) <= {"instructions", "answer"}
    assert read.errors
    assert read.kept == PrescriptionInput("metformin")


def test_a_follow_up_is_a_day_word() -> None:
    monday = date(2026, 1, 5)
    assert read_follow_up("+2w", monday) == date(2026, 1, 19)
    assert read_follow_up("  ", monday) is None
    with pytest.raises(Invalid) as refusal:
        read_follow_up("soon", monday)
    assert "follow_up_on" in refusal.value.fields
