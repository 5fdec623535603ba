"""The root command: where the configuration is named, and where every failure ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from chikitsa_tui.cli.context import Hospital
from chikitsa_tui.cli.errors import answer, fail_usage, gone, interrupted, wants_json
from chikitsa_tui.cli.nouns import Nouns
from chikitsa_tui.cli.options import ConfigFile


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

        def run() -> int | None:
            own = super(Root, self).main
            try:
                code: int | None = own(
                    words, prog_name, complete_var, False, windows_expand_args, **extra
                )
            except typer.TyperException as mistake:
                return fail_usage(mistake, json_wanted=wants_json(words))
            except typer.Abort:
                return interrupted()
            return code

        code = answer(words, run)
        if not standalone_mode:
            return code
        sys.exit(code)

    def invoke(self, ctx: Any) -> Any:
        """Run the command; a reader of its output that has gone away is no failure."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            raise typer.Exit(gone()) from None


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

        raise typer.Exit(open_app(hospital))


app = typer.Typer(
    name="chikitsa",
    cls=Root,
    callback=root,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
