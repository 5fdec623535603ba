"""A month's activity of a doctor or of the hospital, counted anew whenever it is asked for.

What happened in a past month is in the appointments and records, and what was offered is written
down when the month is closed (`offered.py`): the same month always gives the same figures, unless
somebody corrected what happened. Ten statements, whatever the hospital holds.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import Row, Select, func, or_, select

from store import offered
from store.errors import Invalid, NotFound
from store.permissions import Action, require
from store.slots import day_bounds
from store.tables import (
    Account,
    Appointment,
    Department,
    Doctor,
    MedicalRecord,
    PrescriptionItem,
    RecordDiagnosis,
    table_of,
)
from store.transaction import Transaction
from store.values import (
    HOLDS_SLOT,
    AppointmentStatus,
    DayTally,
    Diagnosis,
    Month,
    MonthFigures,
    MonthlyReport,
    MonthOfDoctor,
    RecordStatus,
    Role,
    Tally,
)

MOST_LISTED = 10
"""How many diagnoses and drugs are named."""

_VISIT, _RECORD = table_of(Appointment).c, table_of(MedicalRecord).c
_DIAGNOSIS, _ITEM = table_of(RecordDiagnosis).c, table_of(PrescriptionItem).c
_DOCTOR, _ACCOUNT, _DEPARTMENT = table_of(Doctor).c, table_of(Account).c, table_of(Department).c
_COMPLETED = AppointmentStatus.COMPLETED.value
_TOOK_TIME = frozenset({*HOLDS_SLOT, AppointmentStatus.NO_SHOW, AppointmentStatus.LEFT})

Visits = dict[Month, list[Row[Any]]]


@dataclass
class _Said:
    """What the signed records of a month say: how many they are, the diagnoses in them, and the
    drugs, each with the record that prescribes it."""

    records: int = 0
    diagnoses: list[Diagnosis] = field(default_factory=list)
    medicines: list[tuple[int, str]] = field(default_factory=list)


def of_doctor(tx: Transaction, doctor_id: int, month: Month) -> MonthlyReport:
    """A doctor's month.

    Raises:
        Forbidden: neither an administrator nor the doctor asks.
        NotFound: there is no such doctor.
        Invalid: the month is still to come.
    """
    require(tx, Action.STATISTICS_READ, doctor_id=doctor_id)
    return _report(tx, month, doctor_id)


def of_hospital(tx: Transaction, month: Month) -> MonthlyReport:
    """The hospital's month, with a line for each doctor who had appointments or hours in it.

    Raises:
        Forbidden: no administrator asks.
        Invalid: the month is still to come.
    """
    require(tx, Action.STATISTICS_READ)
    return _report(tx, month, None)


def _report(tx: Transaction, month: Month, doctor_id: int | None) -> MonthlyReport:
    if month.first > tx.today():
        raise Invalid.field("month", f"{month} is still to come; give a month such as 2026-01.")
    doctors = tx.session.execute(_named(doctor_id)).all()
    if doctor_id is not None and not doctors:
        raise NotFound(f"There is no doctor {doctor_id}.", entity="doctor", id=doctor_id)
    both = (month.before, month)
    visits = _visits(tx, both, doctor_id)
    first_seen = _first_seen(tx, both, doctor_id)
    hours = offered.minutes_of(tx, [row.id for row in doctors], both)
    said = _said(tx, both, doctor_id)
    now, before = (
        _figures(tx, each, visits[each], first_seen, _sum_of(hours, each), said[each])
        for each in (month, month.before)
    )
    lines = _lines(doctors, visits[month], month, hours) if doctor_id is None else ()
    return MonthlyReport(
        hospital=tx.rules.hospital.name,
        doctor_id=doctor_id,
        doctor=tx.rules.hospital.name if doctor_id is None else doctors[0].name,
        department="" if doctor_id is None else doctors[0].department,
        now=now,
        before=before,
        days=tuple(_days(tx, month, visits[month])),
        diagnoses=_most_frequent(said[month].diagnoses),
        drugs=tuple(_largest(Counter(drug for _, drug in said[month].medicines))),
        doctors=tuple(lines),
    )


def _named(doctor_id: int | None) -> Select[Any]:
    query = (
        select(_DOCTOR.id, _ACCOUNT.name, _DEPARTMENT.name.label("department"))
        .join(Account, _ACCOUNT.id == _DOCTOR.account_id)
        .join(Department, _DEPARTMENT.id == _DOCTOR.department_id)
        .order_by(_ACCOUNT.name, _DOCTOR.id)
    )
    return query if doctor_id is None else query.where(_DOCTOR.id == doctor_id)


def _bounds(tx: Transaction, months: Sequence[Month]) -> tuple[datetime, datetime]:
    start, _ = day_bounds(min(months).first, tx.timezone)
    _, end = day_bounds(max(months).last, tx.timezone)
    return start, end


def _visits(tx: Transaction, months: Sequence[Month], doctor_id: int | None) -> Visits:
    """The appointments of some months by the month they begin in."""
    start, end = _bounds(tx, months)
    query = select(
        _VISIT.patient_id,
        _VISIT.doctor_id,
        _VISIT.starts_at,
        _VISIT.ends_at,
        _VISIT.status,
        _VISIT.cancelled_by_role,
        _VISIT.walk_in,
        _VISIT.overbooked,
        _VISIT.checked_in_at,
        _VISIT.started_at,
    ).where(_VISIT.starts_at >= start, _VISIT.starts_at < end)
    if doctor_id is not None:
        query = query.where(_VISIT.doctor_id == doctor_id)
    found: Visits = {month: [] for month in months}
    for row in tx.session.execute(query):
        found[Month.of(tx.local(row.starts_at).date())].append(row)
    return found


def _first_seen(
    tx: Transaction, months: Sequence[Month], doctor_id: int | None
) -> dict[int, datetime]:
    """When those who were seen in these months were seen for the first time: by this doctor, or by
    anybody."""
    start, end = _bounds(tx, months)
    seen = table_of(Appointment).alias("seen").c
    those = select(seen.patient_id).where(
        seen.starts_at >= start, seen.starts_at < end, seen.status == _COMPLETED
    )
    query = select(_VISIT.patient_id, func.min(_VISIT.starts_at)).where(
        _VISIT.status == _COMPLETED, _VISIT.starts_at < end
    )
    if doctor_id is not None:
        those = those.where(seen.doctor_id == doctor_id)
        query = query.where(_VISIT.doctor_id == doctor_id)
    query = query.where(_VISIT.patient_id.in_(those)).group_by(_VISIT.patient_id)
    return {row[0]: row[1] for row in tx.session.execute(query)}


def _said(tx: Transaction, months: Sequence[Month], doctor_id: int | None) -> Mapping[Month, _Said]:
    """What the signed records of some months say; those of visits in error say nothing."""
    found: dict[Month, _Said] = defaultdict(_Said)

    def of(row: Row[Any]) -> _Said:
        return found[Month.of(tx.local(row.visited_at).date())]

    for row in tx.session.execute(_of_records(tx, select(_RECORD.visited_at), months, doctor_id)):
        of(row).records += 1
    diagnoses = select(_RECORD.visited_at, _DIAGNOSIS.text, _DIAGNOSIS.code).join(
        RecordDiagnosis, _DIAGNOSIS.record_id == _RECORD.id
    )
    diagnoses = _of_records(tx, diagnoses, months, doctor_id).order_by(_DIAGNOSIS.id)
    for row in tx.session.execute(diagnoses):
        of(row).diagnoses.append(Diagnosis(row.text, row.code))
    items = select(_RECORD.visited_at, _ITEM.record_id, _ITEM.drug).join(
        PrescriptionItem, _ITEM.record_id == _RECORD.id
    )
    for row in tx.session.execute(_of_records(tx, items, months, doctor_id)):
        of(row).medicines.append((row.record_id, row.drug))
    return found


def _of_records(
    tx: Transaction, query: Select[Any], months: Sequence[Month], doctor_id: int | None
) -> Select[Any]:
    start, end = _bounds(tx, months)
    query = query.outerjoin(Appointment, _VISIT.id == _RECORD.appointment_id).where(
        _RECORD.status == RecordStatus.SIGNED.value,
        _RECORD.visited_at >= start,
        _RECORD.visited_at < end,
        or_(_VISIT.status.is_(None), _VISIT.status != AppointmentStatus.IN_ERROR.value),
    )
    return query if doctor_id is None else query.where(_RECORD.doctor_id == doctor_id)


def _figures(
    tx: Transaction,
    month: Month,
    visits: Sequence[Row[Any]],
    first_seen: Mapping[int, datetime],
    offered_minutes: int,
    said: _Said,
) -> MonthFigures:
    start, end = _bounds(tx, [month])
    seen = {row.patient_id for row in visits if row.status == _COMPLETED}
    waits = [
        (row.started_at - row.checked_in_at).total_seconds() / 60
        for row in visits
        if row.checked_in_at and row.started_at and row.started_at >= row.checked_in_at
    ]
    return MonthFigures(
        month=month,
        tally=_tally(visits),
        cancelled_by_patient=sum(
            row.status == AppointmentStatus.CANCELLED and row.cancelled_by_role == Role.PATIENT
            for row in visits
        ),
        walk_ins=sum(row.walk_in and row.status in _TOOK_TIME for row in visits),
        overbooked=sum(row.overbooked and row.status in _TOOK_TIME for row in visits),
        patients=len(seen),
        new_patients=sum(start <= first_seen[one] < end for one in seen),
        waiting_minutes=round(median(waits)) if waits else None,
        booked_minutes=_booked(visits),
        offered_minutes=offered_minutes,
        records=said.records,
        diagnoses=len(said.diagnoses),
        prescriptions=len({record for record, _ in said.medicines}),
        medicines=len(said.medicines),
    )


def _lines(
    doctors: Sequence[Row[Any]],
    visits: Sequence[Row[Any]],
    month: Month,
    hours: offered.Offered,
) -> Iterator[MonthOfDoctor]:
    of: dict[int, list[Row[Any]]] = defaultdict(list)
    for row in visits:
        of[row.doctor_id].append(row)
    for doctor in doctors:
        minutes = hours[doctor.id, month]
        if of[doctor.id] or minutes:
            tally, booked = _tally(of[doctor.id]), _booked(of[doctor.id])
            yield MonthOfDoctor(doctor.id, doctor.name, doctor.department, tally, booked, minutes)


def _days(tx: Transaction, month: Month, visits: Iterable[Row[Any]]) -> Iterator[DayTally]:
    by_day = defaultdict(list)
    for row in visits:
        by_day[tx.local(row.starts_at).date()].append(row)
    for number in range(month.last.day):
        day = month.first + timedelta(days=number)
        yield DayTally(day, _tally(by_day[day]))


def _tally(visits: Iterable[Row[Any]]) -> Tally:
    return Tally.of((row.status, 1) for row in visits)


def _booked(visits: Iterable[Row[Any]]) -> int:
    took = (row.ends_at - row.starts_at for row in visits if row.status in _TOOK_TIME)
    return int(sum(took, timedelta()).total_seconds() // 60)


def _sum_of(hours: offered.Offered, month: Month) -> int:
    return sum(minutes for (_, of), minutes in hours.items() if of == month)


def _most_frequent(found: Iterable[Diagnosis]) -> tuple[tuple[Diagnosis, int], ...]:
    """Diagnoses with one code are one, whatever their words; without a code the words count."""
    numbers: Counter[str] = Counter()
    named: dict[str, Diagnosis] = {}
    for one in found:
        key = one.code or one.text.casefold()
        named.setdefault(key, one)
        numbers[key] += 1
    return tuple((named[key], number) for key, number in _largest(numbers))


def _largest(numbers: Counter[str]) -> list[tuple[str, int]]:
    return sorted(numbers.items(), key=lambda one: (-one[1], one[0]))[:MOST_LISTED]
