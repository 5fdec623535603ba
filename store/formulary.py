"""The drugs that the hospital knows by name: looked for as one types, imported, and never
deleted. A drug that is not in it can be prescribed all the same, as free text."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, func, select

from store.changes import Topic
from store.errors import Invalid
from store.formulary_index import Formulary
from store.permissions import Action, require
from store.tables import Drug, table_of
from store.text import clean_line, clean_name, search_key
from store.transaction import Transaction
from store.values import DrugView

_DRUG = table_of(Drug)
SEPARATOR = ";"
"""What stands between the ingredients, classes, forms, strengths and synonyms of a drug."""
_LISTS = {"ingredients": 200, "classes": 120, "forms": 200, "strengths": 200, "synonyms": 400}
"""The fields that are lists, and how many characters each may have in all."""
_COLUMN = {"ingredients": "ingredient", "classes": "drug_class"}

_built: WeakKeyDictionary[Engine, tuple[tuple[int, int], Formulary]] = WeakKeyDictionary()
"""One index for each database, with the state of the table that it was made from."""


@dataclass(frozen=True, slots=True)
class DrugInput:
    """A drug as it is to be kept; lists are separated by semicolons. None leaves a field as it
    is, and empty (or active) where the drug is new."""

    name: str
    ingredients: str | None = None
    classes: str | None = None
    forms: str | None = None
    strengths: str | None = None
    synonyms: str | None = None
    atc: str | None = None
    active: bool | None = None


def load(tx: Transaction) -> Formulary:
    """The whole formulary, ready to be searched without asking again.

    It is made anew only when the table changed: rows are never deleted and every change counts
    up a version, so that their number and the sum of their versions tell.

    Raises:
        Forbidden: the actor neither prescribes nor administers.
    """
    require(tx, Action.FORMULARY_READ)
    return of_hospital(tx)


def search(tx: Transaction, text: str, limit: int = 10) -> list[DrugView]:
    """Active drugs for what was typed so far, best first.

    Raises:
        Forbidden: as `load`.
    """
    return load(tx).search(text, limit)


def of_hospital(tx: Transaction) -> Formulary:
    """As `load`, for a rule that has asked its own permission."""
    state = tx.session.execute(
        select(func.count(), func.coalesce(func.sum(_DRUG.c.version), 0)).select_from(_DRUG)
    ).one()
    key = (int(state[0]), int(state[1]))
    engine = tx.session.get_bind().engine
    known = _built.get(engine)
    if known is not None and known[0] == key:
        return known[1]
    made = Formulary(_view(row) for row in tx.session.execute(select(_DRUG).order_by(_DRUG.c.id)))
    # What this unit wrote may yet be taken back.
    if not any(one["topic"] == Topic.FORMULARY for one in tx.announced):
        _built[engine] = key, made
    return made


def save(tx: Transaction, drug: DrugInput) -> tuple[DrugView, bool | None]:
    """Keep a drug, by its name: made where there is none, else as it is given now.

    Returns:
        the drug, and True where it is new, False where it was changed, None where it stood so.

    Raises:
        Forbidden: only administrators keep the formulary.
        Invalid: one sentence for each field that cannot be kept.
    """
    require(tx, Action.FORMULARY_CHANGE)
    columns = _columns(drug)
    key = columns["name_key"]
    row = tx.session.execute(select(Drug).where(_DRUG.c.name_key == key)).scalar_one_or_none()
    if row is None:
        row = tx.add(Drug(**columns, **tx.stamps()))
        return _noted(tx, row, "formulary.add"), True
    if all(getattr(row, name) == value for name, value in columns.items()):
        return _view(row), None
    for name, value in columns.items():
        setattr(row, name, value)
    tx.touch(row)
    tx.session.flush()
    return _noted(tx, row, "formulary.change"), False


def load_starter(tx: Transaction) -> int:
    """Fill an empty formulary with the list that comes with the program; how many drugs it has.

    Raises:
        Forbidden: only administrators, and the program that makes a hospital.
    """
    require(tx, Action.FORMULARY_CHANGE)
    if tx.session.execute(select(_DRUG.c.id).limit(1)).first() is not None:
        return 0
    rows = [{**_columns(one), "is_active": True, **tx.stamps()} for one in starter()]
    tx.session.execute(_DRUG.insert(), rows)
    tx.record("formulary.start", "drug", "all", detail={"drugs": len(rows)})
    tx.changed(Topic.FORMULARY)
    return len(rows)


def starter() -> list[DrugInput]:
    """The drugs of the list that comes with the program (`store/data/formulary.csv`)."""
    text = files("store").joinpath("data/formulary.csv").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows: list[dict[str, Any]] = list(csv.DictReader(lines))
    return [DrugInput(**row) for row in rows]


def cells(row: Any) -> tuple[Any, ...]:
    """A row of the table as its columns in a CSV file."""
    active = "yes" if row.is_active else "no"
    lists = (getattr(row, _COLUMN.get(name, name)) for name in _LISTS)
    return row.name, *lists, row.atc, active


def _columns(drug: DrugInput) -> dict[str, Any]:
    refused: dict[str, str] = {}
    kept: dict[str, Any] = {}
    try:
        kept["name"] = clean_name(drug.name, "name", most=200)
        kept["name_key"] = search_key(kept["name"])
    except Invalid as refusal:
        refused.update(refusal.fields)
    for name, most in _LISTS.items():
        if getattr(drug, name) is None:
            continue
        try:
            parts = clean_line(getattr(drug, name), name, most=most).split(SEPARATOR)
        except Invalid as refusal:
            refused.update(refusal.fields)
            continue
        kept[_COLUMN.get(name, name)] = SEPARATOR.join(
            dict.fromkeys(part.strip() for part in parts if part.strip())
        )
    if drug.atc is not None:
        try:
            kept["atc"] = clean_line(drug.atc, "atc", most=7).upper()
        except Invalid as refusal:
            refused.update(refusal.fields)
    if refused:
        raise Invalid(next(iter(refused.values())), fields=refused)
    return kept if drug.active is None else kept | {"is_active": drug.active}


def _noted(tx: Transaction, row: Drug, action: str) -> DrugView:
    tx.record(action, "drug", row.id, detail={"name": row.name})
    tx.changed(Topic.FORMULARY, entity_id=row.id)
    return _view(row)


def _view(row: Any) -> DrugView:
    return DrugView(
        id=row.id,
        name=row.name,
        ingredients=_parts(row.ingredient),
        classes=_parts(row.drug_class),
        forms=_parts(row.forms),
        strengths=_parts(row.strengths),
        synonyms=_parts(row.synonyms),
        atc=row.atc,
        active=row.is_active,
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split(SEPARATOR)) if text else ()


COLUMNS: Sequence[str] = ("name", *_LISTS, "atc", "active")
"""The columns of the formulary as a CSV file."""
