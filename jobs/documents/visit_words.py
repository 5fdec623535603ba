"""What stands on the paper of a visit, part by part; how it is set is the PDF's or the text's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from jobs.documents.words import day_words, moment_words, vitals_words
from store.prescription_quantity import dose_words, frequency_words, unit_of_total
from store.values import PaperKind, PrescriptionInput, Sex, VisitPaper, Vitals

TITLES = {PaperKind.PRESCRIPTION: "Prescription", PaperKind.SUMMARY: "Visit summary"}
_ROUTES = {"oral": "by mouth", "IV": "into a vein (IV)", "IM": "into a muscle (IM)"}
_ROUTES |= {"SC": "under the skin (SC)", "SL": "under the tongue", "topical": "on the skin"}


@dataclass(frozen=True, slots=True)
class Medicine:
    """A line of the prescription: what, how it is taken, for how long, and how much of it."""

    name: str
    taken: tuple[str, ...]
    lasts: str
    quantity: str


def patient_words(paper: VisitPaper) -> str:
    """`34 years, female`."""
    sex = "" if paper.sex is Sex.UNKNOWN else paper.sex.value
    return ", ".join(part for part in (paper.age, sex) if part)


def doctor_words(paper: VisitPaper) -> str:
    """Qualification and department, as far as they are known."""
    return " · ".join(part for part in (paper.qualification, paper.department) if part)


def registration_words(paper: VisitPaper) -> str:
    """The medical council's number below the signature; without one, the place to write it."""
    return f"Registration no. {paper.registration}".rstrip()


def before_medicines(paper: VisitPaper) -> Iterator[tuple[str, str]]:
    """What was found, by its labels. A prescription says what it is for and what to keep in mind;
    the rest is the summary's."""
    yield "Allergies", "; ".join(paper.allergies) or "none recorded"
    if paper.kind is PaperKind.SUMMARY:
        yield "Symptoms", paper.symptoms
        yield "Measured", _measured(paper.vitals)
    elif isinstance(paper.vitals, Vitals) and paper.vitals.weight_kg is not None:
        yield "Weight", f"{paper.vitals.weight_kg} kg"
    yield "Diagnosis", "\n".join(paper.diagnoses)


def after_medicines(paper: VisitPaper) -> Iterator[tuple[str, str]]:
    """What the patient is to do, by its labels."""
    yield "Advice", paper.treatment
    if paper.kind is PaperKind.SUMMARY:
        yield "Notes", paper.notes
    come = paper.follow_up
    yield "Come again", day_words(come) if isinstance(come, date) else come or ""


def medicines(paper: VisitPaper) -> list[Medicine]:
    """The lines of the prescription; those that an amendment wrote are as it wrote them."""
    if isinstance(paper.medicines, str):
        lines = [line.strip() for line in paper.medicines.splitlines()]
        return [Medicine(line, (), "", "") for line in lines if line]
    return [_medicine(line) for line in paper.medicines]


def signed_words(paper: VisitPaper) -> str:
    """By whom and when the record behind the paper was signed and last corrected."""
    corrected = f", corrected {moment_words(paper.corrected_at)}" if paper.corrected_at else ""
    return f"Signed {moment_words(paper.signed_at)}{corrected} · record {paper.record_id}"


def _medicine(line: PrescriptionInput) -> Medicine:
    told = frequency_words(line.frequency, line.dose)
    route = _ROUTES.get(line.route, line.route)
    how = ", ".join(part for part in (line.frequency, route) if part)
    days = line.duration_days
    return Medicine(
        f"{line.drug} {dose_words(line.dose)}".strip(),
        tuple(
            part
            for part in (how, told if told != line.frequency else "", line.instructions)
            if part
        ),
        ("1 day" if days == 1 else f"{days} days") if days else "",
        f"{line.quantity} {unit_of_total(line)}".strip() if line.quantity else "",
    )


def _measured(vitals: Vitals | str) -> str:
    return vitals if isinstance(vitals, str) else vitals_words(vitals)
