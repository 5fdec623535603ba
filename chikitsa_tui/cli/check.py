"""`chikitsa check` and `chikitsa db`."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from chikitsa_tui.cli import backup
from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.options import Csv, Json

app = typer.Typer(
    help="The database itself.\n\nExample: chikitsa db check",
    no_args_is_help=True,
)

app.command()(backup.backup)
app.command()(backup.backups)
app.command()(backup.restore)

_SIGNS = {True: "ok", False: "FAILS", None: "-"}


def check(context: typer.Context, as_json: Json = False, as_csv: Csv = False) -> None:
    """Tell what is configured and whether it works, each line with its remedy.

    Nobody has to be signed in: it reads the configuration and nobody's data.

    Example: chikitsa check
    """
    from chikitsa_tui import checks

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    found = list(checks.run(hospital.services))
    if out.form == "text":
        for finding in found:
            out.line(f"{_SIGNS[finding.works]:5}  {finding.what:13}  {finding.detail}")
            if finding.remedy:
                out.line(f"{'':22}→ {finding.remedy}")
    else:
        out.rows(found, asdict)
    if any(finding.works is False for finding in found):
        raise typer.Exit(8)


@app.command()
def upgrade(context: typer.Context, as_json: Json = False) -> None:
    """Bring the database's schema to this program's version; data stays. On PostgreSQL it is done
    as the role of [database] owner_url, which lets the others use what is new.

    Nobody has to be signed in: until it is done nobody can be, and whoever may write the database
    may do all of this without Chikitsa. Take a backup before.

    Example: chikitsa db upgrade
    """
    from store import schema

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    owner = hospital.services.as_owner()
    database = owner.database
    before = schema.current(database)
    schema.upgrade(database, hospital.services.grantees)
    out.one({"before": before, "now": schema.current(database)})
    owner.close()


@app.command("check")
def check_database(
    context: typer.Context,
    file: Annotated[
        Path | None, typer.Argument(metavar="[FILE]", help="A backup, instead of the database.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Look for damage: the file, references between rows, overlaps, the audit trail; or, given a
    backup, whether it is what its manifest says, as a restore asks first.

    For the database nobody has to be signed in: nothing of the hospital is told, only whether it is
    whole, and whoever may read it can see that without Chikitsa. A backup is an administrator's.

    Example: chikitsa db check
    Example: chikitsa db check /backup/chikitsa-2026-11-29
    """
    from store import last_backup, schema
    from store.errors import Invalid

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    if file is not None:
        from store.backup import verifying

        out.one(backup.told(file, verifying.check(hospital.store, hospital.actor, file), out))
        return
    database = hospital.store.database
    problems = schema.check(database)
    if problems:
        raise Invalid(
            f"The database is damaged: {problems[0]}. {last_backup.remedy(database.path)}",
            problems=problems,
        )
    out.one({"schema": schema.current(database), "problems": 0})
