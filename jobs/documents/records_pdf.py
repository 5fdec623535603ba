"""A patient's records as PDF: what a person reads, and another hospital's doctor."""

from __future__ import annotations

from collections.abc import Iterator

from jobs.documents.fonts import Fonts
from jobs.documents.page import MUTED, Paper, Pdf
from jobs.documents.words import (
    day_words,
    moment_words,
    status_words,
    texts_in,
    vitals_words,
)
from jobs.exports.table import medicine
from store.values import (
    AppointmentStatus,
    BirthPrecision,
    PatientFile,
    PatientView,
    RecordView,
)

_FIELDS = {
    "symptoms": "Symptoms",
    "diagnoses": "Diagnosis",
    "vitals": "Measured",
    "treatment": "Treatment",
    "notes": "Notes",
    "follow_up_on": "Come again",
    "prescription": "Prescription",
}
_WIDE = 30
_BEGINNING = 45
"""How many mm of a part come together: a heading is never alone at the foot of a page."""


def records_pdf(file: PatientFile, fonts: Fonts) -> Pdf:
    """All signed records with prescriptions and amendments, allergies and appointments; the
    patient stands at the head of every page."""
    patient = file.patient
    paper = Paper(
        fonts,
        texts_in(file),
        title=f"Medical records {patient.mrn}",
        made_at=file.made_at,
        head=f"{patient.name}  ·  {patient.mrn}  ·  {_born(patient)}",
        foot=f"{file.hospital}  ·  as of {moment_words(file.made_at)}  ·  confidential",
    )
    paper.line_of("Medical records", 18, bold=True)
    paper.line_of(f"{file.hospital}, as of {moment_words(file.made_at)}", 10, grey=MUTED)
    paper.ln(3)
    for label, value in _particulars(file):
        paper.fact(label, value, width=_WIDE)
    wrong = {v.id for v in file.visits if v.status is AppointmentStatus.IN_ERROR}
    for record in file.records:
        _record(paper, record, in_error=record.appointment_id in wrong)
    if not file.records:
        paper.ln(4)
        paper.line_of("There is no signed record yet.")
    _visits(paper, file)
    return paper.finish()


def _particulars(file: PatientFile) -> Iterator[tuple[str, str]]:
    patient = file.patient
    yield "Name", patient.name
    yield "Patient number", patient.mrn
    yield "Born", _born(patient).removeprefix("born ")
    yield "Sex", patient.sex.value
    for label, value in (("Phone", patient.phone), ("Address", patient.address)):
        if value:
            yield label, value
    yield "Allergies", "; ".join(_allergies(file)) or "none recorded"


def _allergies(file: PatientFile) -> Iterator[str]:
    for one in file.allergies:
        more = ", ".join(part for part in (one.reaction, one.severity) if part)
        yield f"{one.substance} ({more})" if more else one.substance


def _born(patient: PatientView) -> str:
    born = patient.birth_date
    if born is None:
        return "birth date unknown"
    if patient.birth_precision is BirthPrecision.DAY:
        return f"born {born.day} {born:%b %Y}"
    return f"born about {born:%Y}"


def _record(paper: Paper, record: RecordView, *, in_error: bool) -> None:
    paper.part(_BEGINNING)
    paper.line_of(day_words(record.visited_at.date()), 13, bold=True)
    paper.line_of(f"{record.doctor}, {record.department}", 10, grey=MUTED)
    if in_error:
        paper.line_of("This visit was marked as an error: what follows does not count.", bold=True)
    paper.ln(1)
    for label, text in _parts(record):
        if text.strip():
            paper.fact(label, text, width=_WIDE)
            paper.ln(1)
    for one in record.amendments:
        field = _FIELDS.get(one.field, one.field)
        title = f"Amended {moment_words(one.at)} by {one.author}: {field} ({one.reason})"
        paper.line_of(title, 10, bold=True)
        paper.fact("Now", one.text, width=_WIDE)
        paper.fact("Before", one.earlier_text or "–", width=_WIDE)
        paper.ln(1)
    if record.signed_at:
        paper.line_of(f"Signed {moment_words(record.signed_at)}", 8, grey=MUTED)


def _parts(record: RecordView) -> Iterator[tuple[str, str]]:
    content = record.content
    yield _FIELDS["symptoms"], content.symptoms
    yield (
        _FIELDS["diagnoses"],
        "\n".join(f"{d.text} ({d.code})" if d.code else d.text for d in content.diagnoses),
    )
    yield _FIELDS["vitals"], vitals_words(content.vitals)
    yield _FIELDS["treatment"], content.treatment
    yield _FIELDS["notes"], content.notes
    yield _FIELDS["prescription"], "\n".join(medicine(line.item) for line in record.prescription)
    come = content.follow_up_on
    yield _FIELDS["follow_up_on"], day_words(come) if come else ""


def _visits(paper: Paper, file: PatientFile) -> None:
    if not file.visits:
        return
    paper.part(_BEGINNING)
    paper.line_of("Appointments", 13, bold=True)
    paper.grid(
        ("When", "Doctor", "Department", "Status"),
        [
            (moment_words(v.starts_at), v.doctor, v.department, status_words(v.status))
            for v in file.visits
        ],
        (30, 40, 35, 25),
    )
