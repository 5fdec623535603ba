"""Medical records: a draft that its doctor writes, frozen by signing, corrected by amendments.

A draft is its doctor's alone. A signed record is read by that doctor, by doctors who see the
patient, by administrators and by the patient, and each reading leaves an audit entry; the desk
reads none. Nothing changes a signed record: triggers of the database refuse it, and an
amendment stands beside the text that it corrects.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from store import prescriptions, record_rows
from store.errors import Forbidden, IllegalTransition, Invalid, NotFound
from store.moves import status_words
from store.permissions import Action, Scope, require, scope_of
from store.record_content import TEXTS, as_text, canonical, cleaned
from store.record_rows import RECORD, own_draft
from store.tables import Appointment, MedicalRecord, RecordAmendment, table_of
from store.text import clean_line, clean_note
from store.transaction import Transaction
from store.values import (
    HOLDS_SLOT,
    AppointmentStatus,
    Page,
    RecordInput,
    RecordStatus,
    RecordView,
    Role,
)

AMENDABLE = (*TEXTS, "diagnoses", "vitals", "follow_up_on", "prescription")
"""The fields of a signed record that an amendment may correct."""

_MOST_WORDS = 6
_WRITTEN_IN = (
    AppointmentStatus.CHECKED_IN,
    AppointmentStatus.IN_CONSULTATION,
    AppointmentStatus.COMPLETED,
)
_VISIT = table_of(Appointment).c


def open_draft(tx: Transaction, appointment_id: int) -> RecordView:
    """The doctor's draft of an appointment, made where there is none yet.

    Raises:
        NotFound: there is no such appointment.
        Forbidden: it is not this doctor's.
        IllegalTransition: the patient is not there, or the record is signed already.
    """
    visit = tx.fetch(Appointment, appointment_id, "appointment")
    require(tx, Action.RECORD_WRITE, doctor_id=visit.doctor_id)
    standing = tx.session.execute(
        select(RECORD.c.id).where(RECORD.c.appointment_id == appointment_id)
    ).scalar()
    if standing is not None:
        row = own_draft(tx, standing)
        tx.record("record.read", "medical_record", standing, patient_id=row.patient_id)
        return _view(tx, standing)
    if AppointmentStatus(visit.status) not in _WRITTEN_IN:
        raise IllegalTransition(
            f"The appointment is {visit.status.replace('_', ' ')}; a record is written once the"
            " patient is there. Check the patient in first.",
            status=visit.status,
        )
    row = tx.add(
        MedicalRecord(
            appointment_id=visit.id,
            patient_id=visit.patient_id,
            doctor_id=visit.doctor_id,
            department_id=visit.department_id,
            visited_at=visit.started_at or visit.starts_at,
            status=RecordStatus.DRAFT,
            **tx.stamps(),
        )
    )
    assert row.id is not None
    tx.record("record.create", "medical_record", row.id, patient_id=row.patient_id)
    record_rows.announce(tx, row)
    return _view(tx, row.id)


def save_draft(
    tx: Transaction, record_id: int, content: RecordInput, *, version: int | None
) -> RecordView:
    """Replace the whole content of a draft; saving what stands changes nothing.

    Raises:
        ChangedMeanwhile: `version` is not the record's.
        IllegalTransition: the record is signed.
        Invalid: one sentence for each field that cannot be kept.
    """
    row = own_draft(tx, record_id, version=version)
    kept = cleaned(content, today=tx.today(), standing_follow_up=row.follow_up_on)
    before = record_rows.content_of(tx, row)
    if kept != before:
        record_rows.put_content(tx, row, kept)
        tx.touch(row)
        tx.session.flush()
        named = [name for name in AMENDABLE if getattr(kept, name) != getattr(before, name)]
        _note(tx, row, "record.change", {"fields": named})
    return _view(tx, record_id)


def sign(tx: Transaction, record_id: int, *, version: int | None = None) -> RecordView:
    """Freeze a draft: from now on it stands, and its patient can read it.

    Raises:
        ChangedMeanwhile: `version` is not the record's.
        IllegalTransition: it is signed already, or the visit did not take place.
        Invalid: neither a diagnosis nor notes, or a prescription warning without an answer.
    """
    visit = _locked_visit(tx, record_id)
    row = own_draft(tx, record_id, Action.RECORD_SIGN, version)
    if visit is not None and AppointmentStatus(visit.status) not in _WRITTEN_IN:
        raise IllegalTransition(
            f"The appointment is {status_words(AppointmentStatus(visit.status))}, so its record"
            " cannot be signed.",
            status=visit.status,
        )
    content = record_rows.content_of(tx, row)
    if not content.diagnoses and not content.notes:
        raise Invalid.field("diagnoses", "Give a diagnosis or notes before signing.")
    prescriptions.require_answers(tx, row, content)
    row.status, row.signed_at, row.signed_by = RecordStatus.SIGNED, tx.now, tx.actor.account_id
    row.signature = _signature(row, content)
    tx.touch(row)
    tx.session.flush()
    _note(tx, row, "record.sign", {"signature": row.signature})
    return _view(tx, record_id)


def signature_holds(tx: Transaction, record_id: int) -> bool:
    """Whether a signed record is, to the letter, what was signed, by whom and when."""
    row = _readable(tx, record_id)
    if row.status != RecordStatus.SIGNED:
        return False
    return row.signature == _signature(row, record_rows.content_of(tx, row))


def amend(tx: Transaction, record_id: int, *, field: str, text: str, reason: str) -> RecordView:
    """Correct one field of a signed record; what it said before stays readable.

    Raises:
        IllegalTransition: the record is a draft, which is simply changed.
        Invalid: an unknown field, nothing to correct, or no reason.
    """
    row = tx.fetch(MedicalRecord, record_id, "medical record")
    require(tx, Action.RECORD_AMEND, doctor_id=row.doctor_id)
    if row.status != RecordStatus.SIGNED:
        raise IllegalTransition("This record is not signed yet; change the draft itself.")
    if field not in AMENDABLE:
        raise Invalid.field("field", f"Choose a field to amend: {', '.join(AMENDABLE)}.")
    text, reason = _clean_amendment(text, reason)
    earlier = record_rows.latest_amendment(tx, record_id, field)
    if earlier is None:
        earlier = as_text(record_rows.content_of(tx, row), field)
    if text == earlier:
        raise Invalid.field("text", "That is what the record says already.")
    tx.add(
        RecordAmendment(
            record_id=record_id,
            at=tx.now,
            author_id=tx.actor.account_id,
            field=field,
            earlier_text=earlier,
            text=text,
            reason=reason,
        )
    )
    tx.touch(row)
    tx.session.flush()
    _note(tx, row, "record.amend", {"field": field}, reason)
    return _view(tx, record_id)


def get(tx: Transaction, record_id: int) -> RecordView:
    """One record.

    Raises:
        NotFound: there is none, or it is the draft of somebody else.
        Forbidden: the actor may not read this patient's records.
    """
    _readable(tx, record_id)
    view = _view(tx, record_id)
    _note_reading(tx, [view])
    return view


def of_appointment(tx: Transaction, appointment_id: int) -> RecordView | None:
    """The record of an appointment; None where there is none that the actor may see.

    Raises:
        NotFound: there is no such appointment.
        Forbidden: the actor may not read this patient's records.
    """
    visit = tx.fetch(Appointment, appointment_id, "appointment")
    require(tx, Action.RECORD_READ, patient_id=visit.patient_id, doctor_id=visit.doctor_id)
    found = record_rows.views(tx, RECORD.c.appointment_id == appointment_id, _visible(tx))
    _note_reading(tx, found)
    return found[0] if found else None


def list_records(
    tx: Transaction,
    *,
    patient_id: int | None = None,
    doctor_id: int | None = None,
    department_id: int | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    status: RecordStatus | None = None,
    text: str = "",
    limit: int = 100,
    offset: int = 0,
) -> Page[RecordView]:
    """Records that the actor may read, newest visit first; `start` and `end` are half-open. With
    `text` those that have each of its words, or what begins or ends like it, in what was written,
    a diagnosis or its code, or a drug.

    Raises:
        Forbidden: the role reads no records, or not those of this patient.
    """
    if patient_id is not None:
        require(tx, Action.RECORD_READ, patient_id=patient_id)
    conditions = [_visible(tx)]
    for column, wanted in (
        (RECORD.c.patient_id, patient_id),
        (RECORD.c.doctor_id, doctor_id),
        (RECORD.c.department_id, department_id),
    ):
        if wanted is not None:
            conditions.append(column == wanted)
    if start is not None:
        conditions.append(RECORD.c.visited_at >= start)
    if end is not None:
        conditions.append(RECORD.c.visited_at < end)
    if status is not None:
        conditions.append(RECORD.c.status == status)
    conditions += [record_rows.says(word) for word in text.split()[:_MOST_WORDS]]
    found = record_rows.views(tx, *conditions, limit=limit, offset=offset)
    _note_reading(tx, found)
    whole = offset + len(found)
    if len(found) == limit or not found:
        whole = record_rows.count(tx, *conditions)
    return Page(tuple(found), whole, offset)


def open_drafts(tx: Transaction) -> list[RecordView]:
    """The doctor's own unsigned records, newest visit first.

    Looking over what one wrote oneself and nobody else can see discloses nothing, so no audit
    entry is made.

    Raises:
        Forbidden: the actor is no doctor.
    """
    require(tx, Action.RECORD_WRITE, doctor_id=tx.actor.doctor_id)
    conditions = [RECORD.c.status == RecordStatus.DRAFT]
    if tx.actor.role is not Role.SYSTEM:
        conditions.append(RECORD.c.doctor_id == tx.actor.doctor_id)
    return record_rows.views(tx, *conditions)


def _locked_visit(tx: Transaction, record_id: int) -> Appointment | None:
    """The appointment of a record, locked before the record, as completing does; None for a
    record that has none."""
    appointment_id = tx.session.execute(
        select(RECORD.c.appointment_id).where(RECORD.c.id == record_id)
    ).scalar()
    if appointment_id is None:
        return None
    return tx.fetch(Appointment, appointment_id, "appointment")


def _view(tx: Transaction, record_id: int) -> RecordView:
    return record_rows.views(tx, RECORD.c.id == record_id)[0]


def _readable(tx: Transaction, record_id: int) -> MedicalRecord:
    """A record that the actor may read; somebody else's draft is as if it were not there."""
    row = tx.fetch(MedicalRecord, record_id, "medical record")
    require(tx, Action.RECORD_READ, patient_id=row.patient_id, doctor_id=row.doctor_id)
    own = tx.actor.role is Role.SYSTEM or (
        tx.actor.role is Role.DOCTOR and row.doctor_id == tx.actor.doctor_id
    )
    if row.status == RecordStatus.DRAFT and not own:
        raise NotFound(
            f"There is no medical record {record_id}.", entity="medical record", id=record_id
        )
    return row


