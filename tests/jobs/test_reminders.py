"""Reminders: at the right hour, once, for whoever is still to come, also when the worker slept."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from store import appointments, reminders, undo
from store.clock import FixedClock
from store.errors import Forbidden
from store.front_door import Store
from store.hospital import HospitalRules, ReminderRules, Rules
from store.tables import Patient, table_of
from store.values import Actor, AppointmentView, MailKind, OutboxStatus, Role
from tests.clinic import SYSTEM
from tests.hospital import MakeStore, quick_rules
from tests.jobs.conftest import Post, part

TODAY = date(2026, 1, 5)
TOMORROW = TODAY + timedelta(days=1)


def plan(post: Post, day: date | None = None) -> tuple[int, int]:
    return post.store.write(SYSTEM, reminders.plan, day)


def at(post: Post, hour: int, minute: int = 0, day: date = TOMORROW) -> None:
    """Set the clock to a moment in hospital time."""
    post.clock.moment = post.clinic.at(hour, minute, day=day)


def reminded(post: Post) -> list[int | None]:
    """The appointments whose reminders are in the outbox."""
    return [m.appointment_id for m in post.messages() if m.kind is MailKind.REMINDER]


def with_rules(post: Post, **rules: object) -> Post:
    store = Store(
        post.store.database,
        post.clock,
        replace(post.store.rules, reminders=ReminderRules(**rules)),  # type: ignore[arg-type]
    )
    return replace(post, clinic=replace(post.clinic, store=store))


def book_tomorrow(post: Post, hour: int, patient: int = 0) -> AppointmentView:
    return post.book(post.clinic.at(hour, day=TOMORROW), patient)


def test_at_seven_on_the_day_and_only_once(post: Post) -> None:
    visit = book_tomorrow(post, 10)
    later = post.book(post.clinic.at(10, day=TOMORROW + timedelta(days=1)), 1)
    at(post, 6, 59)
    assert plan(post) == (0, 0)
    at(post, 7)
    assert plan(post) == (1, 0)
    assert reminded(post) == [visit.id]
    assert plan(post) == (0, 0)
    at(post, 7, 30)
    assert plan(post) == (0, 0)
    at(post, 6, 30)  # the clock was set back an hour
    assert plan(post) == (0, 0)
    at(post, 7)
    assert plan(post) == (0, 0)
    assert post.last().due_at == post.clinic.at(7, day=TOMORROW)
    at(post, 7, day=TOMORROW + timedelta(days=1))
    assert plan(post) == (1, 0)
    assert reminded(post) == [visit.id, later.id]


def test_two_workers_planning_at_once_plan_it_once(post: Post) -> None:
    import threading

    for hour in (9, 10, 11, 12):
        book_tomorrow(post, hour)
    at(post, 7)
    ready, planned = threading.Barrier(3), []

    def work() -> None:
        ready.wait()
        planned.append(plan(post)[0])

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(planned) == 4
    assert len(reminded(post)) == 4


def test_a_worker_that_was_down_at_seven_catches_up_for_what_is_ahead(post: Post) -> None:
    book_tomorrow(post, 9)
    ahead = book_tomorrow(post, 10, 1)
    at(post, 9, 30)
    assert plan(post) == (1, 0)
    assert reminded(post) == [ahead.id]
    post.deliver()
    assert post.server.inbox[-1].recipients == ("p1@example.org",)
    assert "10:00–10:15" in part(post.server.inbox[-1], "plain")


def test_cancelled_a_minute_before_gets_none(post: Post) -> None:
    visit = book_tomorrow(post, 10)
    post.deliver()
    at(post, 6, 59)
    post.store.write(SYSTEM, appointments.cancel, visit.id)
    at(post, 7)
    assert plan(post) == (0, 0)
    post.deliver()
    assert [m.message["Subject"] for m in post.server.inbox] == [
        "Your appointment",
        "Your appointment was cancelled",
    ]


def test_cancelled_between_planning_and_sending_gets_none(post: Post) -> None:
    visit = book_tomorrow(post, 10)
    at(post, 7)
    plan(post)
    post.store.write(SYSTEM, appointments.cancel, visit.id)
    post.deliver()
    assert [m.message["Subject"] for m in post.server.inbox] == ["Your appointment was cancelled"]
    (reminder,) = [m for m in post.messages() if m.kind is MailKind.REMINDER]
    assert reminder.status is OutboxStatus.DISCARDED
    assert reminder.last_error == "The appointment is cancelled by now."


def test_moved_to_another_time_is_reminded_of_the_new_one_alone(post: Post) -> None:
    visit = book_tomorrow(post, 9)
    moved = post.store.write(
        SYSTEM, appointments.reschedule, visit.id, starts_at=post.clinic.at(12, day=TOMORROW)
    )
    at(post, 7)
    assert plan(post) == (1, 0)
    assert reminded(post) == [moved.id]


def test_booked_after_seven_for_the_same_day_needs_no_reminder(post: Post) -> None:
    post.book(post.clinic.at(12))
    assert plan(post) == (0, 0)


def test_a_cancellation_taken_back_is_reminded(post: Post) -> None:
    visit = book_tomorrow(post, 10)
    at(post, 6, 55)
    post.store.write(SYSTEM, appointments.cancel, visit.id)
    at(post, 7)
    assert plan(post) == (0, 0)
    at(post, 7, 2)
    post.store.write(SYSTEM, undo.undo, visit.id)
    assert plan(post) == (1, 0)


def test_whoever_has_no_address_or_is_gone_is_counted(post: Post) -> None:
    for patient, hour in enumerate((9, 10, 11)):
        book_tomorrow(post, hour, patient)
    with post.store.transaction(SYSTEM) as tx:
        table = table_of(Patient)
        ids = post.clinic.patients
        tx.session.execute(table.update().where(table.c.id == ids[0]).values(email=None))
        tx.session.execute(table.update().where(table.c.id == ids[1]).values(is_active=False))
    at(post, 7)
    assert plan(post) == (1, 2)


def test_planning_writes_nothing_into_the_appointment(post: Post) -> None:
    visit = book_tomorrow(post, 10)
    at(post, 7)
    plan(post)
    post.deliver()
    assert post.store.read(SYSTEM, appointments.get, visit.id) == visit


def test_switched_off(quick_post: Post) -> None:
    book_tomorrow(quick_post, 10)
    post = with_rules(quick_post, enabled=False)
    at(post, 7)
    assert plan(post) == (0, 0)
    assert plan(post, TOMORROW) == (1, 0)  # asked for by hand


def test_another_hour_and_days_ahead(quick_post: Post) -> None:
    post = with_rules(quick_post, at=time(18, 30), days_ahead=(3, 1))
    far = post.book(post.clinic.at(10, day=TODAY + timedelta(days=4)))
    at(post, 18, 29, day=TOMORROW)
    assert plan(post) == (0, 0)
    at(post, 18, 30, day=TOMORROW)
    assert plan(post) == (1, 0)
    at(post, 18, 30, day=TODAY + timedelta(days=2))
    assert plan(post) == (0, 0)
    at(post, 18, 30, day=TODAY + timedelta(days=3))
    assert plan(post) == (1, 0)
    assert reminded(post) == [far.id, far.id]


def test_of_several_reminders_missed_only_the_last_is_sent(quick_post: Post) -> None:
    post = with_rules(quick_post, days_ahead=(0, 1, 2))
    post.book(post.clinic.at(12, day=TODAY + timedelta(days=3)))
    at(post, 8, day=TODAY + timedelta(days=3))
    assert plan(post) == (1, 0)
    assert plan(post) == (0, 0)


def test_by_hand_for_a_day_and_not_again_by_itself(post: Post) -> None:
    visit = book_tomorrow(post, 10)
    assert plan(post, TODAY) == (0, 0)
    assert plan(post, TOMORROW) == (1, 0)
    assert plan(post, TOMORROW) == (0, 0)
    at(post, 7)
    assert plan(post) == (0, 0)
    assert reminded(post) == [visit.id]


def test_only_the_administrator_may_plan(quick_post: Post) -> None:
    desk = Actor(Role.RECEPTION, "Desk", "tty1")
    with pytest.raises(Forbidden), quick_post.store.transaction(SYSTEM) as tx:
        reminders.plan(replace(tx, actor=desk))


@pytest.mark.parametrize(
    ("zone", "day"),
    [
        ("Europe/London", date(2026, 3, 29)),
        ("Europe/London", date(2026, 10, 25)),
        ("America/New_York", date(2026, 3, 8)),
        ("America/New_York", date(2026, 11, 1)),
    ],
)
def test_seven_is_seven_on_days_when_clocks_change(
    zone: str,
    day: date,
    found_sqlite: Callable[..., str],
    make_store: MakeStore,
    open_post: Callable[..., Post],
    clock: FixedClock,
) -> None:
    clock.moment = datetime.combine(day - timedelta(days=1), time(9), ZoneInfo(zone))
    rules: Rules = quick_rules(zone)
    assert isinstance(rules.hospital, HospitalRules)
    post = open_post(make_store(found_sqlite(zone), timezone=zone, rules=rules))
    post.book(post.clinic.at(10, day=day))
    at(post, 6, 59, day=day)
    assert plan(post) == (0, 0)
    at(post, 7, 0, day=day)
    assert plan(post) == (1, 0)
    assert post.last().due_at.strftime("%H:%M") == "07:00"
