"""`chikitsa holidays`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from chikitsa_tui.cli import affecting, fields, step_back
from chikitsa_tui.cli.confirm import confirm
from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.errors import Usage
from chikitsa_tui.cli.inputs import day, optional_day
from chikitsa_tui.cli.options import AffectedChoice, Csv, DryRun, From, Json, Limit, Offset, To, Yes
from chikitsa_tui.cli.output import note

if TYPE_CHECKING:
    from store.transaction import Transaction
    from store.values import Affected, HolidayView

app = typer.Typer(
    help="Days on which the hospital gives no appointments.\n\nExample: chikitsa holidays list",
    no_args_is_help=True,
)
app.command("undo")(step_back.holiday)


@app.command("list")
def list_(
    context: typer.Context,
    start: From = None,
    end: To = None,
    limit: Limit = 500,
    offset: Offset = 0,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List holidays.

    Example: chikitsa holidays list --from today
    """
    from store import holidays

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    rows = hospital.read(
        holidays.list_holidays,
        start=optional_day(hospital, start, "from"),
        end=optional_day(hospital, end, "to"),
    )
    out.rows(rows[offset : offset + limit], fields.holiday, total=len(rows))


@app.command()
def add(
    context: typer.Context,
    date_argument: Annotated[
        str | None, typer.Argument(metavar="[DATE]", help="The day: 2026-12-25, 25 dec.")
    ] = None,
    name_argument: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="What is celebrated.")
    ] = None,
    date: Annotated[str | None, typer.Option("--date", help="The day.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="What is celebrated.")] = None,
    affected: AffectedChoice = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
) -> None:
    """Enter a holiday. Over booked appointments it is refused, and lists them, until --affected
    says what happens to them; before it cancels or moves them it asks.

    Example: chikitsa holidays add 2026-12-25 Christmas --affected move
    Example: chikitsa holidays add --date "25 dec" --name Christmas
    """
    from store import holidays

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    on, called = date or date_argument, name or name_argument
    if not on or not called:
        raise Usage("Give the day and the name of the holiday.")
    wanted = day(hospital, on)
    done = affecting.change(
        hospital,
        out,
        lambda tx, choice: holidays.add(tx, wanted, called, choice),
        affected,
        yes=yes,
        dry_run=dry_run,
    )
    if done is None:
        return
    view, consequences = done
    out.one(fields.holiday(view) | {"affected": [fields.consequence(c) for c in consequences]})


@app.command("import")
def import_(
    context: typer.Context,
    country: Annotated[
        str, typer.Argument(metavar="COUNTRY", help="Two letters (ISO 3166): IN, LK, GB.")
    ],
    year: Annotated[int, typer.Option("--year", help="The year, such as 2027.")],
    subdivision: Annotated[
        str, typer.Option("--subdivision", help="A state or region (ISO 3166-2): MH, KA.")
    ] = "",
    affected: AffectedChoice = None,
    yes: Yes = False,
    dry_run: DryRun = False,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """Enter a country's public holidays of a year; days that are holidays already stay as they
    are. Prints what was added. Days that depend on the moon say (estimated) in their names.

    Example: chikitsa holidays import IN --year 2027 --dry-run
    Example: chikitsa holidays import IN --year 2027 --subdivision MH --affected move --yes
    """
    from store import holidays

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    if dry_run:
        missing = hospital.read(holidays.missing_of_year, country, year, subdivision=subdivision)
        out.rows(missing, fields.public_holiday)
        note("Nothing was done.")
        return

    def rule(tx: Transaction, choice: Affected | None) -> holidays.Entered:
        return holidays.add_year(tx, country, year, subdivision=subdivision, affected=choice)

    done = affecting.change(hospital, out, rule, affected, yes=yes, dry_run=False)
    if done is None:
        return
    views, hit = done
    days = Counter(one.appointment.starts_at.date() for one in hit)

    def row(view: HolidayView) -> fields.Row:
        return fields.holiday(view) | {"appointments": days[view.date]}

    out.rows(views, row)


@app.command()
def delete(
    context: typer.Context,
    holiday: Annotated[
        str, typer.Argument(metavar="ID|DATE", help="The holiday's id, or its day.")
    ],
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Delete a holiday.

    Example: chikitsa holidays delete 2026-12-25 --yes
    """
    from store import holidays
    from store.errors import NotFound

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    hospital.require_actor()
    if holiday.isdecimal() and len(holiday) < 10:
        holiday_id = int(holiday)
    else:
        on = day(hospital, holiday)
        found = hospital.read(holidays.list_holidays, start=on, end=on)
        if not found:
            raise NotFound(f"There is no holiday on {on}.")
        holiday_id = found[0].id
    confirm(f"Delete the holiday {holiday}?", yes=yes)
    out.one(fields.holiday(hospital.write(holidays.delete, holiday_id)))
