"""A medical record as a person reads it: field by field, amended text first, the earlier below."""

from __future__ import annotations

from collections.abc import Mapping

from textual.content import Content

from store.record_content import as_text
from store.values import AmendmentView, RecordStatus, RecordView, Vitals
from widgets.fact_sheet import Fact
from widgets.plain import content, plain

FIELDS: Mapping[str, str] = {
    "symptoms": "Symptoms",
    "vitals": "Vitals",
    "diagnoses": "Diagnoses",
    "treatment": "Treatment",
    "notes": "Notes",
    "follow_up_on": "Follow-up",
    "prescription": "Prescription",
}
"""The fields of a record, as the store names them and as they are shown."""


def present_text(record: RecordView, field: str) -> str:
    """What a field says now: its newest amendment, else what was signed."""
    newest = [one for one in record.amendments if one.field == field]
    return newest[-1].text if newest else as_text(record.content, field)


def record_facts(record: RecordView) -> list[Fact]:
    """When, by whom, how the record stands; then all fields that say something, with their
    amendments."""
    facts: list[Fact] = [(_head(record), plain("")), _state(record)]
    for name, label in FIELDS.items():
        text = present_text(record, name)
        amendments = [one for one in record.amendments if one.field == name]
        if text or amendments:
            shown = vitals_words(record.content.vitals) if name == "vitals" else text
            shown = text if amendments else shown
            facts.append((content("[$text-muted]$label[/]", label=label), plain(shown)))
            facts += [(plain(""), part) for one in reversed(amendments) for part in _amended(one)]
    if len(facts) == 2:
        facts.append((content("[$text-muted]Nothing was written.[/]"), plain("")))
    return facts


def vitals_words(vitals: Vitals) -> str:
    """Vital signs on one line, as they are spoken: `BP 128/82 mmHg, pulse 76, BMI 24.9`."""
    upper, lower = vitals.systolic_mmhg, vitals.diastolic_mmhg
    pressure = f"BP {upper or '–'}/{lower or '–'} mmHg" if upper or lower else ""
    rest = [
        f"{label} {value}{unit}"
        for label, value, unit in (
            ("pulse", vitals.pulse_bpm, ""),
            ("temp", vitals.temperature_c, " °C"),
            ("SpO2", vitals.spo2_percent, " %"),
            ("resp", vitals.respiration_per_min, ""),
            ("weight", vitals.weight_kg, " kg"),
            ("height", vitals.height_cm, " cm"),
            ("BMI", vitals.bmi, ""),
        )
        if value is not None
    ]
    return ", ".join([*([pressure] if pressure else []), *rest])


def _head(record: RecordView) -> Content:
    return content(
        "[b]$day[/]  $doctor  [$text-muted]$department[/]",
        day=f"{record.visited_at:%a %d %b %Y %H:%M}",
        doctor=record.doctor,
        department=record.department,
    )


def _state(record: RecordView) -> Fact:
    if record.status is not RecordStatus.SIGNED or record.signed_at is None:
        return content("[$token]○ draft[/]"), plain("not signed yet")
    same_day = record.signed_at.date() == record.visited_at.date()
    when = f"{record.signed_at:%H:%M}" if same_day else f"{record.signed_at:%d %b %Y %H:%M}"
    times = len(record.amendments)
    amended = "" if not times else " · amended once" if times == 1 else f" · amended {times} times"
    return content("[$accent]✔ signed[/]"), plain(when + amended)


def _amended(one: AmendmentView) -> tuple[Content, Content]:
    told = content(
        "[$token]amended $at by $who: $why[/]",
        at=f"{one.at:%d %b %Y %H:%M}",
        who=one.author,
        why=one.reason,
    )
    before = plain(f"before: {one.earlier_text or 'nothing'}").stylize("$text-muted")
    return told, before
