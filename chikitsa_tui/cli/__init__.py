"""The command line. Each noun has its module: parse, ask the store, print. No rule lives here.

What a command needs is imported when it runs, so that `chikitsa --help` is quick.
"""

from __future__ import annotations

import logging
import sys

import typer

from chikitsa_tui.cli import root

app = typer.Typer(
    name="chikitsa",
    cls=root.Root,
    callback=root.root,
    invoke_without_command=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def main() -> None:
    """The `chikitsa` program."""
    # What a library has to say goes to the log or nowhere, never between an answer's lines.
    logging.captureWarnings(True)
    logging.getLogger().addHandler(logging.NullHandler())
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    app(prog_name="chikitsa")
