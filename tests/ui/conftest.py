from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from store.clock import FixedClock
from store.database import open_database
from store.front_door import Store
from tests.hospital import TIMEZONE, MakeStore, quick_rules
from tests.ui.clinic import OPENING, Clinic, People, fill


@pytest.fixture(scope="session")
def _filled_clinic(
    _founded_file: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, People]:
    """The clinic is filled once, and copied for each test."""
    path = tmp_path_factory.mktemp("clinic") / "clinic.db"
    shutil.copyfile(_founded_file(TIMEZONE), path)
    path.chmod(0o600)
    store = Store(open_database(f"sqlite:///{path}"), FixedClock(OPENING), quick_rules())
    people = fill(store)
    store.database.dispose()
    return path, people


@pytest.fixture
def clinic(
    _filled_clinic: tuple[Path, People], make_store: MakeStore, clock: FixedClock, tmp_path: Path
) -> Iterator[Clinic]:
    """Two doctors, a desk and six patients, at eight on a Monday morning; real files."""
    filled, people = _filled_clinic
    path = tmp_path / "clinic.db"
    shutil.copyfile(filled, path)
    path.chmod(0o600)
    clock.moment = people.opening
    with ThreadPoolExecutor(4, "store") as pool:
        yield Clinic(make_store(f"sqlite:///{path}"), clock, people, pool)
