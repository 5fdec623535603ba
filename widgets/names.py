"""Names where there is little room."""

from __future__ import annotations

_TITLES = {"dr", "dr.", "prof", "prof.", "mr", "mrs", "ms"}


def short_name(name: str) -> str:
    """`Dr Anita Nair` → `A Nair`, for narrow columns; one word stays as it is."""
    words = [word for word in name.split() if word.casefold() not in _TITLES] or [name]
    return words[0] if len(words) == 1 else f"{words[0][0]} {words[-1]}"
