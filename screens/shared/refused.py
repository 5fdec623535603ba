"""Who of several was refused, and why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.base import Dialog, StoreCalls
from screens.context import ScreenContext
from store import appointments
from store.values import AppointmentView, Several
from widgets.keys import BACK, OPEN, bind
from widgets.plain import content, lines


class _Reasons(VerticalScroll):
    """Scrolled with the arrows; enter closes."""

    BINDINGS: ClassVar[list[BindingType]] = bind(OPEN)
    enter_words = "close"

    def action_choose(self) -> None:
        """Close the dialog."""
        self.screen.dismiss(None)


class RefusedDialog(Dialog[None]):
    """A line for each of several that a step was refused for."""

    BINDINGS: ClassVar[list[BindingType]] = bind(BACK)
    CSS = "RefusedDialog _Reasons { height: auto; max-height: 14; }"

    def __init__(self, context: ScreenContext, refused: Sequence[Content], of: int) -> None:
        """`refused` says who and why, a line each; `of` is for how many the step was asked."""
        super().__init__(context, title=f"{len(refused)} of {of} refused")
        self.refused_ones = refused

    def body(self) -> ComposeResult:
        """Who, and why."""
        with _Reasons():
            yield Static(lines(self.refused_ones), markup=False)

    def on_mount(self) -> None:
        """Ready to scroll."""
        self.query_one(_Reasons).focus()


def refused_line(view: AppointmentView, why: str, *, on: str = "%H:%M") -> Content:
    """An appointment that a step was refused for; `on` is how its time is told."""
    return content(
        "$time  [b]$patient[/]  [$text-muted]$why[/]",
        time=view.starts_at.strftime(on),
        patient=view.patient,
        why=why,
    )


async def show_left_out(screen: StoreCalls, done: Several) -> None:
    """Show which appointments of a step that was taken back do not stand again, and why."""
    if not done.refused:
        return
    ids = [one.appointment_id for one in done.refused]
    views = await screen.read(lambda tx: [appointments.get(tx, one) for one in ids])
    whys = [
        refused_line(view, one.why, on="%a %d %b %H:%M")
        for view, one in zip(views, done.refused, strict=True)
    ]
    of = len(done.done) + len(whys)
    screen.app.push_screen(RefusedDialog(screen.context, whys, of))
