"""The feed of changes of a terminal on PostgreSQL: woken, or looking by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from chikitsa_tui import live
from jobs.documents.office import PaperOffice, PaperSettings
from screens.context import AppServices
from store import departments
from store.front_door import Store
from store.guards import WAKING
from store.values import ChangeView
from tests.clinic import SYSTEM
from tests.hospital import TIMEZONE, MakeStore, actor_of, owning, reception

Told = asyncio.Queue[tuple[ChangeView, ...]]
NEVER = 600.0


@pytest.fixture
def hosts(found_postgres: Callable[..., str], make_store: MakeStore) -> tuple[Store, Store]:
    """One hospital, opened by two hosts."""
    url = found_postgres()
    return make_store(url), make_store(url)


@pytest.fixture
async def told(
    hosts: tuple[Store, Store], monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> AsyncIterator[Told]:
    """What a terminal of the first host is told, whose database wakes it or does not."""
    here, there = hosts
    monkeypatch.setattr(live, "STANDING_SECONDS", NEVER)
    if request.param == "woken":
        monkeypatch.setattr(live, "EVERY_SECONDS", NEVER)
    else:
        with owning(there) as connection:
            connection.execute(text(f"DROP TRIGGER {WAKING} ON change"))
    changes: Told = asyncio.Queue()
    desk = actor_of(here, reception(here))
    with ThreadPoolExecutor(4, "store") as pool:
        services = AppServices(
            open_store=lambda: here,
            clock=here.clock,
            hospital="City Hospital",
            timezone=ZoneInfo(TIMEZONE),
            pool=pool,
            terminal="tty1",
            open_papers=lambda: PaperOffice(PaperSettings(), here.now),
        )
        feed = live.ChangeFeed(
            services, here, desk, changes.put_nowait, lambda *_: None, pytest.fail
        )
        running = asyncio.create_task(feed.run())
        yield changes
        running.cancel()


async def add_until_told(told: Told, there: Store) -> list[str]:
    """Write on the other host, again where the terminal was not listening yet."""
    for number in range(40):
        await asyncio.to_thread(add, there, f"Ward {number}")
        with suppress(TimeoutError):
            changes = await asyncio.wait_for(told.get(), 0.5)
            return [change.topic for change in changes]
    raise AssertionError("nothing was told")


def add(there: Store, name: str) -> None:
    there.write(SYSTEM, departments.create, name=name)


@pytest.mark.parametrize("told", ["woken", "looking"], indirect=True)
async def test_a_change_on_another_host_is_told(hosts: tuple[Store, Store], told: Told) -> None:
    assert "department" in await add_until_told(told, hosts[1])
