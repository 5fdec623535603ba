"""Printing text through the command that the hospital configured, such as `lp -d desk`.

The command is a list of arguments and never goes through a shell; the text reaches it on standard
input. It runs in a session of its own, without the secrets of our environment, and what it started
ends with it when its time is over.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from store.errors import Unavailable, WrongConfiguration

NOT_CONFIGURED = (
    'No printer is configured. Set [printing] command, such as ["lp", "-d", "desk"], or save the'
    " PDF instead."
)

_SECRETS = ("CHIKITSA_", "CREDENTIALS_DIRECTORY")
_FEED = "\n" * 4
"""So that the paper can be torn off behind the last line."""
_LONGEST_COMPLAINT = 200
_LAST_WORDS_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Printer:
    """A command that prints what it reads. `encoding` is the printer's character set,
    `timeout_seconds` how long the command may take."""

    command: tuple[str, ...] = ()
    encoding: str = "utf-8"
    timeout_seconds: float = 15.0

    def require(self) -> None:
        """Refuse where there is nothing to print with.

        Raises:
            WrongConfiguration: no command is configured; the sentence says what to do.
        """
        if not self.command:
            raise WrongConfiguration(NOT_CONFIGURED)

    def print(self, text: str) -> int:
        """Print a text of lines, and return how many of its characters the printer's character
        set does not have: a `?` stands for each.

        Raises:
            WrongConfiguration: there is no such command, or none at all.
            Unavailable: the command failed or took too long; one sentence.
        """
        self.require()
        text = "".join(c if c == "\n" or c.isprintable() or c in _JOINERS else " " for c in text)
        lost = sum(not _has(c, self.encoding) for c in text)
        self._run((text + _FEED).encode(self.encoding, "replace"))
        return lost

    def _run(self, data: bytes) -> None:
        process = _start(self.command)
        try:
            _, errors = process.communicate(data, timeout=self.timeout_seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            raise Unavailable(
                f"The printer command ({self.command[0]}) did not end within"
                f" {self.timeout_seconds:g} seconds. Look whether the printer is on, or save the"
                " PDF instead."
            ) from None
        if process.returncode != 0:
            said = _one_line(errors) or "it said nothing"
            raise Unavailable(
                f"The printer command ({self.command[0]}) failed ({process.returncode}): {said}."
                " Save the PDF instead, or tell your administrator."
            )


_JOINERS = "\u200c\u200d\u200e\u200f"


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_SECRETS)}
    try:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=kept,
            cwd="/",
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it cannot be started"
        raise WrongConfiguration(
            f"The printer command {command[0]} cannot be run ({reason}). Mend [printing] command,"
            " or save the PDF instead."
        ) from error


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the command and all that it started."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        process.kill()
    # What has left the session may hold the pipes still; they are closed here, not waited for.
    for stream in (process.stdin, process.stderr):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    with suppress(subprocess.TimeoutExpired):
        process.wait(_LAST_WORDS_SECONDS)


def _has(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _one_line(raw: bytes) -> str:
    text = raw[: 4 * _LONGEST_COMPLAINT].decode("utf-8", "replace")
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text[:_LONGEST_COMPLAINT].rstrip(". ")
