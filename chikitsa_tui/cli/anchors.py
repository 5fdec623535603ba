"""Anchors of the audit trail, as `audit anchor --json` printed them and somebody kept them."""

from __future__ import annotations

from pathlib import Path

from chikitsa_tui.cli.errors import Usage
from store import anchors
from store.errors import Invalid
from store.values import Anchor


def read_anchors(path: Path) -> list[Anchor]:
    """The anchors in a file: one, a list of them, or one behind the other.

    Raises:
        Usage: the file cannot be read, or something in it is no anchor.
    """
    try:
        return anchors.parse(path.read_text(encoding="utf-8"))
    except Invalid:
        raise Usage(
            f"{path} holds something else than anchors; give what `audit anchor --json` printed."
        ) from None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else "it is no text"
        raise Usage(f"The anchors cannot be read from {path}: {why}.") from None
