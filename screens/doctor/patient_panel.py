"""Who is being seen: what must not be overlooked first, then what was found before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from store.values import AllergyView, AppointmentView, PrescriptionInput, RecordView
from widgets.patient_finder import sex_and_age
from widgets.plain import content, lines, one_line, plain, shorten

MOST_ALLERGIES, MOST_VISITS, MOST_MEDICINES = 6, 8, 8
_LONGEST = 48


@dataclass(frozen=True)
class PatientFacts:
    """What is known of the patient; `visits` are signed records, newest first."""

    allergies: Sequence[AllergyView] = ()
    running: Sequence[tuple[PrescriptionInput, date | None]] = ()
    visits: Sequence[RecordView] = ()


class PatientPanel(Vertical):
    """The patient: a column where there is room for one, else three lines above the form."""

    DEFAULT_CSS = """
    PatientPanel Static { height: auto; }
    PatientPanel .patient--name { text-wrap: nowrap; text-overflow: ellipsis; height: 1; }
    """

    def compose(self) -> ComposeResult:
        """Name; allergies; the rest, short and long."""
        self.border_title = plain("Patient")
        yield Static("", classes="patient--name", markup=False)
        yield Static("", id="allergies", markup=False)
        yield Static("", id="takes", markup=False)
        yield Static("", id="background", markup=False)

    def show(self, visit: AppointmentView, facts: PatientFacts) -> None:
        """Show the patient of a visit."""
        self.query_one(".patient--name", Static).update(
            content(
                "[b]$name[/]  $who  [$text-muted]$mrn[/]",
                name=shorten(one_line(visit.patient), 60),
                who=sex_and_age(visit.patient_sex, visit.patient_age),
                mrn=visit.mrn,
            )
        )
        self.query_one("#allergies", Static).update(allergy_line(facts.allergies))
        self.query_one("#takes", Static).update(takes_line(facts.running))
        self.query_one("#background", Static).update(_background(visit, facts))


def allergy_line(allergies: Sequence[AllergyView]) -> Content:
    """Allergies, loudly; that none is recorded is said too, since it is not the same as none."""
    if not allergies:
        return content("[$text-muted]no allergies recorded[/]")
    named = [
        f"{one_line(one.substance)} ({one_line(one.reaction)})" if one.reaction else one.substance
        for one in allergies
    ]
    shown = ", ".join(shorten(one_line(name), _LONGEST) for name in named[:MOST_ALLERGIES])
    more = len(named) - MOST_ALLERGIES
    return content(
        "[b $background on $error] ⚠ ALLERGY [/] [b $text-error]$named[/]",
        named=shown + (f" and {more} more (f3)" if more > 0 else ""),
    )


def takes_line(running: Sequence[tuple[PrescriptionInput, date | None]]) -> Content:
    """What the patient takes; that nothing is known is said too."""
    if not running:
        return content("[$text-muted]takes nothing that was prescribed here[/]")
    named = ", ".join(
        shorten(medicine(line), _LONGEST) + ("" if last_day else " (no end given)")
        for line, last_day in running[:MOST_MEDICINES]
    )
    more = len(running) - MOST_MEDICINES
    return content(
        "[$text-muted]takes[/] $named",
        named=named + (f" and {more} more (f3)" if more > 0 else ""),
    )


def medicine(line: PrescriptionInput) -> str:
    """A medicine in few words: `metformin 500 mg 1-0-1`."""
    return one_line(" ".join(part for part in (line.drug, line.dose, line.frequency) if part))


def diagnosis_words(record: RecordView) -> str:
    """A visit in few words: its diagnoses, else how its notes begin."""
    told = ", ".join(one.text for one in record.content.diagnoses)
    return one_line(told or record.content.notes or record.content.symptoms or "nothing written")


def _background(visit: AppointmentView, facts: PatientFacts) -> Content:
    parts: list[Content] = []
    if visit.note:
        parts += [plain(""), content("[$text-muted]note when booked[/]"), plain(visit.note)]
    parts += [plain(""), content("[$text-muted]last visits[/]")]
    parts += [
        content(
            "[$text-muted]$day[/] $what",
            day=f"{record.visited_at:%d %b %y}",
            what=shorten(diagnosis_words(record), 60),
        )
        for record in facts.visits[:MOST_VISITS]
    ] or [plain("none here yet")]
    trends = _trends(facts.visits)
    if trends:
        parts += [plain(""), content("[$text-muted]before[/]"), *trends]
    return lines(parts)


def _trends(visits: Sequence[RecordView]) -> list[Content]:
    """The last three weights and blood pressures, oldest first."""
    oldest_first = [record.content.vitals for record in reversed(visits)]
    weights = [f"{one.weight_kg}" for one in oldest_first if one.weight_kg is not None]
    pressures = [
        f"{one.systolic_mmhg}/{one.diastolic_mmhg}"
        for one in oldest_first
        if one.systolic_mmhg is not None and one.diastolic_mmhg is not None
    ]
    return [
        content("[$text-muted]$label[/] $values $unit", label=label, values=told, unit=unit)
        for label, told, unit in (
            ("weight", " → ".join(weights[-3:]), "kg"),
            ("BP", " → ".join(pressures[-3:]), ""),
        )
        if told
    ]
