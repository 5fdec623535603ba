"""Writing a document where it may be written: into the one folder that is configured, under a
new name, readable by its owner alone."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from store.errors import Invalid, WrongConfiguration

NO_FOLDER = (
    "No folder for documents is configured. Set [documents] folder; until then save it from the"
    " shell: chikitsa appointments slip ID -o FILE.pdf"
)
_LONGEST = 120
_ODD = re.compile(r"[^\w.+-]+")


def tidy_name(text: str) -> str:
    """A text as part of a file's name."""
    return _ODD.sub("-", text).strip("-.") or "document"


def save_new(folder: Path | None, name: str, data: bytes) -> Path:
    """Write a new PDF file of the folder, which is made where it is missing.

    Raises:
        WrongConfiguration, Invalid: as `new_file`.
    """
    with new_file(folder, name, ".pdf") as (file, stream):
        stream.write(data)
    return file


@contextmanager
def new_file(folder: Path | None, name: str, ending: str) -> Iterator[tuple[Path, BinaryIO]]:
    """A new file of the folder to write into; one that is not finished is taken away again.

    Raises:
        WrongConfiguration: no folder is configured, or it cannot be written to.
        Invalid: `name` is no plain file name, or taken; of the field `name`.
    """
    if folder is None:
        raise WrongConfiguration(NO_FOLDER)
    name = name.strip()
    if "/" in name or "\\" in name:
        raise Invalid.field("name", f"Give a name without a path; it is saved in {folder}.")
    if not name or len(name) > _LONGEST or name[0] == "." or not name.isprintable():
        raise Invalid.field(
            "name", f"Give a file name of at most {_LONGEST} letters that begins with no dot."
        )
    name = name if name.lower().endswith(ending) else f"{name}{ending}"
    file = folder / name
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    except FileExistsError:
        raise Invalid.field("name", f"{name} is there already; give another name.") from None
    except OSError as error:
        raise _unwritable(folder, error) from error
    try:
        with os.fdopen(descriptor, "wb") as stream:
            yield file, stream
    except BaseException as error:
        file.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise _unwritable(folder, error) from error
        raise


def _unwritable(folder: Path, error: OSError) -> WrongConfiguration:
    return WrongConfiguration(
        f"{folder} cannot be written to ({error.strerror}). Mend [documents] folder."
    )
