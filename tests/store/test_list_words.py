"""The filter line of a list: what is understood, and what is said where it is not."""

from __future__ import annotations

from datetime import date

import pytest

from store.errors import Invalid
from store.list_words import Asked, ListWord, WordKind, choices_of, hint, line_of, parse
from store.values import AppointmentStatus, WaitlistStatus
from store.waiting_words import WaitingFilter, read_filter

TODAY = date(2026, 1, 5)  # a Monday
WORDS = (
    ListWord("doctor", WordKind.NAME, "nair"),
    ListWord("status", WordKind.CHOICE, "booked", choices_of(AppointmentStatus)),
    ListWord("from", WordKind.FROM, "mon"),
    ListWord("to", WordKind.TO, "fri"),
    ListWord("on", WordKind.ON, "today"),
    ListWord("department", WordKind.NAME, "cardio"),
)


def understood(text: str) -> Asked:
    return parse(text, WORDS, TODAY)


def refused(text: str) -> str:
    with pytest.raises(Invalid) as refusal:
        understood(text)
    assert list(refusal.value.details["fields"]) == ["filter"]
    return refusal.value.message


def test_words_values_and_days() -> None:
    asked = understood("doctor:nair status:booked,no-show from:mon rao")
    assert asked.of("doctor") == ("nair",)
    assert asked.of("status") == ("booked", "no_show")
    assert (asked.start, asked.end, asked.text) == (date(2026, 1, 12), None, "rao")
    assert asked.of("department") == ()


@pytest.mark.parametrize(
    ("text", "chosen"),
    [
        ("doc:nair", {"doctor": ("nair",)}),
        ("DOCTOR:Nair doctor:bose", {"doctor": ("Nair", "bose")}),
        ('doctor:"anita nair"', {"doctor": ("anita nair",)}),
        ('doctor:"anita nair', {"doctor": ("anita nair",)}),
        ("stat:in-c", {"status": ("in_consultation",)}),
        ('status:"in error"', {"status": ("in_error",)}),
        ("status:in", {"status": ("in_consultation", "in_error")}),
        ("status:", {}),
    ],
)
def test_shortened_quoted_and_unfinished_words(text: str, chosen: dict[str, object]) -> None:
    assert understood(text).chosen == chosen


def test_days_are_a_span() -> None:
    assert understood("on:today").start == understood("on:today").end == TODAY
    assert understood('from:-7d to:"12 jan"').start == date(2025, 12, 29)
    assert understood("to:12-jan").end == date(2026, 1, 12)
    assert refused("from:+2d to:today") == (
        "to:2026-01-05 is before from:2026-01-07; turn them round."
    )
    assert "“someday” is not a day" in refused("from:someday")


def test_what_is_not_known_is_told_with_the_nearest() -> None:
    assert refused("docter:nair") == (
        "This list cannot be narrowed by “docter:”; did you mean doctor:?"
    )
    assert refused("xyz:1").endswith("there are doctor:, status:, from:, to:, on:, department:.")
    assert refused("status:boked") == "No status is called “boked”; did you mean booked?"
    assert "·" in refused("status:bo\u202eked")
    assert "500 characters" in refused("x" * 501)


def test_times_numbers_and_markup_are_words() -> None:
    assert understood("10:30 98450 [/b] [@click=x]y").words == (
        "10:30",
        "98450",
        "[/b]",
        "[@click=x]y",
    )
    assert hint(WORDS) == "doctor:nair status:booked from:mon"


def test_parts_from_a_shell_are_one_line_again() -> None:
    assert line_of(["rao", "doctor:anita nair", "on:today"]) == 'rao doctor:"anita nair" on:today'
    assert understood(line_of(["doctor:anita nair", "anita rao"])).of("doctor") == ("anita nair",)
    assert understood(line_of(["12:30", " "])).text == "12:30"


def test_the_waiting_list_is_narrowed_by_a_state() -> None:
    assert read_filter("rao", TODAY) == WaitingFilter(None, "rao")
    offered = frozenset({WaitlistStatus.OFFERED})
    assert read_filter("state:off rao", TODAY) == WaitingFilter(offered, "rao")
    assert read_filter("state:all", TODAY).states == frozenset(WaitlistStatus)
    with pytest.raises(Invalid, match="did you mean expired"):
        read_filter("state:expird", TODAY)
