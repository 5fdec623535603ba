"""Files that a command writes: whole or not at all, and the caller's alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def drafted(output: Path) -> Iterator[Path]:
    """A new file to write to, which takes `output`'s place when all went well."""
    draft = output.with_name(f".{output.name}.{os.getpid()}")
    try:
        yield draft
        draft.replace(output)
    finally:
        draft.unlink(missing_ok=True)


def write_whole(output: Path, data: bytes) -> None:
    """Write a file at once."""
    with drafted(output) as draft, draft.open("xb") as stream:
        stream.write(data)
