"""A month's report in words: the same lines in the mail, on paper and a terminal; and a table.

The words are English ones, by which `Words` finds those of the reader's language.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from jobs.languages import ENGLISH, Language
from jobs.report_hindi import HINDI_WORDS
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


@dataclass(frozen=True, slots=True)
class Words:
    """What a report says, in a language."""

    language: Language = ENGLISH

    def __call__(self, english: str) -> str:
        """A word or a sentence of a report."""
        return english if self.language is ENGLISH else HINDI_WORDS[english]

    def all(self) -> Iterator[str]:
        """All of them, with the months, for choosing fonts by."""
        yield from self.language.months
        if self.language is not ENGLISH:
            yield from HINDI_WORDS.values()

    def month(self, month: Month) -> str:
        """`January 2026`."""
        return f"{self.language.months[month.number - 1]} {month.year}"

    def hours(self, minutes: int) -> str:
        """`120 h`, `7.5 h`."""
        return self("{} h").format(f"{minutes / 60:.1f}".removesuffix(".0"))

    def used(self, booked: int, offered: int) -> str:
        """`90 h of 120 h, 75 %`, from minutes."""
        part = percent_words(booked / offered if offered else None)
        return self("{booked} of {offered}, {part}").format(
            booked=self.hours(booked), offered=self.hours(offered), part=part
        )

    def waiting(self, one: MonthFigures) -> str:
        """`12 min`; a dash where nobody waited."""
        minutes = one.waiting_minutes
        return NOTHING if minutes is None else self("{} min").format(minutes)


IN_ENGLISH = Words()


def percent_words(part: float | None) -> str:
    """`83 %`; a dash for none."""
    return NOTHING if part is None else f"{part * 100:.0f} %"


def lines(report: MonthlyReport, say: Words = IN_ENGLISH) -> Iterator[Line]:
    """All figures of a report, in the order they are read in."""
    now, before = report.now, report.before

    def count(label: str, name: str, *, part: bool = False, tally: bool = False) -> Line:
        here, there = (getattr(one.tally if tally else one, name) for one in (now, before))
        change = say("new") if here and not there else _change(here, there)
        return Line(say(label), f"{here:,}", f"{there:,}", change, part)

    yield count("Appointments", "standing", tally=True)
    yield count("completed", "completed", part=True, tally=True)
    yield count("patient did not come", "no_show", part=True, tally=True)
    yield count("patient left before being seen", "left", part=True, tally=True)
    if now.tally.booked or now.tally.checked_in or now.tally.in_consultation:
        open_now, open_before = _still_open(now), _still_open(before)
        yield Line(say("still open"), f"{open_now:,}", f"{open_before:,}", "", part=True)
    yield count("walk-ins", "walk_ins", part=True)
    yield count("over the limit", "overbooked", part=True)
    yield count("Cancelled", "cancelled", tally=True)
    yield count("by patients themselves", "cancelled_by_patient", part=True)
    yield count("Moved to another time", "rescheduled", tally=True)
    yield Line(
        say("Part of patients who did not come"),
        percent_words(now.tally.no_show_rate),
        percent_words(before.tally.no_show_rate),
    )
    yield count("Patients seen", "patients")
    yield count("for the first time", "new_patients", part=True)
    yield Line(say("Waiting time, median"), say.waiting(now), say.waiting(before))
    for label, name in (("Hours offered", "offered_minutes"), ("Hours booked", "booked_minutes")):
        here, there = getattr(now, name), getattr(before, name)
        yield Line(say(label), say.hours(here), say.hours(there))
    used = percent_words(now.used), percent_words(before.used)
    yield Line(say("Part of the hours booked"), *used)
    yield count("Records signed", "records")
    yield count("Diagnoses", "diagnoses")
    yield count("Prescriptions", "prescriptions")
    yield count("medicines", "medicines", part=True)


def table(report: MonthlyReport, say: Words = IN_ENGLISH) -> bytes:
    """The report as CSV: UTF-8 with a heading and a mark of the encoding. Figures are numbers;
    `before` is the month before. The names of the figures are the same in every language, so that
    a sheet which adds months up goes on doing so."""
    text = io.StringIO()
    writer = csv.writer(text)
    headings = [say(one) for one in ("section", "name", "code")]
    writer.writerow((*headings, str(report.now.month), say("before")))
    for row in _cells(report):
        writer.writerow([safe(cell) for cell in row])
    return text.getvalue().encode("utf-8-sig")


def _cells(report: MonthlyReport) -> Iterator[tuple[object, ...]]:
    now, before = report.now, report.before
    for name in now.tally.__struct_fields__:
        yield "appointments", name, "", getattr(now.tally, name), getattr(before.tally, name)
    for name in MonthFigures.__struct_fields__:
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
        return ""
    return "=" if now == before else f"{(now - before) / before * 100:+.0f} %"


def _still_open(one: MonthFigures) -> int:
    return one.tally.booked + one.tally.checked_in + one.tally.in_consultation
