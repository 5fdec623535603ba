"""A small clinic for tests of what doctors write: two doctors, two patients, and their actors.

Rows are put in directly, so that these tests depend on no rule but those they are about.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from store.actors import system
from store.front_door import Store
from store.tables import (
    Account,
    Allergy,
    Appointment,
    Department,
    Doctor,
    MedicalRecord,
    Patient,
    table_of,
)
from store.transaction import Transaction
from store.values import Actor, AppointmentStatus, RecordInput, RecordView, Role

TERMINAL = "tty1@desk-2"


@dataclass(frozen=True)
class Clinic:
    """Dr Nair's and Dr Bose's ids and actors, patients Rao and Das, the desk, the administrator."""

    store: Store
    department_id: int
    nair: Actor
    bose: Actor
    rao: Actor
    das: Actor
    desk: Actor
    admin: Actor

    def visit(
        self,
        patient: Actor,
        doctor: Actor,
        status: AppointmentStatus = AppointmentStatus.IN_CONSULTATION,
        *,
        starts_at: datetime | None = None,
        **columns: Any,
    ) -> int:
        """An appointment of now, or of `starts_at`, that stands at `status`."""
        assert patient.patient_id is not None
        assert doctor.doctor_id is not None
        start = starts_at or self.store.clock.now()
        with self.store.transaction(system()) as tx:
            row = tx.add(
                Appointment(
                    patient_id=patient.patient_id,
                    doctor_id=doctor.doctor_id,
                    department_id=self.department_id,
                    starts_at=start,
                    ends_at=start + timedelta(minutes=15),
                    status=status,
                    **columns,
                    **tx.stamps(),
                )
            )
            assert row.id is not None
            return row.id

    def allergy(self, patient: Actor, substance: str) -> None:
        """A recorded allergy."""
        assert patient.patient_id is not None
        with self.store.transaction(system()) as tx:
            tx.add(Allergy(patient_id=patient.patient_id, substance=substance, **tx.stamps()))

    def signed(self, patient: Actor, doctor: Actor, content: RecordInput) -> RecordView:
        """A signed record of a visit of now."""
        from store import records

        visit = self.visit(patient, doctor, AppointmentStatus.COMPLETED, overbooked=True)
        with self.store.transaction(doctor) as tx:
            draft = records.open_draft(tx, visit)
            records.save_draft(tx, draft.id, content, version=draft.version)
            return records.sign(tx, draft.id)

    def record_count(self) -> int:
        """How many records there are, whoever may see them."""
        with self.store.reading(system()) as tx:
            return len(tx.session.execute(table_of(MedicalRecord).select()).all())


def open_clinic(store: Store) -> Clinic:
    """Put the clinic into an empty hospital."""
    with store.transaction(system()) as tx:
        department = tx.add(
            Department(name="Medicine", name_key="medicine", **tx.stamps()),
        )
        assert department.id is not None
        return Clinic(
            store,
            department.id,
            nair=_doctor(tx, "dr.nair", "Dr Asha Nair", department.id, "A"),
            bose=_doctor(tx, "dr.bose", "Dr Kabir Bose", department.id, "B"),
            rao=_patient(tx, "rao", "Meera Rao", "100017"),
            das=_patient(tx, "das", "Arjun Das", "100025"),
            desk=_account(tx, "desk1", "Front Desk", Role.RECEPTION),
            admin=_account(tx, "root", "Root", Role.ADMIN),
        )


def _account(tx: Transaction, username: str, name: str, role: Role) -> Actor:
    row = tx.add(Account(username=username, name=name, role=role, **tx.stamps()))
    return Actor(role, name, TERMINAL, account_id=row.id, username=username)


def _doctor(tx: Transaction, username: str, name: str, department_id: int, code: str) -> Actor:
    actor = _account(tx, username, name, Role.DOCTOR)
    assert actor.account_id is not None
    row = tx.add(
        Doctor(
            account_id=actor.account_id,
            department_id=department_id,
            queue_code=code,
            **tx.stamps(),
        )
    )
    return Actor(Role.DOCTOR, name, TERMINAL, actor.account_id, doctor_id=row.id, username=username)


def _patient(tx: Transaction, username: str, name: str, mrn: str) -> Actor:
    actor = _account(tx, username, name, Role.PATIENT)
    row = tx.add(Patient(mrn=mrn, account_id=actor.account_id, name=name, **tx.stamps()))
    return Actor(
        Role.PATIENT, name, TERMINAL, actor.account_id, patient_id=row.id, username=username
    )