def _visible(tx: Transaction) -> ColumnElement[bool]:
    """Which records the actor may read, as a condition on a list."""
    scope = scope_of(tx, Action.RECORD_READ)
    signed = RECORD.c.status == RecordStatus.SIGNED
    if scope is Scope.ANY:
        return signed if tx.actor.role is not Role.SYSTEM else RECORD.c.id.is_not(None)
    if scope is Scope.SEEN and tx.actor.doctor_id is not None:
        own = RECORD.c.doctor_id == tx.actor.doctor_id
        wrote = RECORD.alias("wrote")
        seen = or_(
            RECORD.c.patient_id.in_(
                select(_VISIT.patient_id).where(
                    _VISIT.doctor_id == tx.actor.doctor_id,
                    _VISIT.status.in_([status.value for status in HOLDS_SLOT]),
                )
            ),
            RECORD.c.patient_id.in_(
                select(wrote.c.patient_id).where(wrote.c.doctor_id == tx.actor.doctor_id)
            ),
        )
        return or_(own, and_(signed, seen))
    if scope is Scope.OWN and tx.actor.patient_id is not None:
        return and_(signed, RECORD.c.patient_id == tx.actor.patient_id)
    raise Forbidden("You may read no medical records.", action=Action.RECORD_READ)


def _note(
    tx: Transaction,
    row: MedicalRecord,
    action: str,
    detail: dict[str, object],
    reason: str = "",
) -> None:
    tx.record(
        action,
        "medical_record",
        row.id,
        patient_id=row.patient_id,
        reason=reason,
        detail=detail,
    )
    record_rows.announce(tx, row)


