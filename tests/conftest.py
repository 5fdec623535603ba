"""What every test shares: where temporary files go, hypothesis's manners, the servers."""

from __future__ import annotations

import gc
import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.compiled import compile_once
from tests.temporary import MEMORY, temporary

pytest_plugins = ["tests.servers.fixtures", "tests.hospital"]

ROOT = Path(__file__).resolve().parents[1]
os.environ["PYTEST_DEBUG_TEMPROOT"] = str(temporary(ROOT / ".pytest-tmp", MEMORY))

compile_once()

# The same examples on every machine and no deadline on a busy one; HYPOTHESIS_PROFILE=explore looks
# for new ones.
settings.register_profile("default", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None, max_examples=1000, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_collection_finish() -> None:
    """Take what is loaded out of the collector's rounds, which took half of the time of a test."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was left out because a server could not be had."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        told = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reason = told.removeprefix("Skipped: ")
        reasons[reason] = reasons.get(reason, 0) + 1
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"LEFT OUT: {count} tests: {reason}", red=True, bold=True)
