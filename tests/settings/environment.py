"""An environment in which no configuration of the machine reaches a test."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from chikitsa_tui import configuration, logs


def isolated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No `CHIKITSA_…` variable, folders of the user's own below `tmp_path`, no keyring; what a
    command changes of its process (umask, logging) is changed back."""
    for name in list(os.environ):
        if name.upper().startswith("CHIKITSA_"):
            monkeypatch.delenv(name)
    for name in ("XDG_CONFIG_HOME", "XDG_CONFIG_DIRS", "XDG_STATE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path / "xdg" / name.lower()))
    monkeypatch.setattr(configuration, "LINUX_FOLDER", tmp_path / "etc" / "chikitsa")
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    (tmp_path / "xdg" / "elsewhere").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "xdg" / "elsewhere")
    umask, level, raising = os.umask(0o077), logging.getLogger().level, logging.raiseExceptions
    yield
    logs.stop()
    os.umask(umask)
    logging.getLogger().setLevel(level)
    logging.raiseExceptions = raising
