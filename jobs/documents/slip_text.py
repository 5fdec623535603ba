"""Slips as plain text, for a thermal printer of so many columns and for looking at.

The lines themselves keep to ASCII; names are as they are, and the printer's encoding decides.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from rich.cells import cell_len

from jobs.documents.big_letters import big
from jobs.documents.words import day_words, harmless, moment_words, person_words, status_words
from store.values import AppointmentSlip, DayLine, DayList, Slip, TokenSlip

NARROWEST = 24
_LABEL = 9


def slip_text(slip: Slip, columns: int, note: str = "") -> str:
    """A slip in lines of at most `columns` cells; `note` is what the hospital tells on every
    appointment slip."""
    columns = max(columns, NARROWEST)
    if isinstance(slip, TokenSlip):
        lines = list(_token(slip, columns))
    elif isinstance(slip, AppointmentSlip):
        lines = list(_appointment(slip, columns, note))
    else:
        lines = list(_day(slip, columns))
    return "".join(f"{line.rstrip()}\n" for line in lines)


def wrapped(text: str, columns: int) -> Iterator[str]:
    """A text in lines of at most `columns` cells, broken between words, and within one that is
    longer than a line."""
    line = ""
    for word in harmless(text).split():
        for piece in _pieces(word, columns):
            if line and cell_len(line) + 1 + cell_len(piece) > columns:
                yield line
                line = piece
            else:
                line = f"{line} {piece}".strip()
    if line:
        yield line


def _pieces(word: str, columns: int) -> Iterator[str]:
    piece = ""
    for character in word:
        if piece and cell_len(piece + character) > columns:
            yield piece
            piece = ""
        piece += character
    yield piece


def _token(slip: TokenSlip, columns: int) -> Iterator[str]:
    yield from centred(slip.hospital, columns)
    yield "-" * columns
    letters = big(slip.token, columns)
    margin = (columns - len(letters[0])) // 2 if letters else 0
    yield from (" " * margin + row for row in letters)
    if letters:
        yield ""
    yield from centred(f"Token {slip.token}", columns)
    yield "-" * columns
    yield from fact("Doctor", slip.doctor, columns)
    yield from fact("", slip.department, columns)
    yield from fact("Patient", slip.patient, columns)
    yield from fact("Number", slip.mrn, columns)
    yield from fact("Here at", moment_words(slip.checked_in_at), columns)


def _appointment(slip: AppointmentSlip, columns: int, note: str) -> Iterator[str]:
    yield from centred(slip.hospital, columns)
    yield "-" * columns
    yield "YOUR APPOINTMENT"
    yield day_words(slip.starts_at.date())
    yield f"{slip.starts_at:%H:%M} to {slip.ends_at:%H:%M}"
    yield "-" * columns
    yield from fact("With", slip.doctor, columns)
    yield from fact("", slip.department, columns)
    yield from fact("Patient", slip.patient, columns)
    yield from fact("Number", slip.mrn, columns)
    yield "-" * columns
    yield from wrapped(note, columns)
    yield from wrapped(how_to_cancel(slip), columns)


def how_to_cancel(slip: AppointmentSlip) -> str:
    """The sentence that says how and until when."""
    until = slip.cancel_until
    return (
        f"If you cannot come, tell the desk, or cancel in Chikitsa until {until:%a} {until.day}"
        f" {until:%b, %H:%M}."
    )


def _day(slip: DayList, columns: int) -> Iterator[str]:
    yield from wrapped(slip.hospital, columns)
    yield from wrapped(f"{day_words(slip.day)}, {slip.doctor or 'all doctors'}", columns)
    yield how_many(slip)
    for doctor, lines in groupby(slip.lines, key=lambda line: line.doctor):
        yield "=" * columns
        yield from wrapped(doctor, columns)
        for line in lines:
            yield "-" * columns
            yield from _visit(line, columns)
    yield "=" * columns
    yield from wrapped(handling(slip), columns)


def how_many(slip: DayList) -> str:
    """`6 appointments`."""
    count = len(slip.lines) or "no"
    return f"{count} appointment{'' if count == 1 else 's'}"


def handling(slip: DayList) -> str:
    """Who made the list and when, and what becomes of it."""
    return (
        f"Made {moment_words(slip.made_at)} by {slip.made_by}. Confidential: keep it out of sight"
        " and shred it after the day."
    )


def _visit(line: DayLine, columns: int) -> Iterator[str]:
    token = f" {line.token}" if line.token else ""
    yield from wrapped(f"{line.starts_at:%H:%M}{token} {status_words(line.status)}", columns)
    yield from (f"  {row}" for row in wrapped(line.patient, columns - 2))
    yield from (f"  {row}" for row in wrapped(f"{line.mrn} {person_words(line)}", columns - 2))
    if line.phone:
        yield from (f"  {row}" for row in wrapped(line.phone, columns - 2))


def centred(text: str, columns: int) -> Iterator[str]:
    """A text in the middle of its lines."""
    for line in wrapped(text, columns):
        yield " " * ((columns - cell_len(line)) // 2) + line


def fact(label: str, value: str, columns: int, width: int = _LABEL) -> Iterator[str]:
    """A label of `width` cells and its value; what does not fit goes on below the value."""
    start = label.ljust(width)
    for line in wrapped(value, columns - width):
        yield start + line
        start = " " * width
