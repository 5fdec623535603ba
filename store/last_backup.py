"""Where the newest backup of a SQLite hospital lies, noted beside the database: one that is damaged
cannot be asked any more."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

_GENERAL = "Restore the newest verified backup: chikitsa db restore FILE"


def note(database: Path, backup: Path) -> None:
    """Note that a backup was taken and verified. Where that cannot be written, the backup is good
    all the same."""
    with suppress(OSError):
        number = os.open(_note_of(database), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as stream:
            stream.write(f"{backup.absolute()}\n")


def remedy(database: Path | None) -> str:
    """What to do about a damaged database, in one sentence without its full stop. `database` is the
    file, or None on PostgreSQL."""
    if database is None:
        return _GENERAL
    try:
        backup = Path(_note_of(database).read_text(encoding="utf-8").removesuffix("\n"))
    except (OSError, UnicodeError):
        return _GENERAL
    there = "" if backup.exists() else " (which is not there now)"
    return f"Restore the newest verified backup{there}: chikitsa db restore {backup}"


def _note_of(database: Path) -> Path:
    return database.with_name(database.name + ".newest-backup")
