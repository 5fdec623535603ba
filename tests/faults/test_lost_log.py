"""A SQLite file without its write-ahead log, which has the newest commits: SQLite itself would go
on without them and say nothing. (X11 of the catalogue of faults.)"""

from __future__ import annotations

import multiprocessing
import os
import signal
from pathlib import Path

import pytest

from store import departments
from store.clock import SystemClock
from store.database import open_database
from store.errors import WrongConfiguration
from store.front_door import Store
from tests.clinic import SYSTEM
from tests.hospital import MakeStore, quick_rules

_FORKS = multiprocessing.get_context("forkserver")


def add_and_die(url: str, name: str) -> None:
    """Commit something and be killed."""
    store = Store(open_database(url), SystemClock(), quick_rules())
    store.write(SYSTEM, departments.create, name=name)
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture
def log(sqlite_store: Store) -> Path:
    """Where the log of the hospital lies while it is open."""
    path = sqlite_store.database.path
    assert path is not None
    return path.with_name(path.name + "-wal")


def names(store: Store) -> list[str]:
    return [one.name for one in store.read(SYSTEM, departments.list_departments).items]


def test_a_lost_log_is_told_and_one_put_back_loses_nothing(
    sqlite_store: Store, log: Path, make_store: MakeStore
) -> None:
    file, url = sqlite_store.database.path, str(sqlite_store.database.engine.url)
    assert file is not None
    sqlite_store.database.dispose()
    worker = _FORKS.Process(target=add_and_die, args=(url, "Cardiology"))
    worker.start()
    worker.join()
    away = log.replace(log.with_name("elsewhere"))
    before = file.read_bytes()
    with pytest.raises(WrongConfiguration, match=r"-wal has gone.*Put it back.*db restore"):
        names(make_store(url))
    assert file.read_bytes() == before
    assert not log.exists()
    away.replace(log)
    assert names(make_store(url)) == ["Cardiology"]


def test_it_goes_while_the_hospital_is_open(
    sqlite_store: Store, log: Path, make_store: MakeStore
) -> None:
    """Who has it open has all of it, and puts it into the file at the end; nobody else goes on
    without."""
    url = str(sqlite_store.database.engine.url)
    sqlite_store.write(SYSTEM, departments.create, name="Cardiology")
    log.unlink()
    with pytest.raises(WrongConfiguration, match="-wal has gone"):
        names(make_store(url))
    sqlite_store.write(SYSTEM, departments.create, name="Surgery")
    sqlite_store.database.dispose()
    assert names(make_store(url)) == ["Cardiology", "Surgery"]
