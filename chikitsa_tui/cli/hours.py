"""`chikitsa hours`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chikitsa_tui.cli import affecting, fields, step_back
from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.inputs import hours_session, reference
from chikitsa_tui.cli.options import (
    AffectedChoice,
    Csv,
    DoctorArgument,
    DryRun,
    Json,
    Limit,
    Offset,
    Yes,
)

if TYPE_CHECKING:
    from chikitsa_tui.cli.output import Output
    from store.values import WorkingHoursView

app = typer.Typer(
    help="Doctors' weekly working hours.\n\nExample: chikitsa hours list dr.nair",
    no_args_is_help=True,
)
app.command("undo")(step_back.hours)

DEFAULT_SLOT_MINUTES = 15


@app.command("list")
def list_(
    context: typer.Context,
    doctor: DoctorArgument,
    limit: Limit = 500,
    offset: Offset = 0,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List a doctor's weekly sessions.

    Example: chikitsa hours list dr.nair
    """
    from store import doctors, schedule

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    rows = hospital.read(lambda tx: schedule.hours_of(tx, doctors.get(tx, reference(doctor)).id))
    out.rows(rows[offset : offset + limit], fields.hours, total=len(rows))


@app.command("set")
def set_(
    context: typer.Context,
    doctor: DoctorArgument,
    day: Annotated[str, typer.Argument(metavar="DAY", help="The weekday: mon, tue … sun.")],
    sessions: Annotated[
        list[str],
        typer.Argument(
            metavar="FROM-TO[/MIN]...", help="Sessions, such as 09:00-13:00/15 17:00-20:00/15."
        ),
    ],
    affected: AffectedChoice = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Set the sessions of one weekday; the others stay. Where booked appointments would be left
    outside it is refused, and lists them, until --affected says what happens to them.

    Example: chikitsa hours set dr.nair mon 09:00-13:00/15 17:00-20:00/15
    """
    from store import datewords, doctors, schedule

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    weekday = datewords.parse_weekday(day)
    wanted = [hours_session(weekday, text, DEFAULT_SLOT_MINUTES) for text in sessions]
    rows = affecting.change(
        hospital,
        out,
        lambda tx, choice: schedule.set_day(
            tx, doctors.get(tx, reference(doctor)).id, weekday, wanted, choice
        ),
        affected,
        yes=yes,
        dry_run=dry_run,
    )
    _answer(out, rows)


@app.command()
def replace(
    context: typer.Context,
    doctor: DoctorArgument,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.csv",
            help="Columns day, from, to, slot_minutes, valid_from, valid_to.",
            exists=True,
            dir_okay=False,
        ),
    ],
    affected: AffectedChoice = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Replace the whole week by what a file says.

    Example: chikitsa hours replace dr.nair week.csv --yes
    """
    from chikitsa_tui.cli.hours_file import read_week
    from store import doctors, schedule

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    week = read_week(file)
    found = hospital.read(doctors.get, reference(doctor))
    rows = affecting.change(
        hospital,
        out,
        lambda tx, choice: schedule.replace_week(tx, found.id, week, choice),
        affected,
        yes=yes,
        dry_run=dry_run,
        question=f"Replace all working hours of {found.name}?",
    )
    _answer(out, rows)


@app.command()
def clear(
    context: typer.Context,
    doctor: DoctorArgument,
    affected: AffectedChoice = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Delete all working hours of a doctor.

    Example: chikitsa hours clear dr.nair --yes
    """
    from store import doctors, schedule

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    found = hospital.read(doctors.get, reference(doctor))
    rows = affecting.change(
        hospital,
        out,
        lambda tx, choice: schedule.clear(tx, found.id, choice),
        affected,
        yes=yes,
        dry_run=dry_run,
        question=f"Delete all working hours of {found.name}?",
    )
    _answer(out, rows)


def _answer(out: Output, rows: list[WorkingHoursView] | None) -> None:
    """The week as it is now; a dry run has answered already."""
    if rows is not None:
        out.rows(rows, fields.hours)
