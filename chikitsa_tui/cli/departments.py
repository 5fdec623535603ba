"""`chikitsa departments`."""

from __future__ import annotations

from typing import Annotated

import typer

from chikitsa_tui.cli import completion, fields, records
from chikitsa_tui.cli.confirm import confirm
from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.inputs import given, reference
from chikitsa_tui.cli.options import (
    Csv,
    From,
    Json,
    Limit,
    Offset,
    OnlyActive,
    To,
    Version,
    Yes,
)

app = typer.Typer(
    help="Departments of the hospital.\n\nExample: chikitsa departments list",
    no_args_is_help=True,
)

Department = Annotated[
    str,
    typer.Argument(
        metavar="DEPARTMENT",
        help="The department's id or name.",
        autocompletion=completion.departments,
    ),
]
Name = Annotated[str, typer.Option("--name", help="Its name.")]
NewName = Annotated[str | None, typer.Option("--name", help="Its new name.")]
Description = Annotated[str | None, typer.Option("--description", help="What it does.")]
ExternalId = Annotated[
    str | None, typer.Option("--external-id", help="Its key in the system it came from.")
]


@app.command("list")
def list_(
    context: typer.Context,
    active: OnlyActive = True,
    limit: Limit = 500,
    offset: Offset = 0,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List departments with the number of their doctors.

    Example: chikitsa departments list --all --json
    """
    from store import departments

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    page = hospital.read(
        departments.list_departments, active=active or None, limit=limit, offset=offset
    )
    out.rows(page.items, fields.department, total=page.total)


@app.command()
def show(context: typer.Context, department: Department, as_json: Json = False) -> None:
    """Show one department.

    Example: chikitsa departments show Cardiology
    """
    from store import departments

    hospital = hospital_of(context)
    view = hospital.read(departments.get, reference(department))
    hospital.output(as_json).one(fields.department(view))


@app.command()
def add(
    context: typer.Context,
    name: Name,
    description: Description = None,
    external_id: ExternalId = None,
    as_json: Json = False,
) -> None:
    """Create a department.

    Example: chikitsa departments add --name Cardiology --description "Heart and vessels"
    """
    from store import departments

    hospital = hospital_of(context)
    view = hospital.write(
        departments.create, name=name, description=description or "", external_id=external_id
    )
    hospital.output(as_json).one(fields.department(view))


@app.command()
def update(
    context: typer.Context,
    department: Department,
    name: NewName = None,
    description: Description = None,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Change a department.

    Example: chikitsa departments update Cardiology --name "Heart centre"
    """
    from store import departments

    hospital = hospital_of(context)
    view = hospital.write(
        lambda tx: departments.update(
            tx,
            departments.get(tx, reference(department)).id,
            version=version,
            **given(name=name, description=description),
        )
    )
    hospital.output(as_json).one(fields.department(view))


@app.command()
def deactivate(context: typer.Context, department: Department, as_json: Json = False) -> None:
    """Take a department out of use; its history stays.

    Example: chikitsa departments deactivate Cardiology
    """
    from store import departments

    hospital = hospital_of(context)
    view = hospital.write(
        lambda tx: departments.deactivate(tx, departments.get(tx, reference(department)).id)
    )
    hospital.output(as_json).one(fields.department(view))


@app.command()
def activate(context: typer.Context, department: Department, as_json: Json = False) -> None:
    """Bring a department back into use.

    Example: chikitsa departments activate Cardiology
    """
    from store import departments

    hospital = hospital_of(context)
    view = hospital.write(
        lambda tx: departments.activate(tx, departments.get(tx, reference(department)).id)
    )
    hospital.output(as_json).one(fields.department(view))


@app.command()
def delete(
    context: typer.Context, department: Department, yes: Yes = False, as_json: Json = False
) -> None:
    """Delete a department that nothing belongs to.

    Example: chikitsa departments delete Cardiology --yes
    """
    from store import departments

    hospital = hospital_of(context)
    view = hospital.read(departments.get, reference(department))
    confirm(f"Delete the department {view.name}?", yes=yes)
    hospital.write(departments.delete, view.id)
    hospital.output(as_json).one(fields.department(view))


@app.command("records")
def records_of(
    context: typer.Context,
    department: Department,
    start: From = None,
    end: To = None,
    limit: Limit = 500,
    offset: Offset = 0,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List the medical records of a department; that you read them is kept in the audit trail.

    Example: chikitsa departments records Cardiology --from 2026-11-01
    """
    records.list_(
        context,
        department=department,
        start=start,
        end=end,
        limit=limit,
        offset=offset,
        as_json=as_json,
        as_csv=as_csv,
    )
