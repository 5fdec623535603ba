"""Medical records between the database and their values: rows in, views out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, exists, func, or_, select

from store.changes import Topic
from store.errors import IllegalTransition
from store.permissions import Action, require
from store.record_content import TEXTS, to_columns, vitals_of
from store.tables import (
    Account,
    Department,
    Doctor,
    MedicalRecord,
    Patient,
    PrescriptionItem,
    RecordAmendment,
    RecordDiagnosis,
    table_of,
)
from store.transaction import Transaction
from store.values import (
    AmendmentView,
    Diagnosis,
    PrescriptionInput,
    PrescriptionItemView,
    RecordInput,
    RecordStatus,
    RecordView,
)

RECORD = table_of(MedicalRecord)
_ITEM, _DIAGNOSIS = table_of(PrescriptionItem), table_of(RecordDiagnosis)
_AMENDMENT = table_of(RecordAmendment)
_PATIENT, _DOCTOR, _ACCOUNT = table_of(Patient), table_of(Doctor), table_of(Account)
_DEPARTMENT = table_of(Department)

LINE_FIELDS = PrescriptionInput.__struct_fields__
"""The columns of a prescription line that its value has too."""


def own_draft(
    tx: Transaction,
    record_id: int,
    action: Action = Action.RECORD_WRITE,
    version: int | None = None,
) -> MedicalRecord:
    """A record, locked, that the actor may write and that is not yet signed.

    Raises:
        NotFound: there is no such record.
        Forbidden: it is another doctor's.
        ChangedMeanwhile: `version` is not the record's.
        IllegalTransition: it is signed.
    """
    row = tx.fetch(MedicalRecord, record_id, "medical record")
    require(tx, action, doctor_id=row.doctor_id)
    if row.status == RecordStatus.SIGNED:
        raise IllegalTransition(
            "This record is signed and stays as it is. Correct it by an amendment.",
            record_id=record_id,
        )
    tx.expect(row, version)
    return row


def announce(tx: Transaction, row: MedicalRecord) -> None:
    """Tell open screens that a record of a doctor's day changed."""
    day = tx.local(row.visited_at).date()
    tx.changed(Topic.RECORD, doctor_id=row.doctor_id, day=day, entity_id=row.id)


def count(tx: Transaction, *conditions: ColumnElement[bool]) -> int:
    """How many records meet all conditions."""
    query = select(func.count()).select_from(RECORD).where(*conditions)
    return int(tx.session.execute(query).scalar_one())


def views(
    tx: Transaction, *conditions: ColumnElement[bool], limit: int | None = None, offset: int = 0
) -> list[RecordView]:
    """Records that meet all conditions, newest visit first, in four statements."""
    query = _joined().where(*conditions).order_by(RECORD.c.visited_at.desc(), RECORD.c.id.desc())
    if limit is not None:
        query = query.limit(limit).offset(offset)
    rows = tx.session.execute(query).all()
    ids = [row.id for row in rows]
    if not ids:
        return []
    diagnoses, items, amended = diagnoses_of(tx, ids), items_of(tx, ids), _amendments_of(tx, ids)
    return [_view(tx, row, diagnoses[row.id], items[row.id], amended[row.id]) for row in rows]


def says(word: str) -> ColumnElement[bool]:
    """Whether a record has a text anywhere: in what was written, a diagnosis or its code, a drug,
    or an amendment; upper and lower case are alike."""
    written = [RECORD.c[name].icontains(word, autoescape=True) for name in TEXTS]
    told = (
        (_DIAGNOSIS, (_DIAGNOSIS.c.text, _DIAGNOSIS.c.code)),
        (_ITEM, (_ITEM.c.drug,)),
        (_AMENDMENT, (_AMENDMENT.c.text,)),
    )
    return or_(
        *written,
        *(
            exists().where(
                table.c.record_id == RECORD.c.id,
                or_(*(column.icontains(word, autoescape=True) for column in columns)),
            )
            for table, columns in told
        ),
    )


def content_of(tx: Transaction, row: MedicalRecord) -> RecordInput:
    """The content of one record as it is kept."""
    assert row.id is not None
    items = items_of(tx, [row.id])[row.id]
    return _content(row, diagnoses_of(tx, [row.id])[row.id], items)


def put_content(tx: Transaction, row: MedicalRecord, content: RecordInput) -> None:
    """Replace the content of a draft. Lines that stay where they are keep their ids."""
    assert row.id is not None
    for name, value in to_columns(content).items():
        setattr(row, name, value)
    _put_diagnoses(tx, row.id, content.diagnoses)
    _put_items(tx, row.id, content.prescription)
    tx.session.flush()


def items_of(tx: Transaction, ids: Sequence[int]) -> dict[int, list[PrescriptionItemView]]:
    """The prescription lines of some records, in order."""
    found: dict[int, list[PrescriptionItemView]] = defaultdict(list)
    query = select(_ITEM).where(_ITEM.c.record_id.in_(ids)).order_by(_ITEM.c.position)
    for row in tx.session.execute(query):
        found[row.record_id].append(item_view(row))
    return found


