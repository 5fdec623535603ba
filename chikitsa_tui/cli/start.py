"""Opening the app: what `chikitsa` without a command does, and that only. Typer is not needed for
it; loading it would be a good part of the time until the sign-in screen."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from chikitsa_tui.cli.context import Hospital
from chikitsa_tui.cli.errors import Usage, answer
from store.errors import WrongConfiguration

if TYPE_CHECKING:
    from chikitsa_tui.bootstrap import Services


def opens_app(words: Sequence[str]) -> bool:
    """Whether the command line is one of those by which people and wrappers open the app: with
    `--config` and a file that is there, with the word `app`, with both or neither. Everything else
    about a command line, mistakes included, is for Typer to say."""
    if "_CHIKITSA_COMPLETE" in os.environ:  # the shell asks how the line might go on
        return False
    match [*words]:
        case [] | ["app"]:
            return True
        case ["--config", file] | ["--config", file, "app"]:
            return Path(file).is_file() and os.access(file, os.R_OK)
    return False


def open_alone(words: Sequence[str]) -> int:
    """Open the app as such a command line says; returns the exit code."""

    def run() -> int:
        os.umask(0o077)
        gc.disable()  # until the first frame, an eighth of whose time it takes
        hospital = Hospital(Path(words[1]) if len(words) > 1 else None, None, "app")
        try:
            return open_app(hospital)
        finally:
            hospital.close()

    return answer(words, run)


def open_app(hospital: Hospital) -> int:
    """Run the app until it is quit; returns the exit code.

    Raises:
        Usage: there is no terminal.
        WrongConfiguration: it is to be drawn in a browser, which is not allowed.
    """
    services = hospital.services
    if os.environ.get("TEXTUAL_DRIVER"):
        require_web(services)
    elif not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise Usage("The app needs a terminal; for scripts there are commands: chikitsa --help")
    services.require_file()
    return run_app(services, hospital.terminal)


def require_web(services: Services) -> None:
    """Refuse to draw in a browser where the configuration does not allow it.

    Raises:
        WrongConfiguration: says what to do.
    """
    if not services.settings.security.allow_web:
        raise WrongConfiguration(
            "Browsers are not let in: whoever reaches the address of the app could try passwords. "
            "Put a proxy before it that asks who somebody is, then set [security] allow_web = true."
        )


def run_app(services: Services, terminal: str) -> int:
    """Run the app over these services; returns the exit code."""
    from chikitsa_tui import logs, terminal_input
    from chikitsa_tui.app import ChikitsaApp
    from chikitsa_tui.bootstrap import app_services

    logs.start(services.settings.log, services.configuration.folder, "app")
    with app_services(services, terminal) as given:
        app = ChikitsaApp(given)
        terminal_input.install(app.driver_class)
        try:
            app.run(mouse=services.settings.ui.mouse)
        finally:  # also where what it drew on has gone
            app.sign_out_at_end()
    return app.return_code or 0
