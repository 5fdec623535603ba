"""Counting a hospital by plain SQL, by none of the store's own ways."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import make_url

from bench.noshow_file import Booking

_VISITS = """
SELECT d.name, p.external_id, a.starts_at, a.status
FROM appointment a JOIN department d ON d.id = a.department_id JOIN patient p ON p.id = a.patient_id
"""
_OVERLAPS = """
SELECT count(*) FROM (
    SELECT starts_at, max(ends_at) OVER (
        PARTITION BY doctor_id ORDER BY starts_at, id
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS taken_until
    FROM appointment
    WHERE status IN ('booked', 'checked_in', 'in_consultation', 'completed')
) AS timed WHERE taken_until > starts_at
"""


@dataclass(frozen=True, slots=True)
class Check:
    """A figure of the hospital beside the file's."""

    what: str
    file: int
    hospital: int

    @property
    def agrees(self) -> bool:
        """Whether they are the same."""
        return self.file == self.hospital


def compare(url: str, bookings: Iterable[Booking], timezone: ZoneInfo) -> list[Check]:
    """The hospital's figures and the file's, side by side; overlaps beside none."""
    booked = list(bookings)
    visits = [
        (clinic, patient, _day(starts_at, timezone), status)
        for clinic, patient, starts_at, status in _rows(url, _VISITS)
    ]
    statuses = Counter(status for *_, status in visits)
    came = sum(one.came for one in booked)
    checks = [
        Check("appointments", len(booked), len(visits)),
        Check("came (completed)", came, statuses["completed"]),
        Check("did not come (no_show)", len(booked) - came, statuses["no_show"]),
        _same(
            "clinics' days with as many",
            Counter((one.clinic, one.day, one.came) for one in booked),
            Counter((clinic, day, status == "completed") for clinic, _, day, status in visits),
        ),
        _same(
            "patients' days with as many",
            Counter((one.patient, one.day) for one in booked),
            Counter((patient, day) for _, patient, day, _ in visits),
        ),
    ]
    ((overlaps,),) = _rows(url, _OVERLAPS)
    return [*checks, Check("overlapping appointments", 0, int(overlaps))]


def _same(
    what: str, file: Counter[tuple[object, ...]], other: Counter[tuple[object, ...]]
) -> Check:
    return Check(what, len(file), sum(other[key] == number for key, number in file.items()))


def _day(starts_at: datetime | str, timezone: ZoneInfo) -> date:
    """The local day of a moment, which SQLite keeps as text in UTC."""
    if isinstance(starts_at, str):
        starts_at = datetime.fromisoformat(starts_at).replace(tzinfo=UTC)
    return starts_at.astimezone(timezone).date()


def _rows(url: str, sql: str) -> list[tuple[Any, ...]]:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        connection = sqlite3.connect(str(parsed.database))
        try:
            return connection.execute(sql).fetchall()
        finally:
            connection.close()
    import psycopg

    plain = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(plain) as server:
        return server.execute(sql).fetchall()
