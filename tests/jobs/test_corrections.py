"""What was told and is taken back: who heard of it hears again, who did not hears nothing."""

from __future__ import annotations

from datetime import date

import pytest

from store import appointments, undo
from store.values import AppointmentView, OutboxStatus
from tests.clinic import SYSTEM
from tests.jobs.conftest import Post, entry

TOMORROW = date(2026, 1, 6)


def cancel(post: Post, visit: AppointmentView) -> None:
    post.store.write(SYSTEM, appointments.cancel, visit.id)


def take_back(post: Post, visit: AppointmentView) -> None:
    post.store.write(SYSTEM, undo.undo, visit.id)


def subjects(post: Post) -> list[str]:
    return [str(mail.message["Subject"]) for mail in post.server.inbox]


def test_a_cancellation_taken_back_before_anybody_was_told_is_none(post: Post) -> None:
    visit = post.book(post.clinic.at(10, day=TOMORROW))
    post.deliver()
    cancel(post, visit)
    take_back(post, visit)
    post.deliver()
    assert subjects(post) == ["Your appointment"]
    assert post.last().last_error == "The patient was not told otherwise."


def test_whoever_was_told_of_neither_is_told_that_it_stands(post: Post) -> None:
    visit = post.book(post.clinic.at(10, day=TOMORROW))
    cancel(post, visit)
    take_back(post, visit)
    post.deliver()
    assert subjects(post) == ["Your appointment"]


@pytest.mark.parametrize("minutes_after_the_start", [-30, 5])
def test_whoever_was_told_of_a_cancellation_hears_that_it_stands(
    post: Post, minutes_after_the_start: int
) -> None:
    """Also when it has just begun: the patient may be on the way home."""
    visit = post.book(post.clinic.at(10))
    post.deliver()
    post.clock.moment = visit.starts_at
    post.later(minutes=minutes_after_the_start - 6)
    cancel(post, visit)
    post.deliver()
    if minutes_after_the_start > 0:
        assert len(subjects(post)) == 2
    post.later(minutes=6)
    take_back(post, visit)
    post.deliver()
    booked, cancelled = "Your appointment", "Your appointment was cancelled"
    assert subjects(post) == [booked, cancelled, booked]
    calendar, event = entry(post.server.inbox[-1])
    assert (calendar["METHOD"], event["SEQUENCE"]) == ("REQUEST", 2)


def test_over_is_over(quick_post: Post) -> None:
    post = quick_post
    visit = post.book(post.clinic.at(10))
    post.deliver()
    post.clock.moment = visit.starts_at
    post.later(minutes=-1)
    cancel(post, visit)
    post.deliver()
    post.later(minutes=9)
    take_back(post, visit)
    post.later(minutes=8)
    post.deliver()
    assert subjects(post)[2:] == []
    assert post.last().status is OutboxStatus.DISCARDED


def test_an_appointment_in_error_is_taken_out_of_the_calendar_it_went_into(post: Post) -> None:
    told = post.book(post.clinic.at(10, day=TOMORROW))
    post.deliver()
    untold = post.book(post.clinic.at(11, day=TOMORROW), 1)
    for visit in (told, untold):
        post.store.write(SYSTEM, appointments.mark_in_error, visit.id, reason="wrong patient")
    post.deliver()
    assert subjects(post) == ["Your appointment", "Your appointment was cancelled"]
    assert post.server.inbox[-1].recipients == ("p0@example.org",)
    calendar, event = entry(post.server.inbox[-1])
    assert (calendar["METHOD"], event["STATUS"]) == ("CANCEL", "CANCELLED")
    assert event["UID"] == entry(post.server.inbox[0])[1]["UID"]


def test_what_is_over_or_was_cancelled_is_marked_in_error_without_a_word(quick_post: Post) -> None:
    post = quick_post
    cancelled, over = post.book(post.clinic.at(10)), post.book(post.clinic.at(10, 15), 1)
    cancel(post, cancelled)
    post.deliver()
    post.clock.moment = post.clinic.at(12)
    for visit in (cancelled, over):
        post.store.write(SYSTEM, appointments.mark_in_error, visit.id, reason="twice")
    before = len(subjects(post))
    post.deliver()
    assert len(subjects(post)) == before
