"""Appointments that are over already, as they are brought in from elsewhere."""

from __future__ import annotations

import json
from bisect import bisect_left, insort
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import select, text

from store.availability import LONGEST_APPOINTMENT
from store.batches import insert_rows
from store.changes import Topic
from store.errors import Invalid
from store.exchange.ids import reserve
from store.moves import Kind
from store.permissions import Action, require
from store.tables import Appointment, AppointmentEvent, Doctor, table_of
from store.tables.appointments import HOLDING
from store.text import clean_note
from store.transaction import Transaction
from store.values import HOLDS_SLOT, AppointmentStatus

OVERLAPS = "imported history overlaps"
"""Why a past appointment is kept although its doctor had another at the time."""

_HISTORY = f"appointment.{Kind.HISTORY}"
_VISIT, _EVENT, _DOCTOR = table_of(Appointment), table_of(AppointmentEvent), table_of(Doctor)
_OCCUPIED = """
SELECT w.place FROM ({wanted}) AS w WHERE EXISTS (
  SELECT 1 FROM appointment AS v WHERE v.doctor_id = w.doctor AND v.starts_at < w.until
  AND v.starts_at > w.earliest AND v.ends_at > w.since AND v.status IN ({holding}))
"""
_WANTED = {
    "sqlite": """
SELECT key AS place, value ->> 0 AS doctor, value ->> 1 AS since, value ->> 2 AS until,
  value ->> 3 AS earliest FROM json_each(:wanted)
""",
    "postgresql": """
SELECT number - 1 AS place, CAST(value ->> 0 AS integer) AS doctor,
  CAST(value ->> 1 AS timestamptz) AS since, CAST(value ->> 2 AS timestamptz) AS until,
  CAST(value ->> 3 AS timestamptz) AS earliest
FROM json_array_elements(CAST(:wanted AS json)) WITH ORDINALITY AS given (value, number)
""",
}
"""Which of some times of doctors somebody has: each is one short range of an index."""


class Past(NamedTuple):
    """An appointment that is over; from when to when is UTC."""

    patient_id: int
    doctor_id: int
    starts_at: datetime
    ends_at: datetime
    status: AppointmentStatus
    note: str = ""
    external_id: str | None = None


class Occupied:
    """The time of doctors that a file has taken so far: what overlaps what in it."""

    def __init__(self) -> None:
        self._times: dict[int, list[tuple[datetime, datetime]]] = {}

    def take(self, one: Past) -> bool:
        """Take an appointment's time; returns whether it overlaps what was taken before."""
        times = self._times.setdefault(one.doctor_id, [])
        at = bisect_left(times, (one.ends_at,))
        overlaps = False
        while at and times[at - 1][0] > one.starts_at - LONGEST_APPOINTMENT and not overlaps:
            at -= 1
            overlaps = times[at][1] > one.starts_at
        insort(times, (one.starts_at, one.ends_at))
        return overlaps


def keep(
    tx: Transaction,
    *,
    patient_id: int,
    doctor_id: int,
    starts_at: datetime,
    ends_at: datetime,
    status: AppointmentStatus,
    note: str = "",
    external_id: str | None = None,
) -> tuple[int, bool]:
    """Put an appointment that was not made here into the history, with its status, whatever the
    doctor's hours are. One that overlaps another of the doctor is kept as overbooked.

    Returns:
        its id, and whether it overlaps.

    Raises:
        Forbidden: only administrators bring in history.
        Invalid: it ends before it starts, or lasts longer than a day.
        NotFound: there is no such doctor.
    """
    require(tx, Action.DATA_IMPORT)
    require_length(starts_at, ends_at)
    note = clean_note(note, "note", most=2000)
    one = Past(patient_id, doctor_id, starts_at, ends_at, status, note, external_id)
    tx.lock_doctor(doctor_id)
    [overlaps] = overlapping(tx, [one], Occupied())
    [made] = keep_all(tx, [(one, overlaps)])
    return made, overlaps


def overlapping(tx: Transaction, rows: Sequence[Past], file: Occupied) -> list[bool]:
    """Which appointments overlap another of their doctor, here or earlier in their file."""
    holding = [one for one in rows if one.status in HOLDS_SLOT]
    taken = iter(_occupied(tx, holding))
    return [
        any([next(taken), file.take(one)]) if one.status in HOLDS_SLOT else False for one in rows
    ]


