"""Prescription lines of a draft, and what to warn of before one is signed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from store import formulary, record_rows
from store.errors import Invalid
from store.formulary_index import Formulary
from store.permissions import Action, require
from store.prescription_shorthand import read
from store.prescription_warnings import Known, identity, met
from store.record_content import MOST_LINES, clean_line_item
from store.record_rows import LINE_FIELDS, RECORD, own_draft
from store.tables import (
    Allergy,
    Appointment,
    MedicalRecord,
    PrescriptionItem,
    RecordAmendment,
    table_of,
)
from store.text import clean_line
from store.transaction import Transaction
from store.values import (
    AppointmentStatus,
    PrescriptionInput,
    PrescriptionItemView,
    RecordInput,
    RecordStatus,
    Role,
)

_ITEM, _ALLERGY = table_of(PrescriptionItem), table_of(Allergy)
_VISIT, _AMENDMENT = table_of(Appointment), table_of(RecordAmendment)

_OPEN_ENDED = timedelta(days=365)
"""How long a line without a duration counts as taken: a chronic medicine is reviewed by then."""


def add(tx: Transaction, record_id: int, line: PrescriptionInput) -> PrescriptionItemView:
    """Put a line at the end of a draft's prescription.

    Raises:
        NotFound, Forbidden, IllegalTransition: as for changing the draft.
        Invalid: one sentence for each field that cannot be kept.
    """
    record = own_draft(tx, record_id)
    kept = clean_line_item(line)
    count, last = tx.session.execute(
        select(func.count(), func.max(_ITEM.c.position)).where(_ITEM.c.record_id == record_id)
    ).one()
    if count >= MOST_LINES:
        raise Invalid.field("prescription", f"A prescription takes {MOST_LINES} lines.")
    row = PrescriptionItem(record_id=record_id, position=(last or 0) + 1, **_columns(kept))
    tx.add(row)
    _changed(tx, record, "prescription.add", row)
    return record_rows.item_view(row)


def update(tx: Transaction, item_id: int, line: PrescriptionInput) -> PrescriptionItemView:
    """Replace a line of a draft's prescription.

    Raises:
        NotFound, Forbidden, IllegalTransition: as for changing the draft.
        Invalid: one sentence for each field that cannot be kept.
    """
    row, record = _own_line(tx, item_id)
    kept = clean_line_item(line)
    if kept != record_rows.item_view(row).item:
        for name, value in _columns(kept).items():
            setattr(row, name, value)
        tx.session.flush()
        _changed(tx, record, "prescription.change", row)
    return record_rows.item_view(row)


def delete(tx: Transaction, item_id: int) -> None:
    """Take a line out of a draft's prescription.

    Raises:
        NotFound, Forbidden, IllegalTransition: as for changing the draft.
    """
    row, record = _own_line(tx, item_id)
    tx.session.delete(row)
    tx.session.flush()
    _changed(tx, record, "prescription.delete", row)


def warnings(
    tx: Transaction, patient_id: int, drug: str, *, beside: Iterable[str] = ()
) -> list[str]:
    """Sentences where a drug meets a recorded allergy of the patient, one that a signed
    prescription still has the patient taking today, or one of the same prescription.

    Args:
        beside: the drugs of the lines that stand before this one in its prescription.

    Raises:
        Forbidden: the actor may not know what the patient takes.
    """
    require(tx, Action.ALLERGY_READ, patient_id=patient_id)
    require(tx, Action.RECORD_READ, patient_id=patient_id)
    wanted = clean_line(drug, "drug", most=200)
    return met(formulary.of_hospital(tx), _known(tx, patient_id), wanted, beside)


def running(tx: Transaction, patient_id: int) -> list[tuple[PrescriptionInput, date | None]]:
    """What signed prescriptions still have the patient taking today, each line with its last
    day.

    A line without a duration has None for its last day. It counts as taken until a later visit
    prescribes the drug otherwise, and for a year from its own visit at most. A visit that was
    marked as an error prescribed nothing, and an amended prescription is what the newest
    amendment says.

    Raises:
        Forbidden: the actor may not know what the patient takes.
    """
    require(tx, Action.RECORD_READ, patient_id=patient_id)
    if tx.actor.role is not Role.SYSTEM:
        tx.record("record.read", "prescription", "running", patient_id=patient_id)
    return _running(tx, patient_id)


def require_answers(tx: Transaction, record: MedicalRecord, content: RecordInput) -> None:
    """Refuse to sign a prescription whose doctor has not answered a warning.

    Raises:
        Invalid: names the first such line and its warning.
    """
    if not content.prescription:
        return
    known, drugs = _known(tx, record.patient_id), formulary.of_hospital(tx)
    for number, line in enumerate(content.prescription, 1):
        before = [one.drug for one in content.prescription[: number - 1]]
        found = [] if line.warning_answer else met(drugs, known, line.drug, before)
        if found:
            raise Invalid(
                f"Line {number}: {found[0]} Say why it is prescribed all the same,"
                " or take the line out.",
                fields={"prescription": f"Line {number}: {found[0]}"},
                warnings=found,
                line=number,
            )


def _own_line(tx: Transaction, item_id: int) -> tuple[PrescriptionItem, MedicalRecord]:
    row = tx.fetch(PrescriptionItem, item_id, "prescription line")
    return row, own_draft(tx, row.record_id)


def _columns(line: PrescriptionInput) -> dict[str, Any]:
    return {name: getattr(line, name) for name in LINE_FIELDS}


def _changed(tx: Transaction, record: MedicalRecord, action: str, row: PrescriptionItem) -> None:
    tx.touch(record)
    tx.session.flush()
    tx.record(
        action,
        "prescription_item",
        row.id,
        patient_id=record.patient_id,
        detail={"record": record.id, "drug": row.drug},
    )
    record_rows.announce(tx, record)


def _known(tx: Transaction, patient_id: int) -> Known:
    allergies = tx.session.execute(
        select(_ALLERGY.c.substance)
        .where(_ALLERGY.c.patient_id == patient_id, _ALLERGY.c.is_active)
        .order_by(_ALLERGY.c.id)
    ).scalars()
    return Known(list(allergies), _running(tx, patient_id))


def _running(tx: Transaction, patient_id: int) -> list[tuple[PrescriptionInput, date | None]]:
    drugs = formulary.of_hospital(tx)
    lines = _signed_lines(tx, drugs, patient_id)
    newest = {identity(drugs, line.drug): record_id for record_id, _, line in lines}
    # What was prescribed again before it ended is one medicine, taken until the later day.
    found: dict[tuple[str, str, str], tuple[PrescriptionInput, date | None]] = {}
    for record_id, visited_at, item in lines:
        last_day = _last_day(tx, visited_at, item)
        if item.duration_days is None and newest[identity(drugs, item.drug)] != record_id:
            continue  # a later visit prescribed it otherwise
        if last_day < tx.today():
            continue
        same = (item.drug.casefold(), item.dose.casefold(), item.frequency.casefold())
        told = None if item.duration_days is None else last_day
        if same not in found or _ends_later(told, found[same][1]):
            found[same] = (item, told)
    return list(found.values())


def _signed_lines(
    tx: Transaction, drugs: Formulary, patient_id: int
) -> list[tuple[int, datetime, PrescriptionInput]]:
    """What was prescribed at visits that took place, oldest first, as amendments left it."""
    records = tx.session.execute(
        select(RECORD.c.id, RECORD.c.visited_at)
        .outerjoin(_VISIT, _VISIT.c.id == RECORD.c.appointment_id)
        .where(
            RECORD.c.patient_id == patient_id,
            RECORD.c.status == RecordStatus.SIGNED,
            func.coalesce(_VISIT.c.status, "") != AppointmentStatus.IN_ERROR,
        )
        .order_by(RECORD.c.visited_at, RECORD.c.id)
    ).all()
    ids = [row.id for row in records]
    items = record_rows.items_of(tx, ids)
    amended = tx.session.execute(
        select(_AMENDMENT.c.record_id, _AMENDMENT.c.text)
        .where(_AMENDMENT.c.record_id.in_(ids), _AMENDMENT.c.field == "prescription")
        .order_by(_AMENDMENT.c.id)
    )
    texts = {row.record_id: row.text for row in amended}
    found = []
    for row in records:
        lines = [one.item for one in items[row.id]]
        if row.id in texts:
            lines = _as_amended(drugs, lines, texts[row.id])
        found += [(row.id, row.visited_at, line) for line in lines]
    return found


def _as_amended(
    drugs: Formulary, signed: list[PrescriptionInput], text: str
) -> list[PrescriptionInput]:
    """The lines that an amendment's text prescribes. A line of the text is one where it begins
    with a drug of the signed lines or of the formulary; other words explain."""
    known = {identity(drugs, line.drug) for line in signed}
    read_lines = [read(line, drugs.named).line for line in text.splitlines() if line.strip()]
    return [
        line
        for line in read_lines
        if drugs.named(line.drug) is not None or identity(drugs, line.drug) in known
    ]


def _last_day(tx: Transaction, visited_at: datetime, line: PrescriptionInput) -> date:
    taken = _OPEN_ENDED if line.duration_days is None else timedelta(days=line.duration_days)
    return tx.local(visited_at).date() + taken - timedelta(days=1)


def _ends_later(one: date | None, other: date | None) -> bool:
    """Whether a medicine ends after another; None has no end given."""
    return other is not None and (one is None or one > other)
