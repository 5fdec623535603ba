"""`chikitsa totp`: the second factor of one's own account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from chikitsa_tui.cli import fields
from chikitsa_tui.cli.confirm import code, password
from chikitsa_tui.cli.context import Hospital, hospital_of
from chikitsa_tui.cli.options import Json
from chikitsa_tui.cli.output import note

if TYPE_CHECKING:
    from store.values import SecondFactorView

app = typer.Typer(
    help="The second factor of your account: codes of an authenticator app beside the password."
    "\n\nExample: chikitsa totp setup",
    no_args_is_help=True,
)

ProofStdin = Annotated[
    bool,
    typer.Option(
        "--password-stdin",
        help="Read lines from standard input: the password, then each code that is asked for.",
    ),
]
_SCANNABLE = "\x1b[38;5;16;48;5;231m{}\x1b[0m"


@app.command()
def status(context: typer.Context, as_json: Json = False) -> None:
    """Tell whether your account asks for codes, and how many recovery codes are left.

    Example: chikitsa totp status
    """
    hospital = hospital_of(context)
    out = hospital.output(as_json)
    out.one(fields.second_factor(_status(hospital)))


@app.command()
def setup(
    context: typer.Context, password_stdin: ProofStdin = False, as_json: Json = False
) -> None:
    """Set up the second factor, or set it up anew for another phone.

    It asks for your password (and, where there is one already, for a code), shows a QR code and
    the same secret as text, and asks for the app's first code. The answer is ten recovery codes,
    each of which stands in once for a lost phone: they are shown this once.

    Example: chikitsa totp setup
    """
    from store import second_factor
    from widgets.qr import qr_lines

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    secret, present = _proof(hospital, password_stdin)
    made = second_factor.begin(hospital.store, hospital.actor, secret, present)
    for line in qr_lines(made.uri):
        typer.echo(_SCANNABLE.format(line), err=True)
    note(f"Scan this with an authenticator app, or type into it: {made.secret}")
    first = code(from_stdin=password_stdin, prompt="The first code that the app shows")
    out.one({"recovery_codes": list(hospital.write(second_factor.finish, first))})
    note("Keep the recovery codes where only you find them. They are not shown again.")


@app.command("recovery-codes")
def recovery_codes(
    context: typer.Context, password_stdin: ProofStdin = False, as_json: Json = False
) -> None:
    """Make ten new recovery codes; those that there were count no more.

    Example: chikitsa totp recovery-codes
    """
    from store import second_factor

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    secret, present = _proof(hospital, password_stdin)
    codes = second_factor.new_recovery_codes(hospital.store, hospital.actor, secret, present)
    out.one({"recovery_codes": list(codes)})


@app.command()
def off(context: typer.Context, password_stdin: ProofStdin = False, as_json: Json = False) -> None:
    """Turn the second factor off; refused where your role needs one.

    Example: chikitsa totp off
    """
    from store import second_factor

    hospital = hospital_of(context)
    out = hospital.output(as_json)
    secret, present = _proof(hospital, password_stdin)
    second_factor.turn_off(hospital.store, hospital.actor, secret, present)
    out.one(fields.second_factor(_status(hospital)))


def _status(hospital: Hospital) -> SecondFactorView:
    from store import second_factor

    return hospital.read(second_factor.status)


def _proof(hospital: Hospital, from_stdin: bool) -> tuple[str, str]:
    """The password, and a code where there is a second factor already."""
    enabled = _status(hospital).enabled
    secret = password(from_stdin=from_stdin, prompt="Password")
    return secret, code(from_stdin=from_stdin) if enabled else ""
