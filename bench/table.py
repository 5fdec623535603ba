"""The table: a line for each figure, as soon as it is measured."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bench.figures import Figure, Missing


def show(lines: Iterable[Figure | Missing], tell: Callable[[str], object]) -> None:
    """Print each as soon as it is measured; `tell` gets the same as rows of Markdown."""
    print(f"{'what':<56}{'ours':>14}{'limit':>14}{'ratio':>9}  {'at most':<17}the limit")
    tell("| what | ours | limit | ratio | at most | kept | the limit |\n")
    tell("|---|---|---|---|---|---|---|\n")
    for line in lines:
        cells = ("", "", "", "", "") if isinstance(line, Missing) else _cells(line)
        ours, limit, ratio, goal, kept = cells
        last = f"not measured: {line.why}" if isinstance(line, Missing) else line.limit_is
        wanted = f"{goal} {kept}".strip()
        print(f"{line.what:<56}{ours:>14}{limit:>14}{ratio:>9}  {wanted:<16} {last}", flush=True)
        tell(f"| {line.what} | {' | '.join((*cells[:4], kept.lower()))} | {last} |\n")


def _cells(one: Figure) -> tuple[str, str, str, str, str]:
    ratio = "–" if one.ratio is None else f"{one.ratio:.2f}"
    kept = {True: "yes", False: "NO", None: ""}[one.kept]
    return _amount(one.ours, one.unit), _amount(one.limit, one.unit), ratio, one.goal, kept


def _amount(amount: float, unit: str) -> str:
    """Three figures that say something, and the unit; what was counted, whole."""
    if isinstance(amount, int):
        return f"{amount:,} {unit}"
    digits = 0 if amount >= 100 or not amount else 1 if amount >= 10 else 2 if amount >= 1 else 4
    return f"{amount:,.{digits}f} {unit}"
