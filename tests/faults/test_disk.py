"""A disk that is full or read-only under an open hospital, and a writer who does not let go of it:
what was typed stays, reading works, and nobody has to start anything anew. (X2, X3 and X4 of the
catalogue of faults.)"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from textual import events
from textual.pilot import Pilot

from screens import base
from screens.shared.booking import BookingDialog
from store import disk_room
from store.backup import taking
from store.clock import FixedClock
from store.database import open_database, sqlite_driver
from store.errors import StoreError, Unavailable, WrongConfiguration
from store.front_door import Store
from tests.hospital import actor_of, admin, quick_rules
from tests.servers.process import ServerMissing
from tests.servers.small_disk import FailingDisk, SmallDisk, failing_disk
from tests.ui.clinic import Clinic, People, picture, press, settle, sign_in, until, words
from tests.ui.conftest import _filled_clinic
from tests.ui.test_booking_dialog import open_dialog

__all__ = ["_filled_clinic"]

PATIENCE = 4.0
"""Seconds after which a writer who waits is told so; what is ten in the program itself."""


@contextmanager
def clinic_at(filled: tuple[Path, People], folder: Path, clock: FixedClock) -> Iterator[Clinic]:
    """The clinic in a folder."""
    copied, people = filled
    path = folder / "clinic.db"
    shutil.copyfile(copied, path)
    path.chmod(0o600)
    clock.moment = people.opening
    store = Store(open_database(f"sqlite:///{path}", patience=PATIENCE), clock, quick_rules())
    with ThreadPoolExecutor(4, "store") as pool:
        yield Clinic(store, clock, people, pool)
    store.database.dispose()


@pytest.fixture
def on_disk(
    _filled_clinic: tuple[Path, People], disk: SmallDisk, clock: FixedClock
) -> Iterator[Clinic]:
    """A clinic on the small disk."""
    with clinic_at(_filled_clinic, disk.folder, clock) as made:
        yield made


@pytest.fixture
def failing() -> Iterator[FailingDisk]:
    try:
        with failing_disk() as disk:
            yield disk
    except ServerMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
def on_failing(
    _filled_clinic: tuple[Path, People], failing: FailingDisk, clock: FixedClock
) -> Iterator[Clinic]:
    """A clinic on a disk that can fail."""
    with clinic_at(_filled_clinic, failing.folder, clock) as made:
        yield made


@pytest.fixture
def here(
    _filled_clinic: tuple[Path, People], tmp_path: Path, clock: FixedClock
) -> Iterator[Clinic]:
    """A clinic on the disk that the tests are on."""
    with clinic_at(_filled_clinic, tmp_path, clock) as made:
        yield made


async def ready_to_book(pilot: Pilot[Any]) -> BookingDialog:
    dialog = await open_dialog(pilot)
    await press(pilot, "tab", *"knee hurts")
    return dialog


async def test_nothing_typed_is_lost_and_reading_goes_on(on_disk: Clinic, disk: SmallDisk) -> None:
    on_disk.book(1, on_disk.nair, "12:00")
    async with on_disk.app().run_test(size=(80, 24)) as pilot:
        dialog = await ready_to_book(pilot)
        disk.fill()
        await press(pilot, "enter")
        assert pilot.app.screen is dialog
        assert "Cannot save: the disk is full." in words(pilot)
        assert "knee hurts" in picture(pilot)
        assert [one.patient for one in on_disk.of(1)] == ["Ashok Rao"]
        assert on_disk.of(0) == []
        disk.free()
        await press(pilot, "enter")
        assert "is booked" in words(pilot)
    assert [one.note for one in on_disk.of(0)] == ["knee hurts"]


async def test_too_little_room_is_told_before_there_is_none(on_disk: Clinic) -> None:
    """On such a disk there is always too little."""
    file = on_disk.store.database.path
    async with on_disk.app().run_test(size=(120, 40)) as pilot:
        await sign_in(pilot, "root")
        await settle(pilot)
        assert f"! Only 7 MB are left on the disk of {file}: make room" in words(pilot)
    assert disk_room.warning(Path.home()) == disk_room.warning(None) == ""


def test_a_hospital_on_such_a_disk_says_what_to_do(on_disk: Clinic, disk: SmallDisk) -> None:
    """One that is started meanwhile; what it says names the file."""
    file = on_disk.store.database.path
    assert file is not None
    on_disk.store.database.dispose()
    disk.read_only(True)
    with pytest.raises(Unavailable, match=rf"{file} cannot be opened: .* its folder"):
        _look(file)
    disk.read_only(False)
    disk.fill()
    with pytest.raises(Unavailable, match="disk"):
        _look(file)
    disk.free()
    _look(file)


async def test_a_disk_that_fails(on_failing: Clinic, failing: FailingDisk) -> None:
    """Under the open app: the kernel has made it read-only, and reading goes on."""
    on_failing.book(1, on_failing.nair, "12:00")
    async with on_failing.app().run_test(size=(80, 24)) as pilot:
        dialog = await ready_to_book(pilot)
        failing.fail()
        await press(pilot, "enter")
        assert pilot.app.screen is dialog
        assert "Cannot save:" in words(pilot)
        assert "read-only" in words(pilot).lower()
        assert "knee hurts" in picture(pilot)
        assert [one.patient for one in on_failing.of(1)] == ["Ashok Rao"]
        assert on_failing.of(0) == []


async def test_a_writer_who_does_not_let_go(here: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else holds SQLite's lock, and not by our turns."""
    monkeypatch.setattr(base, "SLOW_SECONDS", 0.1)
    here.book(1, here.nair, "12:00")
    assert here.store.database.path is not None
    # By the same library: two in one process do not see each other's locks.
    other = sqlite_driver()[0].connect(here.store.database.path, isolation_level=None)
    async with here.app().run_test(size=(80, 24)) as pilot:
        dialog = await ready_to_book(pilot)
        other.execute("BEGIN IMMEDIATE")
        pilot.app.post_message(events.Key("enter", None))
        await until(pilot, lambda: base.SAVING in words(pilot))
        assert [one.patient for one in here.of(1)] == ["Ashok Rao"]  # reading waits for nobody
        await until(pilot, lambda: "The database is busy. Try again" in words(pilot))
        assert pilot.app.screen is dialog
        assert "knee hurts" in picture(pilot)
        other.execute("ROLLBACK")
        await press(pilot, "enter")
        assert "is booked" in words(pilot)
    other.close()
    assert [one.note for one in here.of(0)] == ["knee hurts"]


@pytest.mark.parametrize(
    ("at", "refusal"), [(0, WrongConfiguration), (100, Unavailable)], ids=["header", "pages"]
)
def test_a_damaged_file_is_told_and_left_as_it_is(
    here: Clinic, at: int, refusal: type[StoreError], tmp_path: Path
) -> None:
    file = here.store.database.path
    assert file is not None
    root = actor_of(here.store, admin(here.store, "chief"))
    for name in ("monday", "tuesday"):
        taking.take(here.store, root, tmp_path / name)
    here.store.database.dispose()
    with file.open("r+b") as opened:
        opened.seek(at)
        opened.write(b"\xa5" * 4_000)
    before = file.read_bytes()
    with pytest.raises(refusal, match=rf"newest verified backup: .*{tmp_path}/tuesday"):
        _look(file)
    assert file.read_bytes() == before


def _look(file: Path) -> None:
    database = open_database(f"sqlite:///{file}", patience=PATIENCE)
    try:
        with database.begin(write=False) as connection:
            connection.exec_driver_sql("SELECT count(*) FROM patient")
    finally:
        database.dispose()
