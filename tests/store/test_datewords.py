"""Days and times as people type them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from store.datewords import parse_clock, parse_day, parse_moment, parse_weekday
from store.errors import Invalid

MONDAY = date(2026, 11, 23)
KOLKATA = ZoneInfo("Asia/Kolkata")
NEW_YORK = ZoneInfo("America/New_York")
NOW = datetime(2026, 11, 23, 6, 30, tzinfo=UTC)  # 12:00 in Kolkata


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", MONDAY),
        ("Tomorrow", date(2026, 11, 24)),
        ("yesterday", date(2026, 11, 22)),
        ("+3d", date(2026, 11, 26)),
        ("+2w", date(2026, 12, 7)),
        ("-7d", date(2026, 11, 16)),
        ("+3m", date(2027, 2, 23)),
        ("-9m", date(2026, 2, 23)),
        ("next mon", date(2026, 11, 30)),
        ("Next  Tuesday", date(2026, 12, 1)),
        ("next sun", date(2026, 12, 6)),
        ("mon", date(2026, 11, 30)),
        ("tue", date(2026, 11, 24)),
        ("Sunday", date(2026, 11, 29)),
        ("thurs", date(2026, 11, 26)),
        ("12 dec", date(2026, 12, 12)),
        ("12-Dec-2027", date(2027, 12, 12)),
        ("dec 12", date(2026, 12, 12)),
        ("December 12, 2026", date(2026, 12, 12)),
        ("23 nov", MONDAY),
        ("22 nov", date(2027, 11, 22)),
        ("29 feb", date(2028, 2, 29)),
        ("2026-12-31", date(2026, 12, 31)),
        ("  2026-12-31 ", date(2026, 12, 31)),
        ("२०२६-१२-३१", date(2026, 12, 31)),
        ("２０２６-12-31", date(2026, 12, 31)),
    ],
)
def test_days_people_type(text: str, day: date) -> None:
    assert parse_day(text, MONDAY) == day


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "2026-W01-1",
        "20260101",
        "2026-1-1",
        "2026-02-29",
        "2026-13-01",
        "2026-00-10",
        "29 feb 2027",
        "31 apr",
        "03/04/2026",
        "3.4.2026",
        "9999-12-31",
        "0001-01-01",
        "+9999w",
        "-9999w",
        "+99999d",
        "+9999m",
        "-9999m",
        "next",
        "next mo",
        "next 12 dec",
        "mo",
        "noday",
        "12 foo",
        "tomorrow 10:30",
        "²0²6-01-01x",
        "[@click=app.quit]x[/]",
        "\x1b[2J",
        "'; DROP TABLE",
        "x" * 10_000,
    ],
)
def test_anything_else_is_refused_with_one_sentence(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_day(text, MONDAY, field="from")
    assert list(refusal.value.fields) == ["from"]
    assert refusal.value.message.isprintable()
    assert len(refusal.value.message) < 200


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2026-11-23T09:15:00+05:30", "2026-11-23T09:15"),
        ("2026-11-23T09:15", "2026-11-23T09:15"),
        ("2026-11-23 09:15", "2026-11-23T09:15"),
        ("2026-11-23T03:45Z", "2026-11-23T09:15"),
        ("2026-11-23T03:45:00+00:00", "2026-11-23T09:15"),
        ("tomorrow 10:30", "2026-11-24T10:30"),
        ("mon 5pm", "2026-11-30T17:00"),
        ("12 dec 5:30 pm", "2026-12-12T17:30"),
        ("+3d 9:05", "2026-11-26T09:05"),
        ("10:30", "2026-11-23T10:30"),
        ("12am", "2026-11-23T00:00"),
        ("12 pm", "2026-11-23T12:00"),
    ],
)
def test_moments_people_type(text: str, local: str) -> None:
    moment = parse_moment(text, NOW, KOLKATA)
    assert moment.strftime("%Y-%m-%dT%H:%M") == local
    assert moment.utcoffset() == KOLKATA.utcoffset(datetime(2026, 1, 1))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "today",
        "2026-11-23",
        "20261123T0915",
        "2026-11-23T0915",
        "2026-11-23T09:15:30",
        "2026-11-23T25:00",
        "2026-11-23T09:15+99:00",
        "2026-11-23T09:15+05:30[Asia/Kolkata]",
        "10:60",
        "13pm",
        "0am",
        "noday 10:30",
        "9999-12-31T23:59",
    ],
)
def test_other_moments_are_refused(text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        parse_moment(text, NOW, KOLKATA, field="start")
    assert list(refusal.value.fields) == ["start"]


def test_a_time_that_the_clock_change_skips_does_not_exist() -> None:
    with pytest.raises(Invalid, match="does not exist"):
        parse_moment("2026-03-08 02:30", NOW, NEW_YORK)


def test_a_time_that_comes_twice_is_the_first_unless_its_offset_says_otherwise() -> None:
    first = parse_moment("2026-11-01 01:30", NOW, NEW_YORK)
    second = parse_moment("2026-11-01T01:30-05:00", NOW, NEW_YORK)
    assert first.isoformat() == "2026-11-01T01:30:00-04:00"
    assert second.isoformat() == "2026-11-01T01:30:00-05:00"
    assert first.astimezone(UTC) != second.astimezone(UTC)


def test_today_is_the_hospitals_today() -> None:
    evening_in_london = datetime(2026, 11, 23, 20, 0, tzinfo=UTC)
    assert parse_moment("10:30", evening_in_london, KOLKATA).day == 24


@pytest.mark.parametrize(
    ("today", "words", "day"),
    [
        (date(2027, 1, 31), "+1m", date(2027, 2, 28)),
        (date(2028, 1, 31), "+1m", date(2028, 2, 29)),
        (date(2026, 12, 31), "-10m", date(2026, 2, 28)),
        (date(2026, 11, 29), "next tue", date(2026, 12, 1)),
        (date(2026, 11, 28), "next sat", date(2026, 12, 5)),
    ],
)
def test_months_are_as_long_as_they_are_and_weeks_begin_on_monday(
    today: date, words: str, day: date
) -> None:
    assert parse_day(words, today) == day


def test_clock_and_weekday_alone() -> None:
    assert parse_clock("09:15") == time(9, 15)
    assert parse_clock("0915") == time(9, 15)
    assert parse_clock("2359") == time(23, 59)
    for wrong in ("2460", "2400", "915", "10300"):
        with pytest.raises(Invalid):
            parse_clock(wrong)
    assert parse_weekday("wed") == 2
    with pytest.raises(Invalid):
        parse_weekday("xyz")
    with pytest.raises(Invalid):
        parse_clock("24:00")
