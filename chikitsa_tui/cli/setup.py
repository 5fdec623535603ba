"""`chikitsa init` and `chikitsa demo`."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from chikitsa_tui.cli.confirm import password
from chikitsa_tui.cli.context import Hospital, hospital_of
from chikitsa_tui.cli.errors import Usage
from chikitsa_tui.cli.options import Json, PasswordStdin
from chikitsa_tui.cli.output import Output, note, progress, to_json

if TYPE_CHECKING:
    from store.front_door import Store


def init(
    context: typer.Context,
    name: Annotated[str | None, typer.Option("--name", help="The hospital's name.")] = None,
    timezone: Annotated[
        str | None, typer.Option("--timezone", help="Its time zone: Asia/Kolkata.")
    ] = None,
    admin: Annotated[
        str | None, typer.Option("--admin", help="The first administrator's user name.")
    ] = None,
    database_url: Annotated[
        str,
        typer.Option(
            "--database-url",
            help="postgresql://… or sqlite:///FILE; else a file beside the configuration.",
        ),
    ] = "",
    owner_url: Annotated[
        str,
        typer.Option("--owner-url", help="PostgreSQL, as the role that is to own the tables."),
    ] = "",
    jobs_url: Annotated[
        str, typer.Option("--jobs-url", help="PostgreSQL, as the worker's role.")
    ] = "",
    password_stdin: PasswordStdin = False,
    as_json: Json = False,
) -> None:
    """Make a new hospital: configuration, database and first administrator.

    Example: chikitsa --config city.toml init --name "City Hospital" --timezone Asia/Kolkata
    --admin root --password-stdin
    """
    from chikitsa_tui import bootstrap, configuration, founding
    from store.errors import Duplicate

    hospital = hospital_of(context)
    file = configuration.new_file(hospital.file)
    if file.exists():
        raise Duplicate(f"{file} exists already; it is left alone. Name another with --config.")
    name = name or _ask("Name of the hospital", "--name")
    timezone = timezone or _ask("Time zone", "--timezone", default="Asia/Kolkata")
    admin = admin or _ask("User name of the administrator", "--admin", default="admin")
    secret = password(from_stdin=password_stdin, prompt=f"Password of {admin}", new=True)
    terminal = hospital.terminal

    def fill(store: Store) -> None:
        founding.first_administrator(store, admin, secret, terminal)

    plan = founding.Founding(file, name, timezone, database_url, owner_url, jobs_url)
    services = founding.found(plan, hospital.clock, fill)
    url = configuration.without_password(bootstrap.database_url(services.configuration))
    zone = services.settings.hospital.timezone
    Output(zone, "json" if as_json else "text").one(
        {"config": file, "database": url, "admin": admin}
    )
    note(f"Sign in with: chikitsa --config {file} login {admin}")


def demo(
    context: typer.Context,
    patients: Annotated[
        int, typer.Option("--patients", min=10, max=100_000, help="How many patients.")
    ] = 2000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed makes the same people.")] = 1,
    no_app: Annotated[
        bool, typer.Option("--no-app", help="Only make it, and tell where it is.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a throw-away hospital full of invented people, and open the app on it.

    Example: chikitsa demo
    Example: chikitsa demo --patients 200 --seed 7 --no-app --json
    """
    from chikitsa_tui import demo as building
    from chikitsa_tui import founding

    hospital = hospital_of(context)
    if not no_app and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Usage("The app needs a terminal; to make the demo only, add --no-app.")
    folder = Path(tempfile.mkdtemp(prefix="chikitsa-demo-"))
    plan = founding.Founding(folder / "chikitsa.toml", building.NAME, building.TIMEZONE, demo=True)

    def fill(store: Store) -> None:
        with progress("Making the demo hospital") as tell:
            building.build(store, patients=patients, seed=seed, progress=tell)

    try:
        hospital.services = founding.found(plan, hospital.clock, fill)
        if not no_app:
            _open(hospital)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    if no_app:
        _tell_demo(plan.file, as_json=as_json)
        return
    hospital.close()
    shutil.rmtree(folder, ignore_errors=True)


def _open(hospital: Hospital) -> None:
    from chikitsa_tui.cli.start import run_app

    if code := run_app(hospital.services, hospital.terminal):
        raise typer.Exit(code)


def _tell_demo(file: Path, *, as_json: bool) -> None:
    from chikitsa_tui.demo import ACCOUNTS

    accounts = [
        {"role": a.role.value, "username": a.username, "password": a.password} for a in ACCOUNTS
    ]
    if as_json:
        typer.echo(to_json({"config": file, "accounts": accounts}))
        return
    typer.echo(file)
    for account in accounts:
        typer.echo("{role:10} {username:16} {password}".format_map(account))


def _ask(prompt: str, option: str, default: str | None = None) -> str:
    if not sys.stdin.isatty():
        raise Usage(f"There is no terminal to ask on; give {option}.")
    answer: str = typer.prompt(prompt, default=default, err=True)
    return answer
