"""The commands by their first word. The module of a noun is imported, and its commands are built
from their parameters, when the noun is used: all of them take a third of a second."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Any

import typer
from typer.main import get_group

PLACES = {
    "app": "opening:app_command",
    "init": "setup:init",
    "demo": "setup:demo",
    "login": "account:login",
    "logout": "account:logout",
    "whoami": "account:whoami",
    "passwd": "account:passwd",
    "register": "account:register",
    "totp": "totp:app",
    "departments": "departments:app",
    "doctors": "doctors:app",
    "hours": "hours:app",
    "leave": "leave:app",
    "holidays": "holidays:app",
    "patients": "patients:app",
    "slots": "slots:slots",
    "board": "board:board",
    "appointments": "appointments:app",
    "waitlist": "waitlist:app",
    "records": "records:app",
    "prescriptions": "prescriptions:app",
    "stats": "stats:stats",
    "report": "report:app",
    "users": "users:app",
    "import": "exchange:import_",
    "export": "exchange:export",
    "serve": "opening:serve",
    "worker": "work:worker",
    "jobs": "work:app",
    "outbox": "outbox:app",
    "audit": "audit:app",
    "db": "check:app",
    "check": "check:check",
}
"""Where each is, `module:name`; in the order of the help."""


class Nouns(MutableMapping[str, Any]):
    """The root's commands, each built on first use."""

    def __init__(self) -> None:
        self._built: dict[str, Any] = {}

    def __getitem__(self, word: str) -> Any:
        if word not in self._built:
            self._built[word] = _build(word)
        return self._built[word]

    def __setitem__(self, word: str, command: Any) -> None:
        self._built[word] = command

    def __delitem__(self, word: str) -> None:
        raise KeyError(word)

    def __iter__(self) -> Iterator[str]:
        return iter(PLACES)

    def __len__(self) -> int:
        return len(PLACES)


def _build(word: str) -> Any:
    module, _, name = PLACES[word].partition(":")
    found = getattr(import_module(f"chikitsa_tui.cli.{module}"), name)
    holder = typer.Typer(rich_markup_mode=None, pretty_exceptions_enable=False)
    if isinstance(found, typer.Typer):
        holder.add_typer(found, name=word)
    else:
        holder.command(word)(found)
    _keep_examples(holder)
    return get_group(holder).commands[word]


def _keep_examples(group: typer.Typer) -> None:
    """Let the help show examples as they are typed, not as a paragraph that is filled up."""
    for command in group.registered_commands:
        text = inspect.getdoc(command.callback) or ""
        command.help = text.replace("\n\nExample:", "\n\n\b\nExample:")
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            _keep_examples(inner.typer_instance)
