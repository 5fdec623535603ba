"""Patients as rows: checking what is written of them, and keeping their search keys true.

Nothing here asks for a permission: the rules that call it do.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row, Select, select

from store import mrn, patient_keys
from store.birth import age_on, parse_birth
from store.changes import Topic
from store.errors import InUse, Invalid
from store.patient_keys import Keyed
from store.references import name_key
from store.sex import parse_sex
from store.tables import Account, Allergy, Patient, RefusedAddress, table_of
from store.text import clean_email, clean_language, clean_line, clean_name, clean_phone
from store.transaction import Transaction
from store.uniqueness import refusing_duplicates
from store.values import BirthPrecision, PatientInput, PatientView, Sex

PATIENT, _ACCOUNT = table_of(Patient), table_of(Account)
_REFUSED = table_of(RefusedAddress)
_TAKEN = {
    "mrn": "Another patient has that patient number.",
    "external_id": "Another patient has that external id.",
}
_PLAIN_MRN = re.compile(r"[0-9]{6,14}-[0-9]")
_FOREIGN_MRN = re.compile(r"[A-Z0-9][A-Z0-9-]{0,15}")
_ONLY_AT_REGISTRATION = ("mrn", "allergies")
_FIELDS = frozenset(PatientInput.__struct_fields__) - set(_ONLY_AT_REGISTRATION)


def insert_patient(
    tx: Transaction, given: PatientInput, *, account_id: int | None = None
) -> Patient:
    """Register a patient: number, particulars, allergies and search keys.

    Raises:
        Invalid: every field that cannot be accepted, at once.
        Duplicate: the given patient number or external id is another's.
    """
    columns = cleaned(tx, {name: getattr(given, name) for name in _FIELDS})
    substances = [_substance(one) for one in given.allergies]
    row = Patient(
        mrn=clean_mrn(given.mrn) if given.mrn else free_mrns(tx, 1)[0],
        account_id=account_id,
        **columns,
        **tx.stamps(),
    )
    with refusing_duplicates(tx, _TAKEN):
        tx.add(row)
    assert row.id is not None
    for substance in dict.fromkeys(substances):
        tx.session.add(Allergy(patient_id=row.id, substance=substance, **tx.stamps()))
    patient_keys.write(tx.session, [keyed(tx, row)])
    tx.changed(Topic.PATIENT, entity_id=row.id)
    return row


def free_mrns(tx: Transaction, count: int) -> list[str]:
    """The next numbers that no imported patient came with."""
    free: list[str] = []
    while len(free) < count:
        drawn = mrn.next_mrns(tx, count - len(free))
        taken = select(PATIENT.c.mrn).where(PATIENT.c.mrn.in_(drawn))
        gone = set(tx.session.execute(taken).scalars())
        free += [number for number in drawn if number not in gone]
    return free


def change(tx: Transaction, row: Patient, wanted: Mapping[str, object]) -> list[str]:
    """Change what differs and return the names of changed fields.

    Raises:
        Invalid: every field that cannot be accepted, or that is no field of a patient.
        Duplicate: the external id is another patient's.
    """
    unknown = sorted(set(wanted) - _FIELDS)
    if unknown:
        raise Invalid(
            f"A patient has no field that is called {', '.join(unknown)} and can be changed.",
            fields=dict.fromkeys(unknown, "This cannot be changed."),
        )
    columns = cleaned(tx, wanted)
    differing = [name for name, value in columns.items() if getattr(row, name) != value]
    if not differing:
        return []
    before = keyed(tx, row)
    with refusing_duplicates(tx, _TAKEN):
        for name in differing:
            setattr(row, name, columns[name])
        tx.touch(row)
    find_anew(tx, row, before)
    if "name" in differing and row.account_id is not None:
        account = tx.fetch(Account, row.account_id, "account")
        account.name = row.name
        tx.touch(account)
        tx.changed(Topic.ACCOUNT, entity_id=account.id)
    tx.changed(Topic.PATIENT, entity_id=row.id)
    return differing


def keyed(tx: Transaction, row: Patient) -> Keyed:
    """What a patient is found by at present."""
    assert row.id is not None
    former = patient_keys.former_of(tx.session, row.id)
    return Keyed(row.id, row.name, row.mrn, row.phone, row.birth_date, former)


def find_anew(tx: Transaction, row: Patient, before: Keyed) -> None:
    """Make a patient findable by what is true now, where that is not what it was `before`."""
    after = keyed(tx, row)
    if before != after:
        patient_keys.replace(tx.session, before, after)


def survivor_of(tx: Transaction, patient_id: int) -> int:
    """The id of the patient whom this one was merged into; its own where it was not."""
    into = select(PATIENT.c.merged_into_id).where(PATIENT.c.id == patient_id)
    return tx.session.execute(into).scalar() or patient_id


def require_unmerged(tx: Transaction, row: Patient) -> None:
    """Refuse what would change a patient who was merged into another one.

    Raises:
        InUse: `details["mrn"]` is the other's number.
    """
    if row.merged_into_id is not None:
        into = tx.fetch(Patient, row.merged_into_id, "patient").mrn
        raise InUse(f"{row.mrn} was merged into {into}. Take that patient.", mrn=into)


def clean_mrn(value: str) -> str:
    """A patient number that came with the patient: ours, or another system's.

    Raises:
        Invalid: not 1 to 16 of `A-Z 0-9 -`, ours mistyped, or so few digits that it would be
            taken for an id.
    """
    if _PLAIN_MRN.fullmatch(value):
        return mrn.parse_mrn(value)
    text = name_key(value).upper()
    if mrn.looks_like_mrn(text):
        return mrn.parse_mrn(text)
    if not _FOREIGN_MRN.fullmatch(text) or text.replace("-", "").isdigit():
        raise Invalid.field(
            "mrn", "A patient number looks like 004211-6; another system's needs a letter."
        )
    return text


def patient_query() -> Select[Any]:
    """All that a PatientView needs, without table objects."""
    return (
        select(PATIENT, _ACCOUNT.c.username, _REFUSED.c.at.label("email_refused_at"))
        .outerjoin(_ACCOUNT, _ACCOUNT.c.id == PATIENT.c.account_id)
        .outerjoin(_REFUSED, _REFUSED.c.address == PATIENT.c.email)
    )


def patient_views(tx: Transaction, rows: Iterable[Row[Any]]) -> list[PatientView]:
    """The rows of `patient_query` as they leave the store."""
    today = tx.today()
    return [_view(tx, row, today) for row in rows]


def _view(tx: Transaction, row: Row[Any], today: date) -> PatientView:
    return PatientView(
        id=row.id,
        mrn=row.mrn,
        name=row.name,
        birth_date=row.birth_date,
        birth_precision=BirthPrecision(row.birth_precision) if row.birth_precision else None,
        age=age_on(row.birth_date, today) if row.birth_date else None,
        sex=Sex(row.sex),
        phone=row.phone,
        email=row.email,
        address=row.address,
        emergency_name=row.emergency_name,
        emergency_phone=row.emergency_phone,
        language=row.language,
        active=row.is_active,
        external_id=row.external_id,
        username=row.username,
        version=row.version,
        email_refused_at=tx.maybe_local(row.email_refused_at),
    )


def cleaned(tx: Transaction, wanted: Mapping[str, object]) -> dict[str, Any]:
    """The columns that fields become.

    Raises:
        Invalid: every field that cannot be accepted, at once.
    """
    columns: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for name, value in wanted.items():
        try:
            if name == "birth_date":
                columns |= _birth(tx, value)
            else:
                columns[name] = _CLEAN[name](tx, value)
        except Invalid as refusal:
            wrong |= refusal.fields
    if wrong:
        sentences = list(wrong.values())
        more = f" ({len(sentences) - 1} more fields are refused.)" if sentences[1:] else ""
        raise Invalid(sentences[0] + more, fields=wrong)
    return columns


def _birth(tx: Transaction, value: object) -> dict[str, Any]:
    text = clean_line(value, "birth_date", most=40)
    if not text:
        return {"birth_date": None, "birth_precision": None}
    born, precision = parse_birth(text, tx.today())
    return {"birth_date": born, "birth_precision": precision.value}


def _sex(_tx: Transaction, value: object) -> str:
    sex = value if isinstance(value, Sex) else parse_sex(str(value or ""))
    return sex.value


def _language(tx: Transaction, value: object) -> str:
    return clean_language(value) or tx.rules.hospital.locale


def _address(_tx: Transaction, value: object) -> str:
    text = str(value or "")
    if "\n" not in text:
        return clean_line(text, "address", most=500)
    lines = text.replace("\r\n", "\n").split("\n")
    return clean_line(
        ", ".join(line.strip() for line in lines if line.strip()), "address", most=500
    )


def _substance(value: str) -> str:
    return clean_line(value, "allergies", required=True)


_CLEAN: dict[str, Callable[[Transaction, object], Any]] = {
    "name": lambda _tx, value: clean_name(value),
    "sex": _sex,
    "phone": lambda tx, value: clean_phone(value, region=tx.rules.hospital.region),
    "email": lambda _tx, value: clean_email(value),
    "address": _address,
    "emergency_name": lambda _tx, value: clean_line(value, "emergency_name", most=120),
    "emergency_phone": lambda tx, value: clean_phone(
        value, "emergency_phone", region=tx.rules.hospital.region
    ),
    "language": _language,
    "external_id": lambda _tx, value: clean_line(value, "external_id", most=120) or None,
}
