"""Addresses that are refused, and how much mail goes out."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from store import appointments, outbox, patients
from store.front_door import Store
from store.hospital import MailRules
from store.values import OutboxStatus
from tests.clinic import SYSTEM
from tests.jobs.conftest import Post
from tests.servers.mail import Stage


def refused_at(post: Post, patient: int = 0) -> object:
    """What the desk sees of a patient's e-mail address."""
    found = post.store.read(SYSTEM, patients.get, post.clinic.patients[patient])
    return found.email_refused_at


def test_an_address_that_is_refused_is_marked_for_the_desk_until_it_takes_mail(post: Post) -> None:
    visit = post.book(post.clinic.at(10, day=post.clinic.at(0).date() + timedelta(days=3)))
    assert not visit.mail_refused
    post.server.refuse("RCPT", "550 5.1.1 no such user")
    assert post.deliver().failed == 1
    assert post.last().stage == "recipient"
    assert refused_at(post) == post.store.now()
    assert post.store.read(SYSTEM, appointments.get, visit.id).mail_refused
    post.store.write(SYSTEM, outbox.retry, post.last().id)
    assert post.deliver().sent == 1
    assert refused_at(post) is None


def test_another_address_gets_what_the_refused_one_did_not(post: Post) -> None:
    day = post.clinic.at(0).date() + timedelta(days=3)
    first = post.book(post.clinic.at(10, day=day))
    over = post.book(post.clinic.at(11), 0)
    post.server.refuse("RCPT", "553 5.1.3 bad address", times=2)
    assert post.deliver().failed == 2
    post.clock.moment = post.clinic.at(11, 30)
    post.store.write(SYSTEM, patients.update, first.patient_id, {"email": "new@example.org"})
    assert refused_at(post) is None
    assert post.deliver().sent == 1
    (mail,) = post.server.inbox
    assert mail.recipients == ("new@example.org",)
    left_out = [m for m in post.messages() if m.appointment_id == over.id]
    assert [m.status for m in left_out] == [OutboxStatus.FAILED]


@pytest.mark.parametrize(
    ("stage", "reply"),
    [
        ("RCPT", "550 5.7.1 we take nothing from you"),
        ("RCPT", "554 no"),
        ("DATA", "550 spam"),
        ("RCPT", "450 mailbox busy"),
    ],
)
def test_a_refusal_that_is_not_the_addresss_fault_marks_nothing(
    quick_post: Post, stage: Stage, reply: str
) -> None:
    quick_post.book()
    quick_post.server.refuse(stage, reply)
    quick_post.deliver()
    assert refused_at(quick_post) is None


def test_a_patient_gets_so_many_mails_a_day_and_the_rest_next_morning(post: Post) -> None:
    day = post.clinic.at(0).date() + timedelta(days=3)
    limited = with_mail_rules(post, most_per_patient=3)
    last = limited.book(limited.clinic.at(12, day=day))
    for hour in (10, 11):
        limited.book(limited.clinic.at(hour, day=day))
    limited.book(limited.clinic.at(12, 30, day=day))
    limited.book(limited.clinic.at(12, 45, day=day), 1)
    soon = limited.book(limited.clinic.at(12))
    limited.store.write(SYSTEM, appointments.cancel, last.id)
    done = limited.deliver()
    # Three, another patient's, today's, and that one was cancelled: all but one of four bookings.
    assert (done.sent, done.discarded, done.waiting) == (5, 1, 1)
    told = [m for m in limited.messages() if m.appointment_id == soon.id]
    assert [m.status for m in told] == [OutboxStatus.SENT]
    (waits,) = [m for m in limited.messages() if m.status is OutboxStatus.WAITING]
    assert waits.next_try_at == limited.clinic.at(7, day=day - timedelta(days=2))
    assert waits.attempts == 0
    limited.clock.moment = limited.clinic.at(7, day=day - timedelta(days=2))
    assert limited.deliver().sent == 1


def test_so_many_mails_go_out_within_a_minute(post: Post) -> None:
    limited = with_mail_rules(post, most_per_patient=0, most_per_minute=2)
    for quarter in range(5):
        limited.book(limited.clinic.at(10) + timedelta(minutes=15 * quarter), quarter % 3)
    for sent in (2, 2, 1):
        assert limited.deliver().sent == sent
        assert limited.deliver("worker-2").sent == 0
        limited.later(seconds=61)


def with_mail_rules(post: Post, **rules: int) -> Post:
    store = Store(
        post.store.database, post.clock, replace(post.store.rules, mail=MailRules(**rules))
    )
    return replace(post, clinic=replace(post.clinic, store=store))
