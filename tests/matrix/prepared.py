"""A hospital of two halves that have nothing to do with each other, prepared once.

In each half stand a doctor, a patient of that doctor alone, and one of everything between them.
What must not be seen by everybody carries a word that appears nowhere else, so that a test finds
it in whatever leaves the store.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from sqlalchemy import update

from store import (
    accounts,
    dispatch,
    holidays,
    leave,
    offers,
    outbox,
    patients,
    records,
    tokens,
    waitlist,
)
from store.actors import nobody, system
from store.clock import FixedClock
from store.database import open_database
from store.front_door import Store
from store.moves import Kind
from store.tables import Account, Appointment, AppointmentEvent, table_of
from store.transaction import Transaction
from store.values import (
    Actor,
    AppointmentStatus,
    Diagnosis,
    DoctorView,
    MailKind,
    PatientView,
    PrescriptionInput,
    RecordInput,
    Slot,
)
from tests import hospital
from tests.hospital import MONDAY_MORNING

NO_ID = 987_654_321
"""An id that no row has."""


class Whose(StrEnum):
    """Whose row a function is called on."""

    OWN = "own"
    OTHER = "other's"
    NOBODY = "nobody's"


@dataclass(frozen=True)
class Half:
    """The ids of one half. `particulars`, `medical`, `draft` and `away` are its secret words: of
    who the patient is, of signed records and allergies, of the doctor's draft, of the leave."""

    doctor: int = NO_ID
    patient: int = NO_ID
    mrn: str = "no such patient"
    doctor_account: int = NO_ID
    patient_account: int = NO_ID
    session: int = NO_ID
    booked: int = NO_ID
    missed: int = NO_ID
    due: int = NO_ID
    waiting: int = NO_ID
    inside: int = NO_ID
    seen: int = NO_ID
    unwritten: int = NO_ID
    drafted: int = NO_ID
    item: int = NO_ID
    signed: int = NO_ID
    leave: int = NO_ID
    allergy: int = NO_ID
    message: int = NO_ID
    entry: int = NO_ID
    particulars: str = ""
    medical: str = ""
    draft: str = ""
    away: str = ""


@dataclass(frozen=True)
class Prepared:
    """The database file, the halves, and who acts in each role; the doctor and the patient are
    those of `own`. `stale` is an administrator whose account was deactivated meanwhile. The third
    doctor has no patients, the department no doctors."""

    path: Path
    own: Half
    other: Half
    third_doctor: int
    department: int
    holiday: int
    actors: dict[str, Actor]
    tokens: dict[str, str]

    def open(self, path: Path | None = None) -> Store:
        """The prepared hospital, or a copy of it, with a clock that stands."""
        database = open_database(f"sqlite:///{path or self.path}")
        return Store(database, FixedClock(MONDAY_MORNING), hospital.quick_rules())


@dataclass(frozen=True)
class Case:
    """One call: in which unit of work, on whose row. The names of a half are at hand."""

    tx: Transaction
    prepared: Prepared
    whose: Whose

    @property
    def half(self) -> Half:
        """The half that the row is in."""
        halves = {Whose.OWN: self.prepared.own, Whose.OTHER: self.prepared.other}
        return halves.get(self.whose, Half())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.half, name)

    @property
    def account(self) -> int:
        """The actor's own account, or somebody else's."""
        own = self.tx.actor.account_id or NO_ID
        return {Whose.OWN: own, Whose.OTHER: self.prepared.other.patient_account}.get(
            self.whose, NO_ID
        )

    @property
    def session(self) -> int:
        """The actor's own login session, or somebody else's."""
        own = self.tx.actor.session_id or NO_ID
        return {Whose.OWN: own, Whose.OTHER: self.prepared.other.session}.get(self.whose, NO_ID)

    def at(self, days: int, hour: int, minute: int = 0) -> datetime:
        """A moment some days from now."""
        return MONDAY_MORNING.replace(hour=hour, minute=minute) + timedelta(days=days)

    def claim(self) -> dispatch.Claim:
        """A message as a worker holds it."""
        return dispatch.Claim(
            self.message, MailKind.BOOKED, self.patient, self.booked, 1, False, "worker"
        )

    def offered(self) -> int:
        """The waiting patient's entry, with a slot that is offered to it."""
        if self.entry != NO_ID:
            start = self.at(3, 10)
            slot = Slot(self.doctor, start, start + timedelta(minutes=15), True)
            offers.make(self.tx, self.entry, slot, self.at(0, 11))
        return int(self.entry)

    def undoable(self) -> int:
        """The waiting patient's appointment, checked in by the actor a moment ago."""
        if self.waiting != NO_ID:
            _event(self.tx, self.waiting)
        return int(self.waiting)


def prepare(founded: Path, path: Path) -> Prepared:
    """Fill a copy of a founded hospital."""
    path.write_bytes(founded.read_bytes())
    path.chmod(0o600)
    clock = FixedClock(MONDAY_MORNING)
    store = Store(open_database(f"sqlite:///{path}"), clock, hospital.quick_rules())
    own = _half(store, "Asha Nair", "Meera", "Quartz")
    other = _half(store, "Kabir Bose", "Arjun", "Feldspar")
    signed_in = {
        "admin": hospital.signed_in(store, hospital.admin(store)),
        "reception": hospital.signed_in(store, hospital.reception(store)),
        "doctor": hospital.signed_in(store, "dr.nair"),
        "patient": hospital.signed_in(store, "meera"),
        "stale": hospital.signed_in(store, hospital.admin(store, "gone", "Gone Root")),
    }
    third, department = hospital.doctor(store, "Ila Sen"), hospital.department(store, "Empty Ward")
    with store.transaction(system()) as tx:
        holiday, _ = holidays.add(tx, date(2026, 12, 25), "Christmas")
        gone = accounts.get(tx, "gone")
        # The flag alone: what ends the login sessions as well must not be all that counts.
        tx.session.execute(
            update(table_of(Account)).where(table_of(Account).c.id == gone.id).values(is_active=0)
        )
    actors = {name: one.actor for name, one in signed_in.items()} | {"visitor": nobody("kiosk")}
    kept = {name: one.token for name, one in signed_in.items()} | {"visitor": "no token"}
    store.database.dispose()
    return Prepared(path, own, other, third.id, department.id, holiday.id, actors, kept)


