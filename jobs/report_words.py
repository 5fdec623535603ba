"""A month's report in words: the same lines in the mail, on paper and a terminal; and a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from jobs.languages import ENGLISH
from store.exchange.cells import safe
from store.values import Month, MonthFigures, MonthlyReport

NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Line:
    """A figure with that of the month before, and what changed, as they are shown; a `part` is
    of the line above it."""

    label: str
    now: str
    before: str
    change: str = ""
    part: bool = False


def month_words(month: Month) -> str:
    """`January 2026`."""
    return f"{ENGLISH.months[month.number - 1]} {month.year}"


def hours_words(minutes: int) -> str:
    """`120 h`, `7.5 h`."""
    return f"{minutes / 60:.1f}".removesuffix(".0") + " h"


def percent_words(part: float | None) -> str:
    """`83 %`; a dash for none."""
    return NOTHING if part is None else f"{part * 100:.0f} %"


def lines(report: MonthlyReport) -> Iterator[Line]:
    """All figures of a report, in the order they are read in."""
    now, before = report.now, report.before

    def count(label: str, name: str, *, part: bool = False, tally: bool = False) -> Line:
        here, there = (getattr(one.tally if tally else one, name) for one in (now, before))
        return Line(label, f"{here:,}", f"{there:,}", _change(here, there), part)

    yield count("Appointments", "standing", tally=True)
    yield count("completed", "completed", part=True, tally=True)
    yield count("patient did not come", "no_show", part=True, tally=True)
    yield count("patient left before being seen", "left", part=True, tally=True)
    if now.tally.booked or now.tally.checked_in or now.tally.in_consultation:
        open_now, open_before = _still_open(now), _still_open(before)
        yield Line("still open", f"{open_now:,}", f"{open_before:,}", "", part=True)
    yield count("walk-ins", "walk_ins", part=True)
    yield count("over the limit", "overbooked", part=True)
    yield count("Cancelled", "cancelled", tally=True)
    yield count("by patients themselves", "cancelled_by_patient", part=True)
    yield count("Moved to another time", "rescheduled", tally=True)
    yield Line(
        "Part of patients who did not come",
        percent_words(now.tally.no_show_rate),
        percent_words(before.tally.no_show_rate),
    )
    yield count("Patients seen", "patients")
    yield count("for the first time", "new_patients", part=True)
    yield Line("Waiting time, median", _minutes(now), _minutes(before))
    yield Line(
        "Hours offered", hours_words(now.offered_minutes), hours_words(before.offered_minutes)
    )
    yield Line("Hours booked", hours_words(now.booked_minutes), hours_words(before.booked_minutes))
    yield Line("Part of the hours booked", percent_words(now.used), percent_words(before.used))
    yield count("Records signed", "records")
    yield count("Diagnoses", "diagnoses")
    yield count("Prescriptions", "prescriptions")
    yield count("medicines", "medicines", part=True)


def table(report: MonthlyReport) -> bytes:
    """The report as CSV: UTF-8 with a heading and a mark of the encoding. Figures are numbers;
    `before` is the month before."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(("section", "name", "code", str(report.now.month), "before"))
    for row in _cells(report):
        writer.writerow([safe(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _cells(report: MonthlyReport) -> Iterator[tuple[object, ...]]:
    now, before = report.now, report.before
    for name in now.tally.__dataclass_fields__:
        yield "appointments", name, "", getattr(now.tally, name), getattr(before.tally, name)
    for name in MonthFigures.__dataclass_fields__:
        if name not in ("month", "tally"):
            yield "figures", name, "", getattr(now, name), getattr(before, name)
    for day in report.days:
        yield "days", day.day.isoformat(), "", day.tally.standing, ""
    for diagnosis, number in report.diagnoses:
        yield "diagnoses", diagnosis.text, diagnosis.code or "", number, ""
    for drug, number in report.drugs:
        yield "drugs", drug, "", number, ""
    for one in report.doctors:
        for name in ("completed", "no_show", "cancelled"):
            yield f"doctor {name}", one.doctor, one.doctor_id, getattr(one.tally, name), ""
        yield "doctor booked_minutes", one.doctor, one.doctor_id, one.booked_minutes, ""
        yield "doctor offered_minutes", one.doctor, one.doctor_id, one.offered_minutes, ""


def _change(now: int, before: int) -> str:
    if not before:
        return "" if now == before else "new"
    part = (now - before) / before
    return "=" if now == before else f"{part * 100:+.0f} %"


def _still_open(one: MonthFigures) -> int:
    return one.tally.booked + one.tally.checked_in + one.tally.in_consultation


def _minutes(one: MonthFigures) -> str:
    return NOTHING if one.waiting_minutes is None else f"{one.waiting_minutes} min"
