"""Patients: registering, changing, finding one, and their allergies."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from sqlalchemy import ColumnElement, func, or_, select

from store import list_words, mrn, refused_addresses
from store.account_rows import set_active
from store.changes import Topic
from store.errors import Forbidden, Invalid, NotFound
from store.listing.people import PATIENTS
from store.patient_rows import (
    PATIENT,
    change,
    insert_patient,
    patient_query,
    patient_views,
    require_unmerged,
    survivor_of,
)
from store.permissions import Action, Scope, require, scope_of
from store.references import name_key, plausible_id
from store.tables import Account, Allergy, Appointment, MedicalRecord, Patient, table_of
from store.text import clean_line
from store.transaction import Transaction
from store.values import HOLDS_SLOT, AllergyView, Page, PatientInput, PatientView

PATIENTS_OWN = frozenset(
    {"name", "phone", "email", "address", "emergency_name", "emergency_phone", "language"}
)
"""The fields of `PatientInput` that patients change of themselves."""

_ALLERGY = table_of(Allergy)


def register(tx: Transaction, given: PatientInput) -> PatientView:
    """Register a patient at the desk, with the next patient number unless one is given.

    Raises:
        Invalid: every field that cannot be accepted; `fields` says which.
        Duplicate: the given patient number or external id is another's.
    """
    require(tx, Action.PATIENT_CREATE)
    row = insert_patient(tx, given)
    tx.record("patient.create", "patient", row.id, patient_id=row.id)
    return _view(tx, row)


def update(
    tx: Transaction,
    patient_id: int,
    changes: Mapping[str, object],
    *,
    version: int | None = None,
) -> PatientView:
    """Change the given fields of `PatientInput`; an empty text clears. Patients change of their
    own what `PATIENTS_OWN` names.

    Raises:
        Invalid: every field that cannot be accepted, or cannot be changed.
        Duplicate: the external id is another patient's.
        ChangedMeanwhile: `version` is not the patient's.
        NotFound: there is no such patient.
    """
    require(tx, Action.PATIENT_CHANGE, patient_id=patient_id)
    _require_own_part(tx, changes)
    row = tx.fetch(Patient, patient_id, "patient")
    require_unmerged(tx, row)
    tx.expect(row, version)
    former = row.email
    changed = change(tx, row, changes)
    if "email" in changed:
        refused_addresses.send_again(tx, patient_id, former)
    if changed:
        tx.record(
            "patient.update", "patient", row.id, patient_id=row.id, detail={"fields": changed}
        )
    return _view(tx, row)


def deactivate(tx: Transaction, patient_id: int) -> PatientView:
    """Take a patient out of the finder and of booking, and end the patient's login sessions; the
    history stays."""
    return _set_active(tx, patient_id, False)


def activate(tx: Transaction, patient_id: int) -> PatientView:
    """Bring a deactivated patient back."""
    return _set_active(tx, patient_id, True)


def get(tx: Transaction, ref: int | str) -> PatientView:
    """A patient by id (a number), or by patient number or id (a text); of a merged one the
    patient it was merged into.

    Raises:
        NotFound: there is none; a mistyped patient number is called so.
    """
    patient_id, mistyped = numbered(tx, ref)
    patient_id = survivor_of(tx, patient_id)
    require(tx, Action.PATIENT_READ, patient_id=patient_id)
    rows = tx.session.execute(patient_query().where(PATIENT.c.id == patient_id))
    found = patient_views(tx, rows)
    if not found:
        raise NotFound(mistyped or "There is no such patient.", entity="patient", id=ref)
    tx.record("patient.read", "patient", patient_id, patient_id=patient_id)
    return found[0]


def list_patients(
    tx: Transaction,
    words: str = "",
    *,
    active: bool | None = True,
    limit: int = 500,
    offset: int = 0,
) -> Page[PatientView]:
    """Patients in the order of registration; a doctor's are those the doctor has to do with.

    Args:
        words: the filter line of the list of patients (`store.list_words`); whether deactivated
            ones come in, too, is then its to say (`state:all`).

    Raises:
        Invalid: of the field `filter`, the words cannot be understood.
    """
    conditions = _whose(tx)
    if words.strip():
        narrowed = PATIENTS.narrow(tx, list_words.parse(words, PATIENTS.words, tx.today()))
        conditions += narrowed.conditions
    elif active is not None:
        conditions.append(PATIENT.c.is_active == active)
    total = tx.session.execute(select(func.count()).select_from(PATIENT).where(*conditions))
    query = patient_query().where(*conditions).order_by(PATIENT.c.id).limit(limit).offset(offset)
    items = tuple(patient_views(tx, tx.session.execute(query)))
    tx.record("patient.list", "patient", "", detail={"shown": len(items)})
    return Page(items, total.scalar_one(), offset)


def allergies(tx: Transaction, patient_id: int) -> list[AllergyView]:
    """A patient's allergies as they stand, the newest last."""
    require(tx, Action.ALLERGY_READ, patient_id=patient_id)
    tx.record("allergy.read", "patient", patient_id, patient_id=patient_id)
    rows = tx.session.execute(
        select(_ALLERGY)
        .where(_ALLERGY.c.patient_id == plausible_id(patient_id), _ALLERGY.c.is_active)
        .order_by(_ALLERGY.c.id)
    )
    return [
        AllergyView(row.id, row.patient_id, row.substance, row.reaction, row.severity, row.noted_on)
        for row in rows
    ]


