"""Rows of patients."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import ColumnElement, Row, select

from store import patient_keys
from store.batches import insert_rows, one_of_many
from store.changes import Topic
from store.errors import Duplicate, Invalid, StoreError
from store.exchange.bulk import ToWrite, Values, Verdict
from store.exchange.headings import Columns
from store.exchange.ids import reserve
from store.exchange.report import Outcome, Tally
from store.exchange.rows import Kind, external_id
from store.patient_keys import Keyed
from store.patient_rows import clean_mrn, cleaned, free_mrns
from store.permissions import Action, require
from store.sex import parse_sex
from store.tables import Patient, table_of
from store.text import search_key
from store.transaction import Transaction
from store.values import BirthPrecision

_PATIENT = table_of(Patient)
_TOLD = ("birth_date", "sex", "phone", "email", "address")
_KNOWN = (_PATIENT.c.id, _PATIENT.c.mrn, _PATIENT.c.external_id)
_SAME = ("name", "sex", "phone", "email", "address")
_AS_TOLD = ("birth_date", "phone", "email", "address", "language")
_SAME_IN_ALL = {
    "emergency_name": "",
    "emergency_phone": None,
    "is_active": True,
}
_ADOPTED = {"fields": ["external_id"]}


@dataclass(frozen=True, slots=True)
class _Adoption:
    """A patient who is here already takes the file's external id."""

    patient_id: int
    external_id: str


class Patients:
    """Patients: by external id, else by MRN. A row with neither is the patient of whom every
    particular is the same."""

    columns: ClassVar[Columns] = Columns(
        allowed=(
            "external_id",
            "mrn",
            "name",
            "first_name",
            "last_name",
            "birth_date",
            "sex",
            "phone",
            "email",
            "address",
            "language",
        ),
        needed=((("name",), ("first_name", "last_name")),),
    )

    rule: ClassVar[Kind | None] = None

    def __init__(self) -> None:
        self._mrns: dict[str, str | None] = {}
        self._namesakes: dict[tuple[str, Any], int] = {}

    def key(self, values: Values) -> str:
        """The external id, else the MRN, else all of it."""
        for column in ("external_id", "mrn"):
            if values.get(column):
                return f"{column} {values[column]}"
        return "|".join([search_key(_name(values)), *(values.get(one, "") for one in _TOLD)])

    def judge(
        self, tx: Transaction, rows: Sequence[tuple[int, Values]], tally: Tally
    ) -> list[Verdict]:
        """Clean each row, and look for who is here already."""
        require(tx, Action.PATIENT_CREATE)
        read = [_read(tx, values) for _, values in rows]
        good = [one for one in read if not isinstance(one, StoreError)]
        here = _Here(tx, good)
        verdicts: list[Verdict] = []
        new: list[tuple[int, Mapping[str, Any]]] = []
        for (line, _), one in zip(rows, read, strict=True):
            verdict = one if isinstance(one, StoreError) else self._verdict(here, one)
            verdicts.append(verdict)
            if isinstance(verdict, ToWrite) and isinstance(verdict.content, dict):
                new.append((line, verdict.content))
        self._tell_namesakes(tx, new, tally)
        return verdicts

    def write(
        self, tx: Transaction, contents: Sequence[Any], tally: Tally, *, look_again: bool
    ) -> None:
        """Register them all; who was registered by somebody else meanwhile is left as it is."""
        require(tx, Action.DATA_IMPORT)
        new = [one for one in contents if isinstance(one, dict)]
        for one in contents:
            if isinstance(one, _Adoption):
                _adopt(tx, one)
        if look_again:
            here, all_new = _Here(tx, new), new
            new = [
                one
                for one in all_new
                if here.by_external_id(one) is None and here.by_mrn(one) is None
            ]
            tally.added -= len(all_new) - len(new)
            tally.unchanged += len(all_new) - len(new)
        register_all(tx, new)

    def _verdict(self, here: _Here, one: dict[str, Any]) -> Verdict:
        external, mrn = one["external_id"], one["mrn"]
        if external is not None and here.by_external_id(one) is not None:
            return Outcome.UNCHANGED
        if mrn is None:
            same = here.same_person(one) if external is None else None
        else:
            same = here.by_mrn(one)
            if self._mrns.setdefault(mrn, external) != external:
                return Duplicate("An earlier line of the file has that patient number.")
        if same is None:
            return ToWrite(Outcome.ADDED, one)
        if external is None:
            return Outcome.UNCHANGED
        if same.external_id is not None:
            return Duplicate(f"The patient with that MRN has the external id {same.external_id}.")
        return ToWrite(Outcome.UPDATED, _Adoption(same.id, external))

    def _tell_namesakes(
        self, tx: Transaction, new: Sequence[tuple[int, Mapping[str, Any]]], tally: Tally
    ) -> None:
        """Warn of two people of one name and birth date: they may be one."""
        born = [(line, one) for line, one in new if one["birth_date"] is not None]
        here = _namesakes(tx, [one for _, one in born])
        for line, one in born:
            who = (search_key(one["name"]), one["birth_date"])
            first = self._namesakes.setdefault(who, line)
            known = here.get(who) or (f"the one on line {first}" if first != line else None)
            if known is not None:
                tally.likely_duplicates += 1
                tally.warn(
                    f"Line {line} may be {known}: the same name and birth date. Both are kept;"
                    " see `chikitsa patients duplicates`."
                )


