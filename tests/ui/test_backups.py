"""Backups in the administrator's app: taken, listed and looked through; restored in the shell."""

from __future__ import annotations

from pathlib import Path

from screens.admin.backups import BackupsScreen, size_words
from store.actors import system
from store.backup import taking
from tests.ui.clinic import Clinic, press, words
from tests.ui.test_admin_lists import open_tab


async def test_backups_are_taken_listed_and_looked_through(clinic: Clinic, tmp_path: Path) -> None:
    clinic.backups = tmp_path / "back ups"
    clinic.backups.mkdir()
    altered = clinic.backups / "altered"
    taking.take(clinic.store, system(), altered)
    altered.write_bytes(b"?" + altered.read_bytes()[1:])
    cut = clinic.backups / "cut"
    taking.take(clinic.store, system(), cut)
    cut.write_bytes(cut.read_bytes()[:-10])
    (clinic.backups / "none.manifest").write_text("{}")
    clinic.at(9, 30)
    async with clinic.app().run_test(size=(140, 40)) as pilot:
        await open_tab(pilot, BackupsScreen)
        assert "Backups · 3" in words(pilot)
        await press(pilot, "n", "n")
        assert len(list(clinic.backups.glob("*.manifest"))) == 3
        await press(pilot, "n", "y")
        taken = clinic.backups / "chikitsa-20260105T093000"
        assert taken.exists()
        assert "found whole" in words(pilot)
        assert "05 Jan 2026 09:30 chikitsa-20260105T093000" in words(pilot)
        clinic.at(9, 45)
        await press(pilot, "v")
        assert "is whole, and what its manifest says" in words(pilot)
        assert "✔ 05 Jan 09:45" in words(pilot)
        assert "Schema 00" in words(pilot)
        assert "chikitsa db restore" in words(pilot)
        await press(pilot, "/", *"altered", "enter", "v")
        assert "altered cannot be restored." in words(pilot)
        assert "! not usable" in words(pilot)
        await press(pilot, "escape", "G")
        assert "There is no backup" in words(pilot)
        await press(pilot, "k")
        assert "! not usable" in words(pilot)
        assert "Its size is not that of its manifest." in words(pilot)


async def test_without_a_folder_the_app_says_what_to_do(clinic: Clinic) -> None:
    async with clinic.app().run_test(size=(80, 24)) as pilot:
        await open_tab(pilot, BackupsScreen)
        await press(pilot, "n")
        assert "see [backups] folder" in words(pilot)


def test_sizes_as_people_say_them() -> None:
    sizes = (0, 999, 1000, 4_660_000, 99_600, 999_600, 12 * 10**15)
    told = ["0 B", "999 B", "1.0 kB", "4.7 MB", "100 kB", "1.0 MB", "12000 TB"]
    assert [size_words(size) for size in sizes] == told
