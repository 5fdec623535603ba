"""A signed medical record in plain words: no codes, no abbreviations where words are known."""

from __future__ import annotations

import re
from collections.abc import Iterator

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from screens.base import Dialog
from screens.context import ScreenContext
from screens.patient.words import fact, long_moment
from store.values import AmendmentView, PrescriptionInput, RecordView, Vitals
from widgets.plain import content, lines, plain

_ROUTES = {
    "po": "by mouth",
    "oral": "by mouth",
    "iv": "into a vein",
    "im": "into a muscle",
    "sc": "under the skin",
    "sl": "under the tongue",
    "pr": "into the rectum",
    "topical": "on the skin",
    "inh": "inhaled",
    "nasal": "into the nose",
}
_FREQUENCIES = {
    "od": "once a day",
    "bd": "twice a day",
    "bid": "twice a day",
    "tds": "three times a day",
    "tid": "three times a day",
    "qds": "four times a day",
    "qid": "four times a day",
    "hs": "at bedtime",
    "stat": "at once",
    "sos": "when needed",
    "prn": "when needed",
}
_TIMES = ("in the morning", "at noon", "at night")
_DOSES = re.compile(r"([0-9½.]+)-([0-9½.]+)-([0-9½.]+)")
_FIELDS = {
    "symptoms": "Symptoms",
    "diagnoses": "Diagnosis",
    "treatment": "Treatment",
    "notes": "Notes",
    "follow_up_on": "Come again",
    "vitals": "Measured",
    "prescription": "Medicines",
}


def frequency_words(frequency: str) -> str:
    """`1-0-1` → `1 in the morning, 1 at night`; `BD` → `twice a day`; all else as written."""
    doses = _DOSES.fullmatch(frequency.strip())
    if doses:
        taken = [
            f"{dose} {when}"
            for dose, when in zip(doses.groups(), _TIMES, strict=True)
            if dose.strip("0.")
        ]
        return ", ".join(taken)
    return _FREQUENCIES.get(frequency.strip().casefold().replace(".", ""), frequency)


def medicine_words(item: PrescriptionInput) -> tuple[str, str]:
    """A medicine and its dose; and how it is taken."""
    days = item.duration_days
    how = [
        _ROUTES.get(item.route.casefold().strip(), item.route),
        frequency_words(item.frequency),
        f"for {days} day{'' if days == 1 else 's'}" if days else "",
        item.instructions,
    ]
    return f"{item.drug} {item.dose}".strip(), "; ".join(part for part in how if part)


def vitals_words(vitals: Vitals) -> list[str]:
    """What was measured, each with its name and unit."""
    measured = []
    if vitals.systolic_mmhg is not None or vitals.diastolic_mmhg is not None:
        upper, lower = vitals.systolic_mmhg or "–", vitals.diastolic_mmhg or "–"
        measured.append(f"blood pressure {upper}/{lower} mmHg")
    for value, name, unit in (
        (vitals.pulse_bpm, "pulse", "beats a minute"),
        (vitals.temperature_c, "temperature", "°C"),
        (vitals.spo2_percent, "oxygen", "%"),
        (vitals.respiration_per_min, "breaths", "a minute"),
        (vitals.weight_kg, "weight", "kg"),
        (vitals.height_cm, "height", "cm"),
    ):
        if value is not None:
            measured.append(f"{name} {value} {unit}")
    return measured


def diagnosis_words(record: RecordView) -> str:
    """The diagnoses in a line, without codes."""
    return ", ".join(one.text for one in record.content.diagnoses if one.text)


def record_text(record: RecordView) -> Content:
    """The whole record."""
    heading = content(
        "[b $accent]$when[/]\n[b]$doctor[/], $department",
        when=long_moment(record.visited_at),
        doctor=record.doctor,
        department=record.department,
    )
    return lines([heading, *_parts(record), *_medicines(record), *_corrections(record)])


def _parts(record: RecordView) -> Iterator[Content]:
    given = record.content
    follow_up = given.follow_up_on
    for title, text in (
        ("Symptoms", given.symptoms),
        ("Diagnosis", "\n".join(one.text for one in given.diagnoses)),
        ("Measured", ", ".join(vitals_words(given.vitals))),
        ("Treatment", given.treatment),
        ("Notes", given.notes),
        ("Come again", f"{follow_up:%A} {follow_up.day} {follow_up:%B %Y}" if follow_up else ""),
    ):
        if text.strip():
            yield plain("")
            yield content("[$text-muted]$title[/]", title=title)
            yield plain(text)


def _medicines(record: RecordView) -> Iterator[Content]:
    yield plain("")
    yield content("[$text-muted]Medicines[/]")
    if not record.prescription:
        yield plain("none")
    for line in record.prescription:
        drug, how = medicine_words(line.item)
        yield content("• [b]$drug[/]  $how", drug=drug, how=how)


def _corrections(record: RecordView) -> Iterator[Content]:
    for one in record.amendments:
        yield plain("")
        yield _correction(one)
        yield plain(one.text)
        yield fact("Before", one.earlier_text or "–")


def _correction(one: AmendmentView) -> Content:
    return content(
        "[$text-muted]Corrected on $at by $author: $field ($reason)[/]",
        at=f"{one.at.day} {one.at:%B %Y}",
        author=one.author,
        field=_FIELDS.get(one.field, one.field),
        reason=one.reason,
    )


class RecordDialog(Dialog[None]):
    """A record to be read; arrows scroll."""

    TITLE_TEXT = "What the doctor wrote"

    def __init__(self, context: ScreenContext, record: RecordView) -> None:
        super().__init__(context)
        self.record = record

    def body(self) -> ComposeResult:
        """One text."""
        yield Static(record_text(self.record), markup=False)

    def on_mount(self) -> None:
        """Let the arrows scroll."""
        body = self.query_one("#dialog-body", VerticalScroll)
        body.can_focus = True
        body.focus()
