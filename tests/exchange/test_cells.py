"""Cells: no formula leaves, and everything comes back as it was."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.errors import Invalid
from store.exchange.cells import parse_minutes, parse_moment, plain, safe

KOLKATA = ZoneInfo("Asia/Kolkata")
NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    "value", ["=cmd|'/C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "+91 98450", "'=1"]
)
def test_formulas_are_disarmed(value: str) -> None:
    assert safe(value) == "'" + value
    assert plain(safe(value)) == value


@pytest.mark.parametrize("value", ["+919845011223", "Rao", "", "'tis", "O'Neil", "a=b", "’"])
def test_what_is_no_formula_stays(value: str) -> None:
    assert safe(value) == value
    assert plain(value) == value


@given(st.text())
def test_every_text_comes_back(value: str) -> None:
    assert plain(safe(value)) == value
    assert safe(value)[:1] not in {"=", "-", "@", "\t", "\r"}


@given(st.lists(st.text(st.characters(exclude_characters="\0", codec="utf-8")), min_size=2))
def test_every_text_comes_back_through_a_file(values: list[str]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out).writerow([safe(value) for value in values])
    back = next(csv.reader(io.StringIO(out.getvalue(), newline=""), strict=True))
    assert [plain(cell) for cell in back] == values


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-01-05T09:30", datetime(2026, 1, 5, 4, 0, tzinfo=UTC)),
        ("2026-01-05 09:30:15", datetime(2026, 1, 5, 4, 0, 15, tzinfo=UTC)),
        ("2026-01-05T09:30:15.123Z", datetime(2026, 1, 5, 9, 30, 15, tzinfo=UTC)),
        ("2026-01-05T09:30-05:00", datetime(2026, 1, 5, 14, 30, tzinfo=UTC)),
        ("2026-01-05T09:30+0530", datetime(2026, 1, 5, 4, 0, tzinfo=UTC)),
        ("२०२६-०१-०५T०९:३०", datetime(2026, 1, 5, 4, 0, tzinfo=UTC)),
    ],
)
def test_moments(text: str, moment: datetime) -> None:
    assert parse_moment(text, KOLKATA, "starts_at") == moment


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-01-05",
        "2026-W01-1T09:30",
        "20260105T0930",
        "2026-02-30T09:30",
        "2026-01-05T24:00",
        "2026-01-05T09:60",
        "2026-01-05T09:30+99:00",
        "9999-12-31T23:59Z",
        "0001-01-01T00:00+05:30",
        "05/01/2026 09:30",
    ],
)
def test_no_moment(text: str) -> None:
    with pytest.raises(Invalid) as refused:
        parse_moment(text, KOLKATA, "starts_at")
    assert list(refused.value.fields) == ["starts_at"]


def test_a_time_that_the_clocks_skip_is_refused_and_its_offset_names_a_repeated_one() -> None:
    with pytest.raises(Invalid):
        parse_moment("2026-03-08T02:30", NEW_YORK, "starts_at")
    first = parse_moment("2026-11-01T01:30-04:00", NEW_YORK, "starts_at")
    second = parse_moment("2026-11-01T01:30-05:00", NEW_YORK, "starts_at")
    assert (second - first).total_seconds() == 3600


def test_minutes() -> None:
    assert parse_minutes("15.0", "minutes", 1440) == 15
    for wrong in ("", "0", "1441", "1e3", "-5", "15.5"):
        with pytest.raises(Invalid):
            parse_minutes(wrong, "minutes", 1440)
