"""The hours of one weekday, taken by other days."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.widgets import Static

from screens.admin.hours_change import WeekChange, WeekForm
from screens.context import ScreenContext
from screens.shared.words import WEEKDAYS, parse_weekdays, session_words
from store.errors import Invalid
from store.values import DoctorView, HoursSession
from widgets.form import Field, Form
from widgets.plain import plain

_REPLACE, _ADD = "replace", "add"


class CopyDayForm(WeekForm):
    """Which days take the hours of a day, in the place of their own or besides them."""

    # What is wrong between sessions stands beside the days that would have them.
    OTHER_NAMES: ClassVar = {"sessions": "weekday"}

    def __init__(
        self,
        context: ScreenContext,
        doctor: DoctorView,
        week: Sequence[HoursSession],
        weekday: int,
    ) -> None:
        super().__init__(context, doctor, title=f"Copy the hours of {WEEKDAYS[weekday]}")
        self.week = week
        self.weekday = weekday

    def body(self) -> ComposeResult:
        """What is copied, and where to."""
        yield Static(plain("  ".join(session_words(one) for one in self._of(self.weekday))))
        yield Form(
            (
                Field(
                    "weekday",
                    "To",
                    hint="tue, tue-fri or wed fri",
                    required=True,
                    max_length=60,
                ),
                Field(
                    "own",
                    "Their own hours",
                    kind="choice",
                    choices=((_REPLACE, "replaced"), (_ADD, "kept besides")),
                ),
            )
        )
        yield Static("", id="hit", markup=False)

    def _of(self, *weekdays: int) -> list[HoursSession]:
        return [one for one in self.week if one.weekday in weekdays]

    def read_change(self, values: dict[str, str]) -> WeekChange:
        """The same sessions on each of the days."""
        days = [day for day in parse_weekdays(values["weekday"]) if day != self.weekday]
        if not days:
            raise Invalid.field("weekday", "Name another day than the one that is copied.")
        there = self._of(*days)
        new = [replace(one, weekday=day) for day in days for one in self._of(self.weekday)]
        if values["own"] == _ADD:
            return WeekChange((), [one for one in new if one not in there])
        return WeekChange(there, new)
