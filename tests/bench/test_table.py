from __future__ import annotations

import pytest

from bench.figures import Figure
from bench.table import show

BOOKING = Figure("a booking", 12.0, 4.0, "a commit", most_ratio=4)
IDLE = Figure("idle", 0, 0, "nothing", unit="kB", most=0)
SLOW = Figure("a slow key", 61.0, 5.0, "an echo", most=50, most_ratio=20)


def test_a_figure_keeps_its_goal_only_if_it_keeps_all_of_it() -> None:
    assert (BOOKING.ratio, BOOKING.kept) == (3.0, True)
    assert (IDLE.ratio, IDLE.kept) == (None, True)
    assert (SLOW.goal, SLOW.kept) == ("20 ×, 50 ms", False)
    assert Figure("a look", 1, 1, "a query").kept is None


def test_the_table_is_told_as_rows_of_markdown_too(capsys: pytest.CaptureFixture[str]) -> None:
    told: list[str] = []
    show([BOOKING, IDLE, SLOW], told.append)
    rows = "".join(told).splitlines()
    assert rows[2] == "| a booking | 12.0 ms | 4.00 ms | 3.00 | 4 × | yes | a commit |"
    assert rows[3] == "| idle | 0 kB | 0 kB | – | 0 kB | yes | nothing |"
    assert rows[4].count("| no |") == 1
    assert "NO" in capsys.readouterr().out
