"""The queue rings and no more: on SQLite and on Redis, and whatever is put into it."""

from __future__ import annotations

import pickle
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from huey import Huey
from huey.exceptions import HueyException
from huey.registry import Message

from jobs.queue import QueueSettings, SignedNames, build_queue, check
from store.errors import Unavailable, WrongConfiguration
from store.queue_key import QueueKey
from tests.servers.process import free_port

KEY = QueueKey("chikitsa-test", b"a secret of this hospital")


@pytest.fixture(params=["sqlite", "redis"])
def queue(request: pytest.FixtureRequest, tmp_path: Path) -> Huey:
    if request.param == "sqlite":
        return build_queue(QueueSettings("sqlite", str(tmp_path / "jobs" / "queue.db"), KEY))
    return build_queue(QueueSettings("redis", request.getfixturevalue("redis_url"), KEY))


def test_a_task_is_heard_by_another_process_of_the_same_queue(queue: Huey) -> None:
    heard: list[str] = []
    ring: Callable[[], object] = queue.task(name="ring")(lambda: heard.append("ring"))
    assert queue.pending_count() == 0
    ring()
    assert queue.pending_count() == 1
    queue.execute(queue.dequeue())
    assert heard == ["ring"]
    assert queue.dequeue() is None
    check(queue)


def test_what_somebody_else_puts_in_does_not_run(queue: Huey, tmp_path: Path) -> None:
    made = tmp_path / "made"

    class Harm:
        def __reduce__(self) -> tuple[object, tuple[object, ...]]:
            return (Path.touch, (made,))

    forged = b'["id", "ring", "00"]'
    for junk in (pickle.dumps(Harm()), b"", b"{}", b'["id", "ring"]', forged, b"\x80\x04junk"):
        queue.storage.enqueue(junk)
        with pytest.raises((HueyException, ValueError)):
            queue.dequeue()
    assert not made.exists()


def test_another_hospitals_task_is_none_of_ours(queue: Huey) -> None:
    heard: list[str] = []
    queue.task(name="ring")(lambda: heard.append("ring"))
    theirs = SignedNames(b"a secret of another hospital")
    queue.storage.enqueue(theirs.serialize(Message(id="1", name="ring", args=(), kwargs={})))
    with pytest.raises(HueyException, match="no task of ours"):
        queue.dequeue()


def test_no_data_goes_through_the_queue(queue: Huey) -> None:
    task = queue.task(name="with_data")(lambda _name: None)
    with pytest.raises(HueyException, match="without arguments"):
        task("Asha Rao")


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "queue.db"
    build_queue(QueueSettings("sqlite", str(file), KEY))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_queue_that_cannot_be_had(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match="cannot be opened"):
        build_queue(QueueSettings("sqlite", str(tmp_path / "file" / "queue.db"), KEY))
    with pytest.raises(WrongConfiguration, match="redis://"):
        build_queue(QueueSettings("redis", "nonsense", KEY))
    down = build_queue(QueueSettings("redis", f"redis://127.0.0.1:{free_port()}/0", KEY))
    with pytest.raises(Unavailable, match="does not answer"):
        check(down)
