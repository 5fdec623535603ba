"""What forms that change a doctor's week have in common: whom the week hits, and saving it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.widgets import Static

from screens.base import reading
from screens.context import ScreenContext
from screens.shared.affected import MayHitAppointments
from screens.shared.dialogs import FormDialog, what_was_chosen
from screens.shared.leave import hit_words
from store import schedule
from store.errors import ChangedMeanwhile, Invalid
from store.values import Affected, AppointmentView, DoctorView, HoursSession, WorkingHoursView
from widgets.form import Form
from widgets.plain import content, plain

if TYPE_CHECKING:
    from store.transaction import Transaction


@dataclass(frozen=True, slots=True)
class WeekChange:
    """Sessions that go out of a week, as they were seen, and those that come into it."""

    gone: Sequence[HoursSession]
    new: Sequence[HoursSession]


def change_week(
    tx: Transaction, doctor_id: int, change: WeekChange, affected: Affected | None
) -> list[WorkingHoursView]:
    """Take sessions out of the week as it is stored now and put others in, in one unit.

    Raises:
        ChangedMeanwhile: a session that goes is not there any more.
        as `schedule.replace_week`.
    """
    stored = [one.session for one in schedule.hours_of(tx, doctor_id)]
    if not all(one in stored for one in change.gone):
        raise ChangedMeanwhile("Somebody changed these hours meanwhile. Look at them again.")
    kept = [one for one in stored if one not in change.gone]
    return schedule.replace_week(tx, doctor_id, [*kept, *change.new], affected)


def hit_by(tx: Transaction, doctor_id: int, change: WeekChange) -> list[AppointmentView]:
    """Whom `change_week` would leave outside of the hours.

    Raises:
        Invalid: the week cannot be; says which sessions overlap.
    """
    stored = [one.session for one in schedule.hours_of(tx, doctor_id)]
    kept = [one for one in stored if one not in change.gone]
    return schedule.affected(tx, doctor_id, [*kept, *change.new])


class WeekForm(FormDialog[str], MayHitAppointments):
    """A form that describes a change of the week, and tells while it is typed whom it hits;
    answers with what was done. Its body has a Form, and a Static `#hit` under it."""

    DEFAULT_CSS = "WeekForm #hit { height: auto; margin-top: 1; }"

    def __init__(self, context: ScreenContext, doctor: DoctorView, *, title: str = "") -> None:
        super().__init__(context, title=title)
        self.doctor = doctor

    def read_change(self, values: dict[str, str]) -> WeekChange:
        """The change that the form describes; the subclass says how.

        Raises:
            Invalid: one sentence for each field that cannot be read.
        """
        raise NotImplementedError

    @on(Form.Changed)
    def _typed(self) -> None:
        form = self.query_one(Form)
        try:
            change = self.read_change(form.values())
        except Invalid:
            self.query_one("#hit", Static).update("")
        else:
            self.load_hit(change)

    @reading("hit")
    async def load_hit(self, change: WeekChange) -> None:
        """Tell before saving whom this week leaves outside, or which sessions overlap."""
        told = plain("")
        try:
            hit = await self.read(hit_by, self.doctor.id, change)
            told = hit_words(hit) if hit else told
        except Invalid as error:
            told = content("[$text-error]! $why[/]", why=error.message)
        self.query_one("#hit", Static).update(told)

    def save(self, values: dict[str, str]) -> None:
        """Read what was typed, all that is wrong with it at once, then save it."""
        try:
            change = self.read_change(values)
        except Invalid as error:
            self.refused(error)
            return
        self.change(
            lambda tx, affected: change_week(tx, self.doctor.id, change, affected), self._saved
        )

    def _saved(self, _: list[WorkingHoursView], affected: Affected | None) -> None:
        self.dismiss(f"The hours are saved.{what_was_chosen(affected)}")
