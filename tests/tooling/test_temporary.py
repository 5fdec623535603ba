"""The tests' files are in memory where they may be, and beside the code elsewhere."""

from __future__ import annotations

from pathlib import Path

from tests.temporary import temporary


def test_a_folder_in_memory_is_closed_to_others_and_found_again(tmp_path: Path) -> None:
    place, memory = tmp_path / "place", tmp_path / "memory"
    memory.mkdir()
    made = temporary(place, memory)
    assert made.parent == memory
    assert made.stat().st_mode & 0o077 == 0
    assert temporary(place, memory) == place.resolve() == made


def test_what_the_memory_forgot_is_made_anew(tmp_path: Path) -> None:
    place, memory = tmp_path / "place", tmp_path / "memory"
    memory.mkdir()
    made = temporary(place, memory)
    made.rmdir()
    assert temporary(place, memory).is_dir()
    assert place.resolve() != made


def test_without_memory_the_folder_is_beside_the_code(tmp_path: Path) -> None:
    place = tmp_path / "place"
    assert temporary(place, tmp_path / "none") == place
    assert not place.is_symlink()
    assert place.stat().st_mode & 0o077 == 0
    assert list(tmp_path.iterdir()) == [place]
