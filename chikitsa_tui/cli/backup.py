"""`chikitsa db backup`, `db backups` and `db restore`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from chikitsa_tui.cli.confirm import confirm
from chikitsa_tui.cli.context import Hospital, hospital_of
from chikitsa_tui.cli.errors import Usage
from chikitsa_tui.cli.options import Csv, Json, Yes
from chikitsa_tui.cli.output import Output, note

if TYPE_CHECKING:
    from store.backup.kept import KeptBackup
    from store.backup.manifest import Manifest
    from store.backup.restoring import Restored


def backup(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A new file.")],
    as_json: Json = False,
) -> None:
    """Write the whole hospital into a file, while it is in use, and verify what was written.

    FILE.manifest beside it says what must be in it; keep the two together, on another machine.
    Both can be read by their owner alone, and whoever reads them reads the hospital.

    Example: chikitsa db backup /backup/chikitsa-2026-11-29
    """
    from store.backup import taking

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    out.one(told(file, taking.take(hospital.store, hospital.actor, file), out))


def told(file: Path, manifest: Manifest, out: Output) -> dict[str, Any]:
    """A backup as it is printed: the rows of each table for scripts, their sum for a person."""
    fields = manifest.as_dict()
    rows = fields.pop("rows")
    return {"file": file, **fields, "rows": sum(rows.values()) if out.form == "text" else rows}


def backups(
    context: typer.Context,
    folder: Annotated[
        Path | None,
        typer.Argument(metavar="[FOLDER]", help="Those in it, instead of [backups] folder."),
    ] = None,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List the backups in a folder, the newest first, with when each was last found whole.

    Example: chikitsa db backups
    Example: chikitsa db backups /backup --json
    """
    from store.backup import kept

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    where = folder or hospital.services.backups
    if where is None:
        raise Usage("No folder of backups is configured ([backups] folder); name one.")
    out.rows(kept.kept_in(hospital.store, hospital.actor, where), _line)


def _line(one: KeptBackup) -> dict[str, Any]:
    """A backup of a list; what is not known of it is nothing."""
    told = one.manifest
    return {
        "file": one.file,
        "taken_at": told.taken_at if told else None,
        "bytes": told.bytes if told else None,
        "rows": sum(told.contents.rows.values()) if told else None,
        "verified_at": one.verified_at,
        "wrong": one.wrong,
    }


def restore(
    context: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `db backup` wrote.")],
    lost: Annotated[
        bool,
        typer.Option(
            "--lost", help="The present database cannot be opened, so that nobody can sign in."
        ),
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Verify a backup, then put it in the hospital's place; what it replaces is kept beside it.

    Nothing is replaced while other programs have the hospital open. Everybody is signed out. Mail
    that was due by now is held, for it may have been sent since the backup: see `outbox list
    --status held`; `outbox retry` sends a message, `outbox discard` gives it up.

    An administrator must be signed in. Where there is no database, or (--lost) none that opens,
    nobody can be: there, whoever may write it may restore it.

    Example: chikitsa db restore /backup/chikitsa-2026-11-29
    """
    hospital = hospital_of(context)
    out = hospital.output(as_json)
    lost = _is_lost(hospital, lost=lost)
    if not lost:
        hospital.require_actor()
    confirm(
        f"Put {file} in the place of {hospital.services.settings.hospital.name}?",
        yes=yes or (lost and not sys.stdin.isatty()),
    )
    done = _restore(hospital, file, lost=lost)
    if done.kept:
        note(f"What it replaced is kept: {done.kept}")
    note(
        "Everybody has to sign in again. See what mail is held: chikitsa outbox list --status held"
    )
    out.one(
        {
            "restored": file,
            "taken_at": done.backup.taken_at,
            "kept": done.kept,
            "sessions_ended": done.sessions_ended,
            "messages_held": done.messages_held,
        }
    )


def _restore(hospital: Hospital, file: Path, *, lost: bool) -> Restored:
    from chikitsa_tui import bootstrap
    from store.backup import restoring

    services = hospital.services
    grantees, owner = services.grantees, services.settings.database.owner_url
    if not lost:
        return restoring.restore(hospital.store, hospital.actor, file, owner, grantees)
    url = owner or bootstrap.database_url(services.configuration)
    return restoring.restore_lost(
        url, services.clock, services.rules, hospital.terminal, file, grantees
    )


def _is_lost(hospital: Hospital, *, lost: bool) -> bool:
    """Whether nobody can be asked who they are.

    Raises:
        Usage: it was said so, but the hospital opens.
    """
    from chikitsa_tui import bootstrap
    from store.errors import StoreError, WrongConfiguration

    file = bootstrap.sqlite_file(bootstrap.database_url(hospital.services.configuration))
    if file is not None and (not file.exists() or file.stat().st_size == 0):
        return True
    try:
        _ = hospital.store
    except WrongConfiguration as refusal:
        if lost:
            return True
        raise WrongConfiguration(
            f"{refusal.message} To put the backup in its place all the same, add --lost."
        ) from None
    except StoreError:
        if lost:
            return True
        raise
    if lost:
        raise Usage("The hospital opens: sign in as an administrator and restore without --lost.")
    return False
