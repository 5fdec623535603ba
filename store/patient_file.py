"""The records of a patient, for an export; and the request to have them by mail.

What leaves by mail goes to the patient's own recorded address and to no other, is asked for at most
a few times a day, and is read anew when it is sent: nothing medical rests in the outbox.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from store import archive_passwords, calendar_entries, outbox, patients, record_rows
from store.appointment_views import VISIT, views
from store.errors import IllegalTransition, Invalid, NotFound
from store.outbox import MESSAGE
from store.permissions import Action, require
from store.record_rows import RECORD
from store.references import plausible_id
from store.tables import Hospital, Patient, table_of
from store.transaction import Transaction
from store.values import (
    HOLDS_SLOT,
    MailKind,
    PaperKind,
    PatientFile,
    RecordFormat,
    RecordsAsked,
    RecordStatus,
    Role,
)

MOST_A_DAY = 3
"""How often a patient's records are mailed within 24 hours: enough for each form once."""

_WITH_RECORDS = (MailKind.RECORDS.value, MailKind.PAPER.value)
_PATIENT, _HOSPITAL = table_of(Patient), table_of(Hospital)

_OF_PATIENT = ("name", "email", "is_active", "language")


@dataclass(frozen=True, slots=True)
class RecordsFacts:
    """What a mail with records is written from; the records themselves are `read` beside it.
    `paper` is the record and the kind of a single paper, None for the whole file, which goes into
    an archive that `password` opens."""

    kind: MailKind
    subject: str
    message_id: str
    recipient: str
    hospital: str
    patient_id: int
    patient: str
    formats: tuple[RecordFormat, ...]
    asked_at: datetime
    written_at: datetime
    paper: tuple[int, PaperKind] | None = None
    language: str = "en"
    password: str = field(default="", repr=False)


def read(tx: Transaction, patient_id: int, formats: Sequence[RecordFormat]) -> PatientFile:
    """A patient's file, to be exported in these forms; that it was, is in the audit trail.

    Raises:
        NotFound: there is no such patient.
        Forbidden: neither an administrator nor the patient asks.
    """
    require(tx, Action.RECORD_EXPORT, patient_id=patient_id)
    patient = patients.get(tx, patient_id)
    known = patients.allergies(tx, patient_id)
    visits = views(tx, VISIT.c.patient_id == patient_id)
    signed = RECORD.c.status == RecordStatus.SIGNED
    records = record_rows.views(tx, RECORD.c.patient_id == patient_id, signed)
    uid = tx.session.execute(select(_HOSPITAL.c.uid)).scalar_one()
    tx.record(
        "record.export",
        "patient",
        patient_id,
        patient_id=patient_id,
        detail={
            "formats": [one.value for one in formats],
            "records": [record.id for record in records],
        },
    )
    return PatientFile(
        hospital=tx.rules.hospital.name,
        hospital_uid=uid,
        made_at=tx.local(tx.now),
        patient=patient,
        allergies=tuple(known),
        visits=tuple(visits),
        records=tuple(records),
        calendar=calendar_entries.entries(
            tx, [visit for visit in visits if visit.status in HOLDS_SLOT], uid
        ),
    )


def ask_by_mail(
    tx: Transaction,
    patient_id: int,
    formats: Sequence[RecordFormat],
    *,
    request_id: str,
) -> RecordsAsked:
    """Owe the patient a mail with the records in these forms, in an archive that the password of
    the answer opens: it reaches the patient on another way than by mail. The same `request_id` is
    the same request, however often it comes.

    Raises:
        NotFound: there is no such patient.
        Forbidden: neither an administrator nor the patient asks.
        Invalid: no form, or the patient has no e-mail address.
        IllegalTransition: the patient is deactivated, or asked too often today.
    """
    require(tx, Action.RECORD_EXPORT, patient_id=patient_id)
    row = tx.fetch(Patient, patient_id, "patient")
    wanted = tuple(dict.fromkeys(formats))
    if not wanted:
        raise Invalid.field("formats", "Choose at least one form.")
    return owe(
        tx,
        MailKind.RECORDS,
        f"records:{patient_id}:{request_id}",
        row,
        counted=(MESSAGE.c.patient_id == patient_id) & (MESSAGE.c.kind == MailKind.RECORDS.value),
        parameters={"formats": [one.value for one in wanted]},
    )


