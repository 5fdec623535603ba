"""What becomes of a message when the mail server, the network or another worker is in the way."""

from __future__ import annotations

import smtplib
import threading
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from jobs import letters
from jobs.delivery import NO_MAIL_SERVER, Delivered, deliver_due
from store import audit, dispatch, mail_channel, outbox, patients
from store.front_door import Store
from store.mail_channel import Trouble
from store.tables import OutboxMessage, Patient, table_of
from store.values import OutboxStatus
from tests.clinic import SYSTEM
from tests.jobs.conftest import Post, entry, part
from tests.servers.mail import Stage


def book_many(post: Post, count: int) -> None:
    for number in range(count):
        post.book(post.clinic.at(10) + timedelta(minutes=15 * number), patient=number % 3)


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
def test_a_refusal_for_the_time_being_is_tried_again_with_pauses(post: Post, stage: Stage) -> None:
    post.book(post.clinic.at(10, day=post.clinic.at(0).date() + timedelta(days=1)))
    post.server.refuse(stage, "451 4.7.1 greylisted", times=5)
    for tries, pause in enumerate((1, 5, 15, 60, 180), start=1):
        assert post.deliver().as_dict() == {"sent": 0, "failed": 0, "waiting": 1}
        assert post.last().attempts == tries
        assert post.last().last_error == "451 4.7.1 greylisted"
        post.later(minutes=pause, seconds=-1)
        assert post.deliver().sent == 0
        assert post.last().attempts == tries
        post.later(seconds=1)
    assert post.deliver().as_dict() == {"sent": 1, "failed": 0, "waiting": 0}
    assert post.server.inbox[0].message["X-Chikitsa-Attempt"] == "6"


def test_after_the_last_try_it_is_given_up_and_can_be_tried_again_by_hand(
    quick_post: Post,
) -> None:
    post = quick_post
    post.book(post.clinic.at(10, day=post.clinic.at(0).date() + timedelta(days=2)))
    post.server.refuse("RCPT", "451 later", times=None)
    failed = 0
    for _ in range(6):
        failed += post.deliver().failed
        post.later(hours=4)
    assert failed == 1
    assert (post.last().status, post.last().attempts) == (OutboxStatus.FAILED, 6)
    assert post.deliver().sent == 0
    post.server.clear()
    post.store.write(SYSTEM, outbox.retry, post.last().id)
    assert post.deliver().sent == 1


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
def test_a_refusal_for_good_stops_that_message_alone(post: Post, stage: Stage) -> None:
    book_many(post, 3)
    post.server.refuse(stage, "550 5.1.1 no such user\x1b[2J")
    assert post.deliver().as_dict() == {"sent": 2, "failed": 1, "waiting": 0}
    first = post.messages()[0]
    assert first.status is OutboxStatus.FAILED
    assert first.last_error == "550 5.1.1 no such user [2J"
    assert post.deliver().sent == 0


def test_a_lost_answer_is_asked_about_once_under_the_same_message_id(post: Post) -> None:
    post.book()
    post.server.drop("DATA", accept=True)
    assert post.deliver().as_dict() == {"sent": 0, "failed": 0, "waiting": 1}
    post.later(minutes=14)
    assert post.deliver().sent == 0
    post.later(minutes=1)
    assert post.deliver().sent == 1
    first, again = post.server.inbox
    assert first.message["Message-ID"] == again.message["Message-ID"] == post.last().message_id
    assert again.message["X-Chikitsa-Attempt"] == "2"
    assert post.deliver().sent == 0


def test_an_answer_lost_twice_is_left_to_a_person(quick_post: Post) -> None:
    post = quick_post
    post.book()
    post.server.drop("DATA", accept=True, times=2)
    post.deliver()
    post.later(minutes=15)
    assert post.deliver().failed == 1
    assert post.last().status is OutboxStatus.FAILED
    assert (post.last().last_error or "").startswith("Nobody can tell whether it arrived")


def test_a_server_that_hangs_is_waited_for_no_longer_than_configured(quick_post: Post) -> None:
    post = quick_post
    book_many(post, 2)
    hanging = post.server.hang("RCPT")
    done = post.deliver()
    assert hanging.reached.is_set()
    assert done.as_dict() == {"sent": 1, "failed": 0, "waiting": 1}
    post.later(minutes=1)
    assert post.deliver().sent == 1


