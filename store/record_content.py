"""The content of a medical record: what is plausible, how it is kept, how it reads as text.

Nothing here knows the database. Vital signs are refused outside what a living person can have,
so that a slip of a key (pulse 720) is caught where it is typed and an illness is not.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Any, TypeVar

from msgspec.structs import asdict, replace

from store import codes
from store.errors import Invalid
from store.text import clean_line, clean_name, clean_note
from store.values import Diagnosis, PrescriptionInput, RecordInput, Vitals

T = TypeVar("T")

TEXTS = ("symptoms", "treatment", "notes")
"""The free texts of a record."""

MOST_DIAGNOSES, MOST_LINES = 30, 50
_LONGEST_FOLLOW_UP = timedelta(days=3660)
_MOST_DAYS, _MOST_UNITS = 3650, 100_000

_WHOLE: Mapping[str, tuple[int, int, str]] = {
    "systolic_mmhg": (40, 300, "systolic pressure"),
    "diastolic_mmhg": (20, 250, "diastolic pressure"),
    "pulse_bpm": (20, 300, "pulse"),
    "spo2_percent": (30, 100, "oxygen saturation"),
    "respiration_per_min": (4, 80, "respiration"),
}
_MEASURED: Mapping[str, tuple[Decimal, Decimal, str, str, int]] = {
    # name: lowest, highest, label, the column that keeps it, column units in one of these
    "temperature_c": (Decimal(30), Decimal(45), "temperature", "temperature_tenths_c", 10),
    "weight_kg": (Decimal("0.2"), Decimal(500), "weight", "weight_g", 1000),
    "height_cm": (Decimal(20), Decimal(272), "height", "height_mm", 10),
}
_UNITS = {
    "systolic_mmhg": "mmHg",
    "diastolic_mmhg": "mmHg",
    "pulse_bpm": "/min",
    "spo2_percent": "%",
    "respiration_per_min": "/min",
    "temperature_c": "°C",
    "weight_kg": "kg",
    "height_cm": "cm",
}


def cleaned(
    content: RecordInput, *, today: date, standing_follow_up: date | None = None
) -> RecordInput:
    """The content as it may be kept; `standing_follow_up` is what was kept before, and may have
    become past meanwhile.

    Raises:
        Invalid: one sentence for each field that cannot be kept.
    """
    refused: dict[str, str] = {}

    def part(make: Callable[[], T], otherwise: T) -> T:
        try:
            return make()
        except Invalid as refusal:
            refused.update(refusal.fields)
            return otherwise

    texts = {name: part(partial(clean_note, getattr(content, name), name), "") for name in TEXTS}
    result = RecordInput(
        **texts,
        diagnoses=part(lambda: clean_diagnoses(content.diagnoses), ()),
        vitals=part(lambda: clean_vitals(content.vitals), Vitals()),
        follow_up_on=part(
            lambda: _clean_follow_up(content.follow_up_on, today, standing_follow_up), None
        ),
        prescription=part(lambda: _clean_prescription(content.prescription), ()),
    )
    if refused:
        raise Invalid(next(iter(refused.values())), fields=refused)
    return result


def merged(standing: RecordInput, given: RecordInput, only: Collection[str] | None) -> RecordInput:
    """What stands, with the named fields and single vital signs as they are given; None names
    all of them."""
    if only is None:
        return given
    vitals = asdict(given.vitals)
    parts = asdict(given)
    kept = replace(standing, **{name: parts[name] for name in parts if name in only})
    measured = {name: vitals[name] for name in vitals if name in only}
    return replace(kept, vitals=replace(kept.vitals, **measured))


def clean_diagnoses(given: tuple[Diagnosis, ...]) -> tuple[Diagnosis, ...]:
    """Diagnoses with their codes as ICD-10 spells them; an empty text becomes the code's title.

    Raises:
        Invalid: no such code, neither code nor text, or more than fit.
    """
    if len(given) > MOST_DIAGNOSES:
        raise Invalid.field("diagnoses", f"A record takes {MOST_DIAGNOSES} diagnoses.")
    return tuple(_clean_diagnosis(one) for one in given)


def clean_vitals(given: Vitals) -> Vitals:
    """Vital signs within what is plausible, in the precision that is kept.

    Raises:
        Invalid: one sentence for each value that is not.
    """
    refused: dict[str, str] = {}
    kept: dict[str, Any] = {}
    for name, value in asdict(given).items():
        try:
            kept[name] = _clean_vital(name, value)
        except Invalid as refusal:
            refused.update(refusal.fields)
    systolic, diastolic = kept.get("systolic_mmhg"), kept.get("diastolic_mmhg")
    if systolic is not None and diastolic is not None and systolic <= diastolic:
        refused["diastolic_mmhg"] = "The diastolic pressure must be below the systolic one."
    if refused:
        raise Invalid(next(iter(refused.values())), fields=refused)
    return Vitals(**kept)


def clean_line_item(given: PrescriptionInput) -> PrescriptionInput:
    """A prescription line as it may be kept.

    Raises:
        Invalid: one sentence for each field that cannot be kept.
    """
    refused: dict[str, str] = {}
    kept: dict[str, Any] = {}
    makers: dict[str, Callable[[], Any]] = {
        "drug": lambda: clean_name(given.drug, "drug", most=200),
        "dose": lambda: clean_line(given.dose, "dose", most=80),
        "route": lambda: clean_line(given.route, "route", most=40),
        "frequency": lambda: clean_line(given.frequency, "frequency", most=80),
        "duration_days": lambda: _clean_count("duration_days", given.duration_days, _MOST_DAYS),
        "quantity": lambda: _clean_count("quantity", given.quantity, _MOST_UNITS),
        "instructions": lambda: clean_line(given.instructions, "instructions", most=500),
        "warning_answer": lambda: clean_line(given.warning_answer, "warning_answer", most=500),
    }
    for name, make in makers.items():
        try:
            kept[name] = make()
        except Invalid as refusal:
            refused.update(refusal.fields)
    if refused:
        raise Invalid(next(iter(refused.values())), fields=refused)
    return PrescriptionInput(**kept)


def to_columns(content: RecordInput) -> dict[str, Any]:
    """The columns of `medical_record` that keep texts, vital signs and follow-up date."""
    columns: dict[str, Any] = {name: getattr(content, name) for name in TEXTS}
    columns |= {name: getattr(content.vitals, name) for name in _WHOLE}
    for name, (_, _, _, column, scale) in _MEASURED.items():
        value = getattr(content.vitals, name)
        columns[column] = None if value is None else int(value * scale)
    return columns | {"follow_up_on": content.follow_up_on}


def vitals_of(row: Any) -> Vitals:
    """Vital signs from the columns that keep them."""
    values: dict[str, Any] = {name: getattr(row, name) for name in _WHOLE}
    for name, (_, _, _, column, scale) in _MEASURED.items():
        kept = getattr(row, column)
        values[name] = None if kept is None else Decimal(kept) / scale
    return Vitals(**values)


def canonical(content: RecordInput) -> str:
    """The content in the one form that its signature is made over."""
    return json.dumps(
        to_columns(content)
        | {
            "diagnoses": [asdict(one) for one in content.diagnoses],
            "prescription": [asdict(one) for one in content.prescription],
        },
        ensure_ascii=False,
        sort_keys=True,
        default=str,
    )


def as_text(content: RecordInput, field: str) -> str:
    """One field of a record as a person would write it; what an amendment stands against."""
    if field in TEXTS:
        return str(getattr(content, field))
    lines: Mapping[str, Callable[[], list[str]]] = {
        "diagnoses": lambda: [
            f"{one.code} {one.text}" if one.code else one.text for one in content.diagnoses
        ],
        "vitals": lambda: _vitals_lines(content.vitals),
        "follow_up_on": lambda: [str(content.follow_up_on)] if content.follow_up_on else [],
        "prescription": lambda: [prescription_line(one) for one in content.prescription],
    }
    return "\n".join(lines[field]())


def prescription_line(line: PrescriptionInput) -> str:
    """A prescription line on one line: `Amoxicillin 500 mg, oral, 1-0-1, 5 days`."""
    parts = [
        f"{line.drug} {line.dose}".strip(),
        line.route,
        line.frequency,
        f"{line.duration_days} days" if line.duration_days else "",
        f"quantity {line.quantity}" if line.quantity else "",
        line.instructions,
    ]
    return ", ".join(part for part in parts if part)


def _vitals_lines(vitals: Vitals) -> list[str]:
    labels = {name: row[2] for name, row in _WHOLE.items()}
    labels |= {name: row[2] for name, row in _MEASURED.items()}
    return [
        f"{labels[name]} {value} {_UNITS[name]}"
        for name, value in asdict(vitals).items()
        if value is not None
    ]


def _clean_diagnosis(given: Diagnosis) -> Diagnosis:
    text = clean_line(given.text, "diagnoses", most=1000)
    spelt = clean_line(given.code, "diagnoses", most=10)
    if not spelt:
        if not text:
            raise Invalid.field("diagnoses", "Give each diagnosis a text or a code.")
        return Diagnosis(text)
    found = codes.find(spelt)
    if found is None:
        raise Invalid.field(
            "diagnoses", f"{spelt} is not an ICD-10 code; search for it or write the text alone."
        )
    return Diagnosis(text or found.title, found.code)


def _clean_vital(name: str, value: Any) -> int | Decimal | None:
    if value is None:
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise Invalid.field(name, f"{clean_line(value, name)} is not a number.") from None
    scale = 1
    low: int | Decimal
    high: int | Decimal
    if name in _WHOLE:
        low, high, label = _WHOLE[name]
    else:
        low, high, label, _, scale = _MEASURED[name]
    if not number.is_finite() or not low <= number <= high:
        raise Invalid.field(
            name, f"A {label} of {value} is not plausible; {low} to {high} {_UNITS[name]} is."
        )
    if number * scale != int(number * scale):
        digits = len(str(scale)) - 1
        precision = f"at most {digits} decimals" if digits else "a whole number"
        raise Invalid.field(name, f"Give the {label} as {precision}.")
    return int(number) if name in _WHOLE else number


def _clean_follow_up(given: date | None, today: date, standing: date | None) -> date | None:
    if given is None or given == standing:
        return given
    if given < today:
        raise Invalid.field("follow_up_on", "The follow-up date is in the past.")
    if given > today + _LONGEST_FOLLOW_UP:
        raise Invalid.field("follow_up_on", "The follow-up date is more than ten years ahead.")
    return given


def _clean_prescription(given: tuple[PrescriptionInput, ...]) -> tuple[PrescriptionInput, ...]:
    if len(given) > MOST_LINES:
        raise Invalid.field("prescription", f"A prescription takes {MOST_LINES} lines.")
    kept = []
    for number, line in enumerate(given, 1):
        try:
            kept.append(clean_line_item(line))
        except Invalid as refusal:
            raise Invalid.field("prescription", f"Line {number}: {refusal.message}") from None
    return tuple(kept)


def _clean_count(name: str, value: int | None, most: int) -> int | None:
    if value is None or 1 <= value <= most:
        return value
    raise Invalid.field(name, f"Give the {name.replace('_', ' ')} as 1 to {most:,}.")