def _note_reading(tx: Transaction, seen: Iterable[RecordView]) -> None:
    """One audit entry for each patient whose records were shown."""
    if tx.actor.role is Role.SYSTEM:
        return
    by_patient: dict[int, list[int]] = defaultdict(list)
    for view in seen:
        by_patient[view.patient_id].append(view.id)
    for patient_id, ids in by_patient.items():
        tx.record(
            "record.read",
            "medical_record",
            ids[0] if len(ids) == 1 else "list",
            patient_id=patient_id,
            detail={"records": ids},
        )


def _clean_amendment(text: str, reason: str) -> tuple[str, str]:
    text, reason = clean_note(text, "text"), clean_line(reason, "reason", most=500)
    missing = {}
    if not text:
        missing["text"] = "Give the corrected text."
    if not reason:
        missing["reason"] = "Say why the record is amended."
    if missing:
        raise Invalid(" ".join(missing.values()), fields=missing)
    return text, reason


def signature_of(
    record_id: int | None,
    doctor_id: int,
    visited_at: datetime,
    signed_by: int | None,
    signed_at: datetime,
    text: str,
) -> str:
    """SHA-256 over the encounter, the signer, the moment of signing and the content, which is
    given as its canonical `text`."""
    signed = (
        f"{record_id}\n{doctor_id}\n{visited_at.isoformat()}\n"
        f"{signed_by}\n{signed_at.isoformat()}\n{text}"
    )
    return hashlib.sha256(signed.encode()).hexdigest()


def _signature(row: MedicalRecord, content: RecordInput) -> str:
    assert row.signed_at is not None
    return signature_of(
        row.id, row.doctor_id, row.visited_at, row.signed_by, row.signed_at, canonical(content)
    )
