"""The command line. Each noun has its module: parse, ask the store, print. No rule lives here.

What a command needs is imported when it runs, so that `chikitsa --help` is quick; and Typer only
where there is a command, so that the sign-in screen is.
"""

from __future__ import annotations

import gc
import logging
import sys

from chikitsa_tui.cli import start


def main() -> None:
    """The `chikitsa` program."""
    # Modules are no garbage, and loading them is most of what a command does.
    gc.set_threshold(10_000, 20, 20)
    # What a library has to say goes to the log or nowhere, never between an answer's lines.
    logging.captureWarnings(True)
    logging.getLogger().addHandler(logging.NullHandler())
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    words = sys.argv[1:]
    try:
        if start.opens_app(words):
            sys.exit(start.open_alone(words))
        from chikitsa_tui.cli.root import app

        app(words, prog_name="chikitsa")
    finally:  # looking through everything once more as it ends takes a fifth of a short command
        gc.freeze()
