"""Taking in a patient's file from another hospital: as history, in one unit of work.

The same file a second time adds nothing: things keep the key of the hospital they come from. Its
doctors come in without hours and deactivated, so that nobody books them here. A record comes in
signed, as it was, but by nobody of this hospital.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC
from itertools import count

from msgspec.structs import replace
from sqlalchemy import ColumnElement, select

from store import departments, doctors, record_rows
from store.account_rows import clean_username
from store.errors import Invalid
from store.exchange import history
from store.patient_rows import clean_mrn, insert_patient
from store.permissions import Action, require
from store.record_content import canonical, cleaned
from store.records import AMENDABLE, signature_of
from store.references import name_key
from store.tables import (
    Account,
    Allergy,
    Appointment,
    Department,
    Doctor,
    Hospital,
    MedicalRecord,
    Patient,
    RecordAmendment,
    table_of,
)
from store.text import clean_line, clean_note, search_key
from store.transaction import Transaction
from store.values import (
    AppointmentStatus,
    ForeignDoctor,
    ForeignFile,
    ForeignRecord,
    ForeignTaken,
    RecordStatus,
)

_PATIENT, _VISIT, _RECORD = table_of(Patient).c, table_of(Appointment).c, table_of(MedicalRecord).c
_DOCTOR, _ACCOUNT, _DEPARTMENT = table_of(Doctor).c, table_of(Account).c, table_of(Department).c
_ALLERGY, _AMENDMENT = table_of(Allergy), table_of(RecordAmendment)
_UNKNOWN = "Elsewhere"
_NOT_OVER = frozenset(
    {AppointmentStatus.BOOKED, AppointmentStatus.CHECKED_IN, AppointmentStatus.IN_CONSULTATION}
)
"""What has begun there and not ended would wait in the queue here; a later file tells how it
ended."""


def take(tx: Transaction, file: ForeignFile) -> ForeignTaken:
    """Take the file in: patient, allergies, past appointments and signed records.

    Raises:
        Forbidden: only administrators bring in history.
        Invalid: something in it cannot be kept, or it is this hospital's own.
    """
    require(tx, Action.DATA_IMPORT)
    uid = tx.session.execute(select(table_of(Hospital).c.uid)).scalar_one()
    if file.hospital == uid:
        raise Invalid.field("file", "These records are this hospital's own; they are here.")
    taking = _Taking(tx, file)
    taken = taking.all()
    tx.record(
        "data.import",
        "patient",
        taken.patient_id,
        patient_id=taken.patient_id,
        detail={
            "kind": "fhir",
            "from": file.hospital,
            "visits": taken.visits,
            "records": taken.records,
            "allergies": taken.allergies,
        },
    )
    return taken


@dataclass
class _Taking:
    """A file that is being taken in."""

    tx: Transaction
    file: ForeignFile
    doctors: dict[str, int] = field(default_factory=dict)
    made: int = 0

    def all(self) -> ForeignTaken:
        """All of it, in the order of its references."""
        patient, registered = self._patient()
        assert patient.id is not None
        allergies = sum(self._allergies(patient.id))
        visits, coming = self._visits(patient.id)
        records = sum(self._record(patient.id, one) for one in self.file.records)
        return ForeignTaken(
            patient.id,
            patient.mrn,
            registered,
            visits,
            records,
            allergies,
            self.made,
            coming,
        )

    def _patient(self) -> tuple[Patient, bool]:
        tx, key = self.tx, _key(self.file.key)
        known = tx.session.execute(select(_PATIENT.id).where(_PATIENT.external_id == key)).scalar()
        if known is not None:
            return tx.fetch(Patient, known, "patient"), False
        given = replace(self.file.patient, external_id=key, mrn=self._free_mrn())
        row = insert_patient(tx, given)
        tx.record("patient.create", "patient", row.id, patient_id=row.id)
        return row, True

    def _free_mrn(self) -> str | None:
        """The number that the patient has there, where nobody has it here."""
        given = self.file.patient.mrn
        if not given:
            return None
        try:
            mrn = clean_mrn(given)
        except Invalid:
            return None
        taken = select(_PATIENT.id).where(_PATIENT.mrn == mrn)
        return None if self.tx.session.execute(taken).first() else mrn

    def _allergies(self, patient_id: int) -> Iterator[bool]:
        for one in self.file.allergies:
            if self._have(_ALLERGY.c.external_id == _key(one.key)):
                continue
            self.tx.add(
                Allergy(
                    patient_id=patient_id,
                    substance=clean_line(one.substance, "substance", required=True),
                    reaction=clean_line(one.reaction, "reaction"),
                    severity=clean_line(one.severity, "severity", most=40),
                    noted_on=one.noted_on,
                    external_id=_key(one.key),
                    **self.tx.stamps(),
                )
            )
            yield True

    def _visits(self, patient_id: int) -> tuple[int, int]:
        taken = coming = 0
        for one in self.file.visits:
            if one.starts_at >= self.tx.now or one.status in _NOT_OVER:
                coming += 1
            elif not self._have(_VISIT.external_id == _key(one.key)):
                history.keep(
                    self.tx,
                    patient_id=patient_id,
                    doctor_id=self._doctor(one.doctor),
                    starts_at=one.starts_at.astimezone(UTC),
                    ends_at=one.ends_at.astimezone(UTC),
                    status=one.status,
                    note=one.note,
                    external_id=_key(one.key),
                )
                taken += 1
        return taken, coming

    def _record(self, patient_id: int, one: ForeignRecord) -> bool:
        tx, key = self.tx, _key(one.key)
        if self._have(_RECORD.external_id == key):
            return False
        doctor = tx.fetch(Doctor, self._doctor(one.doctor), "doctor")
        assert doctor.id is not None
        content = cleaned(
            one.content, today=tx.today(), standing_follow_up=one.content.follow_up_on
        )
        visit = tx.session.execute(
            select(_VISIT.id).where(_VISIT.external_id == _key(one.visit or ""))
        ).scalar()
        row = tx.add(
            MedicalRecord(
                appointment_id=visit,
                patient_id=patient_id,
                doctor_id=doctor.id,
                department_id=doctor.department_id,
                visited_at=one.visited_at.astimezone(UTC),
                status=RecordStatus.DRAFT,
                external_id=key,
                **tx.stamps(),
            )
        )
        record_rows.put_content(tx, row, content)
        signed_at = one.signed_at.astimezone(UTC)
        row.status, row.signed_at = RecordStatus.SIGNED, signed_at
        row.signature = signature_of(
            row.id, row.doctor_id, row.visited_at, None, signed_at, canonical(content)
        )
        tx.session.add(row)
        tx.session.flush()
        self._amend(row, one, doctor.account_id)
        record_rows.announce(tx, row)
        return True

    def _amend(self, row: MedicalRecord, one: ForeignRecord, account_id: int) -> None:
        rows = [
            {
                "record_id": row.id,
                "at": each.at.astimezone(UTC),
                "author_id": account_id if each.author == one.doctor.name else None,
                "field": each.field,
                "earlier_text": clean_note(each.earlier_text, "earlier_text"),
                "text": clean_note(each.text, "text"),
                "reason": clean_line(each.reason, "reason", most=500),
            }
            for each in one.amendments
            if each.field in AMENDABLE
        ]
        if rows:
            self.tx.session.execute(_AMENDMENT.insert(), rows)

    def _doctor(self, doctor: ForeignDoctor) -> int:
        if doctor.key not in self.doctors:
            found = self.tx.session.execute(
                select(_DOCTOR.id).where(_DOCTOR.external_id == _key(doctor.key))
            ).scalar()
            self.doctors[doctor.key] = self._new_doctor(doctor) if found is None else found
        return self.doctors[doctor.key]

    def _new_doctor(self, doctor: ForeignDoctor) -> int:
        made = doctors.create(
            self.tx,
            username=self._free_username(doctor.name),
            name=doctor.name or "Unknown doctor",
            department_id=self._department(doctor.department),
            external_id=_key(doctor.key),
        )
        doctors.deactivate(self.tx, made.id)
        self.made += 1
        return made.id

    def _free_username(self, name: str) -> str:
        plain = "".join(c if c.isascii() and c.isalnum() else " " for c in search_key(name))
        stem = ".".join(plain.split())[:50]
        stem = stem if len(stem) > 1 and not stem.isdigit() else "doctor"
        for number in count(1):
            username = clean_username(f"{stem}.{number}" if number > 1 else stem)
            if not self._have(_ACCOUNT.username == username):
                return username
        raise AssertionError

    def _department(self, name: str) -> int:
        name = clean_line(name, "department", most=120) or _UNKNOWN
        found = self.tx.session.execute(
            select(_DEPARTMENT.id).where(_DEPARTMENT.name_key == name_key(name))
        ).scalar()
        return departments.create(self.tx, name=name).id if found is None else found

    def _have(self, condition: ColumnElement[bool]) -> bool:
        return self.tx.session.execute(select(condition).where(condition)).first() is not None


def _key(key: str) -> str:
    """A key as an external id."""
    return f"fhir:{key}"[:120]
