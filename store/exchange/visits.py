"""Rows of appointments: past ones come in as history, coming ones are booked by the rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, ClassVar, NamedTuple

from sqlalchemy import ColumnElement, Row, select, update

from store import appointments
from store.batches import one_of_many
from store.errors import Invalid, StoreError
from store.exchange import history
from store.exchange.bulk import ToWrite, Values, Verdict
from store.exchange.cells import parse_minutes, parse_moment
from store.exchange.headings import Columns
from store.exchange.named import Named
from store.exchange.report import Outcome, Tally
from store.exchange.rows import Kind, Unit, external_id
from store.tables import Appointment, OutboxMessage, Patient, table_of
from store.text import clean_note, search_key
from store.transaction import Transaction
from store.values import AppointmentStatus

_VISIT, _MESSAGE, _PATIENT = table_of(Appointment), table_of(OutboxMessage), table_of(Patient)

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


class _Standing(NamedTuple):
    """What is here of an appointment that a row names."""

    doctor_id: int
    patient_id: int
    starts_at: datetime
    status: AppointmentStatus


class _Read(NamedTuple):
    """A row that was read, as `history.Past` has it; where it does not say until when (None), that
    is by the doctor's slots."""

    patient_id: int
    doctor_id: int
    starts_at: datetime
    ends_at: datetime | None
    status: AppointmentStatus
    note: str
    external_id: str | None


class Coming:
    """An appointment that is still to come: the rules of booking have the last word on it."""

    columns: ClassVar[Columns] = Columns((), ())

    def key(self, values: Values) -> str:
        """As of all appointments."""
        return _key(values)

    def take(self, unit: Unit, values: Values) -> Outcome:
        """Book it."""
        one = _read(unit.tx, unit.named, values)
        if isinstance(one, StoreError):
            raise one
        _book(unit.tx, one)
        return Outcome.ADDED


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
    rule: ClassVar[Kind | None] = Coming()

    def __init__(self) -> None:
        self._occupied = history.Occupied()
        self._named: Named | None = None

    def key(self, values: Values) -> str:
        """The external id, else doctor, patient and start."""
        return _key(values)

    def judge(
        self, tx: Transaction, rows: Sequence[tuple[int, Values]], tally: Tally
    ) -> list[Verdict]:
        """Read each row, and look for what is here already, or overlaps."""
        named = self._named = self._named.again(tx) if self._named else Named(tx)
        named.look_up_patients(values.get("patient", "") for _, values in rows)
        read = [_read(tx, named, values) for _, values in rows]
        here = _Here(tx, [one for one in read if not isinstance(one, StoreError)])
        verdicts = [_verdict(tx, here, one) for one in read]
        past = [one.content for one in verdicts if isinstance(one, ToWrite) and not one.by_rule]
        overlaps = iter(history.overlapping(tx, past, self._occupied))
        for place, verdict in enumerate(verdicts):
            if isinstance(verdict, ToWrite) and not verdict.by_rule:
                over = next(overlaps)
                tally.overlapping += over
                verdicts[place] = ToWrite(verdict.outcome, (verdict.content, over))
        return verdicts

    def write(
        self, tx: Transaction, contents: Sequence[Any], tally: Tally, *, look_again: bool
    ) -> None:
        """Keep them all, but those that came in meanwhile; of a patient who was merged meanwhile,
        with the one who stayed."""
        survivors = _survivors(tx, {one.patient_id for one, _ in contents})
        rows: list[tuple[history.Past, bool]] = [
            (one._replace(patient_id=survivors[one.patient_id]), over)
            if one.patient_id in survivors
            else (one, over)
            for one, over in contents
        ]
        # Of those with an external id, the database itself refuses the second.
        asked = [_Read._make(one) for one, _ in rows if look_again or one.external_id is None]
        if asked:
            here = _Here(tx, asked)
            rows = [(one, over) for one, over in rows if not here.standing(_Read._make(one))]
        history.keep_all(tx, rows, look_again=look_again)
        tally.added -= len(contents) - len(rows)
        tally.unchanged += len(contents) - len(rows)


def _book(tx: Transaction, one: _Read) -> None:
    """Book by the desk's own rule. The patient was told by the system it comes from, so the
    message that booking owes is taken back; reminders come as always. What was agreed elsewhere
    is not held up by a dialog that is open here."""
    booked = appointments.book(
        tx,
        patient_id=one.patient_id,
        doctor_id=one.doctor_id,
        starts_at=one.starts_at,
        ends_at=one.ends_at,
        note=one.note,
        heed_holds=False,
    )
    tx.session.execute(_MESSAGE.delete().where(_MESSAGE.c.appointment_id == booked.id))
    if one.external_id is not None:
        tx.session.execute(
            update(_VISIT).where(_VISIT.c.id == booked.id).values(external_id=one.external_id)
        )


