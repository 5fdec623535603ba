"""Choosing a doctor, or the first free one of a department, by typing a few letters.

A time of day behind them narrows what is free: `nair mornings`, `cardio after 17:00`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from rich.cells import set_cell_size
from textual import on
from textual.app import ComposeResult
from textual.content import Content

from screens.base import Dialog, acting, reading
from store import availability, doctors
from store.errors import SlotUnavailable
from store.one_line import When, read_line
from store.values import DoctorView, Slot
from widgets.pick_list import PickList
from widgets.plain import content, one_line, shorten

_AHEAD = timedelta(days=13)
"""So far the first free slot at a time of day is shown beside a doctor."""


@dataclass(frozen=True, slots=True)
class DoctorChoice:
    """A doctor, and where a department or a time of day was asked for, the first free slot found
    there; or, with `whole`, the doctor's whole department."""

    doctor: DoctorView
    first: Slot | None = None
    whole: bool = False


class DoctorDialog(Dialog[DoctorChoice]):
    """All active doctors with what is free today; departments stand below them."""

    TITLE_TEXT = "Choose a doctor"
    TOPICS = frozenset({"appointment", "doctor", "hours", "leave", "holiday", "hold"})
    CSS = "DoctorDialog PickList { height: 16; }"

    def body(self) -> ComposeResult:
        """A field and the doctors."""
        yield PickList(hint="doctor or department; mornings, after 17:00", id="doctors")

    def on_mount(self) -> None:
        """Start typing at once."""
        self.doctors: dict[str, DoctorView] = {}
        self.free: dict[int, list[Slot]] = {}
        self.when = When()
        self.query_one(PickList).focus()
        self.reload()

    def reload(self) -> None:
        """Read doctors, and the free slots of today, or of two weeks at the wished-for time."""
        self.load()

    @reading("doctors")
    async def load(self) -> None:
        """Read doctors and free slots, then show what fits the typed text."""
        found = (await self.read(doctors.list_doctors)).items
        self.doctors = {f"doctor {doctor.id}": doctor for doctor in found}
        text = self.query_one(PickList).text
        when = self._split(text)[1]
        first = self.context.today()
        if when.day is not None:
            first = max(first, when.day)
        last = first + _AHEAD if when.anything else first
        ids = [doctor.id for doctor in found]
        slots = await self.read(availability.free_slots, ids, first, last) if ids else []
        free: dict[int, list[Slot]] = defaultdict(list)
        for slot in slots:
            if when.fits(slot.starts_at):
                free[slot.doctor_id].append(slot)
        self.free, self.when = free, when
        self._show(text)

    @on(PickList.Asked)
    def _asked(self, event: PickList.Asked) -> None:
        if self._split(event.text)[1] == self.when:
            self._show(event.text)
        else:
            self.load()

    def _split(self, text: str) -> tuple[list[str], When]:
        """The words that are names, and the time of day that the others tell; words that are
        neither stay names, which nobody has."""
        words = one_line(text).casefold().split()
        names = [word for word in words if self._names_anybody(word)]
        others = [word for word in words if word not in names]
        line = read_line(" ".join(others), self.context.today())
        # A trouble is what is not typed to its end yet, such as `after 17:`.
        return names + list(line.words), When() if line.trouble else line.when

    def _names_anybody(self, word: str) -> bool:
        return any(
            _fits([word], doctor.name, doctor.department, doctor.username, "any doctor")
            for doctor in self.doctors.values()
        )

    def _show(self, text: str) -> None:
        words = self._split(text)[0]
        hits = [
            (key, self._doctor_line(doctor))
            for key, doctor in self.doctors.items()
            if _fits(words, doctor.name, doctor.department, doctor.username)
        ]
        names = sorted({doctor.department for doctor in self.doctors.values()})
        hits += [
            (f"department {name}", self._department_line(name))
            for name in names
            if _fits(words, name, "any doctor")
        ]
        note = "" if hits else "No doctor or department has these letters."
        self.query_one(PickList).show(hits, note)

    def _doctor_line(self, doctor: DoctorView) -> Content:
        return content(
            "[b]$name[/]  [$text-muted]$department[/]  $free",
            name=_column(doctor.name, 26),
            department=_column(doctor.department, 18),
            free=self._free_words([doctor.id]),
        )

    def _department_line(self, name: str) -> Content:
        ids = [doctor.id for doctor in self.doctors.values() if doctor.department == name]
        return content(
            "[$accent]$name[/]  $free",
            name=_column(f"any in {name}", 46),
            free=self._free_words(ids),
        )

    def _free_words(self, doctor_ids: Sequence[int]) -> str:
        slots = sorted(
            (slot for one in doctor_ids for slot in self.free.get(one, [])),
            key=lambda slot: slot.starts_at,
        )
        if self.when.anything:
            return f"{slots[0].starts_at:%a %d %b %H:%M}" if slots else "none in two weeks"
        return f"{slots[0].starts_at:%H:%M}, {len(slots)} free today" if slots else "none today"

    @on(PickList.Chosen)
    def _chosen(self, event: PickList.Chosen) -> None:
        doctor = self.doctors.get(event.key)
        if doctor is not None and not self.when.anything:
            self.dismiss(DoctorChoice(doctor))
        else:
            self.be_quiet()
            self.choose_first_free(event.key, self.when)

    @acting
    async def choose_first_free(self, key: str, when: When) -> None:
        """Find the first free slot of a department, or of a doctor at such a time."""
        doctor = self.doctors.get(key)
        if doctor is not None:
            candidates = [doctor]
            nobody = f"{doctor.name} has no such free slot"
        else:
            name = key.removeprefix("department ")
            candidates = [d for d in self.doctors.values() if d.department == name]
            nobody = f"Nobody in {name} has {'such a' if when.anything else 'a'} free slot"
        found = await self.read(
            availability.first_free,
            doctor_id=doctor.id if doctor else None,
            department_id=candidates[0].department_id,
            n=1,
            when=when,
        )
        if not found:
            raise SlotUnavailable(f"{nobody} in the next two months.")
        first = found[0]
        self.dismiss(DoctorChoice(next(d for d in candidates if d.id == first.doctor_id), first))


def _column(text: str, width: int) -> str:
    """`text` cut or filled to a width in cells."""
    return set_cell_size(shorten(one_line(text), width), width)


def _fits(words: Sequence[str], *texts: str) -> bool:
    """Whether every word typed begins a word of the texts, as initials and surnames do."""
    parts = " ".join(texts).casefold().replace(".", " ").split()
    return all(any(part.startswith(word) for part in parts) for word in words)
