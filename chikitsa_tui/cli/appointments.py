"""`chikitsa appointments`: looking at them and making them. What happens to them on their day is
in `visits.py`."""

from __future__ import annotations

from typing import Annotated

import typer

from chikitsa_tui.cli import appointment_export, completion, fields, paper, visits
from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.inputs import (
    choice,
    department_id,
    doctor_id,
    end_of,
    moment,
    optional_day,
    patient_id,
    reference,
    start_of,
)
from chikitsa_tui.cli.options import (
    AppointmentArgument,
    Csv,
    DepartmentOption,
    DoctorOption,
    From,
    Json,
    Limit,
    Offset,
    PatientOption,
    To,
    Version,
)
from store.values import AppointmentStatus

app = typer.Typer(
    help="Appointments, from booking to completion.\n\nExample: chikitsa appointments queue",
    no_args_is_help=True,
)
visits.add_to(app)
paper.add_to(app)
app.command("export")(appointment_export.export)

Start = Annotated[
    str,
    typer.Option("--start", help="When: 2026-12-31T10:30, tomorrow 10:30, mon 5pm."),
]
Statuses = Annotated[
    list[str] | None, typer.Option("--status", help="Only this status; may be repeated.")
]
Note = Annotated[str, typer.Option("--note", help="A note for the doctor.")]
Reason = Annotated[str, typer.Option("--reason", help="Why.")]
Overbook = Annotated[
    bool, typer.Option("--overbook", help="Although the time is taken; needs --reason.")
]
RequestId = Annotated[
    str | None,
    typer.Option("--request-id", help="A key of your own: the same key twice books once."),
]


@app.command("list")
def list_(
    context: typer.Context,
    doctor: DoctorOption = None,
    department: DepartmentOption = None,
    patient: PatientOption = None,
    status: Statuses = None,
    start: From = None,
    end: To = None,
    limit: Limit = 500,
    offset: Offset = 0,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List appointments by time.

    Example: chikitsa appointments list --doctor dr.nair --from today --to +6d --status booked
    """
    from store import appointments

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    page = hospital.read(
        lambda tx: appointments.list_appointments(
            tx,
            start=start_of(hospital, start),
            end=end_of(hospital, end),
            doctor_id=doctor_id(tx, doctor),
            department_id=department_id(tx, department),
            patient_id=patient_id(tx, patient),
            status=statuses_of(status),
            limit=limit,
            offset=offset,
        )
    )
    shown = fields.appointment_line if out.form == "text" else fields.appointment
    out.rows(page.items, shown, total=page.total)


@app.command()
def show(
    context: typer.Context, appointment_id: AppointmentArgument, as_json: Json = False
) -> None:
    """Show one appointment; for a person, with everything that happened to it.

    Example: chikitsa appointments show 17
    """
    from store import appointments

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    with hospital.store.reading(hospital.actor) as tx:
        row = fields.appointment(appointments.get(tx, appointment_id))
        if not as_json:
            events = appointments.history(tx, appointment_id)
            row["history"] = [_event_line(fields.event(event)) for event in events]
    out.one(row)


@app.command()
def book(
    context: typer.Context,
    patient: Annotated[
        str,
        typer.Option(
            "--patient",
            help="The patient's number (MRN) or id.",
            autocompletion=completion.patients,
        ),
    ],
    doctor: Annotated[
        str,
        typer.Option(
            "--doctor", help="The doctor's id or user name.", autocompletion=completion.doctors
        ),
    ],
    start: Start,
    note: Note = "",
    overbook: Overbook = False,
    reason: Reason = "",
    request_id: RequestId = None,
    as_json: Json = False,
) -> None:
    """Book an appointment in a free slot.

    Example: chikitsa appointments book --patient 000009-2 --doctor dr.nair --start "mon 10:30"
    """
    from store import appointments, doctors, patients

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    starts_at = moment(hospital, start)
    view = hospital.write(
        lambda tx: appointments.book(
            tx,
            patient_id=patients.get(tx, reference(patient)).id,
            doctor_id=doctors.get(tx, reference(doctor)).id,
            starts_at=starts_at,
            note=note,
            request_id=request_id,
            overbook_reason=reason if overbook else None,
        )
    )
    out.one(fields.appointment(view))


@app.command()
def reschedule(
    context: typer.Context,
    appointment_id: AppointmentArgument,
    start: Start,
    doctor: Annotated[
        str | None,
        typer.Option(
            "--doctor", help="Another doctor: id or user name.", autocompletion=completion.doctors
        ),
    ] = None,
    overbook: Overbook = False,
    reason: Reason = "",
    version: Version = None,
    request_id: RequestId = None,
    as_json: Json = False,
) -> None:
    """Move an appointment; prints the new one, which takes the old one's place.

    Example: chikitsa appointments reschedule 17 --start "+1w 10:30"
    """
    from store import appointments

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    starts_at = moment(hospital, start)
    view = hospital.write(
        lambda tx: appointments.reschedule(
            tx,
            appointment_id,
            starts_at=starts_at,
            doctor_id=doctor_id(tx, doctor),
            version=version,
            reason=reason,
            request_id=request_id,
            overbook_reason=reason if overbook else None,
        )
    )
    out.one(fields.appointment(view))


@app.command()
def cancel(
    context: typer.Context,
    appointment_id: AppointmentArgument,
    reason: Reason = "",
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Cancel an appointment; the patient is told by mail.

    Example: chikitsa appointments cancel 17 --reason "patient called"
    """
    from store import appointments

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    view = hospital.write(appointments.cancel, appointment_id, reason=reason, version=version)
    out.one(fields.appointment(view))


@app.command()
def queue(
    context: typer.Context,
    doctor: DoctorOption = None,
    department: DepartmentOption = None,
    status: Statuses = None,
    date: Annotated[str | None, typer.Option("--date", help="Another day than today.")] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Show the day's queue: who has arrived first, then by time.

    Example: chikitsa appointments queue --doctor dr.nair --status booked --status checked-in
    """
    from store import desk

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    rows = hospital.read(
        lambda tx: desk.queue(
            tx,
            day=optional_day(hospital, date, "date"),
            doctor_id=doctor_id(tx, doctor),
            department_id=department_id(tx, department),
            status=statuses_of(status),
        )
    )
    out.rows(rows, fields.appointment_line if out.form == "text" else fields.appointment)


def statuses_of(words: list[str] | None) -> list[AppointmentStatus] | None:
    """The statuses that were asked for; None for all."""
    return [choice(AppointmentStatus, word, "status") for word in words or ()] or None


def _event_line(row: fields.Row) -> fields.Row:
    words = {"": row["at"], "became": row["to_status"].value, "by": row["actor"]}
    return words | {"because": row["reason"]}
