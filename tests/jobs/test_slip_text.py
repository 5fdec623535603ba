"""Slips as a thermal printer gets them."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from rich.cells import cell_len

from jobs.documents.slip_text import slip_text
from store.values import Slip
from tests.hostile import LITERAL, PILED_UP, REFUSED, TOO_LONG
from tests.jobs.paper import APPOINTMENT, NOTE, TOKEN, day, line


def test_a_token_slip() -> None:
    assert slip_text(TOKEN, 32) == (
        "         City Hospital\n"
        "--------------------------------\n"
        "   ##              ##    ######\n"
        " ##  ##          ####        ##\n"
        " ######  ######    ##    ######\n"
        " ##  ##            ##    ##\n"
        " ##  ##          ######  ######\n"
        "\n"
        "           Token A-12\n"
        "--------------------------------\n"
        "Doctor   Dr Anita Nair\n"
        "         Cardiology\n"
        "Patient  Asha R.\n"
        "Number   000009-2\n"
        "Here at  5 Jan 2026, 10:30\n"
    )


def test_an_appointment_slip() -> None:
    assert slip_text(APPOINTMENT, 42, NOTE) == (
        "              City Hospital\n"
        "------------------------------------------\n"
        "YOUR APPOINTMENT\n"
        "Mon 5 January 2026\n"
        "10:30 to 10:45\n"
        "------------------------------------------\n"
        "With     Dr Anita Nair\n"
        "         Cardiology\n"
        "Patient  Asha Rao\n"
        "Number   000009-2\n"
        "------------------------------------------\n"
        "Please bring this slip.\n"
        "If you cannot come, tell the desk, or\n"
        "cancel in Chikitsa until Mon 5 Jan, 08:30.\n"
    )


def test_the_list_of_a_day() -> None:
    assert slip_text(day(line(), line("मीना राव", None)), 48) == (
        "City Hospital\n"
        "Mon 5 January 2026, all doctors\n"
        "2 appointments\n"
        "================================================\n"
        "Dr Anita Nair\n"
        "------------------------------------------------\n"
        "10:30 A-12 waiting\n"
        "  Asha Rao\n"
        "  000009-2 F 34\n"
        "  +919845011223\n"
        "------------------------------------------------\n"
        "10:30 A-12 waiting\n"
        "  मीना राव\n"
        "  000009-2 F 34\n"
        "================================================\n"
        "Made 5 Jan 2026, 10:30 by Meera Joshi.\n"
        "Confidential: keep it out of sight and shred it\n"
        "after the day.\n"
    )


@pytest.mark.parametrize("columns", [32, 48])
def test_no_text_breaks_a_slip_or_drives_the_printer(columns: int) -> None:
    for text in (*LITERAL, *REFUSED, TOO_LONG, PILED_UP, "{nb}"):
        hostile: list[Slip] = [
            replace(TOKEN, patient=text, doctor=text, token=text[:12] or "-", hospital=text),
            replace(APPOINTMENT, patient=text, department=text),
            day(line(text, text)),
        ]
        for slip in hostile:
            lines = slip_text(slip, columns, note=text).split("\n")
            assert max(map(cell_len, lines)) <= columns
            assert all(c.isprintable() or c in "\u200c\u200d" for row in lines for c in row)


def test_a_token_that_cannot_be_drawn_large_is_written() -> None:
    for token in ("अ-12", "ABCDEFGH-123"):
        assert f"Token {token}" in slip_text(replace(TOKEN, token=token), 24)
