"""A medical record as a JSON file: the same fields that `records show --json` prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from chikitsa_tui.cli.inputs import require_known
from store import datewords
from store.errors import Invalid
from store.values import Diagnosis, PrescriptionInput, RecordInput, Vitals

_LARGEST = 2_000_000
_DECIMALS = frozenset({"temperature_c", "weight_kg", "height_cm"})
_COUNTS = frozenset({"duration_days", "quantity"})
_STORED = ("id", "record_id", "position")


@dataclass(frozen=True, slots=True)
class RecordFile:
    """What a file says of a record: `given` names the fields and single vital signs that it
    has, also those that it empties; it says nothing of the others."""

    content: RecordInput
    given: frozenset[str]


def read_record(file: Path, today: date) -> RecordFile:
    """The record that a file (`-`: standard input) holds.

    Raises:
        Invalid: not JSON, an unknown field, or a value of another kind; names the field.
    """
    content = _object(_read(file), "the record")
    names = RecordInput.__struct_fields__
    require_known(content, names, "the record")
    follow_up = _text(content, "follow_up_on")
    record = RecordInput(
        symptoms=_text(content, "symptoms"),
        diagnoses=tuple(_diagnosis(item) for item in _list(content, "diagnoses")),
        vitals=_vitals(content.get("vitals")),
        treatment=_text(content, "treatment"),
        notes=_text(content, "notes"),
        follow_up_on=(
            datewords.parse_day(follow_up, today, field="follow_up_on") if follow_up else None
        ),
        prescription=tuple(prescription_item(item) for item in _list(content, "prescription")),
    )
    # Vital signs that are named stand each for itself; empty vitals empty them all.
    measured = content.get("vitals")
    given = content.keys() - {"vitals"} | measured.keys() if measured else content.keys()
    return RecordFile(record, frozenset(given))


def prescription_item(item: object) -> PrescriptionInput:
    """One prescription line. Raises Invalid as `read_record`."""
    line = _object(item, "prescription")
    names = PrescriptionInput.__struct_fields__
    require_known(line, (*names, *_STORED), "prescription")
    values: dict[str, Any] = {
        name: _whole(line[name], name) if name in _COUNTS else _text(line, name)
        for name in names
        if name in line
    }
    return PrescriptionInput(**{"drug": "", **values})


def _read(file: Path) -> object:
    try:
        if str(file) == "-":
            text = sys.stdin.read(_LARGEST + 1)
        else:
            with file.open(encoding="utf-8-sig") as handle:
                text = handle.read(_LARGEST + 1)
        if len(text) > _LARGEST:
            raise Invalid(f"{file} is too long for a medical record.")
        content: object = json.loads(text, parse_float=Decimal)
    except UnicodeDecodeError:
        raise Invalid(f"{file} is not UTF-8 text; save it as UTF-8.") from None
    except json.JSONDecodeError as error:
        raise Invalid(f"{file}, line {error.lineno}: this is not JSON: {error.msg}.") from None
    except RecursionError:
        raise Invalid(f"{file} is nested too deeply for a medical record.") from None
    return content


def _object(value: object, what: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise Invalid.field(what, f"{what} must be an object in braces.")
    return value


def _list(content: Mapping[str, Any], name: str) -> list[Any]:
    value = content.get(name) or []
    if not isinstance(value, list):
        raise Invalid.field(name, f"{name} must be a list in brackets.")
    return value


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Invalid.field(name, f"{name} must be text in quotes.")
    return value


def _diagnosis(item: object) -> Diagnosis:
    if isinstance(item, str):
        return Diagnosis(item)
    diagnosis = _object(item, "diagnoses")
    require_known(diagnosis, ("text", "code"), "diagnoses")
    return Diagnosis(_text(diagnosis, "text"), _text(diagnosis, "code") or None)


def _vitals(value: object) -> Vitals:
    measured = _object(value or {}, "vitals")
    require_known(measured, Vitals.__struct_fields__, "vitals")
    values: dict[str, Any] = {
        name: _decimal(number, name) if name in _DECIMALS else _whole(number, name)
        for name, number in measured.items()
    }
    return Vitals(**values)


def _decimal(value: object, name: str) -> Decimal | None:
    if value is None:
        return None
    try:
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise ValueError
        number = Decimal(value)
        if not number.is_finite():
            raise ValueError
    except (InvalidOperation, ValueError):
        raise Invalid.field(name, f"{name} must be a number.") from None
    return number


def _whole(value: object, name: str) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise Invalid.field(name, f"{name} must be a whole number.")
