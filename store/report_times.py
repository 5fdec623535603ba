"""When the reports of the month that is over go out: one moment of each month."""

from __future__ import annotations

from datetime import UTC, date, datetime

from store.transaction import Transaction
from store.values import Month


def moment_of(tx: Transaction, month: Month) -> datetime:
    """The UTC moment in a month at which the reports of the month before go out."""
    rules = tx.rules.reports
    day = min(rules.day, month.last.day)
    wall = datetime.combine(date(month.year, month.number, day), rules.at, tx.timezone)
    return wall.astimezone(UTC)


def next_moment(tx: Transaction) -> datetime | None:
    """When reports go out next, in UTC; None where the hospital sends none."""
    if not tx.rules.reports.enabled:
        return None
    month = Month.of(tx.today())
    moment = moment_of(tx, month)
    return moment if moment > tx.now else moment_of(tx, month.next)
