"""A worker killed with -9 between claiming a message and saying what became of it.

None is lost; one comes twice only where the kill fell between the server's acceptance and our mark,
and then under the same Message-ID. `killed_workers.py` does it by the thousand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.faults.killed_workers import PATIENCE, Ward, kill_at_random, ward
from tests.servers.mail import Fault, MailServer, Stage


@pytest.fixture(params=["sqlite", "postgresql and redis"])
def owed(request: pytest.FixtureRequest, tmp_path: Path, smtp_server: MailServer) -> Iterator[Ward]:
    """60 mails, and where they are owed."""
    small = request.param == "sqlite"
    found: Callable[[], str] = request.getfixturevalue(
        "found_sqlite" if small else "found_postgres"
    )
    queue = (
        ("sqlite", str(tmp_path / "queue.db"))
        if small
        else ("redis", request.getfixturevalue("redis_url"))
    )
    with ward(found(), queue, smtp_server, 60) as made:
        yield made


def test_killed_at_each_step_of_the_conversation(owed: Ward) -> None:
    repeats: Counter[str] = Counter()
    steps: tuple[tuple[Stage, bool], ...] = (
        ("MAIL", False),
        ("RCPT", False),
        ("DATA", False),
        ("DATA", True),
    )
    for stage, accepted in steps:
        fault: Fault = owed.server.hang(stage, accept=accepted)
        worker = owed.start(workers=1)
        assert fault.reached.wait(PATIENCE)
        if accepted:
            repeats[owed.server.inbox[-1].message["Message-ID"]] += 1
        owed.kill(worker)
        fault.release()
    owed.finish()
    assert owed.statuses() == {"sent": owed.mails}
    assert owed.copies() == Counter(dict.fromkeys(owed.message_ids(), 1)) + repeats
    assert len(owed.server.inbox) == owed.mails + 1


def test_killed_at_any_moment(owed: Ward) -> None:
    tally = kill_at_random(owed, 6)
    assert tally.wrong == ()
    assert tally.kills > 2
