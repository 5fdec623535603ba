"""What the log is told of a fault of the program: places, never values."""

from __future__ import annotations

import traceback


def places_of(error: BaseException) -> str:
    """Where a fault happened: kinds of error and places in the code, without any value."""
    parts: list[str] = []
    # What failed in a worker is told by the worker's own error, which has no place itself.
    current: BaseException | None = getattr(error, "error", None) or error
    while current is not None and len(parts) < 5:
        frames = traceback.extract_tb(current.__traceback__)
        places = " < ".join(
            f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}"
            for frame in reversed(frames)
        )
        parts.append(f"{type(current).__name__} at {places or 'an unknown place'}")
        current = current.__cause__ or current.__context__
    return "; caused by ".join(parts)
