"""A country's public holidays of a year: looked at, then entered as one step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from screens.base import acting
from screens.context import ScreenContext
from screens.shared.affected import MayHitAppointments
from screens.shared.confirm import Confirm
from screens.shared.dialogs import FormDialog, what_became
from store import holidays
from store.errors import Invalid
from store.values import Affected, HolidayView, PublicHoliday
from widgets.form import Field, Form

if TYPE_CHECKING:
    from store.transaction import Transaction


class PublicHolidaysForm(FormDialog[tuple[HolidayView, str]], MayHitAppointments):
    """Which country, state and year. Shows the days before they are entered; answers with the
    first of them and what was done."""

    TITLE_TEXT = "Public holidays of a year"

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context)
        self.next_year = str(context.today().year + 1)

    def body(self) -> ComposeResult:
        """The form."""
        yield Form(
            (
                Field("country", "Country", hint="IN, LK, GB", required=True, max_length=20),
                Field(
                    "subdivision",
                    "State, region",
                    hint="MH, KA; empty: the whole country's",
                    max_length=20,
                ),
                Field("year", "Year", value=self.next_year, required=True, max_length=4),
            )
        )

    def save(self, values: dict[str, str]) -> None:
        """Read the year, then look."""
        if not values["year"].strip().isdecimal():
            told = f"Write a year, such as {self.next_year}."
            self.refused(Invalid.field("year", told))
            return
        self.look(values["country"], int(values["year"]), values["subdivision"])

    @acting
    async def look(self, country: str, year: int, subdivision: str) -> None:
        """Show which days would be entered, those that hit appointments on top, and ask."""
        days = await self.read(holidays.missing_of_year, country, year, subdivision=subdivision)
        if not days:
            self.complain(f"All public holidays of {year} are in the list already.")
            return
        hit_first = sorted(days, key=lambda day: not day.appointments)
        self.app.push_screen(
            Confirm("Enter holidays", _question(days), listed=[_line(day) for day in hit_first]),
            lambda yes: self.enter(country, year, subdivision) if yes else None,
        )

    def enter(self, country: str, year: int, subdivision: str) -> None:
        """Enter them, all or none."""

        def rule(tx: Transaction, affected: Affected | None) -> holidays.Entered:
            return holidays.add_year(tx, country, year, subdivision=subdivision, affected=affected)

        self.change(rule, self._entered)

    def _entered(self, done: holidays.Entered, _: Affected | None) -> None:
        days, became = done
        if not days:
            self.complain("Somebody entered these days meanwhile.")
            return
        sentence = f"{_days(len(days))} saved.{what_became(became)}"
        first = next((day for day in days if day.date >= self.context.today()), days[0])
        self.dismiss((first, sentence))


def _question(days: Sequence[PublicHoliday]) -> str:
    hit = sum(day.appointments for day in days)
    told = f" Booked appointments hit: {hit}; what becomes of them is asked next." if hit else ""
    return f"Enter {_days(len(days))}?{told}"


def _days(count: int) -> str:
    return "1 holiday" if count == 1 else f"{count} holidays"


def _line(day: PublicHoliday) -> str:
    hit = f" · ! {day.appointments} booked" if day.appointments else ""
    return f"{day.date:%a %d %b %Y}  {day.name}{hit}"
