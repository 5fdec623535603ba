"""Prints what Chikitsa takes, as ratios to what the machine itself can do in the same run.

    python -m bench [--only NAME]… [--size APPOINTMENTS]… [--database postgresql]
                    [--folder DIR] [--markdown FILE]

A ratio says more than milliseconds do: it hardly depends on the machine. The folder decides on
which disk it is measured; commits into a file system in memory are durable in name only.

Every module of `bench` that has a `figures(setting)` is a measure and is found by its name. One
that says `ENGINES` is measured on those alone; on SQLite where it does not say.
"""

from __future__ import annotations

import argparse
import pkgutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from types import ModuleType

import bench
from bench.figures import Figure
from bench.setting import SIZES, Setting
from tests.servers.postgres import SETTINGS, running_postgres

DURABLE = SETTINGS | {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""The tests' server, but commits are durable."""


def main() -> None:
    """Measure and print the table."""
    measures = {module.__name__.removeprefix("bench."): module for module in _measures()}
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Chikitsa.")
    parser.add_argument("--only", action="append", choices=sorted(measures), help="this measure")
    parser.add_argument("--size", action="append", type=int, help="with so long a past")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--folder", type=Path, help="where to measure, by its disk")
    parser.add_argument("--markdown", type=Path, help="add the table to this file as well")
    given = parser.parse_args()
    with ExitStack() as stack:
        server = None
        if given.database == "postgresql":
            server = stack.enter_context(running_postgres(DURABLE))
        setting = Setting(given.folder, tuple(given.size or SIZES), server)
        wanted = given.only or [
            name
            for name, module in measures.items()
            if given.database in getattr(module, "ENGINES", ("sqlite",))
        ]
        figures = (one for name in wanted for one in measures[name].figures(setting))
        tell: Callable[[str], object] = lambda _: None  # noqa: E731
        if given.markdown:
            tell = stack.enter_context(given.markdown.open("a", encoding="utf-8")).write
        show(figures, tell)


def _measures() -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(bench.__path__):
        if not module.name.startswith("__"):
            found = import_module(f"bench.{module.name}")
            if hasattr(found, "figures"):
                yield found


def show(figures: Iterable[Figure], tell: Callable[[str], object]) -> None:
    """Print each as soon as it is measured; `tell` gets the same as rows of Markdown."""
    print(f"{'what':<48}{'ours':>14}{'limit':>14}{'ratio':>9}  {'at most':<15}the limit")
    tell("| what | ours | limit | ratio | at most | kept | the limit |\n")
    tell("|---|---|---|---|---|---|---|\n")
    for one in figures:
        ours, limit = _amount(one.ours, one.unit), _amount(one.limit, one.unit)
        ratio = "–" if one.ratio is None else f"{one.ratio:.2f}"
        kept = {True: "yes", False: "NO", None: ""}[one.kept]
        goal = f"{one.goal} {kept}".strip()
        print(
            f"{one.what:<48}{ours:>14}{limit:>14}{ratio:>9}  {goal:<15} {one.limit_is}", flush=True
        )
        cells = (one.what, ours, limit, ratio, one.goal, kept.lower(), one.limit_is)
        tell(f"| {' | '.join(cells)} |\n")


def _amount(amount: float, unit: str) -> str:
    """Three figures that say something, and the unit."""
    digits = 0 if amount >= 100 or not amount else 1 if amount >= 10 else 2 if amount >= 1 else 4
    return f"{amount:,.{digits}f} {unit}"


if __name__ == "__main__":
    main()
