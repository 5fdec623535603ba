"""An import that is cut off: what is there is whole, and the same file finishes it."""

from __future__ import annotations

import multiprocessing
import shutil
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from store.clock import FixedClock
from store.database import open_database
from store.errors import Unavailable
from store.exchange import bulk
from store.exchange.csv_import import import_file
from store.front_door import Store
from tests.exchange.desk import ADMIN, counts
from tests.exchange.test_bulk import many, whole
from tests.hospital import MONDAY_MORNING, quick_rules
from tests.servers.small_disk import SmallDisk

ROWS = 2_600
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.faults.test_import"])


def open_here(url: str) -> Store:
    return Store(open_database(url), FixedClock(MONDAY_MORNING), quick_rules())


def bring(url: str, file: Path, reached: Event, part: float) -> None:
    """Bring the file in, and say when so much of it is done."""

    def tell(done: int, rows: int) -> None:
        if done >= rows * part:
            reached.set()

    import_file(open_here(url), ADMIN, "patients", file, progress=tell)


@pytest.mark.parametrize("part", [0.3, 0.6], ids=["judging", "writing"])
def test_killed(hospital_url: str, tmp_path: Path, part: float) -> None:
    file = tmp_path / "people.csv"
    file.write_text(many(ROWS))
    reached = _FORKS.Event()
    process = _FORKS.Process(target=bring, args=(hospital_url, file, reached, part), daemon=True)
    process.start()
    assert reached.wait(60)
    process.kill()
    process.join()
    store = open_here(hospital_url)
    first = whole(store)
    assert (first == 0) == (part < 0.5)
    report = import_file(store, ADMIN, "patients", file)
    assert counts(report) == (ROWS - first, first, 0, 0)
    assert whole(store) == ROWS
    store.database.dispose()


def test_the_disk_is_full(sqlite_store: Store, disk: SmallDisk, tmp_path: Path) -> None:
    """From the first unit of rows on, until somebody makes room."""
    rows = bulk.UNIT + 600
    file = tmp_path / "people.csv"
    file.write_text(many(rows))
    assert sqlite_store.database.path is not None
    path = disk.folder / "hospital.db"
    shutil.copyfile(sqlite_store.database.path, path)
    path.chmod(0o600)
    store = open_here(f"sqlite:///{path}")

    def fill_up(done: int, of: int) -> None:
        if done >= of * 0.6:
            disk.fill()

    with pytest.raises(Unavailable, match="disk is full"):
        import_file(store, ADMIN, "patients", file, progress=fill_up)
    first = whole(store)
    assert 0 < first < rows
    disk.free()
    assert counts(import_file(store, ADMIN, "patients", file))[:2] == (rows - first, first)
    assert whole(store) == rows
    store.database.dispose()