def _half(store: Store, doctor_name: str, first_name: str, secret: str) -> Half:
    doctor = hospital.doctor(store, doctor_name)
    patient = hospital.patient(
        store,
        f"{first_name} {secret}",
        username=first_name.lower(),
        phone="98450 11224" if secret == "Quartz" else "98450 22335",
        email=f"{secret.lower()}@example.org",
        allergies=(f"{secret}medical",),
    )
    session = hospital.signed_in(store, first_name.lower(), "home").actor.session_id
    with store.transaction(system()) as tx:
        visits = _visits(tx, doctor, patient, secret)
        away, _ = leave.add(
            tx,
            doctor.id,
            MONDAY_MORNING + timedelta(days=30),
            MONDAY_MORNING + timedelta(days=31),
            f"{secret}away",
        )
        outbox.enqueue(
            tx,
            MailKind.BOOKED,
            f"booked:{visits['booked']}:0",
            appointment_id=visits["booked"],
            patient_id=patient.id,
        )
        [message] = outbox.list_messages(tx, appointment_id=visits["booked"]).items
        [allergy] = patients.allergies(tx, patient.id)
        doctor_account = accounts.get(tx, doctor.username).id
        waits = waitlist.add(tx, patient_id=patient.id, doctor_id=doctor.id, note=f"{secret} waits")
    written = _records(store, doctor, visits, secret)
    return Half(
        doctor=doctor.id,
        patient=patient.id,
        mrn=patient.mrn,
        doctor_account=doctor_account,
        patient_account=_account_of(store, patient),
        session=session or NO_ID,
        leave=away.id,
        allergy=allergy.id,
        message=message.id,
        entry=waits.id,
        particulars=secret,
        medical=f"{secret}medical",
        draft=f"{secret}draft",
        away=f"{secret}away",
        **visits,
        **written,
    )


def _visits(
    tx: Transaction, doctor: DoctorView, patient: PatientView, secret: str
) -> dict[str, int]:
    """One appointment in every state from which a move goes; the moments are from now."""
    status = AppointmentStatus
    wanted = {
        "booked": (timedelta(days=2, hours=1), status.BOOKED),
        "missed": (timedelta(hours=-1), status.BOOKED),
        "due": (timedelta(minutes=15), status.BOOKED),
        "waiting": (timedelta(minutes=30), status.CHECKED_IN),
        "inside": (timedelta(minutes=-15), status.IN_CONSULTATION),
        "seen": (timedelta(days=-1), status.COMPLETED),
        "unwritten": (timedelta(days=-3), status.COMPLETED),
    }
    made = {}
    for name, (away, state) in wanted.items():
        row = tx.add(
            Appointment(
                patient_id=patient.id,
                doctor_id=doctor.id,
                department_id=doctor.department_id,
                starts_at=tx.now + away,
                ends_at=tx.now + away + timedelta(minutes=15),
                status=state,
                note=f"{secret} asks",
                checked_in_at=tx.now if state is status.CHECKED_IN else None,
                **tx.stamps(),
            )
        )
        assert row.id is not None
        made[name] = row.id
        if state is status.CHECKED_IN:
            tokens.draw(tx, row)
    return made


def _records(
    store: Store, doctor: DoctorView, visits: dict[str, int], secret: str
) -> dict[str, int]:
    actor = hospital.actor_of(store, doctor)
    with store.transaction(actor) as tx:
        draft = records.open_draft(tx, visits["inside"])
        draft = records.save_draft(tx, draft.id, _content(f"{secret}draft"), version=None)
        done = records.open_draft(tx, visits["seen"])
        records.save_draft(tx, done.id, _content(f"{secret}medical", answered=True), version=None)
        records.sign(tx, done.id)
    return {"drafted": draft.id, "item": draft.prescription[0].id, "signed": done.id}


def _content(word: str, *, answered: bool = False) -> RecordInput:
    answer = f"{word} answer" if answered else ""
    return RecordInput(
        symptoms=word,
        diagnoses=(Diagnosis(word),),
        notes=word,
        prescription=(PrescriptionInput(word, duration_days=30, warning_answer=answer),),
    )


def _account_of(store: Store, patient: PatientView) -> int:
    with store.reading(system()) as tx:
        return accounts.get(tx, patient.username or "").id


def _event(tx: Transaction, appointment_id: int) -> None:
    tx.add(
        AppointmentEvent(
            appointment_id=appointment_id,
            at=tx.now,
            kind=Kind.CHECK_IN,
            from_status=AppointmentStatus.BOOKED,
            to_status=AppointmentStatus.CHECKED_IN,
            actor_id=tx.actor.account_id,
            actor_role=tx.actor.role,
            terminal=tx.actor.terminal,
        )
    )
