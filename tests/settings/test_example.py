"""The example file and the code say the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from chikitsa_tui import configuration
from chikitsa_tui.settings import Settings, known_keys, read

EXAMPLE = Path(__file__).resolve().parents[2] / "chikitsa.toml.example"
NEVER_IN_THE_FILE = {("mail", "password")}
TABLES_OF_THE_USER = {("ui", "keys")}


def _uncommented() -> dict[str, Any]:
    return tomllib.loads(re.sub(r"(?m)^#(?=[a-z])", "", EXAMPLE.read_text(encoding="utf-8")))


def _paths(tables: dict[str, Any], start: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    found: dict[tuple[str, ...], Any] = {}
    for name, value in tables.items():
        path = (*start, name)
        found |= (
            _paths(value, path)
            if isinstance(value, dict) and path not in TABLES_OF_THE_USER
            else {path: value}
        )
    return found


def test_every_key_is_in_the_example_and_no_other() -> None:
    known = {(section, *key.split(".")) for section, keys in known_keys().items() for key in keys}
    assert set(_paths(_uncommented())) == known - NEVER_IN_THE_FILE


def test_the_example_shows_the_defaults() -> None:
    assert read(_uncommented()) == Settings()


def test_as_it_is_the_example_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "chikitsa.toml"
    file.write_text(EXAMPLE.read_text(encoding="utf-8"), encoding="utf-8")
    file.chmod(0o600)
    assert configuration.load(file).settings == Settings()


def test_the_example_fits_a_terminal() -> None:
    assert max(map(len, EXAMPLE.read_text(encoding="utf-8").splitlines())) <= 100
