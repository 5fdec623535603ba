"""One's own particulars, whatever role one has: an account's, a patient's, a doctor's."""

from __future__ import annotations

from collections.abc import Mapping

from store import accounts, doctors, patient_rows, patients
from store.account_rows import change_account, free_email
from store.errors import Invalid
from store.permissions import Action, require
from store.signing_in import own_account
from store.tables import Account, Patient
from store.transaction import Transaction
from store.values import ProfileView

PATIENTS = frozenset({"address", "emergency_name", "emergency_phone", "language"})
DOCTORS = frozenset({"qualification", "bio", "fee", "language"})
OTHERS = frozenset({"language"})


def get(tx: Transaction) -> ProfileView:
    """The particulars of who asks.

    Raises:
        NotSignedIn: nobody is signed in.
    """
    require(tx, Action.PROFILE_CHANGE, account_id=tx.actor.account_id)
    patient_id, doctor_id = tx.actor.patient_id, tx.actor.doctor_id
    return ProfileView(
        account=accounts.whoami(tx),
        patient=None if patient_id is None else patients.get(tx, patient_id),
        doctor=None if doctor_id is None else doctors.get(tx, doctor_id),
    )


def update(
    tx: Transaction,
    *,
    name: str,
    phone: str | None,
    email: str | None,
    particulars: Mapping[str, object] | None = None,
) -> ProfileView:
    """Set one's own particulars; None clears, but for a doctor's fee, which stays.

    Args:
        particulars: what the role has beyond these: `PATIENTS`, `DOCTORS`, else `OTHERS`.

    A patient whose e-mail address is another account's keeps it for mail, and signs in by the user
    name alone: that there is such an account is told to staff only.

    Raises:
        Invalid: a field that cannot be accepted, or that the role does not have.
        Duplicate: of staff, another account has the e-mail address.
    """
    require(tx, Action.PROFILE_CHANGE, account_id=tx.actor.account_id)
    row, more = own_account(tx), dict(particulars or {})
    patient_id, doctor_id = tx.actor.patient_id, tx.actor.doctor_id
    has = PATIENTS if patient_id is not None else DOCTORS if doctor_id is not None else OTHERS
    unknown = sorted(set(more) - has)
    if unknown:
        words = dict.fromkeys(unknown, "This is not yours to set.")
        raise Invalid(f"Your account has no field {', '.join(unknown)}.", fields=words)
    if doctor_id is not None:
        doctors.update(
            tx,
            doctor_id,
            name=name,
            email=email or "",
            phone=phone or "",
            language=_text(more, "language"),
            qualification=_text(more, "qualification"),
            bio=_text(more, "bio"),
            fee=_fee(more.get("fee")),
        )
        return get(tx)
    changed = _change_account(tx, row, name, phone, email, more)
    if patient_id is not None:
        patient = tx.fetch(Patient, patient_id, "patient")
        wanted = {"name": name, "phone": phone, "email": email, **more}
        changed += patient_rows.change(tx, patient, wanted)
    if changed:
        tx.record(
            "profile.change",
            "account",
            row.id,
            patient_id=patient_id,
            detail={"fields": sorted(set(changed))},
        )
    return get(tx)


def _change_account(
    tx: Transaction,
    row: Account,
    name: str,
    phone: str | None,
    email: str | None,
    more: Mapping[str, object],
) -> list[str]:
    language = _text(more, "language")
    if tx.actor.patient_id is not None:
        # A patient's language is kept with the patient.
        email, language = free_email(tx, email, of=row.id), None
    return change_account(
        tx, row, name=name, phone=phone or "", email=email or "", language=language
    )


def _text(particulars: Mapping[str, object], field: str) -> str | None:
    return str(particulars[field] or "") if field in particulars else None


def _fee(value: object) -> int | None:
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    raise Invalid.field("fee", "A fee is a whole number of hundredths.")
