"""`chikitsa doctors`."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import Annotated

import typer

from chikitsa_tui.cli import affecting, completion, fields, step_back
from chikitsa_tui.cli.confirm import password
from chikitsa_tui.cli.context import Hospital, hospital_of
from chikitsa_tui.cli.inputs import department_id, given, reference
from chikitsa_tui.cli.option_groups import spreads
from chikitsa_tui.cli.options import (
    AffectedChoice,
    Csv,
    DepartmentOption,
    DoctorArgument,
    DryRun,
    Json,
    Language,
    Limit,
    Offset,
    OnlyActive,
    PasswordStdin,
    Temporary,
    Version,
    Yes,
)
from chikitsa_tui.cli.output import note

app = typer.Typer(
    help="Doctors and their accounts.\n\nExample: chikitsa doctors list",
    no_args_is_help=True,
)
app.command("undo")(step_back.doctor)

Department = Annotated[
    str,
    typer.Option(
        "--department", help="The department's id or name.", autocompletion=completion.departments
    ),
]
NewDepartment = Annotated[
    str | None,
    typer.Option(
        "--department",
        help="The new department's id or name.",
        autocompletion=completion.departments,
    ),
]
Name = Annotated[str, typer.Option("--name", help="The full name.")]
NewName = Annotated[str | None, typer.Option("--name", help="The new full name.")]
Username = Annotated[str, typer.Option("--username", help="The name to sign in with.")]


@dataclass(frozen=True)
class Particulars:
    """What is told of a doctor besides name and department; None is left as it is."""

    qualification: Annotated[
        str | None, typer.Option("--qualification", help="Degrees, such as MBBS, MD.")
    ] = None
    registration: Annotated[
        str | None,
        typer.Option("--registration", help="The medical council's number, for prescriptions."),
    ] = None
    email: Annotated[str | None, typer.Option("--email", help="E-mail address.")] = None
    phone: Annotated[str | None, typer.Option("--phone", help="Telephone number.")] = None
    language: Language = None
    bio: Annotated[str | None, typer.Option("--bio", help="What patients may read.")] = None
    fee: Annotated[
        int | None, typer.Option("--fee", min=0, help="The fee in hundredths: 50000 is ₹500.")
    ] = None


ExternalId = Annotated[
    str | None, typer.Option("--external-id", help="The key in the system they came from.")
]


@app.command("list")
def list_(
    context: typer.Context,
    department: DepartmentOption = None,
    text: Annotated[str, typer.Option("--text", help="Part of the name.")] = "",
    active: OnlyActive = True,
    limit: Limit = 500,
    offset: Offset = 0,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List doctors.

    Example: chikitsa doctors list --department Cardiology --csv
    """
    from store import doctors

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    page = hospital.read(
        lambda tx: doctors.list_doctors(
            tx,
            department_id=department_id(tx, department),
            active=active or None,
            text=text,
            limit=limit,
            offset=offset,
        )
    )
    out.rows(page.items, fields.doctor, total=page.total)


@app.command()
def show(context: typer.Context, doctor: DoctorArgument, as_json: Json = False) -> None:
    """Show one doctor.

    Example: chikitsa doctors show dr.nair
    """
    from store import doctors

    hospital = hospital_of(context)
    view = hospital.read(doctors.get, reference(doctor))
    hospital.output(as_json).one(fields.doctor(view) if as_json else fields.doctor_card(view))


@app.command()
@spreads(Particulars)
def add(
    context: typer.Context,
    username: Username,
    name: Name,
    department: Department,
    told: Particulars,
    external_id: ExternalId = None,
    password_stdin: PasswordStdin = False,
    temporary: Temporary = False,
    as_json: Json = False,
) -> None:
    """Create a doctor and the account to sign in with.

    Example: chikitsa doctors add --username dr.nair --name "Asha Nair" --department Cardiology
    """
    from store import departments, doctors, passwords

    hospital = hospital_of(context)
    given_password = _first_password(hospital, username, from_stdin=password_stdin)
    prepared = None
    if given_password:
        prepared = passwords.prepare(given_password, hospital.store.rules, context=(username, name))
    view = hospital.write(
        lambda tx: doctors.create(
            tx,
            username=username,
            name=name,
            department_id=departments.get(tx, reference(department)).id,
            password=prepared,
            temporary=temporary,
            **given(external_id=external_id, **vars(told)),
        )
    )
    hospital.output(as_json).one(fields.doctor(view))
    if prepared is None:
        note(f"{username} has no password yet and cannot sign in.")


@app.command()
@spreads(Particulars)
def update(
    context: typer.Context,
    doctor: DoctorArgument,
    *,
    name: NewName = None,
    department: NewDepartment = None,
    told: Particulars,
    version: Version = None,
    affected: AffectedChoice = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Change a doctor; an empty text clears a field. Another department for a doctor with booked
    appointments is refused, and lists them, until --affected says what happens to them: kept with
    the doctor, cancelled, or moved to others of the department that the doctor leaves.

    Example: chikitsa doctors update dr.nair --qualification "MBBS, MD"
    """
    from store import doctors

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    changes = given(name=name, **vars(told))
    view = affecting.change(
        hospital,
        out,
        lambda tx, choice: doctors.update(
            tx,
            doctors.get(tx, reference(doctor)).id,
            version=version,
            affected=choice,
            **changes,
            **given(department_id=department_id(tx, department)),
        ),
        affected,
        yes=yes,
        dry_run=dry_run,
    )
    if view is not None:
        out.one(fields.doctor(view))


@app.command()
def deactivate(
    context: typer.Context,
    doctor: DoctorArgument,
    affected: AffectedChoice = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Take a doctor out of use: no bookings, no signing in; the history stays. With booked
    appointments it is refused, and lists them, until --affected says what happens to them; before
    it cancels or moves them it asks.

    Example: chikitsa doctors deactivate dr.nair --affected cancel
    """
    from store import doctors

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    view = affecting.change(
        hospital,
        out,
        lambda tx, choice: doctors.deactivate(tx, doctors.get(tx, reference(doctor)).id, choice),
        affected,
        yes=yes,
        dry_run=dry_run,
    )
    if view is not None:
        out.one(fields.doctor(view))


@app.command()
def activate(context: typer.Context, doctor: DoctorArgument, as_json: Json = False) -> None:
    """Bring a doctor back.

    Example: chikitsa doctors activate dr.nair
    """
    from store import doctors

    hospital = hospital_of(context)
    view = hospital.write(lambda tx: doctors.activate(tx, doctors.get(tx, reference(doctor)).id))
    hospital.output(as_json).one(fields.doctor(view))


def _first_password(hospital: Hospital, username: str, *, from_stdin: bool) -> str | None:
    """The account's first password; without a terminal there need not be one."""
    hospital.require_actor()
    if not from_stdin and not sys.stdin.isatty():
        return None
    return password(from_stdin=from_stdin, prompt=f"First password of {username}", new=True)
