"""Anchors of the audit trail as they are written down elsewhere, and read again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from store.errors import Invalid
from store.values import Anchor


def written(anchor: Anchor) -> str:
    """One line to be kept, as `audit anchor --json` prints it."""
    return json.dumps(
        {
            "hospital": anchor.hospital,
            "entries": anchor.entries,
            "hash": anchor.hash,
            "at": anchor.at.isoformat(timespec="seconds"),
        }
    )


def parse(text: str) -> list[Anchor]:
    """The anchors in a text: one, a list of them, or one behind the other.

    Raises:
        Invalid: something in it is no anchor, or there is none.
    """
    try:
        found = [_anchor(one) for one in _things(text)]
    except (ValueError, KeyError, TypeError):
        found = []
    if not found:
        raise Invalid.field("anchors", "Give what was kept of the trail: a line of `audit anchor`.")
    return found


def _things(text: str) -> Iterator[Any]:
    """The JSON values that stand one behind the other, lists taken apart."""
    reader = json.JSONDecoder()
    rest = text.strip()
    while rest:
        value, end = reader.raw_decode(rest)
        yield from value if isinstance(value, list) else [value]
        rest = rest[end:].lstrip(" \t\r\n,")


def _anchor(value: Any) -> Anchor:
    at = datetime.fromisoformat(value["at"])
    return Anchor(str(value["hospital"]), int(value["entries"]), str(value["hash"]), at)
