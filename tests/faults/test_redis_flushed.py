"""A Redis that somebody empties while the worker sends: what is owed is in the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from tests.faults.killed_workers import PATIENCE, ward
from tests.servers.mail import MailServer
from tests.servers.process import wait_until
from tests.servers.redis_server import client


def test_no_mail_is_lost_and_none_comes_twice(
    found_postgres: Callable[[], str], redis_url: str, smtp_server: MailServer
) -> None:
    mails = 40
    queue = ("redis", redis_url)
    with ward(found_postgres(), queue, smtp_server, mails) as owed, client(redis_url) as redis:
        in_hand = smtp_server.hang("DATA", accept=True)
        owed.start(workers=2)
        assert in_hand.reached.wait(PATIENCE)
        redis.flushdb()
        in_hand.release()
        for arrived in range(5, mails, 5):
            smtp_server.wait_for(arrived, PATIENCE)
            redis.flushdb()
        wait_until(lambda: owed.statuses() == {"sent": mails}, owed.statuses, PATIENCE)
        assert owed.copies() == Counter(owed.message_ids())
