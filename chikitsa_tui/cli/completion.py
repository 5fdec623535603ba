"""What the shell offers when somebody presses Tab where a name is wanted: doctors, departments, and
patients by number.

Nobody can read a message there, so that whatever goes wrong (nobody signed in, no hospital, no
database) offers nothing. The store is loaded only when a name is asked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import typer

from chikitsa_tui.cli.context import Hospital
from chikitsa_tui.cli.output import printable

Offered = list[tuple[str, str]]
"""Words that may be completed to, each with what it is."""

_LEAST_OF_A_NUMBER, _MOST = 2, 50
_BASH, _ZSH = "complete_bash", "complete_zsh"
_ANY_CASE = "zstyle ':completion:*:*:chikitsa:*' matcher 'm:{a-zA-Z}={A-Za-z}';"
"""Zsh looks once more which of the words fit, letter for letter unless it is told otherwise; it
evaluates what is printed before it does."""
_APART = re.compile(r"([^\w.@%+:/-])")


def doctors(context: typer.Context, incomplete: str) -> Offered:
    """User names of doctors who are there."""

    def names(hospital: Hospital) -> Iterator[tuple[str, str]]:
        from store import doctors as rules

        for one in hospital.read(rules.list_doctors).items:
            yield one.username, f"{one.name}, {one.department}"

    return _offer(context, incomplete, names)


def departments(context: typer.Context, incomplete: str) -> Offered:
    """Names of departments."""

    def names(hospital: Hospital) -> Iterator[tuple[str, str]]:
        from store import departments as rules

        for one in hospital.read(rules.list_departments).items:
            yield one.name, one.description

    return _offer(context, incomplete, names)


def patients(context: typer.Context, incomplete: str) -> Offered:
    """Numbers of patients, from the second digit on: a number is a beginning of few."""
    if len(incomplete) < _LEAST_OF_A_NUMBER:
        return []

    def numbers(hospital: Hospital) -> Iterator[tuple[str, str]]:
        from store import patient_search

        for one in hospital.read(patient_search.complete, incomplete, limit=_MOST):
            yield one.mrn, one.name

    return _offer(context, incomplete, numbers)


def _offer(
    context: typer.Context,
    incomplete: str,
    names: Callable[[Hospital], Iterable[tuple[str, str]]],
) -> Offered:
    root = context.find_root()
    config = root.params.get("config")
    hospital = Hospital(Path(config) if config else None, root.obj, "completion")
    if _shell() == _ZSH:
        typer.echo(_ANY_CASE)
    try:
        return [
            (_word(name), _meaning(about))
            for name, about in names(hospital)
            if name.casefold().startswith(incomplete.casefold())
        ]
    except Exception:  # noqa: BLE001 - a prompt is no place for any message
        return []
    finally:
        hospital.close()


class _Chosen(str):
    """A word that fits what was typed. Typer asks it once more, letter for letter, and would leave
    out what is written in other letters or has a sign before it that bash needs."""

    __slots__ = ()

    def startswith(self, *_: object) -> bool:
        """It does."""
        return True


def _word(name: str) -> str:
    """A name as the shell takes it for one word; bash alone does not see to it itself."""
    name = printable(name)
    return _Chosen(_APART.sub(r"\\\1", name) if _shell() == _BASH else name)


def _shell() -> str:
    return os.environ.get("_CHIKITSA_COMPLETE", "")


def _meaning(text: str) -> str:
    from rich.markup import escape

    return escape(printable(text))
