"""A disk of a few megabytes, to be filled up, made read-only or broken for real."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
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


@dataclass(frozen=True)
class FailingDisk:
    """A file system, mounted at `folder`, that can meet a fault."""

    folder: Path
    _fault: Path

    def fail(self) -> None:
        """Meet one: the kernel lets nothing be written any more, whoever has files open."""
        self._fault.write_text("a test's\n", encoding="utf-8")


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


@contextmanager
def failing_disk() -> Iterator[FailingDisk]:
    """A disk with ext4 of one's own; raises ServerMissing where none may be mounted."""
    folder = Path(tempfile.mkdtemp(prefix="chikitsa-disk-"))
    image, place = folder / "image", folder / "disk"
    place.mkdir()
    try:
        with image.open("wb") as file:
            file.truncate(12_000_000)
        _run("mkfs.ext4", "-q", str(image))
        _run("mount", "-o", "loop,errors=remount-ro", str(image), str(place))
        mounts = Path("/proc/mounts").read_text(encoding="utf-8").splitlines()
        (device,) = [line.split()[0] for line in mounts if f" {place} " in line]
        if not (fault := Path(f"/sys/fs/ext4/{Path(device).name}/trigger_fs_error")).exists():
            _run("umount", "--lazy", str(place))
            raise OSError("this kernel makes no faults of ext4")
    except (OSError, subprocess.CalledProcessError) as error:
        shutil.rmtree(folder)
        raise ServerMissing("no disk that fails: only root may mount one, of ext4") from error
    try:
        yield FailingDisk(place, fault)
    finally:
        _run("umount", "--lazy", str(place))
        shutil.rmtree(folder)


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)
