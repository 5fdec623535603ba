"""What a worker is about just now, on its own machine: which message it hands over, and what came
of it, before the database knows.

A durable commit for each message would cost more than the message. So a worker begins several in
one commit, notes here before each leaves that it hands it over, and behind it what the
mail server answered; every so often the outcomes go into the database together, and the notes are
forgotten. Written bytes outlive the process that wrote them, though not the machine: after a kill
exactly the one message is in doubt that was being handed over. After a reboot, what the notes do
not tell to be taken counts as in doubt, `BEGUN_TOGETHER` messages of a worker at the most.

The files lie beside a SQLite hospital, whose workers all are on its machine. On PostgreSQL they
may be on many, none of which could read another's: there each message has its own commit.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from store.database import Database

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC
_BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Taken:
    """That the mail server took a message: when (UTC), what it answered, and the SHA-256 of what
    was sent."""

    at: datetime
    reply: str = ""
    digest: str | None = None


@dataclass(frozen=True, slots=True)
class Traces:
    """What a worker that ended left: messages by id and try, `None` where it had not heard what
    came of one. `whole` is False where later notes may be missing."""

    handed_over: dict[tuple[int, int], Taken | None]
    whole: bool


class SendingLog:
    """The notes of one worker. Only for the one thread that is this worker."""

    def __init__(self, path: Path, handle: int) -> None:
        self._path, self._handle = path, handle
        self._begin()

    def hands_over(self, message_id: int, attempt: int) -> None:
        """A message is about to leave.

        Raises:
            OSError: that cannot be noted, and so it must not be sent.
        """
        self._write([message_id, attempt])

    def came_of(self, message_id: int, attempt: int, taken: Taken | None) -> None:
        """The mail server answered: it took the message, or (None) it did not.

        Raises:
            OSError: that cannot be noted.
        """
        if taken is None:
            self._write([message_id, attempt, False])
        else:
            told = [taken.at.isoformat(), taken.reply, taken.digest or ""]
            self._write([message_id, attempt, True, *told])

    def forget(self) -> None:
        """All that was noted is in the database now, which makes notes that cannot be removed
        harmless."""
        with suppress(OSError):
            self._begin()

    def close(self, *, keep: bool) -> None:
        """End it, and leave nothing behind but what is to `keep`, the database not knowing it."""
        if not keep:
            self._path.unlink(missing_ok=True)
        os.close(self._handle)

    def _begin(self) -> None:
        os.ftruncate(self._handle, 0)
        self._write([_boot()])

    def _write(self, note: list[object]) -> None:
        line = json.dumps(note).encode() + b"\n"
        if os.write(self._handle, line) != len(line):
            raise OSError("The disk is full.")


def open_log(database: Database, worker: str) -> SendingLog | None:
    """The notes of a worker that has never kept any by this name; None where there can be none."""
    folder = _folder(database)
    if folder is None or not _boot():
        return None
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        path = _file(folder, worker)
        handle = os.open(path, _NEW, 0o600)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return SendingLog(path, handle)
    except OSError:
        os.close(handle)
        return None


def traces(database: Database, worker: str) -> Traces | None:
    """What a worker that ended left; None where it kept no notes, or they are gone."""
    folder = _folder(database)
    if folder is None:
        return None
    try:
        written = _file(folder, worker).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    lines = list(_lines(written))
    found: dict[tuple[int, int], Taken | None] = {}
    for line in lines[1:]:
        match line:
            case [int(message_id), int(attempt)]:
                found[message_id, attempt] = None
            case [int(message_id), int(attempt), False]:
                found.pop((message_id, attempt), None)
            case [int(message_id), int(attempt), True, str(at), str(reply), str(digest)]:
                found[message_id, attempt] = Taken(datetime.fromisoformat(at), reply, digest)
    return Traces(found, whole=bool(lines) and lines[0] == [_boot()])


def sweep(database: Database, rested_seconds: float) -> None:
    """Remove what workers left that ended so long ago that nothing is in their hands any more."""
    folder = _folder(database)
    if folder is None or not folder.is_dir():
        return
    for path in folder.glob("*.log"):
        try:
            rested = time.time() - path.stat().st_mtime
        except OSError:
            continue
        if rested > rested_seconds and _is_left(path):
            path.unlink(missing_ok=True)


def _is_left(path: Path) -> bool:
    """Whether the worker that wrote it has ended: the lock of a file ends with its process."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True


def _lines(written: str) -> Iterator[list[object]]:
    """The notes, without a last one that was cut off."""
    for line in written.splitlines():
        try:
            note = json.loads(line)
        except ValueError:
            continue
        if isinstance(note, list):
            yield note


def _folder(database: Database) -> Path | None:
    return None if database.path is None else database.path.with_name(f"{database.path.name}.mail")


def _file(folder: Path, worker: str) -> Path:
    return folder / f"{hashlib.sha256(worker.encode()).hexdigest()[:32]}.log"


@cache
def _boot() -> str:
    """Tells one start of this machine from every other; empty where that cannot be told."""
    try:
        return _BOOT.read_text(encoding="ascii").strip()
    except OSError:
        return ""
