"""Asking: for consent before what cannot be taken back, and for passwords."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import typer

from chikitsa_tui.cli.errors import Usage
from chikitsa_tui.cli.output import note
from store.errors import CodeNeeded


def confirm(question: str, *, yes: bool, about: Iterable[str] = (), **details: Any) -> None:
    """Ask before something that deletes or touches many rows.

    Args:
        about: lines that tell what it would touch, shown above the question.
        details: the same for scripts, in a refusal.

    Raises:
        Usage: nobody is there to ask and `--yes` was not given, or the answer was no.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        raise Usage(f"{question} Nobody is here to answer; add --yes to do it.", **details)
    for line in about:
        note(f"  {line}")
    if not typer.confirm(question, err=True):
        raise Usage("Nothing was done.")


def password(*, from_stdin: bool, prompt: str = "Password", new: bool = False) -> str:
    """A password from standard input (one line), or from a prompt that does not show it.

    A `new` one is asked for twice.

    Raises:
        Usage: there is no terminal to ask on and no `--password-stdin`.
    """
    if from_stdin:
        return line_of_stdin()
    if not sys.stdin.isatty():
        raise Usage("There is no terminal to ask for the password on; use --password-stdin.")
    given: str = typer.prompt(prompt, hide_input=True, err=True, confirmation_prompt=new)
    return given


def code(
    *, from_stdin: bool, prompt: str = "Code of your authenticator app, or a recovery code"
) -> str:
    """A code of a second factor: the next line of standard input, or from a prompt.

    Raises:
        CodeNeeded: standard input has ended, or there is nobody to ask.
    """
    if from_stdin:
        line = sys.stdin.readline()
        if not line.strip():
            raise CodeNeeded(
                "This account has a second factor: give its code as another line of standard input."
            )
        return line.strip()
    if not sys.stdin.isatty():
        raise CodeNeeded("There is no terminal to ask for the code on; use --password-stdin.")
    given: str = typer.prompt(prompt, err=True)
    return given


def line_of_stdin() -> str:
    """One line of standard input, without its end.

    Raises:
        Usage: there is none.
    """
    line = sys.stdin.readline()
    if not line:
        raise Usage("Standard input holds no password; give it as one line.")
    return line.rstrip("\r\n")