def keep_all(
    tx: Transaction, rows: Sequence[tuple[Past, bool]], *, look_again: bool = False
) -> Sequence[int]:
    """Put appointments that are clean into the history; with each, whether it overlaps another.

    Args:
        look_again: somebody may have booked or moved an appointment there since that was asked.

    Returns:
        their ids.

    Raises:
        IntegrityError: somebody has; all of the unit is to be done once more, and so to look again.
    """
    require(tx, Action.DATA_IMPORT)
    if not rows:
        return []
    for doctor_id in sorted({one.doctor_id for one, _ in rows}):
        tx.lock_doctor(doctor_id)
    if look_again:
        past = [one for one, _ in rows]
        rows = list(zip(past, overlapping(tx, past, Occupied()), strict=True))
    return _insert(tx, rows)


def require_length(starts_at: datetime, ends_at: datetime) -> None:
    """Refuse what is no appointment by its length.

    Raises:
        Invalid: it ends before it starts, or lasts longer than a day.
    """
    if ends_at <= starts_at:
        raise Invalid.field("ends_at", "The end must be after the start.")
    if ends_at - starts_at > LONGEST_APPOINTMENT:
        raise Invalid.field(
            "ends_at", "It lasts longer than a day, which is a stay and not an appointment."
        )


def _occupied(tx: Transaction, rows: Sequence[Past]) -> list[bool]:
    """Whether somebody has each of the times."""
    if not rows:
        return []
    wanted = [
        [
            one.doctor_id,
            _kept(one.starts_at),
            _kept(one.ends_at),
            _kept(one.starts_at - LONGEST_APPOINTMENT),
        ]
        for one in rows
    ]
    query = _OCCUPIED.format(wanted=_WANTED[tx.dialect], holding=HOLDING)
    found = tx.session.execute(text(query), {"wanted": json.dumps(wanted)})
    places = set(found.scalars())
    return [place in places for place in range(len(rows))]


def _kept(moment: datetime) -> str:
    """A moment as SQLite keeps it, and as PostgreSQL, whose session is on UTC, reads it."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _insert(tx: Transaction, rows: Sequence[tuple[Past, bool]]) -> Sequence[int]:
    departments = _departments(tx, {one.doctor_id for one, _ in rows})
    numbers = reserve(tx, _VISIT, len(rows))
    insert_rows(
        tx.session,
        _VISIT,
        [
            {
                "id": number,
                "patient_id": one.patient_id,
                "doctor_id": one.doctor_id,
                "department_id": departments[one.doctor_id],
                "starts_at": one.starts_at,
                "ends_at": one.ends_at,
                "status": one.status.value,
                "note": one.note,
                "overbooked": overlaps,
                "overbook_reason": OVERLAPS if overlaps else "",
                "started_at": one.starts_at if seen else None,
                "completed_at": one.ends_at if seen else None,
                "external_id": one.external_id,
            }
            for number, (one, overlaps) in zip(numbers, rows, strict=True)
            for seen in [one.status is AppointmentStatus.COMPLETED]
        ],
        tx.stamps() | {"walk_in": False, "reason": "", "calendar_sequence": 0},
    )
    _tell(tx, numbers, [one for one, _ in rows])
    return numbers


def _departments(tx: Transaction, doctors: set[int]) -> Mapping[int, int]:
    found = tx.session.execute(
        select(_DOCTOR.c.id, _DOCTOR.c.department_id).where(_DOCTOR.c.id.in_(doctors))
    )
    known = {row.id: row.department_id for row in found}
    for missing in sorted(doctors - known.keys()):
        tx.fetch(Doctor, missing, "doctor")
    return known


def _tell(tx: Transaction, numbers: Sequence[int], rows: Sequence[Past]) -> None:
    event: Mapping[str, Any] = {
        "at": tx.now,
        "kind": Kind.HISTORY.value,
        "from_status": None,
        "actor_id": tx.actor.account_id,
        "actor_role": tx.actor.role.value,
        "terminal": tx.actor.terminal,
        "reason": "",
    }
    moves = [
        {"appointment_id": number, "to_status": one.status.value}
        for number, one in zip(numbers, rows, strict=True)
    ]
    insert_rows(tx.session, _EVENT, moves, event)
    for number, one in zip(numbers, rows, strict=True):
        tx.record(
            _HISTORY,
            "appointment",
            number,
            patient_id=one.patient_id,
            detail={"to": one.status.value, "starts_at": one.starts_at.isoformat()},
        )
    days = {(one.doctor_id, tx.local(one.starts_at).date()) for one in rows}
    for doctor_id, day in sorted(days):
        tx.changed(Topic.APPOINTMENT, doctor_id=doctor_id, day=day)
