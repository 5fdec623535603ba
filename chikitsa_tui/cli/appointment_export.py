"""`chikitsa appointments export`."""

from __future__ import annotations

import io
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chikitsa_tui.cli import fields
from chikitsa_tui.cli.context import Hospital, hospital_of
from chikitsa_tui.cli.files import write_whole
from chikitsa_tui.cli.inputs import (
    choice,
    department_id,
    doctor_id,
    end_of,
    patient_id,
    start_of,
)
from chikitsa_tui.cli.options import DepartmentOption, DoctorOption, From, PatientOption, To
from chikitsa_tui.cli.output import Output, note

if TYPE_CHECKING:
    from store.calendar_entries import AppointmentFeed


class _Form(StrEnum):
    ICS = "ics"
    CSV = "csv"


def export(
    context: typer.Context,
    form: Annotated[str, typer.Option("--format", help="ics (for a calendar) or csv.")] = "ics",
    doctor: DoctorOption = None,
    department: DepartmentOption = None,
    patient: PatientOption = None,
    start: From = None,
    end: To = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file; else standard output.")
    ] = None,
) -> None:
    """Write the appointments that stand to a file for a calendar or a spreadsheet.

    Example: chikitsa appointments export --doctor dr.nair --from today --format ics -o nair.ics
    """
    from store import calendar_entries

    hospital = hospital_of(context)
    wanted = choice(_Form, form, "format")
    feed = hospital.read(
        lambda tx: calendar_entries.of_appointments(
            tx,
            start=start_of(hospital, start),
            end=end_of(hospital, end),
            doctor_id=doctor_id(tx, doctor),
            department_id=department_id(tx, department),
            patient_id=patient_id(tx, patient),
        )
    )
    data = _calendar(hospital, feed) if wanted is _Form.ICS else _table(hospital, feed)
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
    else:
        write_whole(output, data)
        note(f"{len(feed.entries)} appointments in {output}")


def _calendar(hospital: Hospital, feed: AppointmentFeed) -> bytes:
    from jobs.exports import feed as written
    from store.values import Role

    own = hospital.actor.role is Role.PATIENT
    return written.patient_feed(feed) if own else written.staff_feed(feed)


def _table(hospital: Hospital, feed: AppointmentFeed) -> bytes:
    text = io.StringIO()
    zone = hospital.services.settings.hospital.timezone
    visits = (entry.visit for entry in feed.entries)
    Output(zone, "csv").stream(visits, fields.appointment, text)
    return text.getvalue().encode()
