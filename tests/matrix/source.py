"""What the store offers, by introspection, and what the house uses of it, by reading."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import store

ROOT = Path(__file__).resolve().parents[2]


def store_functions() -> dict[str, str]:
    """Every public function of the store whose first parameter is `tx` or `store`: its dotted name,
    and which of the two."""
    found = {}
    for module in pkgutil.walk_packages(store.__path__, "store."):
        if module.name.startswith("store.migrations"):
            continue
        loaded = importlib.import_module(module.name)
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            first = next(iter(inspect.signature(function).parameters), None)
            own = not name.startswith("_") and function.__module__ == module.name
            if own and first in ("tx", "store"):
                found[f"{module.name}.{name}"] = first
    return found


def uses_of_the_store(*folders: str) -> Iterator[tuple[str, str]]:
    """Each file of the folders with each dotted name of the store that it names, imported, called
    or handed on."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            for name in named(path.read_text(encoding="utf-8")):
                yield path.relative_to(ROOT).as_posix(), name


def named(source: str) -> set[str]:
    """The dotted names of the store in a source text, whatever they are imported as."""
    tree = ast.parse(source)
    known: dict[str, str] = {}
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                known[one.asname or one.name.partition(".")[0]] = (
                    one.name if one.asname else one.name.partition(".")[0]
                )
        elif isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                known[one.asname or one.name] = f"{node.module}.{one.name}"
                found.add(f"{node.module}.{one.name}")
    for node in ast.walk(tree):
        dotted = _dotted(node)
        if dotted is not None:
            head, _, rest = dotted.partition(".")
            found.add(".".join(filter(None, (known.get(head, head), rest))))
    return {name for name in found if name.startswith("store.")}


def _dotted(node: ast.AST) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        before = _dotted(node.value)
        return None if before is None else f"{before}.{node.attr}"
    return None
