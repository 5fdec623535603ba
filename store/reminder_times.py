"""When patients are reminded: one moment of each hospital day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from store.transaction import Transaction

DAY = timedelta(days=1)


def moment_of(tx: Transaction, day: date) -> datetime:
    """The UTC moment at which the reminders of a hospital day go out."""
    at = tx.rules.reminders.at
    return datetime.combine(day, at, tx.timezone).astimezone(UTC)


def latest_day(tx: Transaction) -> date:
    """The last hospital day whose moment has come."""
    today = tx.today()
    return today if moment_of(tx, today) <= tx.now else today - DAY


def next_moment(tx: Transaction) -> datetime | None:
    """When reminders go out next, in UTC; None where the hospital sends none."""
    if not tx.rules.reminders.enabled:
        return None
    return moment_of(tx, latest_day(tx) + DAY)


def start_of(tx: Transaction, day: date) -> datetime:
    """The first moment of a hospital day, in UTC."""
    return datetime.combine(day, datetime.min.time(), tx.timezone).astimezone(UTC)
