"""The bench of imports measures what it says, and the import keeps its memory."""

from __future__ import annotations

from pathlib import Path

from bench import importing


def test_both_kinds_come_in_while_a_desk_books(tmp_path: Path) -> None:
    found = list(importing.measure(1_500, tmp_path))
    assert [one.kind for one in found] == ["patients", "appointments"]
    for one in found:
        assert one.share > 0
        assert one.bookings
        # Nearly all of it is the program itself: rows are read and written in batches.
        assert one.megabytes < importing.MOST_MEGABYTES
