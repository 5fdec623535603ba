"""A disk of a few megabytes, to be filled up or made read-only for real."""

from __future__ import annotations

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.servers.process import ServerMissing


class SmallDisk:
    """A file system in memory, mounted at `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ballast = folder / "ballast"

    def fill(self) -> None:
        """Leave no room at all."""
        with self._ballast.open("ab", buffering=0) as file:
            for size in (65_536, 4_096):
                with suppress(OSError):
                    while True:
                        file.write(bytes(size))

    def free(self) -> None:
        """Give the room back."""
        self._ballast.unlink()

    def read_only(self, on: bool) -> None:
        """Let nothing be written any more, or again."""
        _run("mount", "-o", f"remount,{'ro' if on else 'rw'}", str(self.folder))


@contextmanager
def small_disk(megabytes: int = 8) -> Iterator[SmallDisk]:
    """A disk of one's own; raises ServerMissing where nothing may be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="chikitsa-disk-"))
    try:
        _run("mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0700", "tmpfs", str(folder))
    except (OSError, subprocess.CalledProcessError) as error:
        folder.rmdir()
        raise ServerMissing("no small disk: only root may mount one") from error
    try:
        yield SmallDisk(folder)
    finally:
        _run("umount", "--lazy", str(folder))
        with suppress(OSError):
            folder.rmdir()


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
