"""People and days as screens write them."""

from __future__ import annotations

from datetime import date

from widgets.names import short_name

__all__ = ["day_words", "short_name"]


def day_words(day: date, today: date) -> str:
    """`today`, `tomorrow`, else `Thu 26 Nov`, with the year where it is another."""
    distance = (day - today).days
    if distance in (0, 1):
        return ("today", "tomorrow")[distance]
    return f"{day:%a %d %b}" if day.year == today.year else f"{day:%a %d %b %Y}"
