"""Between what a doctor types and what a record holds: text into values, values into text.

Whether a value is plausible is the store's rule (`store.record_content`); here it only becomes a
number. What cannot be kept is told by field, and the rest is kept all the same.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from msgspec.structs import replace

from store.datewords import parse_day
from store.errors import Invalid
from store.prescription_shorthand import days
from store.record_content import clean_line_item, clean_vitals
from store.text import ascii_digits
from store.values import PrescriptionInput, Vitals
from widgets.prescription_grid import LineText

PRESSURE = "blood_pressure"
"""The one field of the two pressures, written as they are spoken: 128/82."""

_WHOLE = ("pulse_bpm", "spo2_percent", "respiration_per_min")
_MEASURED = ("temperature_c", "weight_kg", "height_cm")
_COUNTS = ("duration_days", "quantity")
_PRESSURES = ("systolic_mmhg", "diastolic_mmhg")
SPOKEN = {
    PRESSURE: "blood pressure",
    "pulse_bpm": "pulse",
    "spo2_percent": "oxygen saturation",
    "respiration_per_min": "respiration",
    "temperature_c": "temperature",
    "weight_kg": "weight",
    "height_cm": "height",
    "duration_days": "days",
    "quantity": "total",
}
"""What fields are called in sentences."""


@dataclass(frozen=True)
class LineErrors:
    """What is wrong with one prescription line, and what can be kept of it, if anything."""

    kept: PrescriptionInput | None
    errors: Mapping[str, str] = field(default_factory=dict)


def read_vitals(typed: Mapping[str, str], standing: Vitals) -> tuple[Vitals, dict[str, str]]:
    """Vital signs as typed, and what cannot be kept by field; there, what `standing` says stays."""
    errors: dict[str, str] = {}
    values: dict[str, Any] = {}
    try:
        values["systolic_mmhg"], values["diastolic_mmhg"] = _pressure(typed.get(PRESSURE, ""))
    except Invalid as refusal:
        errors.update(refusal.fields)
    for name in (*_WHOLE, *_MEASURED):
        try:
            values[name] = _number(typed.get(name, ""), name)
        except Invalid as refusal:
            errors.update(refusal.fields)
    vitals = Vitals(**values)
    try:
        return _with_standing(clean_vitals(vitals), standing, errors), errors
    except Invalid as refusal:
        for name, sentence in refusal.fields.items():
            errors[PRESSURE if name in _PRESSURES else name] = sentence
    kept = replace(vitals, **dict.fromkeys(_columns_of(errors)))
    return _with_standing(clean_vitals(kept), standing, errors), errors


def _with_standing(vitals: Vitals, standing: Vitals, errors: Mapping[str, str]) -> Vitals:
    return replace(vitals, **{name: getattr(standing, name) for name in _columns_of(errors)})


def _columns_of(errors: Mapping[str, str]) -> list[str]:
    names = [name for name in errors if name != PRESSURE]
    return [*names, *_PRESSURES] if PRESSURE in errors else names


def show_vitals(vitals: Vitals) -> dict[str, str]:
    """Vital signs as they stand in their fields."""
    shown = {
        name: "" if getattr(vitals, name) is None else f"{getattr(vitals, name)}"
        for name in (*_WHOLE, *_MEASURED)
    }
    upper, lower = vitals.systolic_mmhg, vitals.diastolic_mmhg
    shown[PRESSURE] = "" if upper is None else f"{upper}" if lower is None else f"{upper}/{lower}"
    return shown


def _pressure(text: str) -> tuple[int | None, int | None]:
    text = ascii_digits(text).strip()
    if not text:
        return None, None
    parts = [part.strip() for part in text.replace(" ", "/").split("/") if part.strip()]
    if len(parts) in (1, 2) and all(part.isascii() and part.isdigit() for part in parts):
        return int(parts[0]), int(parts[1]) if len(parts) == 2 else None
    raise Invalid.field(PRESSURE, "Write the blood pressure as 128/82.")


def _number(text: str, name: str) -> Decimal | None:
    text = ascii_digits(text).strip().replace(",", ".")
    if not text:
        return None
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or not set(text) <= set("0123456789."):
        raise Invalid.field(name, f"Give the {SPOKEN[name]} as a number.")
    return number


def read_line(typed: LineText) -> LineErrors:
    """A prescription line as typed; a field that cannot be kept is left out of what is kept."""
    errors: dict[str, str] = {}
    counts: dict[str, int | None] = dict.fromkeys(_COUNTS)
    for name in _COUNTS:
        try:
            counts[name] = _count(getattr(typed, name), name)
        except Invalid as refusal:
            errors.update(refusal.fields)
    line = PrescriptionInput(
        drug=typed.drug,
        dose=typed.dose,
        route=typed.route,
        frequency=typed.frequency,
        instructions=typed.instructions,
        warning_answer=typed.answer,
        **counts,
    )
    try:
        return LineErrors(clean_line_item(line), errors)
    except Invalid as refusal:
        refused = refusal.fields
    for name, sentence in refused.items():
        errors["answer" if name == "warning_answer" else name] = sentence
    if "drug" in refused:
        return LineErrors(None, errors)
    blank: dict[str, Any] = {name: None if name in _COUNTS else "" for name in refused}
    return LineErrors(clean_line_item(replace(line, **blank)), errors)


def show_line(line: PrescriptionInput) -> LineText:
    """A prescription line as it stands in its fields."""
    return LineText(
        drug=line.drug,
        dose=line.dose,
        route=line.route,
        frequency=line.frequency,
        duration_days="" if line.duration_days is None else f"{line.duration_days}",
        quantity="" if line.quantity is None else f"{line.quantity}",
        instructions=line.instructions,
        answer=line.warning_answer,
    )


def _count(text: str, name: str) -> int | None:
    """A whole number; days may be said as on paper (`2w`, `5/7`)."""
    text = ascii_digits(text).strip().casefold()
    if not text:
        return None
    if name == "duration_days" and (counted := days(text)) is not None:
        return counted
    if not (text.isascii() and text.isdigit()):
        raise Invalid.field(name, f"Give the {SPOKEN[name]} as a whole number.")
    return int(text)


def read_follow_up(text: str, today: date) -> date | None:
    """The follow-up day, from a date or a date word.

    Raises:
        Invalid: it is no day.
    """
    return parse_day(text, today, field="follow_up_on") if text.strip() else None
