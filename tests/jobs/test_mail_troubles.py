"""What keeps mail from leaving is told to an administrator in sentences."""

from __future__ import annotations

from datetime import timedelta

from store import dispatch, job_runs, mail_troubles
from store.mail_troubles import MANY_REFUSED
from tests.clinic import SYSTEM
from tests.jobs.conftest import Post


def told(post: Post) -> tuple[str, ...]:
    return post.store.read(SYSTEM, mail_troubles.sentences)


def test_many_refusals_within_an_hour_are_told_until_the_hour_is_over(post: Post) -> None:
    for number in range(MANY_REFUSED + 1):
        post.book(post.clinic.at(11) + timedelta(minutes=15 * number), patient=number % 3)
    post.store.write(SYSTEM, job_runs.sign_of_life, "worker-1")
    for number in range(MANY_REFUSED + 1):
        assert told(post) == ()
        (held,) = post.store.write(SYSTEM, dispatch.claim, worker="worker-1")
        stage = "data" if number else "recipient"
        post.store.write(SYSTEM, dispatch.mark_failed, held, "554 no", code=554, stage=stage)
    assert told(post) == ()
    post.book(post.clinic.at(10))
    (held,) = post.store.write(SYSTEM, dispatch.claim, worker="worker-1")
    post.store.write(SYSTEM, dispatch.mark_failed, held, "554 no", code=554, stage="data")
    (sentence,) = told(post)
    assert sentence.startswith("6 messages were refused for good within an hour")
    post.later(minutes=61)
    assert told(post) == ()


def test_a_worker_that_is_gone_is_missed_once_mail_waits(post: Post) -> None:
    post.store.write(SYSTEM, job_runs.sign_of_life, "worker-1")
    post.later(minutes=1)
    post.store.write(SYSTEM, job_runs.sign_of_life, "worker-1")
    post.later(hours=1)
    assert told(post) == ()
    post.book()
    post.later(minutes=6)
    (sentence,) = told(post)
    assert sentence.startswith("No worker was seen since 05 Jan 09:01, and mail waits.")
    post.store.write(SYSTEM, job_runs.sign_of_life, "worker-2")
    assert told(post) == ()


def test_a_mail_server_that_is_down_is_told_with_its_cause(quick_post: Post) -> None:
    quick_post.store.write(SYSTEM, job_runs.sign_of_life, "worker-1")
    quick_post.book()
    quick_post.server.refuse("MAIL", "550 not you")
    quick_post.deliver()
    (sentence,) = told(quick_post)
    assert "takes nothing from desk@cityhospital.example" in sentence
    assert "Waiting will not mend it" in sentence
