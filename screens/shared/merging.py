"""Patients who may be registered twice, and the two side by side before they become one."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from typing import ClassVar, Generic, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.widgets import Static

from screens.base import Dialog, acting, reading
from screens.context import ScreenContext
from screens.shared.merge_keys import MERGE, NOT_SAME, OTHERS, SWAP, UNDO
from screens.shared.patient_fields import birth_text
from store import apart, duplicates, merging
from store.values import AppointmentView, LikelyPair, MergePreview, MergeView, PairApart
from widgets.keys import BACK, HELP, bind
from widgets.plain import cell, lines, plain
from widgets.record_table import Column, RecordTable, Row

A = TypeVar("A")

_KEPT, _LEFT = "● ", "  "
_MOST = 200
_THINGS = {
    "appointment": "appointment",
    "medical_record": "record",
    "allergy": "allergy note",
    "waitlist_entry": "waiting list entry",
}


class _OverTable(Dialog[A], Generic[A]):
    """A dialog whose table is read as it opens, and begun in."""

    @property
    def table(self) -> RecordTable:
        """The table."""
        return self.query_one(RecordTable)

    @abstractmethod
    def load(self) -> None:
        """Read what the table shows."""

    def on_mount(self) -> None:
        """Read it."""
        self.table.show([])
        self.table.focus()
        self.load()

    def reload(self) -> None:
        """Read it again."""
        self.load()


class TwiceDialog(_OverTable[None]):
    """The likely pairs; enter opens one of them."""

    TITLE_TEXT = "Registered twice?"
    TOPICS = frozenset({"patient"})
    BINDINGS: ClassVar[list[BindingType]] = bind(NOT_SAME, UNDO, BACK, HELP)
    CSS = "TwiceDialog RecordTable { height: 15; }"
    COLUMNS = (
        Column("one", "Patient"),
        Column("other", "Perhaps the same", 25),
        Column("why", "Because", 19),
    )

    def __init__(self, context: ScreenContext) -> None:
        super().__init__(context)
        self.pairs: dict[str, LikelyPair] = {}
        self.last: MergeView | PairApart | None = None
        """The merge, or the mark of two people, that `u` takes back."""
        self._go_to: str | None = None

    def body(self) -> ComposeResult:
        """The list."""
        yield RecordTable(self.COLUMNS, empty="Looking …", enter="compare")

    @reading("twice")
    async def load(self) -> None:
        """Read who may be registered twice."""
        page = await self.read(duplicates.likely_pairs, limit=_MOST)
        self.pairs = {_key(one.one.id, one.other.id): one for one in page.items}
        self.table.say_empty("Nobody seems to be registered twice.")
        before = self.table.selected
        self.table.show([self._row(key, one) for key, one in self.pairs.items()], total=page.total)
        self.table.hold(before)
        if self._go_to is not None and self.table.move_to(self._go_to):
            self._go_to = None
        self.refresh_bindings()

    @staticmethod
    def _row(key: str, pair: LikelyPair) -> Row:
        cells = (
            f"{pair.one.mrn} {pair.one.name}",
            f"{pair.other.mrn} {pair.other.name}",
            ", ".join(pair.because),
        )
        return Row(key, tuple(cell(text) for text in cells))

    @on(RecordTable.Opened)
    def _opened(self, event: RecordTable.Opened) -> None:
        event.stop()
        self.be_quiet()
        pair = self.pairs[event.key]
        dialog = MergeDialog(self.context, pair.one.id, pair.other.id)
        self.app.push_screen(dialog, self._merged)

    def _merged(self, done: MergeView | None) -> None:
        if done is not None:
            self.last = done
            clash = " They are booked twice at the same time: look." if done.clashes else ""
            self.toast(f"{done.merged.mrn} is {done.survivor.mrn} now; u takes it back.{clash}")
            self.load()

    def action_not_same(self) -> None:
        """Say of the two under the cursor that they are two people."""
        pair = self.pairs.get(self.table.selected or "")
        if pair is not None:
            self.set_apart(pair)

    @acting
    async def set_apart(self, pair: LikelyPair) -> None:
        """Keep it, so that they are suggested no more."""
        self.be_quiet()
        self.last = await self.write(apart.mark, pair.one.id, pair.other.id)
        self.toast(f"{pair.one.mrn} and {pair.other.mrn} are two people; u takes it back.")
        self.load()

    def action_undo(self) -> None:
        """Take back what was done last in this dialog."""
        if isinstance(self.last, MergeView):
            self.separate(self.last)
        elif self.last is not None:
            self.suggest_again(self.last)

    @acting
    async def separate(self, done: MergeView) -> None:
        """Make the two that were merged two patients again."""
        self.be_quiet()
        back = await self.write(merging.unmerge, done.merged.id)
        self.last, self._go_to = None, _key(back.survivor.id, back.merged.id)
        self.toast(f"{back.merged.mrn} and {back.survivor.mrn} are two patients again.")
        self.load()

    @acting
    async def suggest_again(self, pair: PairApart) -> None:
        """Let the two that were marked be suggested again."""
        self.be_quiet()
        await self.write(apart.take_back, pair.one.id, pair.other.id)
        self.last, self._go_to = None, _key(pair.one.id, pair.other.id)
        self.toast(f"{pair.one.mrn} and {pair.other.mrn} are suggested again.")
        self.load()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Marks only a pair, and undoes only what was done here."""
        if action == "not_same":
            return bool(self.pairs)
        if action == "undo":
            return self.last is not None
        return super().check_action(action, parameters)