def test_a_hang_after_the_message_leaves_doubt(quick_post: Post) -> None:
    post = quick_post
    post.book()
    post.server.hang("DATA")
    post.deliver()
    assert status_of(post) == "uncertain"
    post.server.clear()
    post.later(minutes=15)
    assert post.deliver().sent == 1


def test_a_server_that_is_down_costs_no_message_a_try(post: Post) -> None:
    book_many(post, 3)
    post.server.stop()
    done = post.deliver()
    assert done.waiting == 3
    assert "does not answer" in (done.problem or "")
    assert [m.attempts for m in post.messages()] == [0, 0, 0]

    post.server.start()
    assert post.deliver("worker-2").sent == 0  # left alone for a minute, by all
    assert post.server.connections == 0
    post.later(seconds=75)
    assert post.deliver().sent == 3
    assert post.store.read(SYSTEM, mail_channel.standing) is None


@pytest.mark.parametrize(
    ("stage", "reply"), [("MAIL", "550 sender unknown"), ("RCPT", "421 busy"), ("DATA", "421 bye")]
)
def test_what_concerns_every_message_costs_none_a_try(
    quick_post: Post, stage: Stage, reply: str
) -> None:
    post = quick_post
    book_many(post, 2)
    post.server.refuse(stage, reply)
    done = post.deliver()
    assert (done.sent, done.waiting) == (0, 2)
    assert done.problem is not None
    assert [m.attempts for m in post.messages()] == [0, 0]
    assert post.deliver().sent == 0
    assert post.deliver(by_hand=True).sent == 2


def test_pauses_grow_and_end_with_success(post: Post) -> None:
    def fail(trouble: Trouble = Trouble.CONNECTION) -> None:
        post.store.write(SYSTEM, mail_channel.note_down, trouble, "down")

    def resting() -> str | None:
        return post.store.read(SYSTEM, mail_channel.resting)

    began = post.store.now()
    for shortest, longest in ((48, 72), (240, 360), (720, 1080), (720, 1080)):
        fail()
        fail()  # another worker found the same
        post.later(seconds=shortest - 1)
        assert resting() == "down"
        post.later(seconds=longest - shortest + 2)
        assert resting() is None
    fail(Trouble.SIGN_IN)
    known = post.store.read(SYSTEM, mail_channel.standing)
    assert known is not None
    assert (known.trouble, known.failures, known.since) == (Trouble.SIGN_IN, 5, began)
    assert known.needs_somebody
    post.later(days=-1)
    assert resting() is None  # the clock was set back
    post.later(days=1)
    post.store.write(SYSTEM, mail_channel.note_up)
    fail()
    post.later(seconds=73)
    assert resting() is None
    page = post.store.read(SYSTEM, audit.list_entries, limit=9, offset=0, entity="mail")
    assert [entry.action.removeprefix("mail.channel-") for entry in reversed(page.items)] == [
        "down",  # and not for each try
        "down",  # for another cause
        "up",
        "down",
    ]


def test_without_a_mail_server_everything_waits(quick_post: Post) -> None:
    quick_post.book()
    done = deliver_due(quick_post.store, None, "worker-1")
    assert done.as_dict() == {"sent": 0, "failed": 0, "waiting": 1}
    assert done.problem == NO_MAIL_SERVER


