"""`chikitsa records`."""

from __future__ import annotations

from typing import Annotated

import typer

from chikitsa_tui.cli import fields, record_export
from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.inputs import choice, department_id, doctor_id, end_of, patient_id, start_of
from chikitsa_tui.cli.options import (
    Csv,
    DepartmentOption,
    DoctorOption,
    From,
    Json,
    Limit,
    Offset,
    PatientOption,
    RecordId,
    To,
    Version,
)

app = typer.Typer(
    help="Medical records.\n\nExample: chikitsa records list --patient 000009-2",
    no_args_is_help=True,
)
app.command()(record_export.export)


@app.command("list")
def list_(
    context: typer.Context,
    patient: PatientOption = None,
    doctor: DoctorOption = None,
    department: DepartmentOption = None,
    status: Annotated[
        str | None, typer.Option("--status", help="Only draft (your own) or signed ones.")
    ] = None,
    find: Annotated[
        str, typer.Option("--find", help="Words of the text, a diagnosis, its code or a drug.")
    ] = "",
    start: From = None,
    end: To = None,
    limit: Limit = 500,
    offset: Offset = 0,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List medical records; that you read them is kept in the audit trail.

    Example: chikitsa records list --patient 000009-2
    Example: chikitsa records list --doctor dr.nair --find "metformin"
    """
    from store import records
    from store.values import RecordStatus

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    page = hospital.read(
        lambda tx: records.list_records(
            tx,
            patient_id=patient_id(tx, patient),
            doctor_id=doctor_id(tx, doctor),
            department_id=department_id(tx, department),
            start=start_of(hospital, start),
            end=end_of(hospital, end),
            status=None if status is None else choice(RecordStatus, status, "status"),
            text=find,
            limit=limit,
            offset=offset,
        )
    )
    out.rows(
        page.items, fields.record_line if out.form == "text" else fields.record, total=page.total
    )


@app.command()
def show(
    context: typer.Context,
    record_id: Annotated[
        int | None, typer.Argument(metavar="[ID]", min=1, help="The record's id.")
    ] = None,
    appointment: Annotated[
        int | None, typer.Option("--appointment", min=1, help="The record of this appointment.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Show one medical record.

    Example: chikitsa records show 5
    Example: chikitsa records show --appointment 17 --json
    """
    from chikitsa_tui.cli.errors import Usage
    from store import records
    from store.errors import NotFound

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    if (record_id is None) == (appointment is None):
        raise Usage("Name a record, or an appointment with --appointment.")
    if record_id is not None:
        view = hospital.read(records.get, record_id)
    else:
        assert appointment is not None
        found = hospital.read(records.of_appointment, appointment)
        if found is None:
            raise NotFound(f"The appointment {appointment} has no record.")
        view = found
    out.one(fields.record(view))


@app.command()
def sign(
    context: typer.Context, record_id: RecordId, version: Version = None, as_json: Json = False
) -> None:
    """Sign a draft; it never changes after that, only by amendments.

    Example: chikitsa records sign 5
    """
    from store import records

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    out.one(fields.record(hospital.write(records.sign, record_id, version=version)))


@app.command()
def amend(
    context: typer.Context,
    record_id: RecordId,
    field: Annotated[
        str, typer.Option("--field", help="What is corrected: symptoms, treatment, notes …")
    ],
    text: Annotated[str, typer.Option("--text", help="The corrected text.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    as_json: Json = False,
) -> None:
    """Correct a signed record; the earlier text stays.

    Example: chikitsa records amend 5 --field notes --text "Left knee." --reason "wrong side"
    """
    from store import records

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    view = hospital.write(records.amend, record_id, field=field, text=text, reason=reason)
    out.one(fields.record(view))
