"""The desk of the import tests, on every database or on one."""

from __future__ import annotations

from pathlib import Path

import pytest

from store.front_door import Store
from tests.exchange.desk import Desk


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    """On every database."""
    return Desk(store, tmp_path)


@pytest.fixture
def quick(sqlite_store: Store, tmp_path: Path) -> Desk:
    """On SQLite alone, for what the database has no part in."""
    return Desk(sqlite_store, tmp_path)
