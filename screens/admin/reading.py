"""What is medical, read by the administrator: a patient's whole history, or one record. The store
notes each reading in the audit trail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from screens.base import Dialog
from screens.context import ScreenContext
from screens.doctor.record_text import record_facts
from store import appointments, patients, records
from store.values import AllergyView, AppointmentView, RecordView
from widgets.badges import status_content
from widgets.fact_sheet import Fact, FactSheet
from widgets.plain import content, plain

_MOST = 200
"""So many visits and records are read at once, the newest."""


class ReadingDialog(Dialog[None]):
    """Facts to be read; arrows scroll."""

    WIDTH = 100

    def __init__(self, context: ScreenContext, found: Sequence[Fact], *, title: str) -> None:
        super().__init__(context, title=title)
        self.found = found

    def body(self) -> ComposeResult:
        """One long text."""
        yield FactSheet(self.found)

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        body = self.query_one("#dialog-body", VerticalScroll)
        body.can_focus = True
        body.focus()


def history_of(tx: Any, patient_id: int) -> list[Fact]:
    """Allergies, visits and records of a patient, the newest first."""
    allergies = patients.allergies(tx, patient_id)
    visits = appointments.list_appointments(
        tx, patient_id=patient_id, limit=_MOST, newest_first=True
    )
    written = records.list_records(tx, patient_id=patient_id, limit=_MOST)
    return [
        *_allergies(allergies),
        *_visits(visits.items, visits.total),
        *_written(written.items, written.total),
    ]


def record_of_visit(tx: Any, appointment_id: int) -> list[Fact]:
    """The signed record of an appointment; nothing where there is none."""
    found = records.of_appointment(tx, appointment_id)
    return record_facts(found) if found is not None else []


def record(tx: Any, record_id: int) -> list[Fact]:
    """One record."""
    return record_facts(records.get(tx, record_id))


def _allergies(found: Sequence[AllergyView]) -> Iterator[Fact]:
    yield content("[$text-muted]Allergies[/]"), plain("" if found else "none recorded")
    for one in found:
        more = " · ".join(part for part in (one.reaction, one.severity) if part)
        yield content("  [b $text-error]! $what[/]", what=one.substance), plain(more or "–")


def _visits(found: Sequence[AppointmentView], total: int) -> Iterator[Fact]:
    yield plain(""), plain("")
    yield content("[$text-muted]Appointments: $n[/]", n=total), plain("")
    for one in found:
        when = content("$at", at=f"{one.starts_at:%d %b %Y}")
        rest = content(" · $doctor, $where", doctor=one.doctor, where=one.department)
        yield when, status_content(one.status) + rest


def _written(found: Sequence[RecordView], total: int) -> Iterator[Fact]:
    yield plain(""), plain("")
    yield content("[$text-muted]Signed records: $n[/]", n=total), plain("")
    for one in found:
        yield plain(""), plain("")
        yield from record_facts(one)
