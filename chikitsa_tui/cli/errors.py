"""How a command fails: one sentence that says what to do, and an exit code that scripts rely on."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from chikitsa_tui.cli.output import note, printable, to_json
from store.errors import Invalid, StoreError, Unavailable

if TYPE_CHECKING:
    import typer

_LOG = logging.getLogger("chikitsa_tui.cli")

EXIT_CODES = {
    "internal": 1,
    "usage": 2,
    "configuration": 2,
    "not_signed_in": 3,
    "bad_credentials": 3,
    "account_locked": 3,
    "code_needed": 3,
    "wrong_code": 3,
    "session_ended": 3,
    "forbidden": 4,
    "password_change_needed": 4,
    "second_factor_needed": 4,
    "not_found": 5,
    "invalid": 6,
    "import_rejected": 6,
    "slot_taken": 7,
    "slot_unavailable": 7,
    "patient_busy": 7,
    "illegal_transition": 7,
    "changed_meanwhile": 7,
    "in_use": 7,
    "duplicate": 7,
    "unavailable": 8,
}

MOST_TOLD = 20
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


class Usage(StoreError):
    """The command was written wrongly."""

    code = "usage"


def answer(words: Sequence[str], run: Callable[[], int | None]) -> int:
    """Run what the command line `words` asks for, and turn whatever happens into an answer and an
    exit code."""
    try:
        _require_text(words)
        code = run()
        sys.stdout.flush()
    except KeyboardInterrupt:
        return interrupted()
    except BrokenPipeError:
        return gone()
    except Exception as error:  # noqa: BLE001 - the last place before a traceback
        return fail(error, json_wanted=wants_json(words))
    return code or 0


def wants_json(words: Sequence[str]) -> bool:
    """Whether the answer is to be JSON, also where the rest of the command line is wrong."""
    return "--json" in (words[: words.index("--")] if "--" in words else words)


def _require_text(words: Sequence[str]) -> None:
    """Refuse arguments that are not text: bytes that are not UTF-8 come as lone surrogates.

    Raises:
        Usage: names the argument's place.
    """
    for place, word in enumerate(words, 1):
        if _NO_TEXT.search(word):
            raise Usage(f"Argument {place} is not UTF-8 text; write it again.")


def fail(error: BaseException, *, json_wanted: bool) -> int:
    """Tell the error on standard error; returns the exit code.

    Anything that is no refusal is a fault of the program: the person gets a reference, the log
    gets the rest.
    """
    refusal = _refusal_of(error)
    if refusal is None:
        return _fault(error, json_wanted=json_wanted)
    _LOG.info("cli.refused", extra={"code": refusal.code})
    message, details = refusal.message, refusal.details
    if json_wanted:
        _tell_json(refusal.code, message, details)
    else:
        note(message)
        for sentence in _other_sentences(refusal):
            note(f"  {sentence}")
    return EXIT_CODES.get(refusal.code, 1)


def fail_usage(error: typer.TyperException, *, json_wanted: bool) -> int:
    """Tell a mistake in how the command was written, as Typer found it."""
    message = printable(error.format_message(), lines=True)
    context = getattr(error, "ctx", None)
    if json_wanted:
        _tell_json("usage", message, {})
    else:
        if context is not None and not message.startswith("Usage:"):
            note(context.get_usage())
            message += f"\nMore: {context.command_path} --help"
        note(message)
    return error.exit_code


def lines_of(things: Iterable[Any]) -> list[str]:
    """Appointments or refused rows as a person reads them, one on a line, not too many."""
    lines = [_line(thing) for thing in things]
    if len(lines) > MOST_TOLD:
        lines[MOST_TOLD:] = [f"… and {len(lines) - MOST_TOLD:,} more"]
    return lines


def interrupted() -> int:
    """The person pressed Ctrl+C, or closed the input of a prompt."""
    note("Stopped.")
    return 130


def gone() -> int:
    """Whoever read our output has closed it; nothing more is printed."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
    return 0


def _refusal_of(error: BaseException) -> StoreError | None:
    if isinstance(error, StoreError):
        return error
    if isinstance(error, ConnectionError | TimeoutError):
        return Unavailable("A server does not answer. Run: chikitsa check")
    if isinstance(error, OSError) and error.filename is not None:
        return Invalid(f"{error.filename}: {error.strerror}.")
    if "sqlalchemy.exc" in sys.modules:
        from sqlalchemy.exc import DBAPIError

        from store.database import explain

        explained = explain(error) if isinstance(error, DBAPIError) else None
        return explained if isinstance(explained, StoreError) else None
    return None


def _fault(error: BaseException, *, json_wanted: bool) -> int:
    import secrets

    from chikitsa_tui import logs

    logs.start_somewhere("cli")
    reference = secrets.token_hex(4)
    _LOG.error(
        "cli.fault",
        exc_info=(type(error), error, error.__traceback__),
        extra={"reference": reference},
    )
    message = (
        f"Something went wrong inside Chikitsa; nothing was half done. Tell your administrator "
        f"the reference {reference}: the log has more."
    )
    if json_wanted:
        _tell_json("internal", message, {"reference": reference})
    else:
        note(message)
    return 1


def _other_sentences(refusal: StoreError) -> list[str]:
    """What the details say beyond the sentence: other fields, and what is in the way."""
    if isinstance(refusal, Invalid):
        return [s for s in refusal.fields.values() if s not in refusal.message]
    things = [t for key in ("appointments", "rows") for t in refusal.details.get(key, ())]
    return lines_of(things)


def _line(thing: Any) -> str:
    """A row of a refused import, or an appointment that is in the way."""
    if not isinstance(thing, dict):
        return str(thing)
    if "line" in thing:
        return f"Line {thing['line']}: {thing.get('reason')}"
    start = str(thing.get("starts_at", ""))[:16].replace("T", " ")
    named = (str(thing[name]) for name in ("id", "mrn", "patient", "doctor") if name in thing)
    return "  ".join([start, *named])


def _tell_json(code: str, message: str, details: dict[str, Any]) -> None:
    from chikitsa_tui.cli.fields import known

    error = {"code": code, "message": message, "details": known(details)}
    note(to_json({"error": error}))
