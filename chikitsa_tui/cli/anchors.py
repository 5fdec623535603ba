"""Anchors of the audit trail, as `audit anchor --json` printed them and somebody kept them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from chikitsa_tui.cli.errors import Usage
from store.values import Anchor


def read_anchors(path: Path) -> list[Anchor]:
    """The anchors in a file: one, a list of them, or one behind the other.

    Raises:
        Usage: the file cannot be read, or something in it is no anchor.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is no text"
        raise Usage(f"The anchors cannot be read from {path}: {why}.") from None
    try:
        found = [_anchor(one) for one in _things(text)]
    except (ValueError, KeyError, TypeError):
        raise Usage(
            f"{path} holds something else than anchors; give what `audit anchor --json` printed."
        ) from None
    if not found:
        raise Usage(f"There is no anchor in {path}.")
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
