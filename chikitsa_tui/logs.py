"""Structured logs: one line of JSON for each event, in a file that rotates itself.

Every part of Chikitsa logs through the standard library: the message is the event's name
(`mail.sent`), what belongs to it goes into `extra` as ids, counts and words of our own. Of other
libraries' messages only the template is written, never its arguments; of an exception its type and
the places in the code, its own text only where it is about code. So neither patient data nor
secrets get in.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from logging.handlers import WatchedFileHandler
from pathlib import Path
from typing import Any

import platformdirs

from chikitsa_tui.settings import LogSettings

OWN = ("chikitsa", "chikitsa_tui", "jobs", "screens", "store", "widgets")
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_ABOUT_CODE = (AttributeError, ImportError, NameError, NotImplementedError, TypeError)
_LONGEST = 500


def log_file(settings: LogSettings, folder: Path) -> Path:
    """Where the log goes; a relative name starts at the configuration's `folder`."""
    if settings.file:
        return folder / Path(settings.file).expanduser()
    return platformdirs.user_state_path("chikitsa") / "chikitsa.log"


def start(settings: LogSettings, folder: Path, process: str) -> bool:
    """Send all logging of this process (`app`, `cli`, `worker`) to the file; once per process.

    Returns whether the file can be written. Where it cannot, nothing is logged: a log must never
    stop the hospital nor be written over a screen.
    """
    root = logging.getLogger()
    stop()
    file = log_file(settings, folder)
    try:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handler: logging.Handler = RotatingFile(file, settings.megabytes * 2**20, settings.keep)
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(JsonLines(process))
    handler.set_name("chikitsa")
    root.addHandler(handler)
    root.setLevel(settings.level.upper())
    logging.raiseExceptions = False
    return isinstance(handler, RotatingFile)


def start_somewhere(process: str) -> None:
    """As `start`, in the place without any configuration, unless it was started already."""
    if not any(handler.get_name() == "chikitsa" for handler in logging.getLogger().handlers):
        start(LogSettings(), Path.cwd(), process)


def stop() -> None:
    """Close the log file."""
    root = logging.getLogger()
    for handler in [h for h in root.handlers if h.get_name() == "chikitsa"]:
        root.removeHandler(handler)
        handler.close()


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON."""

    def __init__(self, process: str) -> None:
        super().__init__()
        self._process = process

    def format(self, record: logging.LogRecord) -> str:
        """The record as JSON; messages of other libraries keep their template only."""
        at = datetime.fromtimestamp(record.created, UTC)
        own = record.name.split(".")[0] in OWN
        line: dict[str, Any] = {
            "at": at.isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": (record.getMessage() if own else str(record.msg))[:_LONGEST],
            "process": self._process,
            "pid": record.process,
            "logger": record.name,
        }
        if own:
            line |= {k: _plain(v) for k, v in vars(record).items() if k not in _STANDARD}
        if record.exc_info and record.exc_info[1]:
            line["error"] = describe(record.exc_info[1])
        return json.dumps(line, ensure_ascii=True)


def describe(error: BaseException) -> dict[str, Any]:
    """An exception for the log: its type and where it came from, without what it was about."""
    frames = traceback.extract_tb(error.__traceback__)
    described: dict[str, Any] = {
        "type": f"{type(error).__module__}.{type(error).__qualname__}",
        "trace": [f"{f.filename}:{f.lineno} {f.name}" for f in frames],
    }
    if isinstance(error, _ABOUT_CODE):
        described["text"] = str(error)[:_LONGEST]
    elif isinstance(error, OSError):
        described["text"] = error.strerror or ""
    if cause := error.__cause__ or error.__context__:
        described["cause"] = describe(cause)
    return described


class RotatingFile(WatchedFileHandler):
    """A log file that several processes append to and any of them rotates, under a lock."""

    def __init__(self, file: Path, largest: int, keep: int) -> None:
        self._largest, self._keep = largest, keep
        super().__init__(file, encoding="utf-8")
        Path(self.baseFilename).chmod(0o600)

    def emit(self, record: logging.LogRecord) -> None:
        """Append one line, after rotating where the file is full."""
        try:
            self.reopenIfNeeded()
            if self.stream and os.fstat(self.stream.fileno()).st_size >= self._largest:
                self._rotate()
        except OSError:
            self.handleError(record)
        super().emit(record)

    def _rotate(self) -> None:
        file = Path(self.baseFilename)
        with _locked(file.with_name(file.name + ".lock")):
            if not file.exists() or file.stat().st_size < self._largest:
                return
            for number in range(self._keep - 1, 0, -1):
                older = file.with_name(f"{file.name}.{number}")
                if older.exists():
                    older.replace(file.with_name(f"{file.name}.{number + 1}"))
            file.replace(file.with_name(f"{file.name}.1"))


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    return str(value)[:_LONGEST]