class MergeDialog(_OverTable[MergeView]):
    """Two patients side by side: what differs, which of it stays, and what goes over. Answers
    with the merge that was made."""

    TITLE_TEXT = "One patient?"
    BINDINGS: ClassVar[list[BindingType]] = bind(MERGE, SWAP, BACK, HELP, hidden=(OTHERS,))
    CSS = """
    MergeDialog RecordTable { height: auto; max-height: 12; }
    MergeDialog RecordTable > _Table { height: auto; max-height: 12; }
    MergeDialog #goes-over { color: $text-muted; margin-top: 1; }
    """
    COLUMNS = (
        Column("field", "", 17),
        Column("survivor", "Stays", 24),
        Column("merged", "Goes into it"),
    )

    def __init__(self, context: ScreenContext, survivor_id: int, merged_id: int) -> None:
        super().__init__(context)
        self.ids = (survivor_id, merged_id)
        self.taken: set[str] = set()
        self.shown: MergePreview | None = None

    def body(self) -> ComposeResult:
        """The table, and what else there is to know."""
        yield RecordTable(self.COLUMNS, empty="Looking …", enter="take other")
        yield Static("", id="goes-over", markup=False)

    @reading("merge")
    async def load(self) -> None:
        """Read what merging would do."""
        self.shown = await self.read(merging.preview, *self.ids, take=tuple(self.taken))
        self._show(self.shown)

    def _show(self, shown: MergePreview) -> None:
        survivor, merged = shown.survivor, shown.merged
        differing = {one.name for one in shown.fields}
        alike = [
            ("name", survivor.name, merged.name),
            ("birth date", birth_text(survivor), birth_text(merged)),
        ]
        rows = [
            Row(name, (cell(name), cell(_KEPT + mine), cell(_LEFT + theirs)))
            for name, mine, theirs in alike
            if name.replace(" ", "_") not in differing
        ]
        numbers = (cell("number"), cell(_KEPT + survivor.mrn), cell(_KEPT + merged.mrn))
        rows.append(Row("number", numbers))
        for one in shown.fields:
            taken = one.name in self.taken or one.taken
            mine, theirs = (_LEFT, _KEPT) if taken else (_KEPT, _LEFT)
            cells = (one.name.replace("_", " "), mine + one.survivor, theirs + one.merged)
            rows.append(Row(one.name, tuple(cell(text) for text in cells)))
        self.table.show(rows)
        self.query_one("#goes-over", Static).update(lines(self._more(shown)))

    def _more(self, shown: MergePreview) -> Iterator[Content]:
        if shown.apart:
            yield plain("! Somebody marked these two as not the same person.")
        yield plain("● stays. Both numbers find the patient afterwards; a merge can be taken back.")
        counts = [f"{n} × {_THINGS[name]}" for name, n in shown.moves.items() if name in _THINGS]
        if counts:
            yield plain("Goes over: " + ", ".join(counts) + ".")
        for one, other in shown.clashes:
            yield plain(f"! Booked twice at the same time: {_visit(one)} and {_visit(other)}.")

    @on(RecordTable.Opened)
    def _opened(self, event: RecordTable.Opened) -> None:
        event.stop()
        self.action_take()

    def action_take(self) -> None:
        """Keep the other's particular, or again the survivor's."""
        shown, name = self.shown, self.table.selected
        field = next((one for one in shown.fields if one.name == name), None) if shown else None
        if shown is None or field is None:
            return
        if not field.survivor:
            self.complain("The one who stays has nothing there, so this is taken over.")
            return
        self.be_quiet()
        self.taken ^= {field.name}
        self.load()

    def action_swap(self) -> None:
        """Let the other one stay."""
        self.be_quiet()
        self.ids, self.taken = (self.ids[1], self.ids[0]), set()
        self.load()

    def action_merge(self) -> None:
        """Merge them as shown."""
        if self.shown is not None:
            self.save(self.shown)

    @acting
    async def save(self, shown: MergePreview) -> None:
        """Make the two one."""
        self.be_quiet()
        versions = (shown.survivor.version, shown.merged.version)
        done = await self.write(merging.merge, *self.ids, take=tuple(self.taken), versions=versions)
        self.dismiss(done)


def _key(one: int, other: int) -> str:
    """The key of a pair, whichever is named first."""
    return " ".join(str(number) for number in sorted((one, other)))


def _visit(one: AppointmentView) -> str:
    return f"{one.starts_at:%a %d %b %H:%M} {one.doctor}"
