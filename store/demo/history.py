"""Three months of invented appointments and two weeks to come, written in batches.

What a desk would do one by one is inserted as rows here, because a hospital's quarter would
take minutes otherwise. The database's own constraints check every one of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from sqlalchemy import bindparam, func, select, update

from store import availability
from store.demo.medicine import Complaint
from store.record_content import canonical
from store.records import signature_of
from store.slots import to_moment_utc
from store.tables import (
    Appointment,
    AppointmentEvent,
    MedicalRecord,
    PrescriptionItem,
    QueueToken,
    RecordDiagnosis,
    table_of,
)
from store.tokens import label, session_code
from store.transaction import Transaction
from store.values import AppointmentStatus as Status
from store.values import RecordInput, RecordStatus

DAYS_BACK, DAYS_AHEAD = 92, 14
_BATCH = 4000
_PAST = (
    ([Status.COMPLETED] * 41) + ([Status.NO_SHOW] * 4) + ([Status.CANCELLED] * 4) + [Status.LEFT]
)
_TOLD = ("called to cancel", "feels better", "travelling", "will come another day")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Practice:
    """A doctor of the demo: ids, queue letter, share of slots filled, and complaints seen."""

    doctor_id: int
    account_id: int
    department_id: int
    queue_code: str
    load: float
    complaints: Sequence[Complaint]


@dataclass
class _Pages:
    """Rows that wait for their batch, table by table, in the order of their references."""

    visits: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    tokens: list[Row] = field(default_factory=list)
    records: list[Row] = field(default_factory=list)
    diagnoses: list[Row] = field(default_factory=list)
    items: list[Row] = field(default_factory=list)

    def write(self, tx: Transaction) -> None:
        for model, rows in (
            (Appointment, self.visits),
            (AppointmentEvent, self.events),
            (QueueToken, self.tokens),
            (MedicalRecord, self.records),
            (RecordDiagnosis, self.diagnoses),
            (PrescriptionItem, self.items),
        ):
            if rows:
                tx.session.execute(table_of(model).insert(), rows)
                rows.clear()


def write(
    tx: Transaction,
    random: Random,
    practices: Sequence[Practice],
    patient_ids: Sequence[int],
    desk_account: int,
) -> Iterator[tuple[int, int]]:
    """Write everything; yields how many days of how many are done, for a progress bar."""
    scribe = _Scribe(tx, random, patient_ids, desk_account)
    first, last = tx.today() - timedelta(days=DAYS_BACK), tx.today() + timedelta(days=DAYS_AHEAD)
    doctors = [practice.doctor_id for practice in practices]
    plan = availability.read_plan(tx, doctors, first, last)
    days = (last - first).days + 1
    for offset in range(days):
        day = first + timedelta(days=offset)
        scribe.begin(day)
        for practice in practices:
            scribe.day_of(practice, plan, day)
        scribe.write_if_due()
        yield offset + 1, days
    scribe.finish()


class _Scribe:
    """Makes rows with ids of their own, so that batches can refer to each other."""

    def __init__(
        self, tx: Transaction, random: Random, patient_ids: Sequence[int], desk_account: int
    ) -> None:
        self._tx, self._random, self._patients = tx, random, patient_ids
        self._desk = desk_account
        self._pages = _Pages()
        self._signatures: list[tuple[int, Row]] = []
        self._visit_id = self._highest(Appointment)
        self._event_id = self._highest(AppointmentEvent)
        self._record_id = self._highest(MedicalRecord)
        self._busy: set[tuple[int, int]] = set()

    def begin(self, day: date) -> None:
        """Start a day: nobody is anywhere yet."""
        self._busy.clear()
        self._day = day

    def day_of(self, practice: Practice, plan: availability.Plan, day: date) -> None:
        """Book some of a doctor's slots of the day, and let them become what they became."""
        ahead = (day - self._tx.today()).days
        load = practice.load if ahead <= 0 else practice.load * max(0.25, 1 - ahead / 12)
        away = plan.away.get(practice.doctor_id, [])
        consulting = False
        for place, session in enumerate(plan.sessions(self._tx, practice.doctor_id, day), 1):
            number = 0
            code = session_code(practice.queue_code, place)
            for start in session.starts():
                end = start + session.slot_minutes
                if any(begin < end and start < until for begin, until in away):
                    continue
                if self._random.random() > load:
                    continue
                status = self._status(to_moment_utc(start), to_moment_utc(end), consulting)
                consulting = consulting or status is Status.IN_CONSULTATION
                visit = self._visit(practice, start, end, status)
                if visit is None:
                    continue
                if visit["checked_in_at"] is not None and status is not Status.LEFT:
                    number += 1
                    self._token(practice, visit, session.start_minute, label(code, number))
                if status is Status.COMPLETED:
                    self._record(practice, visit)

    def write_if_due(self) -> None:
        """Write a batch when enough has come together."""
        if len(self._pages.visits) >= _BATCH:
            self._flush()

    def finish(self) -> None:
        """Write what is left."""
        self._flush()

    def _status(self, starts: datetime, ends: datetime, consulting: bool) -> Status:
        now = self._tx.now
        today = self._tx.local(starts).date() == self._tx.today()
        if today and ends > now - timedelta(minutes=40):
            if ends <= now:
                return Status.CHECKED_IN if consulting else Status.IN_CONSULTATION
            soon = starts - now < timedelta(minutes=35)
            return Status.CHECKED_IN if soon and self._random.random() < 0.6 else Status.BOOKED
        if starts > now:
            return Status.BOOKED
        return self._random.choice(_PAST)

    def _visit(self, practice: Practice, start: int, end: int, status: Status) -> Row | None:
        patient = self._random.choice(self._patients)
        if (patient, start // 60) in self._busy:
            return None
        self._busy.add((patient, start // 60))
        starts = to_moment_utc(start)
        booked = min(starts, self._tx.now) - timedelta(hours=self._random.randint(3, 200))
        came = status not in (Status.BOOKED, Status.CANCELLED, Status.NO_SHOW)
        arrived = min(starts, self._tx.now) - timedelta(minutes=self._random.randint(2, 25))
        self._visit_id += 1
        visit: Row = {
            "id": self._visit_id,
            "patient_id": patient,
            "doctor_id": practice.doctor_id,
            "department_id": practice.department_id,
            "starts_at": starts,
            "ends_at": to_moment_utc(end),
            "status": status.value,
            "reason": self._random.choice(_TOLD) if status is Status.CANCELLED else "",
            "cancelled_by_role": "reception" if status is Status.CANCELLED else None,
            "checked_in_at": arrived if came else None,
            "started_at": starts if status in (Status.COMPLETED, Status.IN_CONSULTATION) else None,
            "completed_at": to_moment_utc(end - 2) if status is Status.COMPLETED else None,
            **self._authorship(booked, self._desk),
            **_PLAIN_VISIT,
        }
        self._pages.visits.append(visit)
        self._event(visit, booked, "book", None, Status.BOOKED)
        if status is not Status.BOOKED:
            self._event(visit, arrived, _LAST_MOVE[status], Status.BOOKED, status)
        return visit

    def _event(
        self, visit: Row, at: datetime, kind: str, before: Status | None, after: Status
    ) -> None:
        self._event_id += 1
        self._pages.events.append(
            {
                "id": self._event_id,
                "appointment_id": visit["id"],
                "at": at,
                "kind": kind,
                "from_status": before.value if before else None,
                "to_status": after.value,
                "actor_id": self._desk,
                "actor_role": "reception",
                "terminal": "demo",
                "reason": visit["reason"] if after is Status.CANCELLED else "",
                "undoes_id": None,
            }
        )

    def _token(self, practice: Practice, visit: Row, session: int, token: str) -> None:
        self._pages.tokens.append(
            {
                "appointment_id": visit["id"],
                "doctor_id": practice.doctor_id,
                "day": self._day,
                "session": session,
                "number": int(token.rpartition("-")[2]),
                "label": token,
                "drawn_at": visit["checked_in_at"],
                "voided_at": None,
            }
        )

    def _record(self, practice: Practice, visit: Row) -> None:
        complaint = self._random.choice(practice.complaints)
        self._record_id += 1
        self._pages.records.append(
            {
                "id": self._record_id,
                "appointment_id": visit["id"],
                "patient_id": visit["patient_id"],
                "doctor_id": practice.doctor_id,
                "department_id": practice.department_id,
                "visited_at": visit["starts_at"],
                "status": RecordStatus.DRAFT.value,
                "symptoms": complaint.symptoms,
                "treatment": complaint.treatment,
                "notes": "",
                **self._authorship(visit["starts_at"], practice.account_id),
            }
        )
        signature = signature_of(
            self._record_id,
            practice.doctor_id,
            visit["starts_at"],
            practice.account_id,
            visit["completed_at"],
            _canonical(complaint),
        )
        signed = {"at": visit["completed_at"], "by": practice.account_id, "hash": signature}
        self._signatures.append((self._record_id, signed))
        self._pages.diagnoses.append(
            {
                "record_id": self._record_id,
                "position": 1,
                "code": complaint.diagnosis.code,
                "text": complaint.diagnosis.text,
            }
        )
        for position, item in enumerate(complaint.prescription, start=1):
            self._pages.items.append(
                {
                    "record_id": self._record_id,
                    "position": position,
                    "drug": item.drug,
                    "dose": item.dose,
                    "route": item.route,
                    "frequency": item.frequency,
                    "duration_days": item.duration_days,
                    "quantity": item.quantity,
                    "instructions": item.instructions,
                    "warning_answer": "",
                }
            )

    def _flush(self) -> None:
        self._pages.write(self._tx)
        if not self._signatures:
            return
        records = table_of(MedicalRecord)
        # Signing last: a signed record takes no diagnosis and no prescription any more.
        self._tx.session.connection().execute(
            update(records)
            .where(records.c.id == _bind("record"))
            .values(
                status="signed",
                signed_at=_bind("at", records.c.signed_at.type),
                signed_by=_bind("by"),
                signature=_bind("hash"),
            ),
            [{"record": record, **row} for record, row in self._signatures],
        )
        self._signatures.clear()

    def _authorship(self, at: datetime, by: int) -> Mapping[str, Any]:
        return {
            "created_at": at,
            "created_by": by,
            "updated_at": at,
            "updated_by": by,
            "version": 1,
        }

    def _highest(self, model: type[Any]) -> int:
        return self._tx.session.scalar(select(func.max(table_of(model).c.id))) or 0


def _bind(name: str, kind: Any = None) -> Any:
    return bindparam(name, type_=kind)


@cache
def _canonical(complaint: Complaint) -> str:
    return canonical(
        RecordInput(
            symptoms=complaint.symptoms,
            diagnoses=(complaint.diagnosis,),
            treatment=complaint.treatment,
            prescription=complaint.prescription,
        )
    )


_PLAIN_VISIT: Row = {
    "note": "",
    "walk_in": False,
    "overbooked": False,
    "overbook_reason": "",
    "reminded_at": None,
    "predecessor_id": None,
    "calendar_sequence": 0,
    "request_id": None,
    "external_id": None,
}
_LAST_MOVE = {
    Status.COMPLETED: "complete",
    Status.NO_SHOW: "no-show",
    Status.CANCELLED: "cancel",
    Status.LEFT: "left",
    Status.CHECKED_IN: "check-in",
    Status.IN_CONSULTATION: "start",
}
