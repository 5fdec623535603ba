"""Two terminals of one doctor on one draft: what each changed since both had the same text.

A field that one side changed is taken from that side. A field that both changed, differently, is
a conflict that a person decides, seeing both texts. Vital signs are each a field of their own,
the two pressures are one. Lists (diagnoses, prescription lines) are merged line by line: what
either side added is there, what either took out is not; only where both took out or rewrote the
same line do they conflict. No database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from msgspec.structs import replace

from store.record_content import TEXTS, as_text, prescription_line
from store.values import PrescriptionInput, RecordInput, Vitals

T = TypeVar("T")

PRESSURE = "blood_pressure"
_PRESSURES = ("systolic_mmhg", "diastolic_mmhg")
_SINGLE = tuple(one for one in Vitals.__struct_fields__ if one not in _PRESSURES)
LISTS = ("diagnoses", "prescription")
FIELDS = (*TEXTS, "follow_up_on", *LISTS, PRESSURE, *_SINGLE)
"""What is merged by itself."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A field that both sides changed, as each has it, for a person to read."""

    field: str
    here: str
    there: str


@dataclass(frozen=True, slots=True)
class Merged:
    """What both sides come to. Where they conflict, `content` has what stands here."""

    content: RecordInput
    conflicts: tuple[Conflict, ...]


def merge(base: RecordInput, here: RecordInput, there: RecordInput) -> Merged:
    """Bring two texts together that began as `base`."""
    parts, conflicts = dict[str, Any](), list[Conflict]()
    for name in FIELDS:
        was, mine, theirs = (_value(one, name) for one in (base, here, there))
        if theirs in (mine, was):
            parts[name] = mine
        elif mine == was:
            parts[name] = theirs
        elif name in LISTS and not _touch_the_same(was, mine, theirs):
            parts[name] = _joined(was, mine, theirs)
        else:
            parts[name] = mine
            conflicts.append(Conflict(name, shown(here, name), shown(there, name)))
    return Merged(_with(here, parts), tuple(conflicts))


def take(content: RecordInput, other: RecordInput, name: str) -> RecordInput:
    """The content with one field of another."""
    return _with(content, {name: _value(other, name)})


def take_both(content: RecordInput, other: RecordInput, name: str) -> RecordInput:
    """The content with what another has in a field added to what stands there. Of a measured
    value or a day there is only one: the other's goes into the notes, in words."""
    mine, theirs = _value(content, name), _value(other, name)
    if name in TEXTS:
        return _with(content, {name: "\n".join(part for part in (mine, theirs) if part)})
    if name in LISTS:
        return _with(content, {name: (*mine, *(one for one in theirs if one not in mine))})
    told = f"{_WORDS.get(name, name)} on another terminal: {shown(other, name) or 'none'}"
    return replace(content, notes="\n".join(part for part in (content.notes, told) if part))


def both(base: RecordInput, here: RecordInput, there: RecordInput) -> RecordInput:
    """As `merge`, when there is nobody left to ask: of a conflict both texts stay."""
    merged = merge(base, here, there)
    content = merged.content
    for one in merged.conflicts:
        content = take_both(content, there, one.field)
    return content


def shown(content: RecordInput, name: str) -> str:
    """A field as a person reads it."""
    value = _value(content, name)
    if name == "prescription":
        return "\n".join(prescription_line(line) for line in value)
    if name in (*TEXTS, "follow_up_on", *LISTS):
        return as_text(content, name)
    if name == PRESSURE:
        return "/".join(f"{part}" for part in value if part is not None)
    return "" if value is None else f"{value}"


def _value(content: RecordInput, name: str) -> Any:
    if name == PRESSURE:
        return tuple(getattr(content.vitals, one) for one in _PRESSURES)
    return getattr(content.vitals if name in _SINGLE else content, name)


def _with(content: RecordInput, parts: Mapping[str, Any]) -> RecordInput:
    measured = {name: value for name, value in parts.items() if name in _SINGLE}
    if PRESSURE in parts:
        measured |= dict(zip(_PRESSURES, parts[PRESSURE], strict=True))
    rest = {
        name: value for name, value in parts.items() if name in (*TEXTS, "follow_up_on", *LISTS)
    }
    return replace(content, **rest, vitals=replace(content.vitals, **measured))


def _touch_the_same(was: tuple[T, ...], mine: tuple[T, ...], theirs: tuple[T, ...]) -> bool:
    """Whether both sides took out or rewrote one line, or both wrote differently of one drug."""
    if any(one not in mine and one not in theirs for one in was):
        return True
    new_here = {_drug(one) for one in mine if one not in was}
    new_there = {_drug(one) for one in theirs if one not in was and one not in mine}
    return bool((new_here & new_there) - {None})


def _joined(was: tuple[T, ...], mine: tuple[T, ...], theirs: tuple[T, ...]) -> tuple[T, ...]:
    kept = [one for one in mine if one in theirs or one not in was]
    return (*kept, *(one for one in theirs if one not in was and one not in mine))


def _drug(line: object) -> str | None:
    return line.drug.casefold() if isinstance(line, PrescriptionInput) else None


_WORDS = {
    "follow_up_on": "follow-up",
    PRESSURE: "blood pressure",
    "pulse_bpm": "pulse",
    "temperature_c": "temperature",
    "weight_kg": "weight",
    "height_cm": "height",
    "spo2_percent": "oxygen saturation",
    "respiration_per_min": "respiration",
}
