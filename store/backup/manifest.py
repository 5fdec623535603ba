"""The paper that goes with a backup: what must be in it, and the digest of its file.

It lies beside the backup, as JSON, and its name is the backup's with `.manifest` behind it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from store.backup.contents import Contents
from store.errors import Duplicate, Invalid, Unavailable

_FORMAT = 1
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is: of which kind of database, taken when, how large, and what is in it."""

    database: str
    taken_at: datetime
    bytes: int
    sha256: str
    contents: Contents

    def as_dict(self) -> dict[str, Any]:
        """As it is written down and printed."""
        told: Mapping[str, Any] = asdict(self.contents)
        return {
            "database": self.database,
            "taken_at": self.taken_at.isoformat(timespec="seconds"),
            "bytes": self.bytes,
            "sha256": self.sha256,
            **told,
        }


def manifest_file(backup: Path) -> Path:
    """Where the manifest of a backup lies."""
    return backup.with_name(backup.name + ".manifest")


def digest_of(file: Path) -> tuple[int, str]:
    """The size and the SHA-256 of a file."""
    digest, size = hashlib.sha256(), 0
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return size, digest.hexdigest()


def keep(draft: Path, backup: Path, manifest: Manifest) -> None:
    """Give a finished draft its name, its manifest first, both on the disk for good.

    Raises:
        Duplicate: a file has that name already.
    """
    paper = manifest_file(backup)
    text = json.dumps({"format": _FORMAT} | manifest.as_dict(), ensure_ascii=False, indent=2)
    try:
        number = os.open(paper, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(number, "w", encoding="utf-8") as stream:
            stream.write(text + "\n")
            stream.flush()
            os.fsync(number)
        os.link(draft, backup)  # fails where somebody made the file meanwhile
    except FileExistsError as there:
        if Path(str(there.filename)) != paper:
            paper.unlink()
        raise taken(backup) from None
    draft.unlink()
    for place in (backup, backup.parent):
        sync(place)


def taken(backup: Path) -> Duplicate:
    """The refusal to write over an earlier backup."""
    return Duplicate(f"{backup} or its manifest exists already; it is left alone. Name another.")


def sync(place: Path) -> None:
    """See that a file, or the names in a folder, are on the disk."""
    number = os.open(place, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def read(backup: Path) -> Manifest:
    """The manifest of a backup.

    Raises:
        Invalid: there is no such backup, no manifest with it, or one that cannot be read.
    """
    if not backup.is_file():
        raise Invalid(f"There is no backup {backup}.")
    paper = manifest_file(backup)
    try:
        told = json.loads(paper.read_text(encoding="utf-8"))
        if told.pop("format") != _FORMAT:
            raise Invalid(f"{paper} was written by a newer program; update this one first.")
        contents = {name: told.pop(name) for name in Contents.__dataclass_fields__}
        told["taken_at"] = datetime.fromisoformat(told["taken_at"])
        return Manifest(**told, contents=Contents(**contents))
    except FileNotFoundError:
        raise Invalid(
            f"The backup has no manifest; put {paper.name} beside it, as it was made."
        ) from None
    except OSError as error:
        raise Unavailable(f"{paper} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Invalid(f"{paper} is no manifest of a backup, or was damaged.") from None
