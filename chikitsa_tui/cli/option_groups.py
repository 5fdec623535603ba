"""One parameter of a command for many options: those that several commands take alike are the
fields of a dataclass, written once.

    @app.command()
    @spreads(DoctorOptions)
    def add(context: typer.Context, name: Name, told: DoctorOptions) -> None: ...
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import wraps
from typing import Any


def spreads(group: type[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Give a command the fields of a dataclass as options, in the place of its parameter of that
    type; each field is annotated as an option and has a default."""
    names = [field.name for field in fields(group)]
    options = inspect.signature(group, eval_str=True).parameters

    def spread(command: Callable[..., None]) -> Callable[..., None]:
        signature = inspect.signature(command, eval_str=True)
        (place,) = (one.name for one in signature.parameters.values() if one.annotation is group)

        def parameters() -> Iterator[inspect.Parameter]:
            for one in signature.parameters.values():
                for each in options.values() if one.name == place else (one,):
                    yield each.replace(kind=inspect.Parameter.KEYWORD_ONLY)

        @wraps(command)
        def run(**given: Any) -> None:
            told = group(**{name: given.pop(name) for name in names})
            command(**{place: told}, **given)

        # What Typer reads: it knows nothing of groups.
        run.__signature__ = signature.replace(parameters=list(parameters()))  # type: ignore[attr-defined]
        run.__annotations__ = {one.name: one.annotation for one in parameters()}
        return run

    return spread
