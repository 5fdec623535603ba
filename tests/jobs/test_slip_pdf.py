"""Slips as PDF, read back."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from jobs.documents.fonts import Fonts
from jobs.documents.slip_pdf import slip_pdf
from store.values import Slip
from tests.hostile import LITERAL, PILED_UP, REFUSED, TOO_LONG
from tests.jobs.paper import (
    APPOINTMENT,
    AT,
    NO_FONTS,
    NOTE,
    TOKEN,
    day,
    folder_of,
    fonts_in,
    line,
    pages,
)


@pytest.mark.parametrize("fonts", [Fonts(), NO_FONTS], ids=["system", "none"])
def test_what_stands_on_slips(fonts: Fonts) -> None:
    (token,) = pages(slip_pdf(TOKEN, fonts, AT).data)
    assert token == (
        "City Hospital Token A-12 Doctor Dr Anita Nair Department Cardiology Patient Asha R."
        " Number 000009-2 Here at 5 Jan 2026, 10:30"
    )
    (appointment,) = pages(slip_pdf(APPOINTMENT, fonts, AT, NOTE).data)
    assert appointment == (
        "City Hospital Your appointment Mon 5 January 2026 10:30 – 10:45 With Dr Anita Nair"
        " Department Cardiology Patient Asha Rao Number 000009-2 Please bring this slip."
        " If you cannot come, tell the desk, or cancel in Chikitsa until Mon 5 Jan, 08:30."
    )


@pytest.mark.parametrize("fonts", [Fonts(), NO_FONTS], ids=["system", "none"])
def test_a_long_day_has_its_headings_and_number_on_every_page(fonts: Fonts) -> None:
    found = pages(slip_pdf(day(*(line(f"Patient {n}") for n in range(40))), fonts, AT).data)
    assert len(found) == 2 or len(found) == 3
    for number, text in enumerate(found, 1):
        assert text.startswith("City Hospital · Mon 5 January 2026, all doctors")
        assert "Time Token Patient Number Age Phone Status" in text
        assert text.endswith(f"page {number} of {len(found)}")
    assert all(f"Patient {n} 000009-2 F 34" in " ".join(found) for n in range(40))
    (own,) = pages(slip_pdf(day(line(phone=None)), fonts, AT).data)
    assert "Phone" not in own


def test_devanagari_is_drawn_by_a_font_that_has_it() -> None:
    fonts = Fonts(system=folder_of("DejaVuSans.ttf", "Lohit-Devanagari.ttf"))
    assert "Devanagari" in fonts.scripts
    pdf = slip_pdf(replace(APPOINTMENT, patient="मीना हिन्दी"), fonts, AT)
    assert pdf.missing == frozenset()
    assert any("Lohit" in name for name in fonts_in(pdf.data))
    (text,) = pages(pdf.data)
    assert "म" in text
    assert "stands for" not in text


@pytest.mark.parametrize("fonts", [Fonts(), NO_FONTS], ids=["system", "none"])
def test_what_no_font_has_is_shown_by_a_sign_and_told(fonts: Fonts) -> None:
    pdf = slip_pdf(replace(APPOINTMENT, patient="Asha \U0001fae8 \U00014400"), fonts, AT)
    assert "\U00014400" in pdf.missing
    assert "fonts-noto-core" in pdf.caution
    (text,) = pages(pdf.data)
    assert "stands for a character that no font on this computer can draw." in text
    sign = text.partition(" stands for")[0][-1]
    assert f"Asha {sign}" in text or f"Asha \U0001fae8 {sign}" in text


def test_no_text_breaks_a_pdf() -> None:
    texts = [*LITERAL, *REFUSED, TOO_LONG[:2000], PILED_UP, "{nb}", "\ue000\ue001", "\x7f\x7f"]
    hostile: list[Slip] = [
        day(*(line(text[:200], text[:40]) for text in texts)),
        replace(APPOINTMENT, patient=" ".join(texts)[:900], hospital=texts[5]),
        replace(TOKEN, token=TOO_LONG[:60], doctor=TOO_LONG[:200]),
    ]
    for fonts in (Fonts(), NO_FONTS):
        for slip in hostile:
            found = " ".join(pages(slip_pdf(slip, fonts, AT, note=texts[2]).data))
            if slip is hostile[0]:
                assert "<script>alert(1)</script>" in found
                assert "{nb}" in found
                assert "[@click=app.quit]x[/]" in found
