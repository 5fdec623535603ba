"""Signing in and out, and one's own account: `login`, `logout`, `whoami`, `passwd`, `register`."""

from __future__ import annotations

import os
from functools import partial
from typing import Annotated

import typer

from chikitsa_tui.cli import fields
from chikitsa_tui.cli.confirm import code, line_of_stdin, password
from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.inputs import given
from chikitsa_tui.cli.option_groups import spreads
from chikitsa_tui.cli.options import Json, PasswordStdin
from chikitsa_tui.cli.output import note
from chikitsa_tui.cli.patient_fields import Allergy, Name, Particulars
from store.values import Duty, PatientInput

_DUTIES = {
    Duty.PASSWORD: "choose a password of your own. Run: chikitsa passwd",
    Duty.SECOND_FACTOR: "set up the second factor that your role needs. Run: chikitsa totp setup",
}


def login(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="User name or e-mail address.")],
    password_stdin: Annotated[
        bool,
        typer.Option(
            "--password-stdin",
            help="Read the password from standard input, and from a second line the code of the"
            " second factor, where the account has one.",
        ),
    ] = False,
    print_token: Annotated[
        bool, typer.Option("--print-token", help="Print the token instead of keeping it.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Sign in; the keyring keeps the token for the commands that follow.

    An account with a second factor is asked for a code of its authenticator app (or for one of the
    recovery codes) behind a right password. A script gives it as the second line.

    Example: chikitsa login root
    Example: export CHIKITSA_TOKEN=$(chikitsa login root --print-token)
    """
    from chikitsa_tui.secrets import no_keyring, working_keyring
    from store import signing_in
    from store.errors import CodeNeeded, Unavailable
    from store.values import SessionKind

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    store = hospital.store
    if not print_token and working_keyring() is None:
        raise no_keyring()
    secret = password(from_stdin=password_stdin, prompt=f"Password of {name}")
    sign_in = partial(
        signing_in.sign_in, store, name, secret, kind=SessionKind.CLI, terminal=hospital.terminal
    )
    try:
        signed_in = sign_in()
    except CodeNeeded:
        signed_in = sign_in(code=code(from_stdin=password_stdin))
    if signed_in.duty is not None:
        note(f"Before anything else: {_DUTIES[signed_in.duty]}")
    if print_token:
        typer.echo(signed_in.token)
        return
    try:
        hospital.tokens.keep(signed_in.token)
    except Unavailable:
        signing_in.sign_out(store, signed_in.actor)
        raise
    actor = signed_in.actor
    out.one(
        {
            "username": actor.username,
            "name": actor.name,
            "role": actor.role,
            "expires_at": signed_in.expires_at,
        }
    )


def logout(context: typer.Context, as_json: Json = False) -> None:
    """Sign out: the token is refused from then on.

    Example: chikitsa logout
    """
    from store import signing_in
    from store.errors import SessionEnded

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    kept = not os.environ.get("CHIKITSA_TOKEN")
    try:
        actor = hospital.actor
        signing_in.sign_out(hospital.store, actor)
    except SessionEnded:
        if kept:
            hospital.tokens.forget()
        raise
    if kept:
        hospital.tokens.forget()
    out.one({"username": actor.username, "signed_out": True})


def whoami(context: typer.Context, as_json: Json = False) -> None:
    """Tell who is signed in, in which role, since when and where.

    Example: chikitsa whoami
    """
    from store import accounts, sessions

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    with hospital.store.reading(hospital.actor) as tx:
        account = accounts.whoami(tx)
        current = next((s for s in sessions.list_sessions(tx) if s.current), None)
    row = fields.account(account)
    del row["locked_until"]
    if current is not None:
        row |= {
            "terminal": current.terminal,
            "signed_in_at": current.created_at,
            "expires_at": current.expires_at,
        }
    out.one(row)


def passwd(
    context: typer.Context,
    password_stdin: Annotated[
        bool,
        typer.Option(
            "--password-stdin",
            help="Read two lines from standard input: the present and the new password.",
        ),
    ] = False,
    as_json: Json = False,
) -> None:
    """Change your password; every other login session of yours ends.

    Example: chikitsa passwd
    """
    from store import signing_in

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    actor = hospital.actor
    if password_stdin:
        current, new = line_of_stdin(), line_of_stdin()
    else:
        current = password(from_stdin=False, prompt="Present password")
        new = password(from_stdin=False, prompt="New password", new=True)
    signing_in.change_password(hospital.store, actor, current, new)
    out.one({"username": actor.username, "changed": True})
    note("Your other login sessions have ended.")


@spreads(Particulars)
def register(
    context: typer.Context,
    username: Annotated[str, typer.Option("--username", help="The name to sign in with.")],
    name: Name,
    told: Particulars,
    allergy: Allergy = None,
    password_stdin: PasswordStdin = False,
    as_json: Json = False,
) -> None:
    """Register yourself as a patient, with an account to sign in.

    Example: chikitsa register --username meena --name "Meena Rao" --birth-date 1991-04-03
    """
    from store import registration

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    store = hospital.store
    allergies = given(allergies=tuple(allergy or ()) or None)
    particulars = PatientInput(name, **told.given(), **allergies)
    secret = password(from_stdin=password_stdin, prompt=f"Password for {username}", new=True)
    view = registration.register_self(
        store, particulars, username=username, password=secret, terminal=hospital.terminal
    )
    out.one(fields.patient(view))
