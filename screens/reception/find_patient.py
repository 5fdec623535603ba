"""Finding a patient for something that begins away from the desk's own finder."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult

from screens.base import Dialog, reading
from store import patient_search
from store.values import PatientView
from widgets.patient_finder import PatientFinder
from widgets.pick_list import PickList

_MOST_HITS = 20
_TYPE = "Type a name, a phone number, a patient number or a birth date."


class FindPatient(Dialog[PatientView]):
    """Type, then enter."""

    TITLE_TEXT = "Which patient?"
    CSS = "FindPatient PatientFinder { height: 14; }"

    def body(self) -> ComposeResult:
        """The finder."""
        yield PatientFinder(id="which")

    def on_mount(self) -> None:
        """Start typing at once."""
        finder = self.query_one(PatientFinder)
        finder.show_patients([], _TYPE)
        finder.focus()

    @on(PickList.Asked)
    def _asked(self, event: PickList.Asked) -> None:
        self.search(event.text)

    @reading("finder")
    async def search(self, text: str) -> None:
        """Find patients."""
        found = await self.read(patient_search.search, text, limit=_MOST_HITS) if text else []
        note = f"{len(found)} found" if found else "Nobody found." if text else _TYPE
        self.query_one(PatientFinder).show_patients(found, note)

    @on(PatientFinder.Picked)
    def _picked(self, event: PatientFinder.Picked) -> None:
        self.dismiss(event.patient)
