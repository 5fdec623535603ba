"""Prints what Chikitsa takes, as ratios to what the machine itself can do in the same run.

    python -m bench [--only NAME]… [--size APPOINTMENTS]… [--database postgresql]
                    [--folder DIR] [--markdown FILE]

A ratio says more than milliseconds do: it hardly depends on the machine. The folder decides on
which disk it is measured; commits into a file system in memory are durable in name only.

Every module of `bench` that has a `figures(setting)` is a measure and is found by its name. One
that says `ENGINES` is measured on those alone; on SQLite where it does not say. One that breaks
is told, and the others go on; the run then ends with 1. A goal that is missed is no failure.
"""

from __future__ import annotations

import argparse
import pkgutil
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir
from types import ModuleType

import bench
from bench.figures import Figure, Missing
from bench.setting import SIZES, Setting
from bench.table import show
from tests.servers.postgres import SETTINGS, running_postgres

DURABLE = SETTINGS | {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
"""The tests' server, but commits are durable."""


def main() -> None:
    """Measure and print the table; end with 1 where a measure broke."""
    measures = {module.__name__.removeprefix("bench."): module for module in _measures()}
    given = _given(sorted(measures))
    run = Run()
    with ExitStack() as stack:
        place = stack.enter_context(
            TemporaryDirectory(
                prefix="chikitsa-bench-", dir=given.folder, ignore_cleanup_errors=True
            )
        )
        server = None
        if given.database == "postgresql":
            home = given.folder or Path(gettempdir())
            server = stack.enter_context(running_postgres(DURABLE, home))
        setting = Setting(Path(place), tuple(given.size or SIZES), server)
        tell: Callable[[str], object] = lambda _: None  # noqa: E731
        if given.markdown:
            tell = stack.enter_context(given.markdown.open("a", encoding="utf-8")).write
        wanted = {name: measures[name] for name in given.only or measures}
        show(run.lines(wanted, given.database, setting), tell)
    for what, seconds in (("measured", run.took), ("filled meanwhile", setting.filled)):
        print(f"{what}: {', '.join(f'{name} {one:.0f} s' for name, one in seconds.items())}")
    sys.exit(1 if run.broke else 0)


def _given(names: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Chikitsa.")
    parser.add_argument("--only", action="append", choices=names, help="this measure")
    parser.add_argument("--size", action="append", type=int, help="with so long a past")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--folder", type=Path, help="where to measure, by its disk")
    parser.add_argument("--markdown", type=Path, help="add the table to this file as well")
    return parser.parse_args()


def _measures() -> Iterator[ModuleType]:
    for module in pkgutil.iter_modules(bench.__path__):
        if not module.name.startswith("__"):
            found = import_module(f"bench.{module.name}")
            if hasattr(found, "figures"):
                yield found


@dataclass
class Run:
    """How long each measure took, in seconds, and which broke."""

    took: dict[str, float] = field(default_factory=dict)
    broke: list[str] = field(default_factory=list)

    def lines(
        self, measures: Mapping[str, ModuleType], database: str, setting: Setting
    ) -> Iterator[Figure | Missing]:
        """The figures of each; one that breaks does not cost the others theirs."""
        for name, module in measures.items():
            began = time.monotonic()
            if database not in getattr(module, "ENGINES", ("sqlite",)):
                yield Missing(name, f"it does not depend on {database}, or is SQLite's own")
                continue
            try:
                yield from module.figures(setting)
            except Exception as error:  # noqa: BLE001 -- whatever it is, it is told and goes on
                traceback.print_exc()
                self.broke.append(name)
                yield Missing(name, f"it broke: {error!r}"[:200])
            self.took[name] = time.monotonic() - began


if __name__ == "__main__":
    main()
