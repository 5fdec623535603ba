"""What a message may say at the moment it is sent, or why nothing is to be said any more."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import Row, Select, bindparam, exists, select

from store import notices, one_time_codes, patient_file, record_papers, report_mail
from store.errors import NotFound
from store.notices import NoticeFacts
from store.outbox import MESSAGE
from store.patient_file import RecordsFacts
from store.permissions import Action, require
from store.report_mail import ReportFacts
from store.tables import (
    Account,
    Appointment,
    Department,
    Doctor,
    Holiday,
    Hospital,
    Patient,
    WaitlistEntry,
    WaitlistOffer,
    table_of,
)
from store.transaction import Transaction
from store.values import AppointmentStatus, HospitalCause, MailKind, OfferOutcome
from store.wishes import current_links

_VISIT, _PATIENT, _DOCTOR = table_of(Appointment), table_of(Patient), table_of(Doctor)
_ACCOUNT, _DEPARTMENT, _HOSPITAL = table_of(Account), table_of(Department), table_of(Hospital)
_BEFORE = _VISIT.alias("predecessor")
_HOLIDAY = table_of(Holiday)
_ENTRY, _OFFER = table_of(WaitlistEntry), table_of(WaitlistOffer)
_PEOPLE = (
    _PATIENT.c.name.label("patient"),
    _PATIENT.c.email,
    _PATIENT.c.is_active,
    _PATIENT.c.language,
    _ACCOUNT.c.name.label("doctor"),
    _DEPARTMENT.c.name.label("department"),
)
"""Whom a letter is to, and about which doctor."""

_JOINED = (
    select(
        MESSAGE.c.id,
        MESSAGE.c.kind,
        MESSAGE.c.subject,
        MESSAGE.c.message_id,
        MESSAGE.c.expires_at,
        MESSAGE.c.appointment_id,
        MESSAGE.c.parameters,
        _VISIT.c.status,
        _VISIT.c.starts_at,
        _VISIT.c.ends_at,
        _VISIT.c.calendar_sequence,
        _VISIT.c.predecessor_id,
        _VISIT.c.doctor_id,
        _BEFORE.c.starts_at.label("moved_from"),
        _BEFORE.c.doctor_id.label("former_doctor_id"),
        select(_HOSPITAL.c.uid).scalar_subquery().label("hospital_uid"),
        *_PEOPLE,
    )
    .select_from(MESSAGE)
    .outerjoin(_VISIT, _VISIT.c.id == MESSAGE.c.appointment_id)
    .outerjoin(_BEFORE, _BEFORE.c.id == _VISIT.c.predecessor_id)
    .outerjoin(_PATIENT, _PATIENT.c.id == _VISIT.c.patient_id)
    .outerjoin(_DOCTOR, _DOCTOR.c.id == _VISIT.c.doctor_id)
    .outerjoin(_ACCOUNT, _ACCOUNT.c.id == _DOCTOR.c.account_id)
    .outerjoin(_DEPARTMENT, _DEPARTMENT.c.id == _VISIT.c.department_id)
    .where(MESSAGE.c.id.in_(bindparam("ids", expanding=True)))
)

_ABOUT_A_CHANGE = (MailKind.BOOKED, MailKind.RESCHEDULED, MailKind.CANCELLED)
_STILL_COMING = frozenset({AppointmentStatus.BOOKED, AppointmentStatus.CHECKED_IN})
_TRUE_WHILE = {
    MailKind.BOOKED: _STILL_COMING,
    MailKind.RESCHEDULED: _STILL_COMING,
    MailKind.CANCELLED: frozenset({AppointmentStatus.CANCELLED, AppointmentStatus.IN_ERROR}),
    MailKind.REMINDER: frozenset({AppointmentStatus.BOOKED}),
}


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """All that a letter about an appointment, or about a slot offered for one, is written from;
    times are hospital time.

    `moved_from` is when the appointment was before it was moved, or is until it moves to the slot
    that is offered; `former_doctor` with whom it was, where that is not the doctor of now.
    `calendar_uid` stays the same however often it is moved, `calendar_sequence` rises with each
    change (RFC 5545); an offer, which is nothing to come to yet, has no uid. `answer_by` is until
    when an offer stands. `language` is the patient's; `cause` says why the hospital itself moved or
    cancelled, on account of a `holiday` of what name.
    """

    kind: MailKind
    subject: str
    message_id: str
    recipient: str
    hospital: str
    patient: str
    doctor: str
    department: str
    starts_at: datetime
    ends_at: datetime
    moved_from: datetime | None
    calendar_uid: str
    calendar_sequence: int
    written_at: datetime
    answer_by: datetime | None = None
    language: str = "en"
    cause: HospitalCause | None = None
    holiday: str = ""
    former_doctor: str = ""


@dataclass(frozen=True, slots=True)
class Moot:
    """Nothing is to be said any more; `reason` is a sentence for an administrator. `is_late`:
    because it comes too late, which is a pity where it was tried in time."""

    reason: str
    is_late: bool = False


Facts = LetterFacts | RecordsFacts | ReportFacts | NoticeFacts


def facts_for(tx: Transaction, message_id: int) -> Facts | Moot:
    """Read anew what a message is about.

    Raises:
        NotFound: there is no such message.
    """
    return facts_for_each(tx, [message_id])[message_id]()


def facts_for_each(
    tx: Transaction, message_ids: Sequence[int]
) -> dict[int, Callable[[], Facts | Moot]]:
    """What reads, in this unit of work, what each message is about.

    Raises:
        NotFound: there is no such message.
    """
    require(tx, Action.MAIL_DELIVER)
    found = {row.id: row for row in tx.session.execute(_JOINED, {"ids": message_ids})}
    for message_id in message_ids:
        if message_id not in found:
            raise NotFound(f"There is no message {message_id}.", entity="message", id=message_id)
    return {each: partial(_facts, tx, found[each]) for each in message_ids}


def _facts(tx: Transaction, row: Row[Any]) -> Facts | Moot:
    message_id: int = row.id
    if row.kind in (MailKind.RECORDS, MailKind.PAPER):
        whole = row.kind == MailKind.RECORDS
        facts_of = patient_file.facts_of if whole else record_papers.facts_of
        found = facts_of(tx, message_id)
        return Moot(found) if isinstance(found, str) else found
    if row.kind == MailKind.REPORT:
        report = report_mail.facts_of(tx, message_id)
        return Moot(report) if isinstance(report, str) else report
    if row.kind in (MailKind.SECURITY, MailKind.CODE):
        of_code = row.kind == MailKind.CODE
        notice = (one_time_codes if of_code else notices).facts_of(tx, message_id)
        return Moot(notice) if isinstance(notice, str) else notice
    if row.kind == MailKind.OFFER:
        return _of_offer(tx, row)
    moot = _moot(tx, row)
    if moot is not None:
        return moot
    return LetterFacts(
        kind=MailKind(row.kind),
        subject=row.subject,
        message_id=row.message_id,
        recipient=row.email,
        hospital=tx.rules.hospital.name,
        patient=row.patient,
        doctor=row.doctor,
        department=row.department,
        starts_at=tx.local(row.starts_at),
        ends_at=tx.local(row.ends_at),
        moved_from=tx.maybe_local(row.moved_from),
        calendar_uid=f"appointment-{_first_of(tx, row)}@{row.hospital_uid}",
        calendar_sequence=row.calendar_sequence,
        written_at=tx.local(tx.now),
        language=row.language,
        former_doctor=_former_doctor(tx, row),
        **_cause(tx, row),
    )


def _of_offer(tx: Transaction, message: Row[Any]) -> LetterFacts | Moot:
    row = tx.session.execute(_offered(json.loads(message.parameters)["offer_id"])).first()
    if row is None or row.outcome != OfferOutcome.OPEN or row.expires_at <= tx.now:
        return Moot("The offer does not stand any more.")
    if not row.is_active:
        return Moot("The patient was deactivated.")
    if not row.email:
        return Moot("The patient has no e-mail address any more.")
    links = current_links(tx, [row.appointment_id] if row.appointment_id else [])
    link = links.get(row.appointment_id)
    return LetterFacts(
        kind=MailKind.OFFER,
        subject=message.subject,
        message_id=message.message_id,
        recipient=row.email,
        hospital=tx.rules.hospital.name,
        patient=row.patient,
        doctor=row.doctor,
        department=row.department,
        starts_at=tx.local(row.starts_at),
        ends_at=tx.local(row.ends_at),
        moved_from=tx.local(link.starts_at) if link else None,
        calendar_uid="",
        calendar_sequence=0,
        written_at=tx.local(tx.now),
        answer_by=tx.local(row.expires_at),
        language=row.language,
    )


def _offered(offer_id: int) -> Select[Any]:
    return (
        select(
            _OFFER.c.outcome,
            _OFFER.c.starts_at,
            _OFFER.c.ends_at,
            _OFFER.c.expires_at,
            _ENTRY.c.appointment_id,
            *_PEOPLE,
        )
        .join(_ENTRY, _ENTRY.c.id == _OFFER.c.entry_id)
        .join(_PATIENT, _PATIENT.c.id == _ENTRY.c.patient_id)
        .join(_DOCTOR, _DOCTOR.c.id == _OFFER.c.doctor_id)
        .join(_ACCOUNT, _ACCOUNT.c.id == _DOCTOR.c.account_id)
        .join(_DEPARTMENT, _DEPARTMENT.c.id == _DOCTOR.c.department_id)
        .where(_OFFER.c.id == offer_id)
    )


def _former_doctor(tx: Transaction, row: Row[Any]) -> str:
    """With whom it was before it was moved, where that is not the doctor of now."""
    if row.former_doctor_id in (None, row.doctor_id):
        return ""
    name: str = tx.session.execute(
        select(_ACCOUNT.c.name)
        .join(_DOCTOR, _DOCTOR.c.account_id == _ACCOUNT.c.id)
        .where(_DOCTOR.c.id == row.former_doctor_id)
    ).scalar_one()
    return name


def _cause(tx: Transaction, row: Row[Any]) -> dict[str, Any]:
    """Why the hospital itself moved or cancelled it, if it was the hospital."""
    named = json.loads(row.parameters).get("cause")
    if named is None:
        return {}
    lost = tx.local(row.moved_from or row.starts_at).date()
    holiday = tx.session.execute(select(_HOLIDAY.c.name).where(_HOLIDAY.c.day == lost)).scalar()
    return {"cause": HospitalCause(named), "holiday": holiday or ""}


def _moot(tx: Transaction, row: Row[Any]) -> Moot | None:
    kind = MailKind(row.kind)
    if row.status is None:
        return Moot("It is about no appointment.")
    if not row.is_active:
        return Moot("The patient was deactivated.")
    if not row.email:
        return Moot("The patient has no e-mail address any more.")
    if AppointmentStatus(row.status) not in _TRUE_WHILE[kind]:
        return Moot(f"The appointment is {row.status.replace('_', ' ')} by now.")
    if kind in _ABOUT_A_CHANGE and _overtaken(tx, row):
        return Moot("A newer message tells of a later change.")
    if json.loads(row.parameters).get("correcting") and _is_known(tx, row):
        return Moot("The patient was not told otherwise.")
    if row.expires_at is not None and row.expires_at <= tx.now:
        return Moot("Too late: the appointment has begun.", is_late=True)
    return None


def _overtaken(tx: Transaction, row: Row[Any]) -> bool:
    """Whether a later change of the same appointment has its own message."""
    newer = exists().where(
        MESSAGE.c.appointment_id == row.appointment_id,
        MESSAGE.c.id > row.id,
        MESSAGE.c.kind.in_([kind.value for kind in _ABOUT_A_CHANGE]),
    )
    return bool(tx.session.execute(select(newer)).scalar())


def _is_known(tx: Transaction, row: Row[Any]) -> bool:
    """Whether the patient, by what mails told or may have told, takes the appointment to be as it
    is: one who was told of a cancellation for cancelled, one who was told of nothing for none."""
    begun = (MESSAGE.c.status == "sending") & MESSAGE.c.begun
    arrived = (MESSAGE.c.status == "sent") | (MESSAGE.c.doubts > 0) | begun
    concerned = [each for each in (row.appointment_id, row.predecessor_id) if each is not None]
    told = tx.session.execute(
        select(MESSAGE.c.kind)
        .where(MESSAGE.c.appointment_id.in_(concerned), MESSAGE.c.id != row.id, arrived)
        .order_by(MESSAGE.c.id.desc())
        .limit(1)
    ).scalar()
    stands = told is not None and told != MailKind.CANCELLED
    return stands is (row.kind == MailKind.BOOKED)


def _first_of(tx: Transaction, row: Row[Any]) -> int:
    """The appointment that this one goes back to, however often it was moved."""
    appointment_id: int = row.appointment_id
    if row.predecessor_id is None:
        return appointment_id
    chain = (
        select(_VISIT.c.id, _VISIT.c.predecessor_id)
        .where(_VISIT.c.id == appointment_id)
        .cte("chain", recursive=True)
    )
    chain = chain.union_all(
        select(_VISIT.c.id, _VISIT.c.predecessor_id).where(_VISIT.c.id == chain.c.predecessor_id)
    )
    found = tx.session.execute(select(chain.c.id).where(chain.c.predecessor_id.is_(None)))
    first: int = found.scalar_one()
    return first