def _key(values: Values) -> str:
    return values.get("external_id") or "|".join(
        values[name] for name in ("doctor", "patient", "starts_at")
    )


def _read(tx: Transaction, named: Named, values: Values) -> _Read | StoreError:
    """What a row says, or why it is refused."""
    try:
        external = external_id(values)
        doctor_id = named.doctor(values["doctor"])
        patient_id = named.patient(values["patient"])
        starts_at = parse_moment(values["starts_at"], tx.timezone, "starts_at").astimezone(UTC)
        ends_at = _end(tx, values, starts_at)
        status = _status(values.get("status", ""), past=starts_at < tx.now)
        note = clean_note(values.get("note", ""), "note", most=2000)
    except Invalid as refusal:
        return refusal
    return _Read(patient_id, doctor_id, starts_at, ends_at, status, note, external)


def _verdict(tx: Transaction, here: _Here, one: _Read | StoreError) -> Verdict:
    if isinstance(one, StoreError):
        return one
    past = one.starts_at < tx.now
    standing = here.standing(one)
    try:
        # What this hospital exported comes back as it stands, also in the midst of a visit.
        if _Standing(one.doctor_id, one.patient_id, one.starts_at, one.status) not in standing:
            _require_possible(one.status, past=past)
    except Invalid as refusal:
        return refusal
    if standing:
        return Outcome.UNCHANGED
    if not past and one.status is AppointmentStatus.BOOKED:
        return ToWrite(Outcome.ADDED, None, by_rule=True)
    if one.ends_at is None:
        return Invalid.field("ends_at", "Give ends_at or minutes: what is over has a length.")
    return ToWrite(Outcome.ADDED, history.Past._make(one))


def _end(tx: Transaction, values: Values, starts_at: datetime) -> datetime | None:
    if values.get("ends_at"):
        ends_at = parse_moment(values["ends_at"], tx.timezone, "ends_at").astimezone(UTC)
    elif values.get("minutes"):
        ends_at = starts_at + timedelta(minutes=parse_minutes(values["minutes"], "minutes", 1440))
    else:
        return None
    history.require_length(starts_at, ends_at)
    return ends_at


@lru_cache(512)
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


class _Here:
    """Which of some rows are here already, asked for all of them at once."""

    def __init__(self, tx: Transaction, rows: Sequence[_Read]) -> None:
        self._by_key: dict[str | tuple[int, int, datetime], list[_Standing]] = {}
        named = [one.external_id for one in rows if one.external_id is not None]
        if named:
            there = one_of_many(tx.dialect, _VISIT.c.external_id, named)
            self._add(tx, there, lambda row: row.external_id)
        others = [one for one in rows if one.external_id is None]
        if others:
            same = _VISIT.c.patient_id.in_({one.patient_id for one in others}) & (
                _VISIT.c.starts_at.in_({one.starts_at for one in others})
            )
            self._add(tx, same, lambda row: (row.doctor_id, row.patient_id, row.starts_at))

    def standing(self, one: _Read) -> list[_Standing]:
        """The appointments that the row names."""
        key = one.external_id or (one.doctor_id, one.patient_id, one.starts_at)
        return self._by_key.get(key, [])

    def _add(
        self,
        tx: Transaction,
        condition: ColumnElement[bool],
        key: Callable[[Row[Any]], str | tuple[int, int, datetime]],
    ) -> None:
        columns = ("external_id", "doctor_id", "patient_id", "starts_at", "status")
        for row in tx.session.execute(select(*(_VISIT.c[n] for n in columns)).where(condition)):
            found = _Standing(
                row.doctor_id, row.patient_id, row.starts_at, AppointmentStatus(row.status)
            )
            self._by_key.setdefault(key(row), []).append(found)


def _survivors(tx: Transaction, patients: set[int]) -> dict[int, int]:
    """Of patients who were merged into others, those others."""
    found: dict[int, int] = {}
    rest = patients
    while rest:
        merged = tx.session.execute(
            select(_PATIENT.c.id, _PATIENT.c.merged_into_id).where(
                one_of_many(tx.dialect, _PATIENT.c.id, rest),
                _PATIENT.c.merged_into_id.is_not(None),
            )
        ).all()
        rest = {row.merged_into_id for row in merged}
        step = {row.id: row.merged_into_id for row in merged}
        found = step | {one: step.get(into, into) for one, into in found.items()}
    return found
