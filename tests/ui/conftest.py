"""The clinic of the screens' tests, on SQLite; those that say `on_both` run on PostgreSQL as well,
and all do where CHIKITSA_TEST_DATABASE=postgresql."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from store.clock import FixedClock
from store.database import open_database
from store.front_door import Store
from store.roles import Grantees
from tests.hospital import TIMEZONE, MakeStore, found, quick_rules
from tests.servers.postgres import PostgresServer
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
    request: pytest.FixtureRequest, make_store: MakeStore, clock: FixedClock, tmp_path: Path
) -> Iterator[Clinic]:
    """Two doctors, a desk and six patients, at eight on a Monday morning; a real database."""
    kind = getattr(request, "param", os.environ.get("CHIKITSA_TEST_DATABASE", "sqlite"))
    place = (
        _on_postgres(request.getfixturevalue("postgres"))
        if kind == "postgresql"
        else _in_a_file(request.getfixturevalue("_filled_clinic"), tmp_path)
    )
    with place as (url, people), ThreadPoolExecutor(4, "store") as pool:
        clock.moment = people.opening
        yield Clinic(make_store(url), clock, people, pool)


@contextmanager
def _in_a_file(filled: tuple[Path, People], folder: Path) -> Iterator[tuple[str, People]]:
    path = folder / "clinic.db"
    shutil.copyfile(filled[0], path)
    path.chmod(0o600)
    yield f"sqlite:///{path}", filled[1]


_on_the_server: dict[str, People] = {}
"""Who is in the filled clinic on PostgreSQL, which is made once in a process, and copied."""


@contextmanager
def _on_postgres(postgres: PostgresServer) -> Iterator[tuple[str, People]]:
    def prepare(url: str) -> None:
        found(url, TIMEZONE, Grantees(postgres.app, postgres.jobs))
        store = Store(open_database(url), FixedClock(OPENING), quick_rules())
        _on_the_server[TIMEZONE] = fill(store)
        store.database.dispose()

    url = postgres.create_prepared("the clinic of the screens", prepare)
    yield postgres.as_role(url, postgres.app), _on_the_server[TIMEZONE]
    postgres.drop(url)
