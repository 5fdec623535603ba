"""Prints what Chikitsa takes, as ratios to what the machine itself can do in the same run.

    python -m bench [--folder DIR] [--size APPOINTMENTS]

A ratio says more than milliseconds do: it hardly depends on the machine. The folder decides on
which disk it is measured; commits into a file system in memory are durable in name only. With a
size, only what depends on how long a past a hospital has, in one of so many appointments.
"""

from __future__ import annotations

import argparse
from itertools import chain
from pathlib import Path

from bench.growth import SIZES, growing
from bench.measures import MONDAY, measure
from store.clock import FixedClock


def main() -> None:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Chikitsa.")
    parser.add_argument("--folder", type=Path, help="where to measure, by its disk")
    parser.add_argument("--size", type=int, help="only what grows, at so many appointments")
    given = parser.parse_args()
    clock = FixedClock(MONDAY)
    sizes = SIZES if given.size is None else (given.size,)
    figures = growing(clock, given.folder, sizes)
    if given.size is None:
        figures = chain(measure(given.folder), figures)
    print(f"{'what':<34}{'ms':>9}{'a second':>10}{'limit ms':>10}{'ratio':>8}  the limit")
    for figure in figures:
        print(
            f"{figure.what:<34}{figure.ours:>9.3f}{1000 / figure.ours:>10,.0f}"
            f"{figure.limit:>10.4f}{figure.ratio:>8.1f}  {figure.limit_is}",
            flush=True,
        )


if __name__ == "__main__":
    main()
