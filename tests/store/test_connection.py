"""What a connection to PostgreSQL waits for, what it is called there, and what its URL may say."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import make_url, text

from store.database import open_database
from store.errors import Unavailable
from store.front_door import ping


def shown(url: str, *names: str) -> dict[str, str]:
    database = open_database(url)
    with database.begin(write=False) as connection:
        found = {name: connection.execute(text(f"SHOW {name}")).scalar_one() for name in names}
    database.dispose()
    return found


def said(url: str, **query: str) -> str:
    return make_url(url).update_query_dict(query).render_as_string(hide_password=False)


def test_nothing_waits_for_ever(found_postgres: Callable[..., str]) -> None:
    limits = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    found = shown(found_postgres(), *limits, "timezone", "application_name")
    assert found.pop("timezone") == "UTC"
    assert found.pop("application_name") == "chikitsa"
    assert found == {limits[0]: "1min", limits[1]: "10s", limits[2]: "1min"}


def test_what_the_url_says_wins(found_postgres: Callable[..., str]) -> None:
    url = said(
        found_postgres(),
        options="-c statement_timeout=5s",
        application_name="desk-3",
        connect_timeout="2",
    )
    found = shown(url, "statement_timeout", "lock_timeout", "application_name")
    assert found == {
        "statement_timeout": "5s",
        "lock_timeout": "10s",
        "application_name": "desk-3",
    }


def test_a_url_that_asks_for_tls_takes_nothing_less(found_postgres: Callable[..., str]) -> None:
    database = open_database(said(found_postgres(), sslmode="require"))
    with database.begin(write=False) if _has_tls(found_postgres()) else pytest.raises(Unavailable):
        ping(database)


def _has_tls(url: str) -> bool:
    return shown(url, "ssl")["ssl"] == "on"
