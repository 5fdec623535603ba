"""What a worker that ended had noted decides what becomes of the messages it had begun."""

from __future__ import annotations

from pathlib import Path

from store import dispatch, outbox, sending_log
from store.dispatch import Claim
from store.sending_log import Taken
from store.values import OutboxStatus
from tests.clinic import SYSTEM
from tests.jobs.conftest import Post


def begun_together(post: Post) -> list[Claim]:
    """Three messages that worker `a` has begun in one commit, and noted so: the mail server took
    the first, of the second it heard nothing, the third was not reached."""
    for minute in (0, 15, 30):
        post.book(post.clinic.at(11, minute))
    held = post.store.write(SYSTEM, dispatch.claim, worker="a", most=3)
    post.store.write(SYSTEM, dispatch.begin, held, lease_seconds=120)
    log = sending_log.open_log(post.store.database, "a")
    assert log is not None
    first, second, _ = held
    log.hands_over(first.id, first.attempt)
    log.came_of(first.id, first.attempt, Taken(post.clock.now(), "250 OK 7", "d1"))
    log.hands_over(second.id, second.attempt)
    return held


def notes(post: Post) -> Path:
    """The one file of notes."""
    path = post.store.database.path
    assert path is not None
    (file,) = path.with_name(f"{path.name}.mail").iterdir()
    return file


def states(post: Post) -> list[tuple[str, bool]]:
    return [(message.state, message.in_doubt) for message in post.messages()]


def test_a_killed_worker_leaves_one_message_in_doubt(quick_post: Post) -> None:
    begun_together(quick_post)
    quick_post.later(minutes=3)
    assert quick_post.deliver("b").sent == 1
    assert states(quick_post) == [("sent", False), ("uncertain", True), ("sent", False)]
    first = quick_post.messages()[0]
    assert (first.reply, first.digest) == ("250 OK 7", "d1")
    assert len(quick_post.server.inbox) == 1
    quick_post.later(minutes=15)
    assert quick_post.deliver("b").sent == 1
    assert quick_post.store.read(SYSTEM, outbox.counts)[OutboxStatus.SENT] == 3


def test_notes_from_before_the_machine_started_tell_only_what_was_taken(quick_post: Post) -> None:
    begun_together(quick_post)
    file = notes(quick_post)
    _, *rest = file.read_text().splitlines(keepends=True)
    file.write_text("".join(['["another start"]\n', *rest]))
    quick_post.later(minutes=3)
    assert quick_post.deliver("b").sent == 0
    assert states(quick_post) == [("sent", False), ("uncertain", True), ("uncertain", True)]


def test_without_notes_all_that_was_begun_is_in_doubt(quick_post: Post) -> None:
    begun_together(quick_post)
    notes(quick_post).unlink()
    quick_post.later(minutes=3)
    assert quick_post.deliver("b").sent == 0
    assert states(quick_post) == [("uncertain", True)] * 3


def test_a_note_that_was_cut_off_counts_as_none(quick_post: Post) -> None:
    begun_together(quick_post)
    file = notes(quick_post)
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[:-1]) + lines[-1][:4])
    quick_post.later(minutes=3)
    assert quick_post.deliver("b").sent == 2
    assert states(quick_post) == [("sent", False)] * 3


def test_nothing_is_left_behind(quick_post: Post) -> None:
    quick_post.book()
    assert quick_post.deliver().sent == 1
    path = quick_post.store.database.path
    assert path is not None
    assert list(path.with_name(f"{path.name}.mail").iterdir()) == []


def test_where_no_notes_can_be_kept_mail_goes_out_all_the_same(quick_post: Post) -> None:
    path = quick_post.store.database.path
    assert path is not None
    path.with_name(f"{path.name}.mail").write_text("in the way")
    quick_post.book()
    quick_post.book(quick_post.clinic.at(12))
    assert quick_post.deliver().sent == 2
