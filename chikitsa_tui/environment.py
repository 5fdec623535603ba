"""Settings that the environment gives, above those of the file: `CHIKITSA_<SECTION>__<KEY>`."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from chikitsa_tui.settings import DEFAULTS, Section, Settings
from store.errors import WrongConfiguration

_PREFIX = "CHIKITSA_"


def variables() -> Iterator[tuple[str, tuple[str, ...]]]:
    """The variables that give settings, or look as if they did, with the path of each: its
    section and key. Upper and lower case are the same."""
    for name in os.environ:
        path = tuple(name.lower().removeprefix(_PREFIX.lower()).split("__"))
        if name.upper().startswith(_PREFIX) and (
            len(path) > 1 or path[0] in Settings.__struct_fields__
        ):
            yield name, path


def variable_of(path: tuple[str, ...]) -> str | None:
    """The variable that gives a setting, or the table it is in; None where none does."""
    given = {of: name for name, of in variables()}
    return next(
        (given[path[:length]] for length in range(len(path), 0, -1) if path[:length] in given), None
    )


def over(tables: Mapping[str, Any]) -> dict[str, Any]:
    """The tables of the file with the environment's values in them.

    Raises:
        WrongConfiguration: a value is no list or table, where the setting is one.
    """
    both = dict(tables)
    for name, path in sorted(variables(), key=lambda one: len(one[1])):  # a table before its keys
        value = _value(name, path)
        for part in reversed(path):
            value = {part: value}
        both = _merged(both, value)
    return both


def _value(name: str, path: tuple[str, ...]) -> Any:
    """The variable's text; what has parts is written as JSON."""
    default: Any = DEFAULTS
    for part in path:
        default = getattr(default, part, None)
    if not isinstance(default, dict | tuple | Section):
        return os.environ[name]
    try:
        return json.loads(os.environ[name])
    except ValueError:
        raise WrongConfiguration(f"{name} cannot be read; lists are written as [0, 1].") from None


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    both = {
        name: _merged(below[name], value)
        for name, value in above.items()
        if isinstance(value, dict) and isinstance(below.get(name), dict)
    }
    return {**below, **above, **both}