def test_two_workers_side_by_side_send_nothing_twice(post: Post) -> None:
    count = 36
    for number in range(count):
        post.book(
            post.clinic.at(10, day=post.clinic.at(0).date() + timedelta(days=number // 12))
            + timedelta(minutes=15 * (number % 12)),
            patient=number % 3,
        )
    ready = threading.Barrier(4)
    done = []

    def work(name: str) -> None:
        ready.wait()
        done.append(post.deliver(name).sent)

    workers = [threading.Thread(target=work, args=(f"worker-{n}",)) for n in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(done) == count
    assert len({mail.message["Message-ID"] for mail in post.server.inbox}) == count
    assert len(post.server.inbox) == count


def begin(post: Post, worker: str) -> dispatch.Claim:
    """A worker that is about to send the message that is due."""
    (held,) = post.store.write(SYSTEM, dispatch.claim, worker=worker)
    assert post.store.write(SYSTEM, dispatch.begin, [held], lease_seconds=120) == {held.id}
    return held


def test_a_message_in_hand_is_nobody_elses_until_its_lease_is_over(post: Post) -> None:
    post.book()
    (held,) = post.store.write(SYSTEM, dispatch.claim, worker="a")
    assert post.store.write(SYSTEM, dispatch.claim, worker="b") == []
    post.later(seconds=121)
    (taken,) = post.store.write(SYSTEM, dispatch.claim, worker="b")
    # Nothing of it was sent, so that neither a try nor a doubt is counted.
    assert (taken.id, taken.attempt, taken.in_doubt) == (held.id, 1, False)
    # What the first worker says now is no longer its business, and it may not send it any more.
    assert post.store.write(SYSTEM, dispatch.begin, [held], lease_seconds=120) == set()
    assert not post.store.write(SYSTEM, dispatch.mark_failed, held, "late")
    assert post.store.write(SYSTEM, dispatch.mark_sent, taken, recipient="p0@example.org")
    assert post.last().status is OutboxStatus.SENT


def test_what_a_killed_worker_had_begun_is_sent_once_more_a_quarter_of_an_hour_later(
    post: Post,
) -> None:
    post.book()
    begin(post, "dies")
    post.later(seconds=121)
    assert post.deliver().as_dict() == {"sent": 0, "failed": 0, "waiting": 1}
    assert (post.last().state, post.last().in_doubt) == ("uncertain", True)
    post.later(minutes=14, seconds=58)
    assert post.deliver().sent == 0
    post.later(seconds=1)
    assert post.deliver().sent == 1
    (mail,) = post.server.inbox
    assert mail.message["X-Chikitsa-Attempt"] == "2"
    assert mail.message["Message-ID"] == post.last().message_id


def test_a_message_that_ends_every_worker_is_left_to_a_person(quick_post: Post) -> None:
    post = quick_post
    post.book(post.clinic.at(10, day=post.clinic.at(0).date() + timedelta(days=1)))
    begin(post, "dies")
    post.later(minutes=18)
    post.deliver(limit=0)
    begin(post, "dies too")
    post.later(minutes=3)
    assert post.deliver().sent == 0
    assert (post.last().status, post.last().stage) == (OutboxStatus.FAILED, "answer")
    assert (post.last().last_error or "").startswith("Nobody can tell whether it arrived")
    post.later(hours=4)
    assert post.deliver().sent == 0


def test_a_lease_from_a_clock_that_was_ahead_is_over(post: Post) -> None:
    post.book()
    post.later(hours=2)
    post.store.write(SYSTEM, dispatch.claim, worker="a")
    post.later(hours=-1)
    assert len(post.store.write(SYSTEM, dispatch.claim, worker="b")) == 1


def test_a_letter_that_takes_longer_to_write_than_its_lease_is_sent_once(
    quick_post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker that lost it meanwhile does not send it; the one that has it does."""
    post = quick_post
    post.book()
    others: list[Delivered] = []

    def slowly(*args: Any, **options: Any) -> EmailMessage:
        if not others:
            others.append(Delivered(0, 0, 0, 0))
            post.later(seconds=121)
            others.append(post.deliver("worker-2"))
        return letters.write(*args, **options)

    monkeypatch.setattr("jobs.delivery_round.write", slowly)
    assert post.deliver("worker-1").sent == 0
    assert others[-1].sent == 1
    assert len(post.server.inbox) == 1


def test_late_and_tried_is_a_failure_not_a_thing_of_the_past(quick_post: Post) -> None:
    post = quick_post
    post.book()
    post.server.refuse("RCPT", "451 later", times=None)
    post.deliver()
    post.later(hours=3)
    assert post.deliver().as_dict() == {"sent": 0, "failed": 1, "waiting": 0}
    assert post.last().last_error == "Too late: the appointment has begun. At last: 451 later"


def test_the_present_address_is_used(post: Post) -> None:
    post.book()
    post.store.write(SYSTEM, patients.update, post.clinic.patients[0], {"email": "new@example.org"})
    post.deliver()
    assert post.server.inbox[0].recipients == ("new@example.org",)
    assert post.last().to == "new@example.org"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"email": None}, "The patient has no e-mail address any more."),
        ({"is_active": False}, "The patient was deactivated."),
    ],
)
def test_whoever_cannot_be_written_to_is_not(
    quick_post: Post, change: dict[str, object], reason: str
) -> None:
    quick_post.book()
    put(quick_post.store, Patient, quick_post.clinic.patients[0], **change)
    assert quick_post.deliver().discarded == 1
    assert quick_post.last().last_error == reason


def test_a_patient_without_an_address_is_owed_no_mail(quick_post: Post) -> None:
    put(quick_post.store, Patient, quick_post.clinic.patients[0], email=None)
    quick_post.book()
    assert quick_post.messages() == []


HOSTILE = [
    "Asha\r\nBcc: all@example.org",
    "Asha\n\nBODY",
    "/etc/hostname",
    "{{ 7 * 7 }}{% raw %}",
    "<img src=http://127.0.0.1/x><link rel=stylesheet href=http://127.0.0.1/y>",
    "\x1b]52;c;cm0=\x07",
    "A;X=1:mailto:evil@example.org",
    'Q"u,o\\te',
    "रमेश 👩‍⚕️",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_acts_nowhere_in_a_mail(quick_post: Post, name: str) -> None:
    post = quick_post
    post.book()
    put(post.store, Patient, post.clinic.patients[0], name=name)
    assert post.deliver().sent == 1
    (mail,) = post.server.inbox
    letter = mail.message
    assert mail.recipients == ("p0@example.org",)
    assert letter["Bcc"] is None
    kinds = [p.get_content_type() for p in letter.walk() if not p.is_multipart()]
    assert kinds == ["text/plain", "text/html", "text/calendar"]
    assert "49" not in part(mail, "plain").splitlines()[0]
    assert "<img" not in part(mail, "html")
    assert "<link" not in part(mail, "html")
    assert "\x1b" not in part(mail, "plain")
    assert entry(mail)[1]["ATTENDEE"] == "mailto:p0@example.org"
    if name.isprintable():
        assert f"Dear {name}," in part(mail, "plain")


@pytest.mark.parametrize(
    "address",
    ["a@b.example\r\nBcc: x@example.org", "a@b.example>\r\nDATA", "no address", "a@b,c@d"],
)
def test_a_bad_address_fails_alone(quick_post: Post, address: str) -> None:
    post = quick_post
    book_many(post, 2)
    put(post.store, Patient, post.clinic.patients[0], email=address)
    assert post.deliver().as_dict() == {"sent": 1, "failed": 1, "waiting": 0}
    assert [mail.recipients for mail in post.server.inbox] == [("p1@example.org",)]


def test_addresses_of_other_scripts(quick_post: Post) -> None:
    post = quick_post
    book_many(post, 2)
    put(post.store, Patient, post.clinic.patients[0], email="asha@bücher.example")
    put(post.store, Patient, post.clinic.patients[1], email="आशा@example.org")
    assert post.deliver().sent == 2
    assert [mail.recipients for mail in post.server.inbox] == [
        ("asha@xn--bcher-kva.example",),
        ("आशा@example.org",),
    ]
    assert post.server.inbox[1].message["To"] == "आशा@example.org"


def test_a_server_that_knows_no_other_scripts(
    quick_post: Post, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtplib.SMTP, "has_extn", lambda _self, _name: False)
    post = quick_post
    book_many(post, 2)
    put(post.store, Patient, post.clinic.patients[0], email="आशा@example.org")
    assert post.deliver().as_dict() == {"sent": 1, "failed": 1, "waiting": 0}
    assert "such letters" in (post.messages()[0].last_error or "")


def status_of(post: Post) -> str:
    table = table_of(OutboxMessage)
    with post.store.reading(SYSTEM) as tx:
        status: str = tx.session.execute(table.select()).one().status
        return status


def put(store: Store, model: type, row_id: int, **values: object) -> None:
    """Change a row past every rule, as an import of an older version might have left it."""
    table = table_of(model)
    with store.transaction(SYSTEM) as tx:
        tx.session.execute(table.update().where(table.c.id == row_id).values(**values))