def owe(
    tx: Transaction,
    kind: MailKind,
    key: str,
    patient: Patient,
    *,
    counted: ColumnElement[bool],
    parameters: Mapping[str, Any],
) -> RecordsAsked:
    """Owe a patient a mail with medical papers, for rules that have decided who may ask for it.

    Args:
        key: the same key is the same request.
        counted: which messages count when somebody asks too often.
        parameters: what was chosen for it, `formats` among it.

    Raises:
        Invalid: the patient has no e-mail address.
        IllegalTransition: the patient is deactivated, or asked too often today.
    """
    key = key[:160]
    earlier = _asked(tx, MESSAGE.c.unique_key == key)
    if earlier is not None:
        return earlier
    if not patient.is_active:
        raise IllegalTransition("The patient is deactivated; nothing is mailed.")
    if not patient.email:
        raise Invalid.field("email", _no_address(tx.actor.role))
    _require_not_too_often(tx, counted)
    outbox.enqueue(tx, kind, key, patient_id=patient.id, parameters=parameters)
    asked = _asked(tx, MESSAGE.c.unique_key == key)
    assert asked is not None
    tx.record(
        "record.mail",
        "patient",
        patient.id,
        patient_id=patient.id,
        detail={**parameters, "message": asked.message_id},
    )
    return asked


def last_asked(tx: Transaction, patient_id: int) -> RecordsAsked | None:
    """The newest request to have the records by mail, and what became of it; None for none.

    Raises:
        Forbidden: neither an administrator nor the patient asks.
    """
    require(tx, Action.RECORD_EXPORT, patient_id=patient_id)
    return _asked(tx, MESSAGE.c.patient_id == patient_id, MESSAGE.c.kind == MailKind.RECORDS.value)


def facts_of(tx: Transaction, message_id: int) -> RecordsFacts | str:
    """What a mail with records is written from, or the sentence why it is not to be sent.

    Raises:
        NotFound: there is no such message.
    """
    require(tx, Action.MAIL_DELIVER)
    row = tx.session.execute(
        select(
            MESSAGE, _PATIENT.c.name, _PATIENT.c.email, _PATIENT.c.is_active, _PATIENT.c.language
        )
        .join(_PATIENT, _PATIENT.c.id == MESSAGE.c.patient_id)
        .where(MESSAGE.c.id == plausible_id(message_id), MESSAGE.c.kind.in_(_WITH_RECORDS))
    ).first()
    if row is None:
        raise NotFound(f"There is no message {message_id}.", entity="message", id=message_id)
    if not row.is_active:
        return "The patient was deactivated."
    if row.email != row.recipient:
        return "The patient's e-mail address was changed after the records were asked for."
    chosen = json.loads(row.parameters)
    return RecordsFacts(
        kind=MailKind(row.kind),
        subject=row.subject,
        message_id=row.message_id,
        recipient=row.email,
        hospital=tx.rules.hospital.name,
        patient_id=row.patient_id,
        patient=row.name,
        formats=_formats(row.parameters),
        asked_at=tx.local(row.created_at),
        written_at=tx.local(tx.now),
        paper=(chosen["record"], PaperKind(chosen["paper"])) if "paper" in chosen else None,
        language=row.language,
        password=_password(tx, row),
    )


def _require_not_too_often(tx: Transaction, counted: ColumnElement[bool]) -> None:
    since = tx.now - timedelta(days=1)
    asked = tx.session.execute(
        select(func.count()).select_from(MESSAGE).where(counted, MESSAGE.c.created_at > since)
    ).scalar_one()
    if asked >= MOST_A_DAY:
        raise IllegalTransition(
            f"The records were asked for by mail {asked} times within a day; ask again tomorrow.",
            asked=asked,
        )


def _asked(tx: Transaction, *conditions: ColumnElement[bool]) -> RecordsAsked | None:
    row = tx.session.execute(
        select(MESSAGE).where(*conditions).order_by(MESSAGE.c.id.desc()).limit(1)
    ).first()
    if row is None:
        return None
    return RecordsAsked(
        message_id=row.id,
        email=row.recipient,
        formats=_formats(row.parameters),
        status=outbox.SHOWN_AS[row.status],
        asked_at=tx.local(row.created_at),
        sent_at=tx.maybe_local(row.sent_at),
        password=_password(tx, row),
    )


def _password(tx: Transaction, row: Row[Any]) -> str:
    whole = row.kind == MailKind.RECORDS
    return archive_passwords.password_of(tx, row.unique_key) if whole else ""


def _formats(parameters: str) -> tuple[RecordFormat, ...]:
    return tuple(RecordFormat(one) for one in json.loads(parameters)["formats"])


def _no_address(role: Role) -> str:
    if role is Role.PATIENT:
        return (
            "You have no e-mail address here yet. Give one under your account (f4), or ask the"
            " reception desk."
        )
    if role is Role.DOCTOR:
        return "The patient has no e-mail address. Ask the reception desk to record one."
    return "The patient has no e-mail address. Record one first: chikitsa patients update"
