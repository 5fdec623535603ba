"""An environment in which no configuration of the machine reaches a test."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from chikitsa_tui import configuration, logs


@contextmanager
def isolated(folder: Path) -> Iterator[None]:
    """No `CHIKITSA_…` variable, folders of the user's own below `folder`, no keyring; what a
    command changes of its process (umask, logging) is changed back."""
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.upper().startswith("CHIKITSA_"):
                patch.delenv(name)
        for name in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_STATE_HOME", "XDG_DATA_HOME"):
            patch.setenv(name, str(folder / "xdg" / name.lower()))
        patch.setattr(configuration, "LINUX_FOLDER", folder / "etc" / "chikitsa")
        patch.setattr(tempfile, "tempdir", str(folder))
        (folder / "xdg" / "elsewhere").mkdir(parents=True)
        patch.chdir(folder / "xdg" / "elsewhere")
        with _put_back():
            yield


@contextmanager
def _put_back() -> Iterator[None]:
    umask, level, raising = os.umask(0o077), logging.getLogger().level, logging.raiseExceptions
    try:
        yield
    finally:
        logs.stop()
        os.umask(umask)
        logging.getLogger().setLevel(level)
        logging.raiseExceptions = raising
