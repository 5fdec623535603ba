"""What a thing may be named by: its id, or a name of its own."""

from __future__ import annotations

import unicodedata

from store.text import search_key

_LARGEST_ID = 2**31 - 1
_LONGEST_NAME = 300


def plausible_id(number: int) -> int:
    """The number where it can be an id, else 0, which no row has."""
    return number if 0 < number <= _LARGEST_ID else 0


def name_key(text: str) -> str:
    """A name in the form in which it is compared; nothing where no row can have such a name,
    or the database could not even be asked for it (NUL, lone surrogates)."""
    if len(text) > _LONGEST_NAME:
        return ""
    if not text.isprintable() and any(unicodedata.category(one) in ("Cc", "Cs") for one in text):
        return ""
    return search_key(text)
