"""The close of the day: who did not come is a no-show, once, also when the worker slept."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from store import appointments, day_close, desk, jobs_list, reminders
from store.day_close import DayClosed
from store.errors import Invalid
from store.front_door import Store
from store.hospital import CloseOfDayRules
from store.values import AppointmentStatus as Status
from store.values import AppointmentView, RecordInput
from tests.clinic import SYSTEM
from tests.jobs.conftest import Post

TODAY = date(2026, 1, 5)


def at(post: Post, hour: int, minute: int = 0, days: int = 0) -> None:
    """Set the clock to a moment in hospital time."""
    post.clock.moment = post.clinic.at(hour, minute, day=TODAY + timedelta(days=days))


def close_due(post: Post) -> DayClosed | None:
    return post.store.write(SYSTEM, day_close.close_due)


def status_of(post: Post, visit: AppointmentView) -> Status:
    return post.store.read(SYSTEM, appointments.get, visit.id).status


def check_in(post: Post, visit: AppointmentView) -> None:
    post.store.write(SYSTEM, desk.check_in, visit.id)


def test_who_did_not_come_is_a_no_show_and_who_was_there_is_left(post: Post) -> None:
    missing, waits, treated = (
        post.book(post.clinic.at(hour), patient) for patient, hour in enumerate((10, 11, 12))
    )
    ahead = post.book(post.clinic.at(10, day=TODAY + timedelta(days=1)))
    check_in(post, waits)
    check_in(post, treated)
    post.store.write(SYSTEM, appointments.start, treated.id)
    at(post, 22, 59)
    assert close_due(post) == DayClosed(0, 0)  # the day before
    assert close_due(post) is None
    at(post, 23)
    assert close_due(post) == DayClosed(no_shows=1, left_open=2)
    assert status_of(post, missing) is Status.NO_SHOW
    (event,) = post.store.read(SYSTEM, appointments.history, missing.id)[-1:]
    assert (event.kind, event.reason) == ("no-show", day_close.REASON)
    assert status_of(post, waits) is Status.CHECKED_IN
    assert status_of(post, treated) is Status.IN_CONSULTATION
    assert status_of(post, ahead) is Status.BOOKED
    assert close_due(post) is None
    at(post, 22, 30)  # the clock was set back
    assert close_due(post) is None
    at(post, 23, 5)
    assert close_due(post) is None
    assert [m.kind.value for m in post.messages() if m.appointment_id == missing.id] == ["booked"]


def test_a_worker_that_was_down_closes_the_days_it_missed(post: Post) -> None:
    first = post.book(post.clinic.at(10))
    second = post.book(post.clinic.at(10, day=TODAY + timedelta(days=1)))
    today = post.book(post.clinic.at(10, day=TODAY + timedelta(days=2)))
    at(post, 11, 0, days=2)
    assert close_due(post) == DayClosed(2, 0)
    assert status_of(post, first) is status_of(post, second) is Status.NO_SHOW
    assert status_of(post, today) is Status.BOOKED


def test_two_workers_close_a_day_once(post: Post) -> None:
    post.book(post.clinic.at(10))
    post.book(post.clinic.at(11), 1)
    at(post, 23, 1)
    ready, done = threading.Barrier(2), []

    def work() -> None:
        ready.wait()
        done.append(close_due(post))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(done, key=str) == sorted([DayClosed(2, 0), None], key=str)


def test_a_visit_with_a_signed_record_took_place(quick_post: Post) -> None:
    post = quick_post
    visit, other = post.book(post.clinic.at(10)), post.book(post.clinic.at(11), 1)
    check_in(post, visit)
    post.store.write(SYSTEM, appointments.start, visit.id)
    given = RecordInput(notes="A cold. Rest.")
    post.store.write(SYSTEM, appointments.complete, visit.id, record=given)
    put_back(post, visit)
    at(post, 23)
    assert close_due(post) == DayClosed(1, 1)
    assert status_of(post, visit) is Status.BOOKED
    assert status_of(post, other) is Status.NO_SHOW


def put_back(post: Post, visit: AppointmentView) -> None:
    """As an import of another system's history may have left it."""
    from store.tables import Appointment, table_of

    table = table_of(Appointment)
    with post.store.transaction(SYSTEM) as tx:
        tx.session.execute(table.update().where(table.c.id == visit.id).values(status="booked"))


def test_by_hand(quick_post: Post) -> None:
    post = quick_post
    visit = post.book(post.clinic.at(10))
    later = post.book(post.clinic.at(12), 1)
    at(post, 11)
    with pytest.raises(Invalid, match="still to come"):
        post.store.write(SYSTEM, day_close.close, TODAY + timedelta(days=1))
    assert post.store.write(SYSTEM, day_close.close, TODAY - timedelta(days=1)) == DayClosed(0, 0)
    assert post.store.write(SYSTEM, day_close.close) == DayClosed(1, 0)
    assert status_of(post, visit) is Status.NO_SHOW
    assert status_of(post, later) is Status.BOOKED
    at(post, 23)
    assert close_due(post) == DayClosed(1, 0)


def test_switched_off_and_at_another_hour(quick_post: Post) -> None:
    post = quick_post
    post.book(post.clinic.at(10))
    at(post, 20)
    for rules, closed in (
        (CloseOfDayRules(enabled=False), None),
        (CloseOfDayRules(at=time(20, 1)), DayClosed(0, 0)),  # the day before, by that hour
        (CloseOfDayRules(at=time(20)), DayClosed(1, 0)),
    ):
        own = replace(post.store.rules, close_of_day=rules)
        store = Store(post.store.database, post.clock, own)
        assert store.write(SYSTEM, day_close.close_due) == closed


def test_jobs_tell_their_last_and_next_run(post: Post) -> None:
    def jobs() -> dict[str, jobs_list.JobView]:
        return {job.job: job for job in post.store.read(SYSTEM, jobs_list.list_jobs)}

    tomorrow = TODAY + timedelta(days=1)
    reminding = jobs()["reminders"]
    assert (reminding.last_run, reminding.result) == (None, {})
    assert reminding.next_run == post.clinic.at(7, day=tomorrow)
    post.book(post.clinic.at(10, day=tomorrow))
    at(post, 7, 1, days=1)
    post.store.write(SYSTEM, reminders.plan)
    at(post, 7, 2, days=1)
    post.store.write(SYSTEM, reminders.plan)
    reminding, closing = jobs()["reminders"], jobs()["close-day"]
    assert reminding.last_run == post.clinic.at(7, 1, day=tomorrow)
    assert reminding.result == {"queued": 1, "skipped": 0}
    assert reminding.next_run == post.clinic.at(7, day=tomorrow + timedelta(days=1))
    assert closing.next_run == post.clinic.at(23, day=tomorrow)
    close_due(post)  # yesterday's
    assert jobs()["close-day"].result == {"no_shows": 0, "left_open": 0}
    assert jobs()["close-day"].last_run == post.clinic.at(7, 2, day=tomorrow)
    rules = replace(
        post.store.rules,
        reminders=replace(post.store.rules.reminders, enabled=False),
        close_of_day=CloseOfDayRules(enabled=False),
    )
    off = Store(post.store.database, post.clock, rules).read(SYSTEM, jobs_list.list_jobs)
    assert {job.job: job.next_run for job in off if job.job in ("reminders", "close-day")} == {
        "reminders": None,
        "close-day": None,
    }
