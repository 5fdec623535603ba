"""Rows of appointments: past ones come in as history, coming ones are booked by the rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import ClassVar

from sqlalchemy import select, update

from store import appointments
from store.errors import Invalid
from store.exchange import history
from store.exchange.cells import parse_minutes, parse_moment
from store.exchange.headings import Columns
from store.exchange.report import Outcome
from store.exchange.rows import Unit, external_id
from store.tables import Appointment, OutboxMessage, table_of
from store.text import search_key
from store.values import AppointmentStatus

_Standing = tuple[int, int, datetime, AppointmentStatus]
_VISIT, _MESSAGE = table_of(Appointment), table_of(OutboxMessage)

_STATUS_WORDS = {
    AppointmentStatus.BOOKED: "booked confirmed pending planned proposed scheduled",
    AppointmentStatus.CHECKED_IN: "arrived checked-in waiting",
    AppointmentStatus.IN_CONSULTATION: "in-consultation in-progress",
    AppointmentStatus.COMPLETED: "attended complete completed done finished fulfilled seen show",
    AppointmentStatus.CANCELLED: "canceled cancelled",
    AppointmentStatus.NO_SHOW: "absent dna missed no-show noshow",
    AppointmentStatus.LEFT: "left left-without-being-seen lwbs",
    AppointmentStatus.RESCHEDULED: "moved rescheduled",
    AppointmentStatus.IN_ERROR: "entered-in-error in-error",
}
_STATUS_OF = {word: status for status, words in _STATUS_WORDS.items() for word in words.split()}
_UNDECIDED = (
    AppointmentStatus.BOOKED,
    AppointmentStatus.CHECKED_IN,
    AppointmentStatus.IN_CONSULTATION,
)


class Appointments:
    """Appointments: by external id, else by doctor, patient and start.

    What began before now is history: it is taken with its status (completed where none is
    given) whatever the working hours are now, and where it overlaps another of the same doctor
    it is kept as overbooked. What is still to come is booked as at the desk, but nobody is sent
    mail about it.
    """

    columns: ClassVar[Columns] = Columns(
        allowed=(
            "external_id",
            "patient",
            "doctor",
            "starts_at",
            "ends_at",
            "minutes",
            "status",
            "note",
        ),
        needed=((("patient",),), (("doctor",),), (("starts_at",),)),
    )

    def key(self, values: Mapping[str, str]) -> str:
        """The external id, else doctor, patient and start."""
        return values.get("external_id") or "|".join(
            values[name] for name in ("doctor", "patient", "starts_at")
        )

    def take(self, unit: Unit, values: Mapping[str, str]) -> Outcome:
        """Take the appointment in unless it is there."""
        tx, external = unit.tx, external_id(values)
        doctor_id = unit.named.doctor(values["doctor"])
        patient_id = unit.named.patient(values["patient"])
        starts_at = parse_moment(values["starts_at"], tx.timezone, "starts_at").astimezone(UTC)
        ends_at = _end(unit, values, starts_at)
        past = starts_at < tx.now
        status = _status(values.get("status", ""), past=past)
        standing = _standing(unit, external, doctor_id, patient_id, starts_at)
        # What this hospital exported comes back as it stands, also in the midst of a visit.
        if (doctor_id, patient_id, starts_at, status) not in standing:
            _require_possible(status, past=past)
        if standing:
            return Outcome.UNCHANGED
        if starts_at >= tx.now and status is AppointmentStatus.BOOKED:
            _book(unit, values, external, doctor_id, patient_id, starts_at, ends_at)
            return Outcome.ADDED
        if ends_at is None:
            raise Invalid.field("ends_at", "Give ends_at or minutes: what is over has a length.")
        _, overlaps = history.keep(
            tx,
            patient_id=patient_id,
            doctor_id=doctor_id,
            starts_at=starts_at,
            ends_at=ends_at,
            status=status,
            note=values.get("note", ""),
            external_id=external,
        )
        unit.tally.overlapping += overlaps
        return Outcome.ADDED


def _book(
    unit: Unit,
    values: Mapping[str, str],
    external: str | None,
    doctor_id: int,
    patient_id: int,
    starts_at: datetime,
    ends_at: datetime | None,
) -> None:
    """Book by the desk's own rule. The patient was told by the system it comes from, so the
    message that booking owes is taken back; reminders come as always. What was agreed elsewhere
    is not held up by a dialog that is open here."""
    tx = unit.tx
    booked = appointments.book(
        tx,
        patient_id=patient_id,
        doctor_id=doctor_id,
        starts_at=starts_at,
        ends_at=ends_at,
        note=values.get("note", ""),
        heed_holds=False,
    )
    tx.session.execute(_MESSAGE.delete().where(_MESSAGE.c.appointment_id == booked.id))
    if external is not None:
        tx.session.execute(
            update(_VISIT).where(_VISIT.c.id == booked.id).values(external_id=external)
        )


def _end(unit: Unit, values: Mapping[str, str], starts_at: datetime) -> datetime | None:
    if values.get("ends_at"):
        ends_at = parse_moment(values["ends_at"], unit.tx.timezone, "ends_at").astimezone(UTC)
    elif values.get("minutes"):
        ends_at = starts_at + timedelta(minutes=parse_minutes(values["minutes"], "minutes", 1440))
    else:
        return None
    history.require_length(starts_at, ends_at)
    return ends_at


def _status(text: str, *, past: bool) -> AppointmentStatus:
    word = "-".join(search_key(text).replace("_", " ").replace("-", " ").split())
    if not word:
        return AppointmentStatus.COMPLETED if past else AppointmentStatus.BOOKED
    found = _STATUS_OF.get(word)
    if found is None:
        raise Invalid.field(
            "status",
            f"“{text[:40]}” is no status; write booked, completed, cancelled, no_show or left.",
        )
    return found


def _require_possible(status: AppointmentStatus, *, past: bool) -> None:
    """Refuse a status that an appointment which is not here yet cannot have."""
    if past and status in _UNDECIDED:
        raise Invalid.field(
            "status",
            f"It is over and still {status.replace('_', ' ')}; write what became of it: completed,"
            " cancelled, no_show or left.",
        )
    if not past and status not in (AppointmentStatus.BOOKED, AppointmentStatus.CANCELLED):
        raise Invalid.field("status", f"It is still to come and cannot be {status} yet.")


def _standing(
    unit: Unit, external: str | None, doctor_id: int, patient_id: int, starts_at: datetime
) -> list[_Standing]:
    """The appointments that the row names and that are here already."""
    if external is not None:
        wanted = _VISIT.c.external_id == external
    else:
        wanted = (
            (_VISIT.c.doctor_id == doctor_id)
            & (_VISIT.c.patient_id == patient_id)
            & (_VISIT.c.starts_at == starts_at)
        )
    rows = unit.tx.session.execute(
        select(_VISIT.c.doctor_id, _VISIT.c.patient_id, _VISIT.c.starts_at, _VISIT.c.status).where(
            wanted
        )
    )
    return [(r.doctor_id, r.patient_id, r.starts_at, AppointmentStatus(r.status)) for r in rows]
