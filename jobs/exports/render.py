"""From a patient's file to the bytes of one form, with the name and the kind of its file.

Each form's library is loaded when that form is asked for.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from store.values import PatientFile, RecordFormat, VisitPaper


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file to be written or attached: `kind` is its MIME type, `caution` a sentence where
    something in it could not be drawn."""

    name: str
    kind: tuple[str, str]
    data: bytes
    caution: str = ""


_KINDS = {
    RecordFormat.PDF: ("pdf", ("application", "pdf")),
    RecordFormat.CSV: ("csv", ("text", "csv")),
    RecordFormat.FHIR: ("fhir.json", ("application", "fhir+json")),
    RecordFormat.ICS: ("ics", ("text", "calendar")),
}


def render(file: PatientFile, form: RecordFormat, fonts: Path | None = None) -> Rendered:
    """One form of a file; `fonts` is a folder of fonts beside the system's."""
    suffix, kind = _KINDS[form]
    name = f"records-{file.made_at:%Y-%m-%d}.{suffix}"
    data, caution = _data(file, form, fonts)
    return Rendered(name, kind, data, caution)


def render_paper(paper: VisitPaper, made_at: datetime, fonts: Path | None = None) -> Rendered:
    """The paper of a visit as a PDF; what it is called says nothing medical."""
    from jobs.documents.fonts import Fonts
    from jobs.documents.visit_pdf import visit_pdf

    pdf = visit_pdf(paper, Fonts(fonts), made_at)
    name = f"visit-{paper.mrn}-{paper.visited_at:%Y-%m-%d}.pdf"
    return Rendered(name, _KINDS[RecordFormat.PDF][1], pdf.data, pdf.caution)


def _data(file: PatientFile, form: RecordFormat, fonts: Path | None) -> tuple[bytes, str]:
    if form is RecordFormat.PDF:
        from jobs.documents.fonts import Fonts
        from jobs.documents.records_pdf import records_pdf

        pdf = records_pdf(file, Fonts(fonts))
        return pdf.data, pdf.caution
    if form is RecordFormat.CSV:
        from jobs.exports.table import table

        return table(file), ""
    if form is RecordFormat.FHIR:
        from jobs.exports.fhir import bundle

        return bundle(file), ""
    from jobs.exports.feed import feed

    return feed(file), ""
