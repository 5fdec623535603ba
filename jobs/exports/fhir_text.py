"""What of a visit is text in a FHIR document: its narrative, and the parts no resource has."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Any

from jobs.documents.words import harmless
from jobs.exports.fhir_codes import AMENDED, COME_AGAIN, LOINC, NOTES, TREATMENT
from jobs.exports.table import medicine
from store.values import RecordView

_DIV = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'


def parts(record: RecordView) -> Iterator[dict[str, Any]]:
    """Sections for treatment, notes, coming again, and each amendment."""
    content = record.content
    come = content.follow_up_on.isoformat() if content.follow_up_on else ""
    for title, loinc, text in (
        ("Treatment", TREATMENT, content.treatment),
        ("Notes", NOTES, content.notes),
        ("Come again", COME_AGAIN, come),
    ):
        if text.strip():
            code = {"coding": [{"system": LOINC, "code": loinc}]}
            yield {"title": title, "code": code, "text": _generated(f"<p>{lines_of(text)}</p>")}
    for one in record.amendments:
        told = (one.text, one.earlier_text, one.reason, one.author)
        body = "".join(f"<p>{lines_of(text)}</p>" for text in told)
        title = f"{AMENDED} {one.at.isoformat(timespec='seconds')}: {one.field}"
        yield {"title": title, "text": _generated(body)}


def _generated(body: str) -> dict[str, str]:
    return {"status": "generated", "div": _DIV.format(body)}


def narrative(record: RecordView) -> str:
    """What a visit's codes say, in words."""
    content = record.content
    parts = [
        ("Symptoms", content.symptoms),
        ("Diagnosis", "\n".join(one.text for one in content.diagnoses)),
        ("Treatment", content.treatment),
        ("Notes", content.notes),
        ("Medicines", "\n".join(medicine(line.item) for line in record.prescription)),
        ("Come again", content.follow_up_on.isoformat() if content.follow_up_on else ""),
    ]
    parts += [
        (
            f"Amended {one.at:%Y-%m-%d %H:%M} by {one.author}: {one.field} ({one.reason})",
            f"{one.text}\nBefore: {one.earlier_text}",
        )
        for one in record.amendments
    ]
    told = [
        f"<p><b>{escape(harmless(title))}</b><br/>{lines_of(text)}</p>"
        for title, text in parts
        if text.strip()
    ]
    body = "".join(told) or "<p>Nothing was written.</p>"
    return f'<div xmlns="http://www.w3.org/1999/xhtml">{body}</div>'


def lines_of(text: str) -> str:
    """A text as XHTML."""
    return "<br/>".join(escape(line) for line in clean(text).split("\n"))


def clean(text: str) -> str:
    """A text without what does not belong into one, its lines kept."""
    return harmless(text, lines=True).strip()
