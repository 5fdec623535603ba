"""Feeds of a doctor, a patient or the house, read back by the icalendar library."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar, Event

from jobs.exports.feed import patient_feed, staff_feed
from store import appointments, calendar_entries
from store.clock import FixedClock
from store.values import Actor, Role
from tests.clinic import SYSTEM
from tests.hospital import MakeStore, quick_rules
from tests.jobs.conftest import Post, entry

TOMORROW = date(2026, 1, 6)


def read(post: Post, **filters: Any) -> dict[str, Event]:
    """The entries of the house's feed by their id."""
    feed = post.store.read(SYSTEM, calendar_entries.of_appointments, **filters)
    calendar = Calendar.from_ical(staff_feed(feed))
    assert isinstance(calendar, Calendar)
    return {str(event["UID"]): event for event in calendar.events}


def test_what_stands_under_the_id_that_the_mails_gave_it(post: Post) -> None:
    first = post.book(post.clinic.at(10, day=TOMORROW))
    gone = post.book(post.clinic.at(11, day=TOMORROW), 1)
    post.store.write(SYSTEM, appointments.cancel, gone.id)
    moved = post.store.write(
        SYSTEM, appointments.reschedule, first.id, starts_at=post.clinic.at(12, day=TOMORROW)
    )
    post.deliver()
    ((uid, event),) = read(post).items()
    assert event.start == moved.starts_at
    assert event.end == moved.ends_at
    mailed = {str(entry(mail)[1]["UID"]): entry(mail)[1] for mail in post.server.inbox}
    assert event["SEQUENCE"] == mailed[uid]["SEQUENCE"]
    assert event["SUMMARY"] == f"{first.patient}, {first.mrn}"


def test_filters_and_whose_feed_it_is(quick_post: Post) -> None:
    post = quick_post
    mine = post.book(post.clinic.at(10, day=TOMORROW))
    post.book(post.clinic.at(11, day=TOMORROW), 1)
    assert len(read(post)) == 2
    assert len(read(post, patient_id=mine.patient_id)) == 1
    assert len(read(post, start=post.clinic.at(11, day=TOMORROW))) == 1
    assert len(read(post, end=post.clinic.at(11, day=TOMORROW))) == 1
    assert read(post, doctor_id=mine.doctor_id + 1) == {}
    patient = Actor(Role.PATIENT, "Asha", "tty1", patient_id=mine.patient_id)
    with post.store.reading(SYSTEM) as unit:
        feed = calendar_entries.of_appointments(replace(unit, actor=patient))
    calendar = Calendar.from_ical(patient_feed(feed))
    (event,) = calendar.walk("VEVENT")
    assert mine.patient not in str(event["SUMMARY"]) + str(event["DESCRIPTION"])
    assert mine.doctor in str(event["DESCRIPTION"])


@pytest.mark.parametrize(
    ("zone", "day"), [("Europe/London", date(2026, 3, 29)), ("America/New_York", date(2026, 11, 1))]
)
def test_the_right_hour_on_both_sides_of_a_clock_change(
    zone: str,
    day: date,
    found_sqlite: Callable[..., str],
    make_store: MakeStore,
    open_post: Callable[..., Post],
    clock: FixedClock,
) -> None:
    clock.moment = datetime.combine(day - timedelta(days=5), time(9), ZoneInfo(zone))
    post = open_post(make_store(found_sqlite(zone), timezone=zone, rules=quick_rules(zone)))
    booked = [post.book(post.clinic.at(10, day=day + timedelta(days=n)), n + 1) for n in (-1, 0, 1)]
    starts = [event.start for event in read(post).values()]
    assert {start.strftime("%H:%M") for start in starts} == {"10:00"}
    found = sorted(start.astimezone(UTC) for start in starts if isinstance(start, datetime))
    assert found == [visit.starts_at.astimezone(UTC) for visit in booked]
