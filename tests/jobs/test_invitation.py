"""Calendar entries hold the right hour in every zone, read by another library than wrote them."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.tz import tzical  # type: ignore[import-untyped]

from jobs.invitation import invitation
from store.letter_facts import LetterFacts
from store.values import MailKind


def facts(starts_at: datetime, **changes: object) -> LetterFacts:
    values: dict[str, object] = {
        "kind": MailKind.BOOKED,
        "subject": "Your appointment",
        "message_id": "<1@mail.chikitsa>",
        "recipient": "asha@example.org",
        "hospital": "City Hospital",
        "patient": "Asha Rao",
        "doctor": "Dr Nair",
        "department": "Cardiology",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=15),
        "moved_from": None,
        "calendar_uid": "appointment-1@x",
        "calendar_sequence": 0,
        "written_at": starts_at - timedelta(days=3),
    }
    return LetterFacts(**(values | changes))  # type: ignore[arg-type]


def written(starts_at: datetime, **changes: object) -> str:
    return invitation(
        facts(starts_at, **changes), "desk@hospital.example", "City Hospital", "asha@example.org"
    )


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Asia/Kolkata", date(2026, 1, 5)),
        ("Asia/Kathmandu", date(2026, 1, 5)),
        ("Europe/London", date(2026, 3, 29)),
        ("Europe/London", date(2026, 10, 25)),
        ("America/New_York", date(2026, 3, 8)),
        ("America/New_York", date(2026, 11, 1)),
        ("Australia/Lord_Howe", date(2026, 4, 5)),
        ("Australia/Lord_Howe", date(2026, 10, 4)),
        ("America/Sao_Paulo", date(2026, 12, 31)),
    ],
)
def test_every_hour_of_the_day_as_the_zone_has_it(zone: str, day: date) -> None:
    hospital = ZoneInfo(zone)
    midnight = datetime(day.year, day.month, day.day, tzinfo=hospital).astimezone(UTC)
    for half_hours in range(-48, 96):
        start = (midnight + timedelta(minutes=30 * half_hours)).astimezone(hospital)
        if start.fold:
            continue  # an hour that comes twice has one name; no appointment is given in it
        text = written(start)
        zones = tzical(io.StringIO(text.replace("\r\n", "\n")))
        (line,) = [line for line in text.splitlines() if line.startswith(f"DTSTART;TZID={zone}:")]
        wall = datetime.strptime(line.rpartition(":")[2], "%Y%m%dT%H%M%S")
        read = zones.get(zone)
        assert read is not None
        assert wall.replace(tzinfo=read).utcoffset() == start.utcoffset(), line


def test_lines_are_folded_and_end_as_the_standard_says() -> None:
    start = datetime(2026, 1, 5, 10, tzinfo=ZoneInfo("Asia/Kolkata"))
    text = written(start, patient="अ" * 120)
    assert text.endswith("END:VCALENDAR\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert max(len(line.encode()) for line in text.split("\r\n")) <= 75


def test_a_hospital_that_keeps_utc() -> None:
    text = written(datetime(2026, 1, 5, 10, tzinfo=ZoneInfo("UTC")))
    assert "DTSTART:20260105T100000Z" in text
