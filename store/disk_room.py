"""Room on the disk of a SQLite hospital: told before it is used up and nothing can be saved."""

from __future__ import annotations

import shutil
from pathlib import Path

LOW_BYTES = 500_000_000
"""Less than this is told: a busy day writes some 10 MB, a backup or an upgrade a whole copy."""


def warning(database: Path | None) -> str:
    """What to tell of the disk that the database file is on; empty where it has room, and on
    PostgreSQL (None), whose disk is another machine's."""
    if database is None:
        return ""
    try:
        free = shutil.disk_usage(database.parent).free
    except OSError:
        return ""  # what cannot be read is told where the database is opened
    if free >= LOW_BYTES:
        return ""
    return (
        f"Only {free // 1_000_000} MB are left on the disk of {database}:"
        " make room, or nothing can be saved soon."
    )
