"""The consultation: the patient's background beside the form, kept as it is typed, and signed and
completed with one key."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.timer import Timer

from screens.base import acting, reading
from screens.context import ScreenContext
from screens.doctor.drafts import DraftKeeper, DraftState
from screens.doctor.follow_up import BooksFollowUps
from screens.doctor.history import HistoryDialog
from screens.doctor.keys import (
    DROP_LINE,
    FOLLOW_UP,
    HISTORY,
    KEEP,
    PUT_BACK,
    REPEAT,
    SIGN,
    SIGN_NEXT,
    SIGN_PRINT,
)
from screens.doctor.patient_panel import PatientFacts, PatientPanel
from screens.doctor.record_form import Gathered, RecordForm, field_label
from screens.doctor.shorthand import ShorthandReader
from screens.doctor.typed import show_line
from screens.doctor.which_text import BOTH, THERE, WhichText
from store import appointments, codes, formulary, patients, prescriptions, records
from store.draft_merge import Conflict, both, take, take_both
from store.errors import ChangedMeanwhile, Invalid, StoreError
from store.values import (
    AppointmentStatus,
    AppointmentView,
    ChangeView,
    RecordInput,
    RecordStatus,
    RecordView,
)
from widgets.code_search import MOST_HITS, CodeSearch
from widgets.keys import BACK, HELP, bind
from widgets.plain import content
from widgets.prescription_grid import PrescriptionGrid, without_answer
from widgets.status_line import StatusLine

if TYPE_CHECKING:
    from store.transaction import Transaction

PAUSE_SECONDS = 1.0
"""The draft is saved so long after the last key."""
RETRY_SECONDS = 5.0
_VISITS_READ = 50


class After(Enum):
    """What a consultation is followed by: nothing in particular, the next patient, or paper."""

    NOTHING = "nothing"
    NEXT = "next"
    PRINT = "print"


class ConsultationScreen(BooksFollowUps):
    """Seeing one patient. Its result is what comes `After`."""

    TOPICS = frozenset({"patient"})
    BINDINGS: ClassVar[list[BindingType]] = bind(
        SIGN,
        SIGN_NEXT,
        REPEAT,
        HISTORY,
        BACK,
        HELP,
        hidden=(SIGN_PRINT, FOLLOW_UP, KEEP, DROP_LINE, PUT_BACK),
    )
    CSS_PATH = "consultation.tcss"

    def __init__(self, context: ScreenContext, visit: AppointmentView, tab: int = 1) -> None:
        super().__init__(context, tab)
        self.visit = visit
        self.facts = PatientFacts()
        self.keeper: DraftKeeper | None = None
        self._latest: Gathered | None = None
        self._timer: Timer | None = None
        self._leave_anyway = False
        self._tried = False
        """Whether signing was refused: from then on the field being typed into is judged too."""
        self._refused: dict[str, str] = {}
        """What the store said against signing, until something is changed."""

    def body(self) -> ComposeResult:
        """Patient, form."""
        with Horizontal(id="consultation"):
            yield PatientPanel(id="patient", classes="panel")
            with Vertical(id="form-panel", classes="panel") as panel:
                panel.border_title = self._title()
                yield RecordForm(self.context.today, id="record")

    @property
    def form(self) -> RecordForm:
        """The form."""
        return self.query_one(RecordForm)

    @property
    def unsaved(self) -> bool:
        """Whether something typed is not in the store yet."""
        return self.keeper is not None and self.keeper.unsaved

    def on_mount(self) -> None:
        """Open the draft."""
        self.form.disabled = True
        self.query_one(PatientPanel).show(self.visit, self.facts)
        self.open()

    # Reading

    def reload(self) -> None:
        """Read the patient's background; the form is the doctor's own."""
        self.load_facts()

    def concerns(self, change: ChangeView) -> bool:
        """Of all patients, only this one matters."""
        return super().concerns(change) and change.entity_id in (None, self.visit.patient_id)

    @reading("draft")
    async def open(self) -> None:
        """Open the visit's draft, made where there is none, and begin to type."""
        await self.call(codes.title, "A00")
        self.form.grid.read_with(ShorthandReader(await self.read(formulary.load)))
        draft = await self.write(records.open_draft, self.visit.id)
        await self.begin(draft)
        self.form.note("symptoms").focus()

    async def begin(self, draft: RecordView) -> None:
        """Show a draft and keep it from here on."""
        await self.form.put(draft.content)
        self.form.disabled = False
        self.keeper = DraftKeeper(
            draft,
            self.write,
            self._gather,
            lambda: f"{self.context.now():%H:%M}",
            self.form.renew,
        )
        self._tell(self.keeper.state)

    def _gather(self, draft: RecordView) -> Gathered:
        return self.form.gather(draft.content, self.context.today())

    @reading("facts")
    async def load_facts(self) -> None:
        """Read what is known of the patient."""
        patient_id = self.visit.patient_id
        page = await self.read(records.list_records, patient_id=patient_id, limit=_VISITS_READ)
        self.facts = PatientFacts(
            await self.read(patients.allergies, patient_id),
            await self.read(prescriptions.running, patient_id),
            tuple(one for one in page.items if one.status is RecordStatus.SIGNED),
        )
        self.query_one(PatientPanel).show(self.visit, self.facts)
        self.form.tell_next_visit(await self.next_booked(patient_id))

    def minute_passed(self, now: datetime) -> None:
        """Count the minutes of the consultation."""
        self.query_one("#form-panel").border_title = self._title()

    def _title(self) -> Content:
        visit = self.visit
        minutes = ""
        if visit.started_at is not None and visit.status is AppointmentStatus.IN_CONSULTATION:
            passed = int((self.context.now() - visit.started_at).total_seconds() // 60)
            minutes = f" · {passed} min" if passed < 24 * 60 else ""
        return content(
            "$token · consultation · $when$minutes",
            token=visit.token or "no token",
            when=self._when(),
            minutes=minutes,
        )

    def _when(self) -> str:
        today = self.visit.starts_at.date() == self.context.today()
        return f"{self.visit.starts_at:%H:%M}" if today else f"{self.visit.starts_at:%d %b %H:%M}"

    # What is typed

    @on(RecordForm.Changed)
    def _changed_by_typing(self) -> None:
        if self.keeper is None or self.keeper.closed:
            return
        self._leave_anyway, self._refused = False, {}
        self._latest = self.keeper.gather()
        self._save_in(PAUSE_SECONDS)

    def _save_in(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(seconds, self.save)

    @acting
    async def save(self, *, asked: bool = False) -> None:
        """Save the draft; `asked` for by the doctor, not by the clock."""
        await self._keep(asked=asked)

    async def _keep(self, *, asked: bool) -> DraftState | None:
        if self.keeper is None or self.keeper.closed:
            return None
        state = await self.keeper.keep()
        self._tell(state, asked=asked)
        if state.safe and self._leave_anyway:
            self._leave_anyway = False
            self.say("")
        if state.again or (state.safe and self.keeper.unsaved):
            self._save_in(RETRY_SECONDS if state.again else PAUSE_SECONDS)
        return state

    def show_waiting(self, waiting: bool) -> None:
        """But not over what escape has asked: the draft tries again by itself, and tells beside the
        form how it stands."""
        if not self._leave_anyway:
            super().show_waiting(waiting)

    def _tell(self, state: DraftState, *, asked: bool = True) -> None:
        """Tell how the draft stands; unasked, nothing is said of a field being typed into."""
        quiet = state.safe
        if state.unkept and self.keeper is not None and not (asked or self._tried):
            quiet = self.keeper.gather().apart_from(*self.form.typing_in()).right
        self.query_one("#form-panel").border_subtitle = (
            content("[$text-muted]$s[/]", s=state.sentence)
            if quiet
            else content("[b $text-error]! $s[/]", s=state.whole)
        )

    @on(RecordForm.Left)
    def _judge(self) -> None:
        """Say what is wrong with the fields that were left, not with the one being typed into."""
        if self.keeper is not None and not self.keeper.closed:
            gathered = self.keeper.gather()
            if not self._tried:
                gathered = gathered.apart_from(*self.form.typing_in())
            errors = {**self._refused, **gathered.errors}
            self.form.show_errors(replace(gathered, errors=errors), go_there=False)

    @on(CodeSearch.Asked)
    def _codes_asked(self, event: CodeSearch.Asked) -> None:
        self.search_codes(event.text)

    @reading("codes")
    async def search_codes(self, text: str) -> None:
        """Find ICD-10 codes."""
        self.form.diagnoses.show(text, await self.call(codes.search_icd10, text, MOST_HITS))

    @on(PrescriptionGrid.DrugTyped)
    def _drug_typed(self) -> None:
        self.warn_of_drugs()

    @reading("drugs")
    async def warn_of_drugs(self) -> None:
        """Warn of every line's drug: one line may be the reason to warn of another."""
        grid = self.form.grid
        drugs = {row.number: row.drug for row in grid.rows}
        found = await self.read(_warnings_of, self.visit.patient_id, list(drugs.values()))
        meant = {row.number: row.drug for row in grid.rows}
        for (line, drug), warnings in zip(drugs.items(), found, strict=True):
            if drug == meant.get(line, ""):
                grid.show_warnings(line, warnings)

    # What is done

    def action_keep(self) -> None:
        """Save now; where another terminal changed the same field, ask which is to stand."""
        if self.keeper is not None and self.keeper.state.elsewhere:
            self.decide()
        else:
            self.save(asked=True)

    @acting
    async def decide(self) -> None:
        """Ask of each field that both terminals changed, then save what was decided."""
        keeper = self.keeper
        if keeper is None or keeper.closed:
            return
        other, merged = await keeper.join()
        self._ask_which(other, merged.content, list(merged.conflicts))

    def _ask_which(
        self, other: RecordView, content_: RecordInput, conflicts: list[Conflict]
    ) -> None:
        """Ask of one field after the other; escape leaves all as it is."""
        if not conflicts:
            self.settle(other, content_)
            return
        conflict, *following = conflicts

        def answered(which: str | None) -> None:
            if which is None:
                return
            taken = {THERE: take, BOTH: take_both}.get(which)
            decided = taken(content_, other.content, conflict.field) if taken else content_
            self._ask_which(other, decided, following)

        label = field_label(conflict.field)
        self.app.push_screen(WhichText(self.context, conflict, label), answered)

    @acting
    async def settle(self, other: RecordView, content_: RecordInput) -> None:
        """Show and save what was decided."""
        if self.keeper is not None and not self.keeper.closed:
            async with self.keeper.turn:
                self._tell(await self.keeper.settle(other, content_))

    def action_drop_line(self) -> None:
        """Take out the prescription line under the cursor."""
        self.form.grid.drop_line()
        self.warn_of_drugs()

    async def action_put_back(self) -> None:
        """Put back the line taken out last."""
        await self.form.grid.put_back()

    async def action_repeat(self) -> None:
        """Add the lines of the patient's last prescription that are not there yet."""
        last = next((one for one in self.facts.visits if one.prescription), None)
        if last is None:
            self.say("There is no earlier prescription to repeat.")
            return
        grid = self.form.grid
        there = {text.drug.strip().casefold() for text in grid.typed.values()}
        lines = [
            without_answer(show_line(one.item))
            for one in last.prescription
            if one.item.drug.casefold() not in there
        ]
        await grid.add(lines)
        grid.rows[-1].field("drug").focus()
        count = "1 line" if len(lines) == 1 else f"{len(lines)} lines"
        self.say(f"{count} of {last.visited_at:%d %b %Y} repeated.")

    def action_history(self) -> None:
        """Show all earlier visits."""
        self.app.push_screen(HistoryDialog(self.context, self.visit, self.facts))

    def action_follow_up(self) -> None:
        """Book the patient again, from the follow-up day on."""
        self.book_again(self.visit.patient_id, self.form.follow_up_day)

    def booked_again(self, view: AppointmentView) -> None:
        """Show it beside the follow-up day."""
        super().booked_again(view)
        self.form.tell_next_visit(view)

    def action_back(self) -> None:
        """Back to the queue; the draft is kept."""
        self.leave()

    @acting
    async def leave(self) -> None:
        """Save and go; what cannot be saved is told once before."""
        state = await self._keep(asked=True)
        if state is None or state.safe or self._leave_anyway:
            self._close()
            self.dismiss(After.NOTHING)
        else:
            self._leave_anyway = True
            self._warn(f"esc again leaves so: {state.whole}")

    def action_sign(self) -> None:
        """Sign and complete."""
        self.sign(After.NOTHING)

    def action_sign_next(self) -> None:
        """Sign, complete, and call in who waits next."""
        self.sign(After.NEXT)

    def action_sign_print(self) -> None:
        """Sign, complete, and put it on paper."""
        self.sign(After.PRINT)

    @acting
    async def sign(self, after: After) -> None:
        """Sign and complete in one step, or show what stands against it."""
        keeper = self.keeper
        if keeper is None or keeper.closed:
            return
        async with keeper.turn:
            self.form.grid.spread()
            gathered = keeper.gather()
            if not self._complete(gathered):
                return
            try:
                await self.write(
                    _sign_and_complete,
                    keeper.draft,
                    gathered.content,
                    self.visit.id,
                )
            except ChangedMeanwhile:
                keeper.state = await keeper.take_in()
                self._tell(keeper.state)
                if keeper.state.safe:
                    self._warn(
                        "Not signed yet: what another terminal wrote was taken in. Look at it."
                    )
                return
            except Invalid as refusal:
                self._place(refusal, gathered)
                return
            self._close()
        self.dismiss(after)

    def _complete(self, gathered: Gathered) -> bool:
        """Whether the form itself has nothing against signing; else go where it has."""
        self._tried = True
        self.form.show_errors(gathered, go_there=True)
        if not gathered.right:
            self._warn(f"Not signed yet: look at {gathered.unkept}.")
            return False
        line = self.form.grid.unanswered()
        if line is not None:
            self.form.grid.focus_on(line, "answer")
            self._warn("Not signed yet: say why this medicine is given, or f8 takes it out.")
            return False
        return True

    def _place(self, refusal: Invalid, gathered: Gathered) -> None:
        """Show a refusal to sign beside what it is about."""
        line = refusal.details.get("line")
        if line is not None:
            number = gathered.numbers[line - 1]
            self.form.grid.show_warnings(number, refusal.details["warnings"])
            self.form.grid.focus_on(number, "answer")
        else:
            self._refused = refusal.fields
            refused = Gathered(gathered.content, refusal.fields)
            self.form.show_errors(refused, go_there=True)
        self._warn(f"Not signed yet: {refusal.message}")

    def _warn(self, sentence: str) -> None:
        self.query_one(StatusLine).warn(sentence)

    def _close(self) -> None:
        """Nothing is saved from here on."""
        if self._timer is not None:
            self._timer.stop()
        if self.keeper is not None:
            self.keeper.closed = True

    async def on_unmount(self) -> None:
        """The line was cut: keep what was typed within the last second too."""
        keeper, latest = self.keeper, self._latest
        if keeper is None or keeper.closed or latest is None:
            return
        if latest.content != keeper.draft.content:
            save = self.write(_keep_both, keeper.draft, latest.content)
            with suppress(StoreError):  # there is nobody left to tell
                await save


def _warnings_of(tx: Transaction, patient_id: int, drugs: Sequence[str]) -> list[list[str]]:
    """What to warn of for each drug of a prescription, in order."""
    found: list[list[str]] = []
    for place, drug in enumerate(drugs):
        try:
            met = prescriptions.warnings(tx, patient_id, drug, beside=drugs[:place]) if drug else []
        except Invalid:
            met = []  # a drug that cannot be kept is told of under its field
        found.append(met)
    return found


def _keep_both(tx: Transaction, draft: RecordView, content_: RecordInput) -> RecordView:
    """Save a draft when there is nobody left to ask, beside what another terminal wrote."""
    assert draft.appointment_id is not None
    there = records.open_draft(tx, draft.appointment_id)
    kept = both(draft.content, content_, there.content)
    return records.save_draft(tx, draft.id, kept, version=there.version)


def _sign_and_complete(
    tx: Transaction, draft: RecordView, content_: RecordInput, appointment_id: int
) -> AppointmentView:
    """The last text, its signature and the end of the consultation, all or nothing."""
    records.save_draft(tx, draft.id, content_, version=draft.version)
    visit = appointments.get(tx, appointment_id)
    if visit.status is AppointmentStatus.IN_CONSULTATION:
        return appointments.complete(tx, appointment_id)
    records.sign(tx, draft.id)
    return visit
