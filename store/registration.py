"""Patients who register without help."""

from __future__ import annotations

from msgspec.structs import replace

from store import attempts, passwords
from store.account_rows import free_email, insert_account
from store.actors import nobody
from store.errors import Forbidden
from store.front_door import Store
from store.patient_rows import insert_patient, patient_query, patient_views
from store.permissions import Action, require
from store.tables import Patient, table_of
from store.values import PatientInput, PatientView, Role

_PATIENT = table_of(Patient)


def register_self(
    store: Store, given: PatientInput, *, username: str, password: str, terminal: str
) -> PatientView:
    """Make a patient and the account to sign in with, in one unit of work.

    The number and the external id of a patient are the hospital's to give: what `given` says of
    them is left out. Where another account has the e-mail address (families share one), the new
    account has none to sign in by, and nobody learns of the other.

    Raises:
        Forbidden: this hospital's desk registers patients.
        Invalid: fields that cannot be accepted, or a password that would be guessed.
        Duplicate: the user name is taken (field `username`).
    """
    if not store.rules.security.self_registration:
        raise Forbidden("Here the reception desk registers patients. Please ask there.")
    context = [username, given.name, given.email or ""]
    prepared = passwords.prepare(password, store.rules, context=context)
    with store.transaction(nobody(attempts.shown_terminal(terminal))) as tx:
        require(tx, Action.PATIENT_SELF_REGISTER)
        account = insert_account(
            tx,
            username=username,
            name=given.name,
            role=Role.PATIENT,
            email=free_email(tx, given.email),
            phone=given.phone,
            password=prepared,
        )
        row = insert_patient(tx, _own_part(given), account_id=account.id)
        tx.record("patient.self-register", "patient", row.id, patient_id=row.id)
        rows = tx.session.execute(patient_query().where(_PATIENT.c.id == row.id))
        return patient_views(tx, rows)[0]


def _own_part(given: PatientInput) -> PatientInput:
    return replace(given, mrn=None, external_id=None)
