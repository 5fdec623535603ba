"""Everything that was written about a patient before, newest first."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import VerticalScroll

from screens.base import Dialog
from screens.context import ScreenContext
from screens.doctor.patient_panel import PatientFacts, allergy_line, medicine
from screens.doctor.record_text import record_facts
from store.values import AppointmentView
from widgets.fact_sheet import Fact, FactSheet
from widgets.plain import content, plain


class HistoryDialog(Dialog[None]):
    """Allergies and running medicines in full, then the signed records; arrows scroll."""

    WIDTH = 100

    def __init__(self, context: ScreenContext, visit: AppointmentView, facts: PatientFacts) -> None:
        super().__init__(context, title=f"{visit.patient} · {visit.mrn}")
        self.facts = facts

    def body(self) -> ComposeResult:
        """One long text."""
        with VerticalScroll(id="history"):
            yield FactSheet(list(self._facts()))

    def on_mount(self) -> None:
        """Let arrows scroll; as high as the terminal allows."""
        history = self.query_one("#history")
        history.styles.height = "auto"
        history.styles.max_height = max(8, self.app.size.height - 8)
        history.styles.scrollbar_size_vertical = 1
        history.focus()

    def _facts(self) -> Iterator[Fact]:
        facts, nothing = self.facts, plain("")
        for one in facts.allergies or ():
            yield allergy_line([one]), nothing
        if not facts.allergies:
            yield allergy_line(()), nothing
        yield nothing, nothing
        if not facts.running:
            yield content("[$text-muted]takes nothing that was prescribed here[/]"), nothing
        for number, (line, last_day) in enumerate(facts.running):
            label = content("[$text-muted]takes[/]") if number == 0 else nothing
            until = content(
                "$what [$text-muted]$end[/]",
                what=medicine(line),
                end=f"until {last_day:%d %b %Y}" if last_day else "(no end given)",
            )
            yield label, until
        if not facts.visits:
            yield nothing, nothing
            yield content("[$text-muted]No earlier visit has a signed record here.[/]"), nothing
        for record in facts.visits:
            yield nothing, nothing
            yield from record_facts(record)
