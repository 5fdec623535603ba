"""Damage to a SQLite file that no statement comes upon."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from store.database import sqlite_driver

_LEAF = b"\x0d\xff\xff"
"""A leaf of a table, whose free blocks begin beyond its end."""


@contextmanager
def damaged(file: Path) -> Iterator[None]:
    """Meanwhile the page of the holidays is damaged; they can still be read, for there are none."""
    at = _page_of_holidays(file)
    before = _dd(f"if={file}", f"skip={at}", f"count={len(_LEAF)}")
    _dd(f"of={file}", f"seek={at}", content=_LEAF)
    yield
    _dd(f"of={file}", f"seek={at}", content=before)


def _page_of_holidays(file: Path) -> int:
    """Where it begins in the file, in bytes."""
    with closing(sqlite_driver()[0].connect(file)) as connection:
        # What is still in the log would be read instead of the damaged page.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = 'holiday'"
        ).fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    return (int(page) - 1) * int(size)


def _dd(*words: str, content: bytes = b"") -> bytes:
    """By another process: one that closes the file here would take this one's locks away."""
    command = ["dd", "bs=1", "conv=notrunc", "status=none", *words]
    return subprocess.run(command, input=content, capture_output=True, check=True).stdout
