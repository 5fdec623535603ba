"""What the administrator sees of the mail and may do about it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from jobs.delivery import preview
from store import audit, dispatch, outbox
from store.errors import Forbidden, IllegalTransition, NotFound
from store.transaction import Transaction
from store.values import Actor, MailKind, OutboxStatus, Role
from tests.clinic import SYSTEM
from tests.jobs.conftest import Post
from tests.statements import heard


def test_the_same_message_asked_for_twice_is_one(post: Post) -> None:
    visit = post.book()
    with post.store.transaction(SYSTEM) as tx:
        for _ in range(2):
            outbox.enqueue(
                tx,
                MailKind.CANCELLED,
                "cancelled:77",
                appointment_id=visit.id,
                patient_id=visit.patient_id,
            )
        # Being refused as a repeat does not end the unit of work.
        assert outbox.list_messages(tx).total == 2


def test_a_message_is_undone_with_its_cause(post: Post) -> None:
    visit = post.book()

    def cause(tx: Transaction) -> None:
        outbox.enqueue(tx, MailKind.CANCELLED, "x", patient_id=visit.patient_id)
        outbox.get(tx, 4711)

    with pytest.raises(NotFound):
        post.store.write(SYSTEM, cause)
    assert len(post.messages()) == 1


def test_listing(post: Post) -> None:
    first, second = post.book(), post.book(post.clinic.at(12), 1)
    post.server.refuse("RCPT", "550 no", recipient="p0@example.org")
    post.deliver()
    third = post.book(post.clinic.at(12, 30), 2)

    def found(**filters: object) -> list[int | None]:
        page = post.store.read(SYSTEM, outbox.list_messages, **filters)  # type: ignore[arg-type]
        return [message.appointment_id for message in page.items]

    assert found() == [third.id, second.id, first.id]
    assert found(status=OutboxStatus.WAITING) == [third.id]
    assert found(status=OutboxStatus.FAILED) == [first.id]
    assert found(status=OutboxStatus.SENT) == [second.id]
    assert found(kind=MailKind.REMINDER) == []
    assert found(appointment_id=second.id) == [second.id]
    assert found(limit=1, offset=1) == [second.id]
    assert post.store.read(SYSTEM, outbox.counts) == {
        OutboxStatus.WAITING: 1,
        OutboxStatus.SENT: 1,
        OutboxStatus.FAILED: 1,
        OutboxStatus.DISCARDED: 0,
        OutboxStatus.HELD: 0,
    }
    view = post.store.read(SYSTEM, outbox.get, post.last().id)
    assert (view.to, view.subject) == ("p2@example.org", "Your appointment")
    assert view.due_at == post.store.now()


def test_a_discarded_message_is_not_sent_until_it_is_wanted_again(post: Post) -> None:
    post.book()
    message = post.store.write(SYSTEM, outbox.discard, post.last().id)
    assert message.status is OutboxStatus.DISCARDED
    assert post.deliver().sent == 0
    assert post.store.write(SYSTEM, outbox.retry, message.id).status is OutboxStatus.WAITING
    assert post.deliver().sent == 1


def test_what_was_sent_or_is_being_sent_is_left_alone(post: Post) -> None:
    post.book()
    post.store.write(SYSTEM, dispatch.claim, worker="a")
    for change in (outbox.retry, outbox.discard):
        with pytest.raises(IllegalTransition, match="just now"):
            post.store.write(SYSTEM, change, post.last().id)
    post.later(minutes=3)
    post.deliver()
    for change in (outbox.retry, outbox.discard):
        with pytest.raises(IllegalTransition, match="sent already"):
            post.store.write(SYSTEM, change, post.last().id)


def test_unknown_messages(quick_post: Post) -> None:
    for rule in (outbox.get, outbox.retry, outbox.discard):
        with pytest.raises(NotFound):
            quick_post.store.write(SYSTEM, rule, 4711)
    with pytest.raises(NotFound):
        preview(quick_post.store, SYSTEM, 4711, None)


@pytest.mark.parametrize("role", [Role.RECEPTION, Role.DOCTOR, Role.PATIENT])
def test_nobody_else_sees_or_changes_the_mail(quick_post: Post, role: Role) -> None:
    from dataclasses import replace

    quick_post.book()
    message = quick_post.last().id
    somebody = Actor(role, "Somebody", "tty1")
    with quick_post.store.transaction(SYSTEM) as unit:
        tx = replace(unit, actor=somebody)
        for attempt in (
            lambda: outbox.list_messages(tx),
            lambda: outbox.counts(tx),
            lambda: outbox.get(tx, message),
            lambda: outbox.retry(tx, message),
            lambda: outbox.discard(tx, message),
            lambda: dispatch.claim(tx, worker="w"),
            lambda: dispatch.due(tx, 1),
        ):
            with pytest.raises(Forbidden):
                attempt()


def test_what_becomes_of_mail_is_in_the_audit_trail(post: Post) -> None:
    post.book()
    post.server.refuse("RCPT", "550 p0@example.org unknown")
    post.deliver()
    post.store.write(SYSTEM, outbox.retry, post.last().id)
    post.deliver()
    page = post.store.read(SYSTEM, audit.list_entries, limit=50, offset=0, entity="outbox")
    told = [(entry.action, entry.outcome) for entry in reversed(page.items)]
    assert told == [("mail.fail", "failed"), ("mail.retry", "ok"), ("mail.send", "ok")]
    assert all("p0@" not in str(entry.detail) + entry.reason for entry in page.items)


def test_open_screens_hear_of_it(post: Post) -> None:
    start, _ = post.store.changes_since(None)
    post.book()
    post.deliver()
    _, changes = post.store.changes_since(start)
    mine = [change for change in changes if change.topic == "outbox"]
    assert [change.entity_id for change in mine] == [post.last().id] * 2


def test_a_preview_is_what_would_be_sent_now(quick_post: Post) -> None:
    from store import appointments

    post = quick_post
    visit = post.book()
    message = post.last().id
    text = preview(post.store, SYSTEM, message, post.settings)
    assert "11:00–11:15" in text
    post.store.write(SYSTEM, appointments.cancel, visit.id)
    with pytest.raises(IllegalTransition, match="cancelled by now"):
        preview(post.store, SYSTEM, message, post.settings)


def test_a_million_sent_messages_do_not_slow_the_search_for_due_ones(post: Post) -> None:
    post.book()

    def looks_into_the_outbox(statement: str) -> bool:
        return statement.lstrip().startswith("SELECT") and "outbox_message" in statement

    with heard(post.store, looks_into_the_outbox) as statements:
        post.store.read(SYSTEM, dispatch.due, 1)
        post.store.write(SYSTEM, dispatch.claim, worker="a")
    explain = "EXPLAIN QUERY PLAN " if post.store.database.dialect == "sqlite" else "EXPLAIN "
    with post.store.database.begin(write=True) as connection:
        if post.store.database.dialect == "postgresql":
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, parameters in statements:
            plan = connection.exec_driver_sql(explain + statement, parameters)
            assert "ix_outbox_message_" in str(plan.all())
    assert len(statements) == 3


def test_messages_wait_for_their_due_time(quick_post: Post) -> None:
    post = quick_post
    visit = post.book()
    post.deliver()
    with post.store.transaction(SYSTEM) as tx:
        outbox.enqueue(
            tx,
            MailKind.REMINDER,
            "later",
            appointment_id=visit.id,
            patient_id=visit.patient_id,
            due_at=tx.now + timedelta(hours=1),
        )
    assert post.deliver().as_dict() == {"sent": 0, "failed": 0, "waiting": 1}
    post.later(hours=1)
    assert post.deliver().sent == 1
