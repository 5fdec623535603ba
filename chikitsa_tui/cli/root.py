"""The root command: where the configuration is named, and where every failure ends."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from chikitsa_tui.cli.context import Hospital
from chikitsa_tui.cli.errors import Usage, fail, fail_usage, gone, interrupted
from chikitsa_tui.cli.nouns import Nouns
from chikitsa_tui.cli.options import ConfigFile

_NO_TEXT = re.compile("[\0\ud800-\udfff]")


class Root(TyperGroup):
    """Runs a command and turns whatever happens into an answer and an exit code."""

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.commands = Nouns()

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Typer's own, with our failures instead of its."""
        words = list(sys.argv[1:] if args is None else args)
        options = words[: words.index("--")] if "--" in words else words
        json_wanted = "--json" in options
        try:
            _require_text(words)
            code = super().main(words, prog_name, complete_var, False, windows_expand_args, **extra)
            sys.stdout.flush()
        except typer.TyperException as mistake:
            code = fail_usage(mistake, json_wanted=json_wanted)
        except typer.Abort:
            code = interrupted()
        except BrokenPipeError:
            code = gone()
        except Exception as error:  # noqa: BLE001 - the last place before a traceback
            code = fail(error, json_wanted=json_wanted)
        if not standalone_mode:
            return code
        sys.exit(code or 0)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a reader of its output that has gone away is no failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise typer.Exit(gone()) from None


def _require_text(words: Sequence[str]) -> None:
    """Refuse arguments that are not text: bytes that are not UTF-8 come as lone surrogates.

    Raises:
        Usage: names the argument's place.
    """
    for place, word in enumerate(words, 1):
        if _NO_TEXT.search(word):
            raise Usage(f"Argument {place} is not UTF-8 text; write it again.")


def version(wanted: bool) -> None:
    """Print the version and leave, where `--version` was given."""
    if wanted:
        from importlib.metadata import version as installed

        typer.echo(f"chikitsa {installed('chikitsa-tui')}")
        raise typer.Exit


def root(
    context: typer.Context,
    config: ConfigFile = None,
    show_version: Annotated[  # noqa: ARG001 - done by its callback
        bool,
        typer.Option("--version", help="Print the version.", callback=version, is_eager=True),
    ] = False,
) -> None:
    """Chikitsa, a hospital in the terminal. Without a command it opens the app.

    Example: chikitsa --config city.toml appointments list --from today --json
    """
    os.umask(0o077)
    hospital = Hospital(config, context.obj, context.invoked_subcommand or "app")
    context.obj = hospital
    context.call_on_close(hospital.close)
    if context.invoked_subcommand is None:
        from chikitsa_tui.cli.start import open_app

        open_app(hospital)
