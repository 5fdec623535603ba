"""Holidays: days on which the hospital gives no appointments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content

from screens.admin.keys import ALL, FIND, IMPORT
from screens.admin.public_holidays import PublicHolidaysForm
from screens.admin.tables import Drawn, TableScreen
from screens.base import acting
from screens.shared.affected import MayHitAppointments
from screens.shared.confirm import Confirm
from screens.shared.dialogs import FormDialog, what_became, what_stands_again
from screens.shared.entry_keys import ADD, REMOVE, UNDO
from screens.shared.names import day_words
from screens.shared.refused import show_left_out
from store import datewords, holidays, time_off_undo
from store.errors import Duplicate, Invalid, StoreError
from store.values import Affected, Consequence, HolidayView, TimeStep
from widgets.form import Field, Form
from widgets.keys import bind
from widgets.plain import cell, content, lines


class HolidaysScreen(TableScreen[HolidayView]):
    """Holidays to come; `a` shows those that are over too."""

    KIND = "holidays"
    TITLE_TEXT = "Holidays"
    EMPTY = "No holiday to come. n enters one, i a country's, a shows those that are over."
    TOPICS = frozenset({"holiday"})
    BINDINGS: ClassVar[list[BindingType]] = bind(ADD, REMOVE, UNDO, IMPORT, FIND, ALL)

    def drawn(self) -> Mapping[str, Drawn[HolidayView]]:
        """Day, weekday and how far, name."""
        return {
            "day": Drawn(lambda one: cell(f"{one.date:%d %b %Y}", style=self._style(one)), 12),
            "weekday": Drawn(self._weekday, 25),
            "name": Drawn(lambda one: cell(one.name, style=self._style(one))),
        }

    def _style(self, one: HolidayView) -> str:
        return self.colours["text-muted"] if one.date < self.context.today() else ""

    def _weekday(self, one: HolidayView) -> Text:
        today = self.context.today()
        days = (one.date - today).days
        far = "over" if days < 0 else f"in {days} days" if days > 1 else day_words(one.date, today)
        return cell(f"{one.date:%A}, {far}", style=self.colours["text-muted"])

    async def details(self, item: HolidayView) -> Content:
        """Day and name."""
        return lines(
            [
                content("[b]$name[/]", name=item.name),
                content("$day", day=f"{item.date:%A} {item.date.day} {item.date:%B %Y}"),
                content("[$text-muted]No doctor has free times on this day.[/]"),
            ]
        )

    def action_new(self) -> None:
        """Enter a holiday."""
        self.app.push_screen(HolidayForm(self.context), self._saved)

    def _saved(self, done: tuple[HolidayView, str] | None) -> None:
        if done is not None:
            holiday, sentence = done
            self.done(sentence, go_to=holiday.id)

    def action_import_year(self) -> None:
        """Enter a country's public holidays of a year."""
        self.app.push_screen(PublicHolidaysForm(self.context), self._saved)

    def action_remove(self) -> None:
        """Remove the one under the cursor."""
        self.with_selected(
            lambda one: self.app.push_screen(
                Confirm("Remove", f"Make {one.date:%d %b %Y} ({one.name}) an ordinary day again?"),
                lambda yes: self.remove_holiday(one) if yes else None,
            )
        )

    def action_undo(self) -> None:
        """Take back that the one under the cursor was entered."""
        self.with_selected(self.take_back)

    @acting
    async def take_back(self, one: HolidayView) -> None:
        """Take it back, with the appointments that it hit."""
        done = await self.write(time_off_undo.take_back, TimeStep.HOLIDAY, one.id)
        self.done(f"{one.name} is taken back.{what_stands_again(done)}")
        await show_left_out(self, done)

    @acting
    async def remove_holiday(self, one: HolidayView) -> None:
        """Remove it."""
        await self.write(holidays.delete, one.id)
        self.done(f"{one.name} is removed: {one.date:%d %b %Y} is an ordinary day again.")


class HolidayForm(FormDialog["tuple[HolidayView, str]"], MayHitAppointments):
    """A day and its name."""

    TITLE_TEXT = "New holiday"

    def body(self) -> ComposeResult:
        """The form."""
        yield Form(
            (
                Field("date", "Day", hint="2026-12-25, 25 dec, +3d", required=True, max_length=40),
                Field("name", "Name", required=True, max_length=120),
            )
        )

    def save(self, values: dict[str, str]) -> None:
        """Read the day, then save."""
        try:
            day = datewords.parse_day(values["date"], self.context.today())
        except Invalid as error:
            self.refused(error)
            return
        name = values["name"]
        self.change(lambda tx, affected: holidays.add(tx, day, name, affected), self._saved)

    def refused(self, error: StoreError) -> None:
        """A day that is a holiday already is told beside the day."""
        if isinstance(error, Duplicate):
            error = Invalid.field("date", error.message)
        super().refused(error)

    def _saved(
        self, done: tuple[HolidayView, list[Consequence]], affected: Affected | None
    ) -> None:
        holiday, became = done
        sentence = f"{holiday.name} on {holiday.date:%d %b %Y} is saved.{what_became(became)}"
        self.dismiss((holiday, sentence))
