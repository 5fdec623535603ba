"""What every command is given: the hospital it speaks to, who acts, and how to answer.

Everything is made when first asked for, so that `--help` and a mistyped option need no hospital.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

if TYPE_CHECKING:
    import typer

    from chikitsa_tui.bootstrap import Services
    from chikitsa_tui.cli.output import Output
    from chikitsa_tui.secrets import TokenKeeper
    from store.clock import Clock
    from store.front_door import Store
    from store.transaction import Transaction
    from store.values import Actor

P = ParamSpec("P")
T = TypeVar("T")


class Hospital:
    """The hospital as a command sees it. `file` is the configuration that `--config` named,
    `command` the first word of the command, for the log."""

    def __init__(self, file: Path | None, clock: Clock | None, command: str) -> None:
        self.file = file
        self.clock = clock
        self.command = command

    @cached_property
    def services(self) -> Services:
        """The parts that the configuration describes; the log starts with them."""
        from chikitsa_tui import bootstrap, logs

        services = bootstrap.open_services(self.file, self.clock)
        logs.start(services.settings.log, services.configuration.folder, "cli")
        logging.getLogger(__name__).info("cli.command", extra={"command": self.command})
        return services

    @property
    def store(self) -> Store:
        """The hospital's store."""
        return self.services.store

    @cached_property
    def terminal(self) -> str:
        """Where the command was given, for the audit trail."""
        from chikitsa_tui.bootstrap import terminal_name

        return terminal_name()

    @cached_property
    def tokens(self) -> TokenKeeper:
        """Where the token of the command line's login session is kept."""
        from chikitsa_tui.secrets import TokenKeeper

        return TokenKeeper(self.services.identity)

    @cached_property
    def actor(self) -> Actor:
        """Who acts: the account behind `CHIKITSA_TOKEN`, else behind the kept token.

        Raises:
            NotSignedIn: there is no token.
            SessionEnded: the token's login session is over.
        """
        from store import signing_in
        from store.errors import NotSignedIn

        store = self.store
        token = os.environ.get("CHIKITSA_TOKEN", "").strip() or self.tokens.read()
        if not token:
            raise NotSignedIn("Nobody is signed in here. Sign in first: chikitsa login NAME")
        return signing_in.resume(store, token, self.terminal)

    def require_actor(self) -> None:
        """Refuse now what would be refused later: before a password is asked for.

        Raises:
            NotSignedIn, SessionEnded: as `actor`.
        """
        _ = self.actor

    def read(
        self, rule: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a reading rule as who is signed in."""
        return self.store.read(self.actor, rule, *args, **kwargs)

    def write(
        self, rule: Callable[Concatenate[Transaction, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Run a changing rule as who is signed in, in a unit of its own."""
        return self.store.write(self.actor, rule, *args, **kwargs)

    def output(self, as_json: bool = False, as_csv: bool = False) -> Output:
        """How to answer, in the hospital's time zone.

        Raises:
            Usage: both forms were asked for.
        """
        from chikitsa_tui.cli.errors import Usage
        from chikitsa_tui.cli.output import Output

        if as_json and as_csv:
            raise Usage("Choose one of --json and --csv.")
        form = "json" if as_json else "csv" if as_csv else "text"
        return Output(self.services.settings.hospital.timezone, form)

    def now(self) -> datetime:
        """The present moment in hospital time."""
        services = self.services
        return services.clock.now().astimezone(services.settings.hospital.timezone)

    def today(self) -> date:
        """The hospital's today."""
        return self.now().date()

    def close(self) -> None:
        """Close what the command opened."""
        if "services" in vars(self):
            self.services.close()


def hospital_of(context: typer.Context) -> Hospital:
    """The hospital that the root command laid into the context."""
    hospital: Any = context.obj
    assert isinstance(hospital, Hospital)
    return hospital
