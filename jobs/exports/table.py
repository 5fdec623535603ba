"""A patient's file as CSV: a row for each appointment, with the record of the visit beside it.

Cells are safe for spreadsheets as in every export of ours. What belongs to no appointment
(records brought in from elsewhere) has a row of its own; allergies stand in the last column.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

from store.exchange.cells import safe
from store.values import (
    AppointmentView,
    PatientFile,
    PrescriptionInput,
    RecordView,
    Vitals,
)

VITALS = Vitals.__struct_fields__
COLUMNS = (
    *("mrn", "patient", "starts_at", "doctor", "department", "appointment_status"),
    *("visited_at", "signed_at", "symptoms", "diagnoses", "icd10"),
    *VITALS,
    *("treatment", "notes", "follow_up_on", "prescription", "amendments", "allergies"),
)


def table(file: PatientFile) -> bytes:
    """The file as UTF-8 with a heading and a mark of the encoding, which spreadsheets look for."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for row in _rows(file):
        writer.writerow([safe(row.get(column)) for column in COLUMNS])
    return text.getvalue().encode("utf-8-sig")


def _rows(file: PatientFile) -> Iterator[Mapping[str, object]]:
    of_visit = {record.appointment_id: record for record in file.records}
    every = {
        "mrn": file.patient.mrn,
        "patient": file.patient.name,
        "allergies": "; ".join(one.substance for one in file.allergies),
    }
    for visit in file.visits:
        record = of_visit.get(visit.id)
        yield every | _visit(visit) | (_record(record) if record else {})
    for record in file.records:
        if record.appointment_id is None:
            yield every | _record(record)
    if not file.visits and not file.records:
        yield every


def _visit(visit: AppointmentView) -> dict[str, object]:
    return {
        "starts_at": visit.starts_at.isoformat(),
        "doctor": visit.doctor,
        "department": visit.department,
        "appointment_status": visit.status.value,
    }


def _record(record: RecordView) -> dict[str, object]:
    content = record.content
    return {
        "doctor": record.doctor,
        "department": record.department,
        "visited_at": record.visited_at.isoformat(),
        "signed_at": record.signed_at.isoformat() if record.signed_at else "",
        "symptoms": content.symptoms,
        "diagnoses": "; ".join(one.text for one in content.diagnoses),
        "icd10": "; ".join(one.code for one in content.diagnoses if one.code),
        **{name: getattr(content.vitals, name) for name in VITALS},
        "treatment": content.treatment,
        "notes": content.notes,
        "follow_up_on": content.follow_up_on,
        "prescription": "\n".join(medicine(line.item) for line in record.prescription),
        "amendments": "\n".join(
            f"{one.at:%Y-%m-%d %H:%M} {one.field}: {one.text} (before: {one.earlier_text};"
            f" {one.author}: {one.reason})"
            for one in record.amendments
        ),
    }


def medicine(item: PrescriptionInput) -> str:
    """A line of a prescription as one text."""
    days = item.duration_days
    parts = [
        f"{item.drug} {item.dose}".strip(),
        item.route,
        item.frequency,
        f"for {days} day{'' if days == 1 else 's'}" if days else "",
        f"quantity {item.quantity}" if item.quantity else "",
        item.instructions,
    ]
    return ", ".join(part for part in parts if part)
