"""The lines at the head of a dialog that say whom and what it is about."""

from __future__ import annotations

from textual.content import Content

from widgets.plain import content


def fact(label: str, value: str, more: str, *, width: int) -> Content:
    """A label of `width` cells, what it is, and what else is worth knowing of it."""
    return content(
        "[$text-muted]$label[/][b]$value[/]  [$text-muted]$more[/]",
        label=f"{label:<{width}}",
        value=value,
        more=more,
    )