def add_allergy(
    tx: Transaction,
    patient_id: int,
    substance: str,
    *,
    reaction: str = "",
    severity: str = "",
    noted_on: date | None = None,
) -> AllergyView:
    """Record an allergy or intolerance, noted today unless said otherwise.

    Raises:
        Invalid: a field that cannot be accepted, or a day to come.
        NotFound: there is no such patient.
    """
    require(tx, Action.ALLERGY_CHANGE, patient_id=patient_id)
    require_unmerged(tx, tx.fetch(Patient, patient_id, "patient"))
    if noted_on is not None and noted_on > tx.today():
        raise Invalid.field("noted_on", "The day is still to come.")
    row = tx.add(
        Allergy(
            patient_id=patient_id,
            substance=clean_line(substance, "substance", required=True),
            reaction=clean_line(reaction, "reaction"),
            severity=clean_line(severity, "severity", most=40),
            noted_on=noted_on or tx.today(),
            **tx.stamps(),
        )
    )
    _allergy_told(tx, row, "allergy.add")
    assert row.id is not None
    return AllergyView(row.id, patient_id, row.substance, row.reaction, row.severity, row.noted_on)


def remove_allergy(tx: Transaction, allergy_id: int) -> None:
    """Take an allergy back that proved wrong; it stays in the history. The desk, which records
    allergies unseen, takes none back.

    Raises:
        NotFound: there is no such allergy.
    """
    row = tx.session.get(Allergy, plausible_id(allergy_id))
    for action in (Action.ALLERGY_READ, Action.ALLERGY_CHANGE):
        require(tx, action, patient_id=row.patient_id if row else None)
    if row is None or not row.is_active:
        raise NotFound(f"There is no allergy {allergy_id}.", entity="allergy", id=allergy_id)
    row.is_active = False
    tx.touch(row)
    _allergy_told(tx, row, "allergy.remove")


def _set_active(tx: Transaction, patient_id: int, active: bool) -> PatientView:
    require(tx, Action.PATIENT_DEACTIVATE, patient_id=patient_id)
    row = tx.fetch(Patient, patient_id, "patient")
    require_unmerged(tx, row)
    row.is_active = active
    tx.touch(row)
    if row.account_id is not None:
        account = tx.fetch(Account, row.account_id, "account")
        if not account.is_barred:
            set_active(tx, account, active, "" if active else "deactivated")
    verb = "activate" if active else "deactivate"
    tx.record(f"patient.{verb}", "patient", row.id, patient_id=row.id)
    tx.changed(Topic.PATIENT, entity_id=row.id)
    return _view(tx, row)


def _require_own_part(tx: Transaction, changes: Mapping[str, object]) -> None:
    """Hold a patient to what is the patient's to change: by the others, imports tell people
    apart."""
    if scope_of(tx, Action.PATIENT_CHANGE) is Scope.OWN and set(changes) - PATIENTS_OWN:
        raise Forbidden(
            "Sex, birth date and external id are the hospital's to change. Ask the reception desk.",
            action=Action.PATIENT_CHANGE,
        )


def numbered(tx: Transaction, ref: int | str) -> tuple[int, str]:
    """The id that a reference names (0: none), and what to say where it is mistyped."""
    if isinstance(ref, int):
        return plausible_id(ref), ""
    text, mistyped = name_key(ref).upper(), ""
    wanted = text
    if mrn.looks_like_mrn(text):
        try:
            wanted = mrn.parse_mrn(text)
        except Invalid as refusal:
            mistyped = refusal.message
    found = tx.session.execute(select(PATIENT.c.id).where(PATIENT.c.mrn == wanted)).scalar()
    if found is None and not mistyped and text.isascii() and text.isdigit():
        return plausible_id(int(text)), ""
    return found or 0, mistyped


def _whose(tx: Transaction) -> list[ColumnElement[bool]]:
    """What narrows a list of patients to those whom the actor may see."""
    scope = scope_of(tx, Action.PATIENT_READ)
    if scope is Scope.ANY:
        return []
    if scope is Scope.OWN:
        return [PATIENT.c.id == (tx.actor.patient_id or 0)]
    visits, records = table_of(Appointment).c, table_of(MedicalRecord).c
    doctor_id, holding = tx.actor.doctor_id or 0, [status.value for status in HOLDS_SLOT]
    met = select(visits.patient_id).where(visits.doctor_id == doctor_id, visits.status.in_(holding))
    wrote = select(records.patient_id).where(records.doctor_id == doctor_id)
    return [or_(PATIENT.c.id.in_(met), PATIENT.c.id.in_(wrote))]


def _allergy_told(tx: Transaction, row: Allergy, action: str) -> None:
    tx.session.flush()
    tx.record(action, "allergy", row.id, patient_id=row.patient_id)
    tx.changed(Topic.PATIENT, entity_id=row.patient_id)


def _view(tx: Transaction, row: Patient) -> PatientView:
    tx.session.flush()
    rows = tx.session.execute(patient_query().where(PATIENT.c.id == row.id))
    return patient_views(tx, rows)[0]