class _Here:
    """Who of some rows is here already, asked for all of them at once."""

    def __init__(self, tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
        self._tx = tx
        self._by_external_id = _found(tx, "external_id", rows)
        self._by_mrn = _found(tx, "mrn", rows)
        unnamed = [one for one in rows if one["mrn"] is None and one["external_id"] is None]
        self._same = _same_people(tx, unnamed)

    def by_external_id(self, one: Mapping[str, Any]) -> Row[Any] | None:
        return self._by_external_id.get(one["external_id"])

    def by_mrn(self, one: Mapping[str, Any]) -> Row[Any] | None:
        return self._by_mrn.get(one["mrn"])

    def same_person(self, one: Mapping[str, Any]) -> Row[Any] | None:
        """A patient of whom all that the row tells is true. An age of today is another birth date
        tomorrow; the rest must do."""
        for row in self._same.get(_particulars(one), ()):
            aged = one["birth_precision"] == BirthPrecision.AGE
            if aged or row.birth_date == one["birth_date"]:
                return row
        return None


def register_all(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> None:
    """Put patients in, whose particulars are clean: with numbers, search keys and audit entries,
    each of them as if registered alone."""
    if not rows:
        return
    drawn = iter(free_mrns(tx, sum(one["mrn"] is None for one in rows)))
    numbers = reserve(tx, _PATIENT, len(rows))
    made = [
        {**one, "id": number, "mrn": one["mrn"] or next(drawn)}
        for number, one in zip(numbers, rows, strict=True)
    ]
    insert_rows(tx.session, _PATIENT, made, _SAME_IN_ALL | tx.stamps())
    patient_keys.write(
        tx.session,
        [
            Keyed(one["id"], one["name"], one["mrn"], one["phone"], one["birth_date"])
            for one in made
        ],
    )
    for number in numbers:
        tx.record("patient.create", "patient", number, patient_id=number)
    tx.changed(Topic.PATIENT)


def _read(tx: Transaction, values: Values) -> dict[str, Any] | StoreError:
    """The columns of a row, or why it is refused."""
    try:
        external = external_id(values)
        mrn = clean_mrn(values["mrn"]) if values.get("mrn") else None
        told = {name: values.get(name) for name in _AS_TOLD}
        told |= {"name": _name(values), "sex": parse_sex(values.get("sex", ""))}
        return cleaned(tx, told) | {"external_id": external, "mrn": mrn}
    except Invalid as refusal:
        return refusal


def _name(values: Values) -> str:
    whole = values.get("name", "")
    return whole or f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()


def _adopt(tx: Transaction, adoption: _Adoption) -> None:
    row = tx.fetch(Patient, adoption.patient_id, "patient")
    row.external_id = adoption.external_id
    tx.touch(row)
    tx.session.flush()
    tx.record("patient.update", "patient", row.id, patient_id=row.id, detail=_ADOPTED)
    tx.changed(Topic.PATIENT, entity_id=row.id)


def _found(
    tx: Transaction, column: str, rows: Iterable[Mapping[str, Any]]
) -> dict[str | None, Row[Any]]:
    """Patients by a unique column of theirs."""
    wanted = [one[column] for one in rows if one[column] is not None]
    if not wanted:
        return {}
    there = one_of_many(tx.dialect, _PATIENT.c[column], wanted)
    found = tx.session.execute(select(*_KNOWN).where(there))
    return {getattr(row, column): row for row in found}


def _same_people(
    tx: Transaction, rows: Sequence[Mapping[str, Any]]
) -> dict[tuple[Any, ...], list[Row[Any]]]:
    """Patients who may be those of the rows, by their particulars. Each is looked for by the
    first of phone, e-mail and birth date that is told, which have indexes."""
    found: dict[tuple[Any, ...], list[Row[Any]]] = {}
    left = list(rows)
    for column in (_PATIENT.c.phone, _PATIENT.c.email, _PATIENT.c.birth_date):
        told = [one for one in left if _tells(one, column.name)]
        left = [one for one in left if not _tells(one, column.name)]
        if told:
            wanted = [one[column.name] for one in told]
            _look_for(tx, found, one_of_many(tx.dialect, column, wanted))
    if left:  # Of whom only the name and perhaps an age is known: few, and no index helps.
        _look_for(tx, found, one_of_many(tx.dialect, _PATIENT.c.name, [o["name"] for o in left]))
    return found


def _tells(one: Mapping[str, Any], column: str) -> bool:
    """Whether a patient can be looked for by that particular: an age is no birth date."""
    aged = column == "birth_date" and one["birth_precision"] == BirthPrecision.AGE
    return one[column] is not None and not aged


def _look_for(
    tx: Transaction,
    found: dict[tuple[Any, ...], list[Row[Any]]],
    condition: ColumnElement[bool],
) -> None:
    columns = (*_KNOWN, _PATIENT.c.birth_date, *(_PATIENT.c[name] for name in _SAME))
    for row in tx.session.execute(select(*columns).where(condition).order_by(_PATIENT.c.id)):
        same = tuple(getattr(row, name) for name in _SAME)
        found.setdefault(same, []).append(row)


def _particulars(one: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(one[name] for name in _SAME)


def _namesakes(tx: Transaction, rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, Any], str]:
    """Numbers of patients who have name and birth date of one of the rows."""
    if not rows:
        return {}
    found = tx.session.execute(
        select(_PATIENT.c.mrn, _PATIENT.c.name, _PATIENT.c.birth_date).where(
            one_of_many(tx.dialect, _PATIENT.c.birth_date, [one["birth_date"] for one in rows]),
            one_of_many(tx.dialect, _PATIENT.c.name, [one["name"] for one in rows]),
            _PATIENT.c.merged_into_id.is_(None),
        )
    )
    return {(search_key(row.name), row.birth_date): row.mrn for row in found}
