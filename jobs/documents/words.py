"""How paper tells days, ages and statuses, and what text from people may do on it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from msgspec import Struct
from msgspec.structs import astuple

from store.values import AppointmentStatus, DayLine, Sex, Vitals

_STATUS = {
    AppointmentStatus.CHECKED_IN: "waiting",
    AppointmentStatus.IN_CONSULTATION: "in consultation",
    AppointmentStatus.NO_SHOW: "no-show",
    AppointmentStatus.IN_ERROR: "in error",
}
_SEX = {Sex.FEMALE: "F", Sex.MALE: "M", Sex.OTHER: "other", Sex.UNKNOWN: ""}
_UNITS = (
    ("pulse_bpm", "pulse", "/min"),
    ("temperature_c", "temperature", " °C"),
    ("spo2_percent", "oxygen saturation", " %"),
    ("respiration_per_min", "respiration", "/min"),
    ("weight_kg", "weight", " kg"),
    ("height_cm", "height", " cm"),
    ("bmi", "BMI", " kg/m²"),
)
_JOINERS = "\u200c\u200d\u200e\u200f"
_PILE = re.compile("([\u0300-\u036f]{4})[\u0300-\u036f]+")
_VARIATIONS = "".join(map(chr, range(0xFE00, 0xFE10)))


def day_words(day: date) -> str:
    """`Mon 5 January 2026`."""
    return f"{day:%a} {day.day} {day:%B %Y}"


def moment_words(moment: datetime) -> str:
    """`5 Jan 2026, 10:42`."""
    return f"{moment.day} {moment:%b %Y, %H:%M}"


def status_words(status: AppointmentStatus) -> str:
    """The status as people say it."""
    return _STATUS.get(status, status.value)


def person_words(line: DayLine) -> str:
    """Sex and age in short: `F 34`."""
    age = "" if line.age is None else str(line.age)
    return f"{_SEX[line.sex]} {age}".strip()


def vitals_words(vitals: Vitals) -> str:
    """What was measured, on one line: `blood pressure 128/82 mmHg, pulse 76/min`."""
    parts = []
    if vitals.systolic_mmhg is not None or vitals.diastolic_mmhg is not None:
        upper, lower = vitals.systolic_mmhg or "–", vitals.diastolic_mmhg or "–"
        parts.append(f"blood pressure {upper}/{lower} mmHg")
    for name, word, unit in _UNITS:
        value = getattr(vitals, name)
        if value is not None:
            parts.append(f"{word} {value}{unit}")
    return ", ".join(parts)


def harmless(text: str, *, lines: bool = False) -> str:
    """The text without anything that drives a printer, turns the reading order or piles marks up
    over the lines above; joiners, which Indic scripts need, stay. On one line unless `lines`."""
    kept = _PILE.sub(r"\1", "".join(_harmless(character, lines=lines) for character in text))
    if lines:
        return "\n".join(line.rstrip() for line in kept.split("\n"))
    return " ".join(kept.split())


def _harmless(character: str, *, lines: bool) -> str:
    if character == "\n" and lines:
        return character
    category = unicodedata.category(character)
    if category in ("Cc", "Zl", "Zp"):
        return " "
    hidden = category in ("Cf", "Cs") and character not in _JOINERS
    return "" if hidden or character in _VARIATIONS else character


def texts_in(value: object) -> Iterator[str]:
    """Every text within a value that may hold others."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Struct):
        yield from texts_in(astuple(value))
    elif isinstance(value, Iterable):
        for one in value:
            yield from texts_in(one)
