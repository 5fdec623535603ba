"""Leave of all doctors: what is to come, put in on a doctor's behalf, changed, taken back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.content import Content

from screens.admin.keys import FIND
from screens.admin.tables import Drawn, TableScreen, facts
from screens.base import acting, reading
from screens.shared.confirm import Confirm
from screens.shared.dialogs import what_stands_again
from screens.shared.doctor_dialog import DoctorChoice, DoctorDialog
from screens.shared.entry_keys import ADD, CHANGE, REMOVE, UNDO
from screens.shared.leave import LeaveForm
from screens.shared.refused import show_left_out
from screens.shared.words import span_words
from store import doctors, leave, time_off_undo
from store.values import LeaveView, TimeStep
from widgets.keys import bind
from widgets.plain import cell, content, lines


class AllLeaveScreen(TableScreen[LeaveView]):
    """Leave that is not over; `a` shows all."""

    KIND = "leave"
    TITLE_TEXT = "Leave"
    EMPTY = "No leave to come. n puts some in, a shows what is over."
    TOPICS = frozenset({"leave", "doctor"})
    BINDINGS: ClassVar[list[BindingType]] = bind(ADD, CHANGE, REMOVE, UNDO, FIND)

    def drawn(self) -> Mapping[str, Drawn[LeaveView]]:
        """Who, from when until when, why."""
        return {
            "from": Drawn(lambda one: self._moment(one, one.starts_at), 17),
            "to": Drawn(lambda one: self._moment(one, one.ends_at), 17),
            "doctor": Drawn(lambda one: cell(one.doctor, style=self._style(one)), 18),
            "reason": Drawn(lambda one: cell(self._reason(one), style=self._style(one))),
            "state": Drawn(lambda one: cell(_state(one), style=self._style(one)), 10),
        }

    def _moment(self, one: LeaveView, at: datetime) -> Text:
        return cell(f"{at:%d %b %Y %H:%M}", style=self._style(one))

    def _style(self, one: LeaveView) -> str:
        over = one.ends_at <= self.context.now() or not one.active
        return self.colours["text-muted"] if over else ""

    @staticmethod
    def _reason(one: LeaveView) -> str:
        """Why; the state, too, where it has no column of its own by default."""
        return (one.reason or "–") if one.active else f"taken back · {one.reason}".rstrip(" ·")

    async def details(self, item: LeaveView) -> Content:
        """All of it, and whom it hits."""
        known = [
            content("[b]$name[/]", name=item.doctor),
            *facts(
                [
                    ("When", span_words(item.starts_at, item.ends_at)),
                    ("Reason", item.reason or "–"),
                    ("State", _state(item)),
                ],
                width=8,
            ),
        ]
        if not item.active:
            return lines(known)
        hit = await self.read(leave.affected, item.doctor_id, item.starts_at, item.ends_at)
        told = [
            content("• $at  $who", at=f"{one.starts_at:%a %d %b %H:%M}", who=one.patient)
            for one in hit
        ]
        still = [content(""), content("[$text-muted]Still booked then[/]")]
        return lines([*known, *still, *(told or [content("nobody")])])

    def action_new(self) -> None:
        """Choose a doctor, then say when."""
        self.app.push_screen(DoctorDialog(self.context), self._doctor_chosen)

    def _doctor_chosen(self, choice: DoctorChoice | None) -> None:
        if choice is not None:
            self._ask(LeaveForm(self.context, choice.doctor))

    def action_edit(self) -> None:
        """Change the one under the cursor."""
        self._with_standing(self.open_form)

    def _with_standing(self, act: Callable[[LeaveView], object]) -> None:
        """Do something with the leave under the cursor, unless it was taken back."""
        self.with_selected(
            lambda one: (
                act(one)
                if one.active
                else self.say("That leave was taken back; n puts leave in again.")
            )
        )

    @reading("form")
    async def open_form(self, one: LeaveView) -> None:
        """Open the form with its doctor."""
        doctor = await self.read(doctors.get, one.doctor_id)
        self._ask(LeaveForm(self.context, doctor, one))

    def _ask(self, form: LeaveForm) -> None:
        self.app.push_screen(form, lambda said: self.done(said, go_to=form.made) if said else None)

    def action_remove(self) -> None:
        """Take back the one under the cursor."""
        self._with_standing(self._ask_take_back)

    def _ask_take_back(self, one: LeaveView) -> None:
        when = span_words(one.starts_at, one.ends_at)
        question = f"Take the leave of {one.doctor} ({when}) back? Patients can be booked again."
        self.app.push_screen(
            Confirm("Remove", question), lambda yes: self.take_back(one) if yes else None
        )

    def action_undo(self) -> None:
        """Take back that the one under the cursor was put in."""
        self._with_standing(self.undo)

    @acting
    async def undo(self, one: LeaveView) -> None:
        """Undo it, with the appointments that it hit."""
        done = await self.write(time_off_undo.take_back, TimeStep.LEAVE, one.id)
        self.done(f"The leave of {one.doctor} is undone.{what_stands_again(done)}")
        await show_left_out(self, done)

    @acting
    async def take_back(self, one: LeaveView) -> None:
        """Take it back."""
        await self.write(leave.delete, one.id)
        self.done(f"The leave of {one.doctor} is taken back.")


def _state(one: LeaveView) -> str:
    return "active" if one.active else "taken back"
