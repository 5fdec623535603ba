"""Several terminals at work on one database; `tests/faults/twenty_terminals.py` does it with twenty
for minutes."""

from __future__ import annotations

from pathlib import Path

from tests.faults.twenty_terminals import fill, hospital, run


def test_what_each_was_told_is_there(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'hospital.db'}"
    with hospital(url, tmp_path) as (store, config):
        tally = run(store, config, fill(store, 3, people=8), rounds=2)
    assert tally.wrong == ()
    assert tally.booked + tally.lost_to_others >= 2
    assert tally.booked > 0
