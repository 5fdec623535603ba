"""What the desk does with the appointments of the queue, one or all that are marked, and taking it
back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from textual import on

from screens.base import acting, reading
from screens.context import ScreenContext
from screens.shared.booking import BookingDialog
from screens.shared.confirm import AskReason, Confirm
from screens.shared.details import AppointmentDetails
from screens.shared.names import day_words
from screens.shared.refused import RefusedDialog, refused_line
from screens.shared.slips import PaperScreen
from store import doctors, several
from store.values import AppointmentStatus, AppointmentView, Several, Step
from widgets.badges import status_words
from widgets.record_table import GONE, RecordTable


@dataclass(frozen=True, slots=True)
class Act:
    """A step of the desk in words: for one appointment, and for several."""

    step: Step
    done: str
    done_many: str
    title: str = ""
    question: str = ""
    question_many: str = ""
    enter: str = ""
    """What enter does behind the reason; nothing where no reason is asked for."""
    enter_many: str = ""


CHECK_IN = Act(
    Step.CHECK_IN,
    "{patient} waits for {doctor}: token {token}.",
    "{n} patients wait now.",
)
NO_SHOW = Act(
    Step.NO_SHOW,
    "{patient}: no-show.",
    "{n} no-shows are noted.",
    "No-show",
    "{patient} did not come at {time}?",
    "None of these {n} came?",
)
LEFT = Act(
    Step.LEFT,
    "{patient} left without being seen.",
    "{n} left without being seen.",
    "Left",
    "{patient} left without being seen?",
    "All of these {n} left without being seen?",
    "left",
    "all left",
)
CANCEL = Act(
    Step.CANCEL,
    "The appointment of {patient} is cancelled.",
    "{n} appointments are cancelled.",
    "Cancel",
    "Cancel {patient} at {time} with {doctor}?",
    "Cancel all of these {n} appointments?",
    "cancel it",
    "cancel all",
)


class QueueActs(PaperScreen):
    """A screen with the day's queue, whose appointments are acted on."""

    def __init__(self, context: ScreenContext, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.queue: dict[str, AppointmentView] = {}
        self.undoable: list[tuple[tuple[AppointmentView, ...], str]] = []

    @property
    def table(self) -> RecordTable:
        """The queue."""
        return self.query_one("#queue", RecordTable)

    def _row(self) -> AppointmentView | None:
        """The appointment under the cursor; where it went from there, that is said."""
        if self.table.let_go:
            self.say(GONE)
        return self.queue.get(self.table.selected or "")

    def _targets(self) -> list[AppointmentView]:
        """What is acted on: the marked appointments, also hidden ones, else the cursor's."""
        marks = self.table.marks
        if marks:
            return [view for key, view in self.queue.items() if key in marks]
        row = self._row()
        return [row] if row is not None else []

    def _done(self, views: Sequence[AppointmentView], sentence: str) -> None:
        """Tell what was done, and remember it for undo."""
        self.undoable.append((tuple(views), sentence))
        self.say(sentence, key="u", verb="undo")
        self.print_tokens(views)

    def action_print(self) -> None:
        """The slip of the appointment under the cursor."""
        row = self._row()
        if row is not None:
            self.show_slip(row)

    def action_details(self) -> None:
        """Show the appointment under the cursor."""
        row = self._row()
        if row is not None:
            self.app.push_screen(AppointmentDetails(self.context, row.id))

    @on(RecordTable.Opened, "#queue")
    def _opened(self) -> None:
        self.action_details()

    def action_check_in(self) -> None:
        """The patients have come."""
        targets = self._targets()
        if targets:
            self.take(CHECK_IN, targets)

    def action_no_show(self) -> None:
        """The patients did not come."""
        self._ask(NO_SHOW)

    def action_left(self) -> None:
        """The patients left."""
        self._ask(LEFT)

    def action_cancel(self) -> None:
        """Cancel the appointments."""
        self._ask(CANCEL)

    def _ask(self, act: Act) -> None:
        """Take a step that others will notice when it is answered for, knowing whom it hits."""
        targets = self._targets()
        if not targets:
            return
        one, *others = targets
        words = _words(one, len(targets))
        question = (act.question_many if others else act.question).format(**words)
        listed = [self._line(view) for view in targets] if others else []
        if not act.enter:
            self.app.push_screen(
                Confirm(act.title, question, listed=listed),
                lambda yes: self.take(act, targets) if yes else None,
            )
            return
        enter = act.enter_many if others else act.enter
        asked = AskReason(
            act.title, question, label="Reason (optional)", enter=enter, listed=listed
        )
        self.app.push_screen(
            asked,
            lambda reason: None if reason is None else self.take(act, targets, reason),
        )

    def _line(self, view: AppointmentView) -> str:
        """An appointment in a list of those that are hit."""
        shown = any(row.key == str(view.id) for row in self.table.rows)
        hidden = "" if shown else " · hidden by the filter"
        status = status_words(view.status)
        return f"{view.starts_at:%H:%M}  {view.patient} · {view.doctor} · {status}{hidden}"

    @acting
    async def take(self, act: Act, targets: Sequence[AppointmentView], reason: str = "") -> None:
        """Take the step for all, tell of it, and leave marked what was refused."""
        pairs = [(view.id, view.version) for view in targets]
        result = await self.write(several.apply, act.step, pairs, reason=reason)
        marked = {str(one.appointment_id) for one in result.refused}
        self.table.mark(marked if self.table.marks else ())
        if result.done:
            words = _words(result.done[0], len(result.done))
            sentence = (act.done if len(result.done) == 1 else act.done_many).format(**words)
            self._done(result.done, sentence + _refused_words(result))
        self._tell_refused(result, targets)

    def _tell_refused(self, result: Several, targets: Sequence[AppointmentView]) -> None:
        """Show who was refused, and why."""
        if result.refused:
            known = {view.id: view for view in targets}
            whys = [refused_line(known[one.appointment_id], one.why) for one in result.refused]
            self.app.push_screen(RefusedDialog(self.context, whys, len(targets)))

    def action_move(self) -> None:
        """Move the appointment to another time."""
        targets = self._targets()
        if len(targets) > 1:
            self.say("One appointment is moved at a time; esc unmarks.")
        elif targets:
            self.open_move(targets[0])

    @reading("move")
    async def open_move(self, row: AppointmentView) -> None:
        """Open the slots of the appointment's doctor."""
        doctor = await self.read(doctors.get, row.doctor_id)
        dialog = BookingDialog(self.context, None, doctor, moving=row)
        self.app.push_screen(dialog, self._booked)

    def _booked(self, view: AppointmentView | None) -> None:
        if view is not None:
            day = day_words(view.starts_at.date(), self.context.today())
            sentence = f"{view.patient} is booked with {view.doctor}, {day} {view.starts_at:%H:%M}."
            self._done([view], sentence)

    def action_undo(self) -> None:
        """Take the last step back, of all whom it was taken for."""
        if self.undoable:
            self.take_back(*self.undoable[-1])
        else:
            self.say("There is no step of yours to undo on this screen.")

    @acting
    async def take_back(self, views: tuple[AppointmentView, ...], sentence: str) -> None:
        """Undo a step; once refused it is not offered again."""
        self.undoable.remove((views, sentence))
        result = await self.write(several.apply, Step.UNDO, [(view.id, None) for view in views])
        if len(result.done) == 1:
            (view,) = result.done
            again = "" if view.status is AppointmentStatus.CANCELLED else " again"
            words = f"Undone: {view.patient} is {status_words(view.status)}{again}"
        else:
            words = f"Undone: {len(result.done)} appointments are as they were before"
        self.say(f"{words}{_refused_words(result) or '.'}")
        self._tell_refused(result, views)


def _words(view: AppointmentView, count: int) -> Mapping[str, object]:
    return {
        "patient": view.patient,
        "doctor": view.doctor,
        "token": view.token or "–",
        "time": f"{view.starts_at:%H:%M}",
        "n": count,
    }


def _refused_words(result: Several) -> str:
    return f" {len(result.refused)} refused." if result.refused else ""
