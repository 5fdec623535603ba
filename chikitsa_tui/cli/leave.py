"""`chikitsa leave`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chikitsa_tui.cli import affecting, fields, step_back
from chikitsa_tui.cli.confirm import confirm
from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.inputs import doctor_id, end_of, given, reference, start_of
from chikitsa_tui.cli.options import (
    AffectedChoice,
    Csv,
    DoctorArgument,
    DoctorOption,
    DryRun,
    From,
    Json,
    Limit,
    Offset,
    To,
    Version,
    Yes,
)
from store.values import Consequence, LeaveView

if TYPE_CHECKING:
    from collections.abc import Sequence

app = typer.Typer(
    help="Doctors' leave and other unavailability.\n\nExample: chikitsa leave list --from today",
    no_args_is_help=True,
)
app.command("undo")(step_back.leave)

Start = Annotated[str, typer.Argument(metavar="FROM", help="First day, or the moment it starts.")]
End = Annotated[
    str | None,
    typer.Argument(metavar="[TO]", help="Last day, or the moment it ends; without it, one day."),
]
Reason = Annotated[str | None, typer.Option("--reason", help="Why; patients do not see it.")]
Id = Annotated[int, typer.Argument(metavar="ID", min=1, help="The id of the leave.")]


@app.command("list")
def list_(
    context: typer.Context,
    doctor: DoctorOption = None,
    start: From = None,
    end: To = None,
    limit: Limit = 500,
    offset: Offset = 0,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List leave.

    Example: chikitsa leave list --doctor dr.nair --from today
    """
    from store import leave

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    rows = hospital.read(
        lambda tx: leave.list_leave(
            tx,
            doctor_id=doctor_id(tx, doctor),
            start=start_of(hospital, start),
            end=end_of(hospital, end),
        )
    )
    out.rows(rows[offset : offset + limit], fields.leave, total=len(rows))


@app.command()
def add(
    context: typer.Context,
    doctor: DoctorArgument,
    start: Start,
    end: End = None,
    reason: Reason = None,
    affected: AffectedChoice = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Enter leave. Over booked appointments it is refused, and lists them, until --affected says
    what happens to them; before it cancels or moves them it asks.

    Example: chikitsa leave add dr.nair 2026-12-01 2026-12-05 --reason Holiday --affected move
    """
    from store import doctors, leave

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    starts_at, ends_at = start_of(hospital, start), end_of(hospital, end or start)
    assert starts_at is not None
    assert ends_at is not None
    done = affecting.change(
        hospital,
        out,
        lambda tx, choice: leave.add(
            tx, doctors.get(tx, reference(doctor)).id, starts_at, ends_at, reason or "", choice
        ),
        affected,
        yes=yes,
        dry_run=dry_run,
    )
    if done is not None:
        out.one(_answer(*done))


@app.command()
def update(
    context: typer.Context,
    leave_id: Id,
    start: Annotated[
        str | None, typer.Option("--from", "--starts-at", help="The new first day or moment.")
    ] = None,
    end: Annotated[
        str | None, typer.Option("--to", "--ends-at", help="The new last day or moment.")
    ] = None,
    reason: Reason = None,
    affected: AffectedChoice = None,
    version: Version = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Change leave. What the new time hits is treated as by `add`.

    Example: chikitsa leave update 3 --to 2026-12-07 --affected keep
    """
    from store import leave

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    changes = given(
        starts_at=start_of(hospital, start), ends_at=end_of(hospital, end), reason=reason
    )
    done = affecting.change(
        hospital,
        out,
        lambda tx, choice: leave.update(tx, leave_id, version=version, affected=choice, **changes),
        affected,
        yes=yes,
        dry_run=dry_run,
    )
    if done is not None:
        out.one(_answer(*done))


@app.command()
def delete(context: typer.Context, leave_id: Id, yes: Yes = False, as_json: Json = False) -> None:
    """Delete leave; what was moved or cancelled for it stays so.

    Example: chikitsa leave delete 3 --yes
    """
    from store import leave

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    hospital.require_actor()
    confirm(f"Delete the leave {leave_id}?", yes=yes)
    out.one(fields.leave(hospital.write(leave.delete, leave_id)))


def _answer(view: LeaveView, consequences: Sequence[Consequence]) -> fields.Row:
    return fields.leave(view) | {"affected": [fields.consequence(c) for c in consequences]}
