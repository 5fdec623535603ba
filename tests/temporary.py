"""Where the tests' files go."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")
ENOUGH_BYTES = 2 << 30


def temporary(place: Path, memory: Path) -> Path:
    """A folder for the tests' files, closed to others; `place` leads to it.

    Each commit waits for the disk, and tests commit by the ten thousand: the folder is in `memory`
    where that has room and lets programs run, else it is `place` itself. Its name cannot be
    foretold, as that of pytest 8's own folder under /tmp can (CVE-2025-71176).
    """
    if place.is_symlink() and not place.exists():  # memory forgets when the machine stops
        place.unlink()
    if place.exists():
        return place.resolve()
    if not is_roomy(memory):
        place.mkdir(mode=0o700)
        return place
    made = Path(tempfile.mkdtemp(prefix="chikitsa-tests-", dir=memory))
    place.symlink_to(made, target_is_directory=True)
    return made


def is_roomy(memory: Path) -> bool:
    """Whether a folder in memory is there, has room, and lets programs run."""
    if not (memory.is_dir() and os.access(memory, os.W_OK)):
        return False
    runs = not os.statvfs(memory).f_flag & os.ST_NOEXEC
    return runs and shutil.disk_usage(memory).free >= ENOUGH_BYTES
