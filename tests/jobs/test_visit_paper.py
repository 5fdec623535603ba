"""Prescriptions and visit summaries as PDF and as text, read back; and by mail."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from jobs.documents.fonts import Fonts
from jobs.documents.office import PaperOffice, PaperSettings
from jobs.documents.visit_pdf import visit_pdf
from jobs.documents.visit_text import visit_text
from jobs.printing import Printer
from store import desk, record_papers, records
from store.values import (
    Actor,
    Diagnosis,
    PaperKind,
    PrescriptionInput,
    RecordInput,
    Role,
)
from tests.clinic import SYSTEM
from tests.hostile import LITERAL, PILED_UP, REFUSED, TOO_LONG
from tests.jobs.conftest import Post, part
from tests.jobs.paper import AT, NO_FONTS, folder_of, fonts_in, pages
from tests.jobs.visit_paper import MEDICINE, PAPER

SUMMARY = replace(PAPER, kind=PaperKind.SUMMARY)
HINDI = replace(
    PAPER,
    patient="मीना कुमारी",
    medicines=(replace(MEDICINE, instructions="खाना खाने के बाद"),),
)


@pytest.mark.parametrize("fonts", [Fonts(), NO_FONTS], ids=["system", "none"])
def test_a_prescription_has_all_that_a_chemist_asks_for(fonts: Fonts) -> None:
    (text,) = pages(visit_pdf(PAPER, fonts, AT).data)
    for told in (
        "City Hospital 12 Lake Road Tel. 044 2499 0011",
        "Dr Anita Nair",
        "MBBS, MD · Medicine",
        "Mon 5 January 2026",
        "Meena Rao",
        "Patient no. 000009-2",
        "34 years, female 7 Temple Street",
        "Allergies Penicillin (rash) Weight 61.25 kg Diagnosis J02.9 Acute pharyngitis Overworked",
        "Rx Medicine How to take it For Quantity",
        "1. Paracetamol 500 mg tablet 1-0-1, by mouth 1 morning, 1 night after food 3 days 6",
        "5 ml morning, 5 ml noon, 5 ml night 5 days 75 ml",
        "Advice Rest, fluids Come again Mon 12 January 2026",
        "Dr Anita Nair MBBS, MD Registration no. KMC 48213",
        "Signed 5 Jan 2026, 10:52 · record 5 · page 1 of 1",
    ):
        assert told in text
    for kept_apart in ("liver is sound", "employer", "Fever", "96"):
        assert kept_apart not in text


def test_a_summary_says_what_was_found_too() -> None:
    (text,) = pages(visit_pdf(SUMMARY, NO_FONTS, AT).data)
    assert "Symptoms Fever for three days Measured pulse 96/min, weight 61.25 kg" in text
    assert "Notes Not for the patient's employer" in text
    assert "Paracetamol 500 mg tablet" in text
    assert "liver is sound" not in text


def test_amended_medicines_are_as_they_were_written() -> None:
    amended = replace(PAPER, medicines="Paracetamol 650 mg\n\nno syrup", corrected_at=AT)
    (text,) = pages(visit_pdf(amended, NO_FONTS, AT).data)
    assert "Rx 1. Paracetamol 650 mg 2. no syrup" in text
    assert "corrected 5 Jan 2026, 10:30" in text
    assert "Rx\n1. Paracetamol 650 mg\n2. no syrup\n" in visit_text(amended, 42)


def test_every_further_page_says_whose_it_is_and_the_signature_is_the_last() -> None:
    long = replace(PAPER, medicines=(MEDICINE,) * 24)
    found = pages(visit_pdf(long, Fonts(), AT).data)
    assert len(found) > 1
    assert found[0].startswith("City Hospital")
    assert all(text.startswith("Prescription · Meena Rao · 000009-2") for text in found[1:])
    assert "Registration no." in found[-1]
    assert all("Registration no." not in text for text in found[:-1])
    assert "24. Paracetamol" in " ".join(found)


def test_devanagari_is_drawn_by_a_font_that_has_it() -> None:
    fonts = Fonts(system=folder_of("DejaVuSans.ttf", "Lohit-Devanagari.ttf"))
    pdf = visit_pdf(HINDI, fonts, AT)
    assert pdf.missing == frozenset()
    assert any("Lohit" in name for name in fonts_in(pdf.data))


@pytest.mark.parametrize("columns", [24, 42])
def test_text_keeps_to_the_printers_line(columns: int) -> None:
    for paper in (PAPER, SUMMARY, HINDI, replace(PAPER, medicines=TOO_LONG[:300])):
        assert max(map(cell_len, visit_text(paper, columns).split("\n"))) <= columns
    text = visit_text(PAPER, 42)
    assert (
        "1. Paracetamol 500 mg tablet\n   1-0-1, by mouth\n   1 morning, 1 night\n   after food\n"
        "   for 3 days, quantity 6 tablets\n"
    ) in text
    assert "liver is sound" not in text


def test_no_text_breaks_a_paper() -> None:
    texts = [*LITERAL, *REFUSED, TOO_LONG[:1500], PILED_UP, "{nb}", ""]
    hostile = replace(
        SUMMARY,
        hospital=" ".join(texts)[:400],
        letterhead=tuple(text[:120] for text in texts),
        patient=PILED_UP[:120],
        address=TOO_LONG[:400],
        allergies=tuple(text[:200] for text in texts),
        notes="\n".join(texts),
        medicines=tuple(
            PrescriptionInput(text[:200] or "-", text[:80], text[:40], text[:80], 1, 1, text[:500])
            for text in texts
        ),
    )
    for fonts in (Fonts(), NO_FONTS):
        found = " ".join(pages(visit_pdf(hostile, fonts, AT).data))
        assert "{nb}" in found
    assert "\x1b" not in visit_text(hostile, 32)


def test_the_office_names_prints_and_saves_it(tmp_path: Path) -> None:
    printer = tmp_path / "printer"
    printer.write_text(f'#!/bin/sh\ncat >"{tmp_path}/paper"\n', encoding="utf-8")
    printer.chmod(0o700)
    folder = tmp_path / "pdf"
    office = PaperOffice(PaperSettings(Printer((str(printer),)), folder=folder), lambda: AT)
    assert office.print(PAPER) == "Prescription of Meena Rao: sent to the printer."
    assert "Paracetamol" in (tmp_path / "paper").read_text(encoding="utf-8")
    office.save(SUMMARY, office.file_name(SUMMARY))
    assert [file.name for file in folder.iterdir()] == ["summary-5.pdf"]


def test_by_mail_the_paper_is_attached_and_nothing_medical_is_in_the_text(post: Post) -> None:
    visit = post.book()
    doctor = Actor(Role.DOCTOR, "Doctor 0", "test", doctor_id=post.clinic.doctors[0])
    content_ = RecordInput(diagnoses=(Diagnosis("Pharyngitis"),), prescription=(MEDICINE,))
    post.store.write(SYSTEM, desk.check_in, visit.id)
    draft = post.store.write(doctor, records.open_draft, visit.id)
    post.store.write(doctor, records.save_draft, draft.id, content_, version=draft.version)
    post.store.write(doctor, records.sign, draft.id)
    post.deliver()
    post.store.write(
        doctor, record_papers.ask_by_mail, draft.id, PaperKind.PRESCRIPTION, request_id="one"
    )
    # What is corrected before it is sent is sent as corrected.
    post.store.write(
        doctor, records.amend, draft.id, field="treatment", text="Rest", reason="forgotten"
    )
    assert post.deliver().sent == 1
    mail = post.server.inbox[-1]
    assert mail.recipients == ("p0@example.org",)
    for told in (str(mail.message["Subject"]), part(mail, "plain"), part(mail, "html")):
        for medical in ("Pharyngitis", "Paracetamol", "rescription", "Doctor", "Cardiology"):
            assert medical not in told
    (attached,) = mail.message.iter_attachments()
    name, pdf = attached.get_filename() or "", attached.get_payload(decode=True)
    assert isinstance(pdf, bytes)
    assert name.startswith("visit-")
    (text,) = pages(pdf)
    assert "Paracetamol 500 mg tablet" in text
    assert "Advice Rest" in text
