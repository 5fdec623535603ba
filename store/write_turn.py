"""Whose turn it is to write into a SQLite file: one at a time, in the order in which they came.

SQLite's own busy timeout backs off so far that one of several writers can wait a second for
nothing, and a lock that goes to whoever looks first lets one wait while others go by. So the turn
is a lock (flock) on a file beside the database, and a queue stands before it: whoever waits locks
one byte of the same file, at the nanosecond at which it came, and lets those of earlier bytes go
first.

All are locks of an open file, which end with it: a process that is killed, holding the turn or
waiting, leaves nothing behind. The queue is a courtesy, and the turn itself what excludes; so one
that waits and is stopped, or comes with an odd clock, can hold up the others for a second alone.
"""

from __future__ import annotations

import fcntl
import os
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from store.errors import Unavailable

_NEXT_SECONDS, _LATER_SECONDS = 0.0003, 0.001
"""How often the first of the queue looks whether it is its turn, and how often the others."""

_COURTESY_SECONDS = 1.0
_BYTES = struct.Struct("hhqqi")
"""The kernel's `struct flock`: kind of lock, from where, first byte, how many (0: all), process."""


@contextmanager
def taken(file: Path, patience: float) -> Iterator[None]:
    """Have the turn for as long as this is open; `patience` is how many seconds it is waited for.

    Raises:
        Unavailable: others had it all the time, or the file cannot be made.
    """
    try:
        handle = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise Unavailable(
            f"Cannot save: {file.parent} cannot be written to ({error.strerror}). "
            "Give it room and its permissions back."
        ) from error
    try:
        if _waits(handle, None) or not _takes(handle):
            _queue(handle, patience)
        yield
    finally:
        os.close(handle)


def _queue(handle: int, patience: float) -> None:
    began, place = time.monotonic(), time.monotonic_ns()
    _lock_byte(handle, fcntl.F_WRLCK, place)
    while True:
        waited, first = time.monotonic() - began, not _waits(handle, place)
        if (first or waited > _COURTESY_SECONDS) and _takes(handle):
            break
        if waited > patience:
            raise Unavailable("The database is busy. Try again in a moment.")
        time.sleep(_NEXT_SECONDS if first else _LATER_SECONDS)
    _lock_byte(handle, fcntl.F_UNLCK, place)


def _takes(handle: int) -> bool:
    """Take the turn, if nobody has it."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _waits(handle: int, before: int | None) -> bool:
    """Whether somebody waits at an earlier place, or at any."""
    asked = _BYTES.pack(fcntl.F_WRLCK, os.SEEK_SET, 0, before or 0, 0)
    kind: int = _BYTES.unpack(fcntl.fcntl(handle, fcntl.F_OFD_GETLK, asked))[0]
    return kind != fcntl.F_UNLCK


def _lock_byte(handle: int, kind: int, place: int) -> None:
    with suppress(BlockingIOError):  # another came in the very same nanosecond
        fcntl.fcntl(handle, fcntl.F_OFD_SETLK, _BYTES.pack(kind, os.SEEK_SET, place, 1, 0))
