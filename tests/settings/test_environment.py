"""What tests make with commands leaves nothing behind in the process, nor with who runs them."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from tests.cli.conftest import init
from tests.settings.environment import isolated


def _umask() -> int:
    before = os.umask(0o022)
    os.umask(before)
    return before


def test_a_hospital_made_once_for_many_tests(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    monkeypatch.setenv("XDG_STATE_HOME", str(home))
    before = os.umask(0o022)
    try:
        with isolated(tmp_path / "apart"):
            init(tmp_path / "apart" / "city" / "chikitsa.toml")
            assert _umask() == 0o077
        assert _umask() == 0o022
    finally:
        os.umask(before)
    assert not home.exists()
    assert os.environ["XDG_STATE_HOME"] == str(home)
    assert logging.getLogger().level == logging.WARNING
