"""Rows of patients."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sqlalchemy import ColumnElement, Row, select

from store import patients
from store.birth import parse_birth
from store.changes import Topic
from store.errors import Duplicate
from store.exchange.cells import parse_sex
from store.exchange.headings import Columns
from store.exchange.report import Outcome
from store.exchange.rows import Unit, external_id
from store.patient_rows import clean_mrn
from store.tables import Patient, table_of
from store.text import clean_email, clean_line, clean_name, clean_phone, search_key
from store.transaction import Transaction
from store.values import BirthPrecision, PatientInput

_PATIENT = table_of(Patient)


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

    def key(self, values: Mapping[str, str]) -> str:
        """The external id, else the MRN, else all of it."""
        return (
            values.get("external_id")
            or values.get("mrn")
            or "|".join([search_key(_name(values)), *(values.get(one, "") for one in _TOLD)])
        )

    def take(self, unit: Unit, values: Mapping[str, str]) -> Outcome:
        """Register the patient unless registered already."""
        tx, external = unit.tx, external_id(values)
        mrn = clean_mrn(values["mrn"]) if values.get("mrn") else None
        given = PatientInput(
            name=clean_name(_name(values)),
            birth_date=values.get("birth_date") or None,
            sex=parse_sex(values.get("sex", "")),
            phone=values.get("phone") or None,
            email=values.get("email") or None,
            address=values.get("address", ""),
            language=values.get("language", ""),
            external_id=external,
            mrn=mrn,
        )
        if external is not None and _find(tx, _PATIENT.c.external_id == external) is not None:
            return Outcome.UNCHANGED
        if mrn is not None:
            same = _find(tx, _PATIENT.c.mrn == mrn)
        else:
            same = _same_person(tx, given) if external is None else None
        if same is None:
            patients.register(tx, given)
            return Outcome.ADDED
        if external is None:
            return Outcome.UNCHANGED
        return _adopt(tx, same, external)


_TOLD = ("birth_date", "sex", "phone", "email", "address")


def _name(values: Mapping[str, str]) -> str:
    whole = values.get("name", "")
    return whole or f"{values.get('first_name', '')} {values.get('last_name', '')}".strip()


def _adopt(tx: Transaction, same: Row[tuple[int, str | None]], external: str) -> Outcome:
    """The patient with that MRN takes the file's external id, unless it has another one."""
    if same.external_id is not None:
        raise Duplicate(f"The patient with that MRN has the external id {same.external_id}.")
    row = tx.fetch(Patient, same.id, "patient")
    row.external_id = external
    tx.touch(row)
    tx.session.flush()
    tx.record("patient.update", "patient", row.id, patient_id=row.id, detail={"fields": _ADOPTED})
    tx.changed(Topic.PATIENT, entity_id=row.id)
    return Outcome.UPDATED


_ADOPTED = ["external_id"]


def _same_person(tx: Transaction, given: PatientInput) -> Row[tuple[int, str | None]] | None:
    """A patient of whom all that the row tells is true."""
    region = tx.rules.hospital.region
    conditions = [
        _PATIENT.c.name == given.name,
        _PATIENT.c.sex == given.sex.value,
        _PATIENT.c.phone.is_not_distinct_from(clean_phone(given.phone, region=region)),
        _PATIENT.c.email.is_not_distinct_from(clean_email(given.email)),
        _PATIENT.c.address == _on_one_line(given.address),
    ]
    if given.birth_date is None:
        conditions.append(_PATIENT.c.birth_date.is_(None))
    else:
        birth, precision = parse_birth(given.birth_date, tx.today())
        # An age of today is another birth date tomorrow; the rest must do.
        if precision is not BirthPrecision.AGE:
            conditions.append(_PATIENT.c.birth_date == birth)
    return _find(tx, *conditions)


def _on_one_line(address: str) -> str:
    lines = (line.strip() for line in address.splitlines())
    return clean_line(", ".join(line for line in lines if line), "address", most=500)


def _find(tx: Transaction, *conditions: ColumnElement[bool]) -> Row[tuple[int, str | None]] | None:
    return tx.session.execute(
        select(_PATIENT.c.id, _PATIENT.c.external_id).where(*conditions).limit(1)
    ).first()
