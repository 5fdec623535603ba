"""`chikitsa audit`."""

from __future__ import annotations

from typing import Annotated

import typer

from chikitsa_tui.cli import fields
from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.inputs import end_of, patient_id, reference, start_of
from chikitsa_tui.cli.options import Csv, From, Json, Limit, Offset, PatientOption, To

app = typer.Typer(
    help="Who did or read what, when and from where.\n\nExample: chikitsa audit list",
    no_args_is_help=True,
)


@app.command("list")
def list_(
    context: typer.Context,
    actor: Annotated[
        str | None, typer.Option("--actor", help="Only this account: id or user name.")
    ] = None,
    entity: Annotated[
        str | None, typer.Option("--entity", help="Only this kind of thing: appointment …")
    ] = None,
    patient: PatientOption = None,
    start: From = None,
    end: To = None,
    limit: Limit = 100,
    offset: Offset = 0,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List entries of the audit trail, newest first.

    Example: chikitsa audit list --patient 000009-2 --from -7d
    """
    from store import audit

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    page = hospital.read(
        lambda tx: audit.list_entries(
            tx,
            limit=limit,
            offset=offset,
            actor=None if actor is None else reference(actor),
            entity=entity,
            patient_id=patient_id(tx, patient),
            start=start_of(hospital, start),
            end=end_of(hospital, end),
        )
    )
    shown = fields.audit_line if out.form == "text" else fields.audit_entry
    out.rows(page.items, shown, total=page.total)


@app.command()
def verify(context: typer.Context, as_json: Json = False) -> None:
    """Check that no entry was altered, removed or put in between.

    Example: chikitsa audit verify
    """
    from store import audit

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    out.one({"entries": hospital.read(audit.verify)})
