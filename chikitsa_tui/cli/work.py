"""`chikitsa worker` and `chikitsa jobs`."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date as Day  # noqa: N812 - the option is called date
from typing import Annotated

import typer

from chikitsa_tui.cli.context import Hospital, hospital_of
from chikitsa_tui.cli.errors import Usage
from chikitsa_tui.cli.inputs import month_of, optional_day
from chikitsa_tui.cli.options import Csv, Json
from chikitsa_tui.cli.output import note

app = typer.Typer(
    help="What the worker does by the clock.\n\nExample: chikitsa jobs list",
    no_args_is_help=True,
)


def worker(
    context: typer.Context,
    workers: Annotated[
        int, typer.Option("--workers", min=1, max=32, help="How many messages go out at once.")
    ] = 3,
) -> None:
    """Send the outbox and remind patients, until it is stopped (Ctrl+C).

    Nobody has to be signed in: it is the hospital's own work, done by whoever may open its
    database, and what it does is in the audit trail as the system's.

    Example: chikitsa worker --workers 3
    """
    from chikitsa_tui import worker as working

    hospital = hospital_of(context)
    services = hospital.services.as_jobs()
    if services.mailer is None:
        note("No mail server is configured: messages wait in the outbox. See [mail] host.")
    note(f"Working for {services.settings.hospital.name}; Ctrl+C ends it.")
    working.run(services, workers)


@app.command("list")
def list_(context: typer.Context, as_json: Json = False, as_csv: Csv = False) -> None:
    """List the scheduled work: when it ran last, what came of it, when it runs next.

    Example: chikitsa jobs list
    """
    from store import jobs_list

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    out.rows(hospital.read(jobs_list.list_jobs), asdict)


@app.command()
def run(
    context: typer.Context,
    job: Annotated[
        str, typer.Argument(metavar="JOB", help="What to do now: reminders, close-day or reports.")
    ],
    date: Annotated[
        str | None,
        typer.Option("--date", help="Remind of this day's appointments, or close this day."),
    ] = None,
    month: Annotated[
        str | None,
        typer.Option("--month", metavar="YYYY-MM", help="Report on this month; else the last."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Do scheduled work now, in this process.

    Example: chikitsa jobs run reminders --date tomorrow
    """
    from store import job_runs, report_mail

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    runs = {job_runs.REMINDERS: _remind, job_runs.CLOSE_DAY: _close_day}
    if job == job_runs.REPORTS and date is None:
        queued, skipped = hospital.write(report_mail.plan, month_of(hospital, month))
    elif job in runs and month is None:
        queued, skipped = runs[job](hospital, optional_day(hospital, date, "date"))
    elif job in (*runs, job_runs.REPORTS):
        raise Usage("--month goes with reports, --date with the others.")
    else:
        raise Usage(f"There is no such job; there are: {', '.join((*runs, job_runs.REPORTS))}")
    out.one({"queued": queued, "skipped": skipped})


def _remind(hospital: Hospital, day: Day | None) -> tuple[int, int]:
    from store import reminders

    return hospital.write(reminders.plan, day)


def _close_day(hospital: Hospital, day: Day | None) -> tuple[int, int]:
    from store import day_close

    closed = hospital.write(day_close.close, day)
    note(f"No-shows noted: {closed.no_shows}. Visits that nobody has ended: {closed.left_open}.")
    return closed.no_shows, closed.left_open