def item_view(row: Any) -> PrescriptionItemView:
    """A prescription line as a value."""
    line = PrescriptionInput(**{name: getattr(row, name) for name in LINE_FIELDS})
    return PrescriptionItemView(row.id, row.record_id, row.position, line)


def diagnoses_of(tx: Transaction, ids: Sequence[int]) -> dict[int, list[Diagnosis]]:
    """The diagnoses of some records, in order."""
    found: dict[int, list[Diagnosis]] = defaultdict(list)
    query = select(_DIAGNOSIS).where(_DIAGNOSIS.c.record_id.in_(ids))
    for row in tx.session.execute(query.order_by(_DIAGNOSIS.c.position)):
        found[row.record_id].append(Diagnosis(row.text, row.code))
    return found


def latest_amendment(tx: Transaction, record_id: int, field: str) -> str | None:
    """The text that the newest amendment of a field gave it; None where there is none."""
    return tx.session.execute(
        select(_AMENDMENT.c.text)
        .where(_AMENDMENT.c.record_id == record_id, _AMENDMENT.c.field == field)
        .order_by(_AMENDMENT.c.id.desc())
        .limit(1)
    ).scalar()


def _put_diagnoses(tx: Transaction, record_id: int, wanted: tuple[Diagnosis, ...]) -> None:
    if tuple(diagnoses_of(tx, [record_id])[record_id]) == wanted:
        return
    tx.session.execute(_DIAGNOSIS.delete().where(_DIAGNOSIS.c.record_id == record_id))
    if wanted:
        tx.session.execute(
            _DIAGNOSIS.insert(),
            [
                {"record_id": record_id, "position": place, "code": one.code, "text": one.text}
                for place, one in enumerate(wanted, 1)
            ],
        )


def _put_items(tx: Transaction, record_id: int, wanted: tuple[PrescriptionInput, ...]) -> None:
    standing = items_of(tx, [record_id])[record_id]
    for place, line in enumerate(wanted, 1):
        values = {name: getattr(line, name) for name in LINE_FIELDS} | {"position": place}
        if place > len(standing):
            tx.session.execute(_ITEM.insert().values(record_id=record_id, **values))
        elif (standing[place - 1].position, standing[place - 1].item) != (place, line):
            # In order: a line only ever moves up, into a place that is free by then.
            tx.session.execute(
                _ITEM.update().where(_ITEM.c.id == standing[place - 1].id).values(**values)
            )
    surplus = [item.id for item in standing[len(wanted) :]]
    if surplus:
        tx.session.execute(_ITEM.delete().where(_ITEM.c.id.in_(surplus)))


def _joined() -> Select[Any]:
    return (
        select(
            RECORD,
            _PATIENT.c.mrn,
            _PATIENT.c.name.label("patient_name"),
            _ACCOUNT.c.name.label("doctor_name"),
            _DEPARTMENT.c.name.label("department_name"),
        )
        .join(_PATIENT, _PATIENT.c.id == RECORD.c.patient_id)
        .join(_DOCTOR, _DOCTOR.c.id == RECORD.c.doctor_id)
        .join(_ACCOUNT, _ACCOUNT.c.id == _DOCTOR.c.account_id)
        .join(_DEPARTMENT, _DEPARTMENT.c.id == RECORD.c.department_id)
    )


def _amendments_of(tx: Transaction, ids: Sequence[int]) -> dict[int, list[AmendmentView]]:
    found: dict[int, list[AmendmentView]] = defaultdict(list)
    query = (
        select(_AMENDMENT, _ACCOUNT.c.name.label("author"))
        .outerjoin(_ACCOUNT, _ACCOUNT.c.id == _AMENDMENT.c.author_id)
        .where(_AMENDMENT.c.record_id.in_(ids))
        .order_by(_AMENDMENT.c.id)
    )
    for row in tx.session.execute(query):
        found[row.record_id].append(
            AmendmentView(
                at=tx.local(row.at),
                author=row.author or "",
                field=row.field,
                earlier_text=row.earlier_text,
                text=row.text,
                reason=row.reason,
            )
        )
    return found


def _content(
    row: Any, diagnoses: list[Diagnosis], items: list[PrescriptionItemView]
) -> RecordInput:
    return RecordInput(
        symptoms=row.symptoms,
        diagnoses=tuple(diagnoses),
        vitals=vitals_of(row),
        treatment=row.treatment,
        notes=row.notes,
        follow_up_on=row.follow_up_on,
        prescription=tuple(one.item for one in items),
    )


def _view(
    tx: Transaction,
    row: Row[Any],
    diagnoses: list[Diagnosis],
    items: list[PrescriptionItemView],
    amendments: list[AmendmentView],
) -> RecordView:
    return RecordView(
        id=row.id,
        appointment_id=row.appointment_id,
        patient_id=row.patient_id,
        mrn=row.mrn,
        patient=row.patient_name,
        doctor_id=row.doctor_id,
        doctor=row.doctor_name,
        department=row.department_name,
        visited_at=tx.local(row.visited_at),
        status=RecordStatus(row.status),
        content=_content(row, diagnoses, items),
        prescription=tuple(items),
        amendments=tuple(amendments),
        signed_at=tx.maybe_local(row.signed_at),
        updated_at=tx.local(row.updated_at),
        version=row.version,
    )
