"""Two terminals on one draft: nothing that either wrote is lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.draft_merge import both, merge, take, take_both
from store.values import Diagnosis, PrescriptionInput, RecordInput, Vitals

ZINC, IRON, IRON_NEW = (
    PrescriptionInput("Zinc", "20 mg"),
    PrescriptionInput("Iron", "60 mg"),
    PrescriptionInput("Iron", "100 mg"),
)
FLU, COUGH = Diagnosis("Influenza"), Diagnosis("Cough")
BASE = RecordInput(symptoms="cough", prescription=(ZINC,), vitals=Vitals(pulse_bpm=70))


def changed(**parts: Any) -> RecordInput:
    vitals = Vitals(**{"pulse_bpm": 70, **parts.pop("vitals", {})})
    return RecordInput(**{"symptoms": "cough", "prescription": (ZINC,), "vitals": vitals, **parts})


@pytest.mark.parametrize(
    ("here", "there", "result"),
    [
        (changed(notes="rest"), changed(treatment="tea"), changed(notes="rest", treatment="tea")),
        (changed(symptoms="fever"), BASE, changed(symptoms="fever")),
        (BASE, changed(symptoms=""), changed(symptoms="")),
        (changed(symptoms="fever"), changed(symptoms="fever"), changed(symptoms="fever")),
        (
            changed(vitals={"pulse_bpm": 80}),
            changed(vitals={"spo2_percent": 98}),
            changed(vitals={"pulse_bpm": 80, "spo2_percent": 98}),
        ),
        (
            changed(diagnoses=(FLU,)),
            changed(diagnoses=(COUGH,)),
            changed(diagnoses=(FLU, COUGH)),
        ),
        (
            changed(prescription=(ZINC, IRON)),
            changed(prescription=()),
            changed(prescription=(IRON,)),
        ),
        (
            changed(follow_up_on=date(2026, 2, 1)),
            changed(notes="x"),
            changed(follow_up_on=date(2026, 2, 1), notes="x"),
        ),
    ],
)
def test_what_one_side_changed_is_taken(
    here: RecordInput, there: RecordInput, result: RecordInput
) -> None:
    assert merge(BASE, here, there).content == result
    assert not merge(BASE, here, there).conflicts


@pytest.mark.parametrize(
    ("here", "there", "field", "texts"),
    [
        (changed(symptoms="fever"), changed(symptoms="chills"), "symptoms", ("fever", "chills")),
        (
            changed(vitals={"pulse_bpm": 80}),
            changed(vitals={"pulse_bpm": 90}),
            "pulse_bpm",
            ("80", "90"),
        ),
        (
            changed(vitals={"systolic_mmhg": 120, "diastolic_mmhg": 80}),
            changed(vitals={"systolic_mmhg": 130, "diastolic_mmhg": 85}),
            "blood_pressure",
            ("120/80", "130/85"),
        ),
        (
            changed(prescription=(ZINC, IRON)),
            changed(prescription=(ZINC, IRON_NEW)),
            "prescription",
            ("Zinc 20 mg\nIron 60 mg", "Zinc 20 mg\nIron 100 mg"),
        ),
    ],
)
def test_what_both_changed_is_asked(
    here: RecordInput, there: RecordInput, field: str, texts: tuple[str, str]
) -> None:
    merged = merge(BASE, here, there)
    (conflict,) = merged.conflicts
    assert (conflict.field, conflict.here, conflict.there) == (field, *texts)
    assert merged.content == here
    assert take(merged.content, there, field) == there


def test_both_texts_can_stay() -> None:
    here, there = changed(symptoms="fever"), changed(symptoms="chills")
    assert take_both(here, there, "symptoms").symptoms == "fever\nchills"
    measured = take_both(
        changed(vitals={"pulse_bpm": 80}), changed(vitals={"pulse_bpm": 90}), "pulse_bpm"
    )
    assert measured.vitals.pulse_bpm == 80
    assert measured.notes == "pulse on another terminal: 90"


_texts = st.sampled_from(["", "a1", "b2", "c3"])
_lines = st.lists(st.sampled_from([ZINC, IRON, IRON_NEW]), unique=True, max_size=3).map(tuple)
_contents = st.builds(
    RecordInput,
    symptoms=_texts,
    notes=_texts,
    prescription=_lines,
    vitals=st.builds(Vitals, pulse_bpm=st.one_of(st.none(), st.integers(61, 69))),
)


@given(_contents, _contents, _contents)
def test_nothing_that_either_wrote_is_lost(
    base: RecordInput, here: RecordInput, there: RecordInput
) -> None:
    kept = both(base, here, there)
    told = f"{kept}"
    for side in (here, there):
        for name in ("symptoms", "notes"):
            if getattr(side, name) != getattr(base, name):
                assert getattr(side, name) in told
        if side.vitals.pulse_bpm not in (None, base.vitals.pulse_bpm):
            assert f"{side.vitals.pulse_bpm}" in told
        assert all(
            one in kept.prescription for one in side.prescription if one not in base.prescription
        )
    assert merge(base, here, base).content == here
    assert merge(base, base, there).content == there
