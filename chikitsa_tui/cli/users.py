"""`chikitsa users`."""

from __future__ import annotations

from typing import Annotated

import typer

from chikitsa_tui.cli import fields
from chikitsa_tui.cli.confirm import confirm, password
from chikitsa_tui.cli.context import hospital_of
from chikitsa_tui.cli.inputs import choice, given, reference
from chikitsa_tui.cli.options import (
    Csv,
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
from store.values import Role

app = typer.Typer(
    help="Accounts that can sign in.\n\nExample: chikitsa users list",
    no_args_is_help=True,
)

User = Annotated[str, typer.Argument(metavar="USER", help="The account's id or user name.")]
MaybeUser = Annotated[
    str | None,
    typer.Argument(metavar="[USER]", help="The account's id or user name; else your own."),
]


@app.command("list")
def list_(
    context: typer.Context,
    role: Annotated[
        str | None, typer.Option("--role", help="admin, reception, doctor or patient.")
    ] = None,
    active: OnlyActive = True,
    limit: Limit = 500,
    offset: Offset = 0,
    as_json: Json = False,
    as_csv: Csv = False,
) -> None:
    """List accounts.

    Example: chikitsa users list --role reception
    """
    from store import accounts

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    page = hospital.read(
        accounts.list_accounts,
        role=choice(Role, role, "role") if role else None,
        active=active or None,
        limit=limit,
        offset=offset,
    )
    out.rows(page.items, fields.account, total=page.total)


@app.command()
def show(context: typer.Context, user: User, as_json: Json = False) -> None:
    """Show one account.

    Example: chikitsa users show anita
    """
    from store import accounts

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    out.one(fields.account(hospital.read(accounts.get, reference(user))))


@app.command()
def add(
    context: typer.Context,
    username: Annotated[str, typer.Option("--username", help="The name to sign in with.")],
    name: Annotated[str, typer.Option("--name", help="The full name.")],
    role: Annotated[str, typer.Option("--role", help="admin or reception.")],
    email: Annotated[str | None, typer.Option("--email", help="E-mail address.")] = None,
    phone: Annotated[str | None, typer.Option("--phone", help="Telephone number.")] = None,
    language: Language = None,
    password_stdin: PasswordStdin = False,
    temporary: Temporary = False,
    as_json: Json = False,
) -> None:
    """Create an account for the administration or the reception desk; doctors have their own
    command.

    Example: chikitsa users add --username anita --name "Anita Das" --role reception
    """
    from store import accounts, passwords

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    wanted = choice(Role, role, "role")
    hospital.require_actor()
    secret = password(from_stdin=password_stdin, prompt=f"First password of {username}", new=True)
    prepared = passwords.prepare(secret, hospital.store.rules, context=(username, name))
    view = hospital.write(
        accounts.create,
        username=username,
        name=name,
        role=wanted,
        email=email,
        phone=phone,
        language=language or "",
        password=prepared,
        temporary=temporary,
    )
    out.one(fields.account(view))


@app.command()
def update(
    context: typer.Context,
    user: User,
    name: Annotated[str | None, typer.Option("--name", help="The new full name.")] = None,
    email: Annotated[str | None, typer.Option("--email", help="E-mail address.")] = None,
    phone: Annotated[str | None, typer.Option("--phone", help="Telephone number.")] = None,
    language: Language = None,
    version: Version = None,
    as_json: Json = False,
) -> None:
    """Change an account of the administration or the reception desk; an empty text clears a field.
    Doctors and patients are changed by their own commands.

    Example: chikitsa users update anita --language hi
    """
    from store import accounts

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    changes = given(name=name, email=email, phone=phone, language=language)
    view = hospital.write(
        lambda tx: accounts.update(
            tx, accounts.get(tx, reference(user)).id, version=version, **changes
        )
    )
    out.one(fields.account(view))


@app.command()
def activate(context: typer.Context, user: User, as_json: Json = False) -> None:
    """Let an account sign in again.

    Example: chikitsa users activate anita
    """
    from store import accounts

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    view = hospital.write(lambda tx: accounts.activate(tx, accounts.get(tx, reference(user)).id))
    out.one(fields.account(view))


@app.command()
def deactivate(context: typer.Context, user: User, as_json: Json = False) -> None:
    """Keep an account from signing in, at once; its history stays.

    Example: chikitsa users deactivate anita
    """
    from store import accounts

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    view = hospital.write(lambda tx: accounts.deactivate(tx, accounts.get(tx, reference(user)).id))
    out.one(fields.account(view))


@app.command()
def delete(context: typer.Context, user: User, yes: Yes = False, as_json: Json = False) -> None:
    """Delete an account that was never used; one with a history is deactivated instead.

    Example: chikitsa users delete anitaa --yes
    """
    from store import accounts

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    account = hospital.read(accounts.get, reference(user))
    confirm(f"Delete the account {account.username} of {account.name}?", yes=yes)
    hospital.write(accounts.delete, account.id)
    out.one(fields.account(account))


@app.command("reset-password")
def reset_password(
    context: typer.Context,
    user: User,
    mail: Annotated[
        bool,
        typer.Option("--mail", help="Send the code to the account's own address; do not print it."),
    ] = False,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Make a one-time code for somebody who has forgotten the password, and print it this once,
    or send it by mail. It is typed in place of the password, within a day, and a new password is
    chosen with it. The old one is no good from now on, and that person's login sessions end. Make
    sure first who is asking.

    Example: chikitsa users reset-password anita --mail
    """
    from store import accounts, one_time_codes

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    account = hospital.read(accounts.get, reference(user))
    goes = f" The code goes to {account.email}." if mail and account.email else ""
    confirm(f"Reset the password of {account.username}, {account.name}?{goes}", yes=yes)
    if mail:
        code = one_time_codes.make_to_mail(hospital.store, hospital.actor)
        expires_at = hospital.write(one_time_codes.reset_password, account.id, code)
        out.one({"username": account.username, "to": account.email, "expires_at": expires_at})
        return
    code = one_time_codes.make(hospital.store.rules)
    expires_at = hospital.write(one_time_codes.reset_password, account.id, code)
    out.one({"username": account.username, "code": code.text, "expires_at": expires_at})
    note("Hand it to that person alone; it is not shown again.")


@app.command()
def unlock(context: typer.Context, user: User, as_json: Json = False) -> None:
    """Let an account try again that was locked after wrong passwords.

    Example: chikitsa users unlock anita
    """
    from store import accounts

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    view = hospital.write(lambda tx: accounts.unlock(tx, accounts.get(tx, reference(user)).id))
    out.one(fields.account(view))


@app.command("reset-totp")
def reset_totp(context: typer.Context, user: User, yes: Yes = False, as_json: Json = False) -> None:
    """Take the second factor away from somebody who has lost phone and recovery codes; ends that
    person's login sessions. Make sure first who is asking.

    Example: chikitsa users reset-totp anita --yes
    """
    from store import accounts, second_factor

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    account = hospital.read(accounts.get, reference(user))
    confirm(f"Take the second factor away from {account.username}?", yes=yes)
    hospital.write(second_factor.reset, account.id)
    out.one(fields.account(hospital.read(accounts.get, account.id)))


@app.command()
def sessions(
    context: typer.Context, user: MaybeUser = None, as_json: Json = False, as_csv: Csv = False
) -> None:
    """List where an account is signed in.

    Example: chikitsa users sessions
    """
    from store import accounts
    from store import sessions as login_sessions

    hospital = hospital_of(context)
    out = hospital.output(as_json, as_csv)
    rows = hospital.read(
        lambda tx: login_sessions.list_sessions(
            tx, None if user is None else accounts.get(tx, reference(user)).id
        )
    )
    out.rows(rows, fields.login_session)


@app.command("end-sessions")
def end_sessions(
    context: typer.Context,
    user: MaybeUser = None,
    session: Annotated[
        int | None, typer.Option("--session", min=1, help="Only this login session.")
    ] = None,
    yes: Yes = False,
    as_json: Json = False,
) -> None:
    """Sign an account out everywhere, or end one of its login sessions.

    Example: chikitsa users end-sessions anita --yes
    """
    from store import accounts
    from store import sessions as login_sessions

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    hospital.require_actor()
    whose = user or "this account"
    if session is not None:
        confirm(f"End the login session {session}?", yes=yes)
        hospital.write(login_sessions.end, session)
        out.one({"ended": 1})
        return
    confirm(f"End all login sessions of {whose}?", yes=yes)
    ended = hospital.write(
        lambda tx: login_sessions.end_all(
            tx, (accounts.get(tx, reference(user)) if user else accounts.whoami(tx)).id
        )
    )
    out.one({"ended": ended})
    if user is None:
        note("You are signed out here too.")
