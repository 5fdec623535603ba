"""The app in a browser: who gets it, and that nobody is left signed in when the page goes."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pyte
import pytest

from tests.cli.conftest import PASSWORD, Cli
from tests.servers.process import free_port, wait_until
from tests.terminals.conftest import SIGNED_IN, Desks

SECONDS = 30.0
REFUSAL = "set [security] allow_web = true"


@dataclass
class Served:
    """`chikitsa serve` over a hospital."""

    address: str
    program: subprocess.Popen[str]


@dataclass
class Browser:
    """What an open page has: a screen, and a line for its keys."""

    line: aiohttp.ClientWebSocketResponse
    screen: pyte.Screen = field(default_factory=lambda: pyte.Screen(100, 30))

    async def wait_for(self, text: str) -> None:
        """Look on until this is on the screen."""
        stream = pyte.ByteStream(self.screen)
        async with asyncio.timeout(SECONDS):
            while text not in self.shown:
                stream.feed(await self.line.receive_bytes())

    async def type(self, keys: str) -> None:
        """Press keys."""
        await self.line.send_json(["stdin", keys])

    async def sign_in(self) -> None:
        """As the desk, without waiting for anything to be seen."""
        await self.type("desk\r")
        await self.type(PASSWORD + "\r")
        for text in SIGNED_IN:
            await self.wait_for(text)

    @property
    def shown(self) -> str:
        """The screen's lines."""
        return "\n".join(self.screen.display)


@asynccontextmanager
async def browser(served: Served, **headers: str) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession() as session:
        address = f"{served.address}/ws?width=100&height=30"
        async with session.ws_connect(address, headers=headers) as line:
            yield Browser(line)


def allowed(desks: Desks) -> Cli:
    text = desks.cli.config.read_text() + "\n[security]\nallow_web = true\n"
    desks.cli.config.write_text(text)
    return desks.cli


@pytest.fixture
def served(desks: Desks) -> Iterator[Served]:
    cli, port = allowed(desks), free_port()
    words = ("--config", str(cli.config), "serve", "--port", str(port))
    program = subprocess.Popen(
        [sys.executable, "-m", "chikitsa_tui", *words],
        env={"PATH": os.environ["PATH"], "HOME": str(cli.config.parent)},
        stderr=subprocess.PIPE,
        text=True,
    )
    assert program.stderr is not None
    assert f"is at http://127.0.0.1:{port}" in program.stderr.readline()
    yield Served(f"http://127.0.0.1:{port}", program)
    if program.poll() is None:
        program.terminate()
    assert program.wait(SECONDS) in {0, -signal.SIGKILL}
    assert program.stderr.read() == ""
    program.stderr.close()


def sign_ins(desks: Desks) -> list[Any]:
    """Those of the desk, but for the tests' own."""
    return [one for one in desks.sign_ins() if "browser" in one["terminal"]]


def test_without_leave_nothing_is_served_and_no_app_draws_for_a_browser(
    desks: Desks, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert REFUSAL in desks.cli("serve", code=2).stderr
    # As another server of Textual's apps starts it.
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.web_driver:WebDriver")
    assert REFUSAL in desks.cli("app", code=2).stderr


def test_an_address_that_is_taken_is_told_in_one_sentence(served: Served, desks: Desks) -> None:
    port = served.address.rpartition(":")[2]
    told = desks.cli("serve", "--port", port, code=2).stderr
    assert "cannot be listened on" in told
    assert "--port" in told


async def test_a_page_has_the_sign_in_screen_and_takes_its_sign_in_along(
    served: Served, desks: Desks
) -> None:
    async with browser(served, **{"X-Forwarded-For": "10.1.1.1, 10.0.0.7"}) as page:
        await page.sign_in()
        (found,) = sign_ins(desks)
        assert found["terminal"].endswith(" browser at 10.0.0.7")
    await asyncio.to_thread(wait_until, lambda: sign_ins(desks) == [], lambda: "still signed in")


async def test_the_page_asks_no_other_host_and_stands_in_no_other_page(served: Served) -> None:
    async with aiohttp.ClientSession() as session:
        async with session.get(served.address) as answer:
            text, headers = await answer.text(), answer.headers
        assert "City Hospital" in text
        assert "http" not in re.sub(r'"http", "ws"', "", text)
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        for beside in re.findall(r'(?:src|href)="(?!data:)([^"]+)"', text):
            async with session.get(f"{served.address}/{beside}") as answer:
                assert answer.status == 200, beside
    with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
        async with browser(served, Origin="http://elsewhere.example"):
            pass


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL], ids=lambda s: s.name)
async def test_a_server_that_ends_leaves_nobody_signed_in(
    served: Served, desks: Desks, number: signal.Signals
) -> None:
    async with browser(served) as page:
        await page.sign_in()
        assert len(sign_ins(desks)) == 1
        served.program.send_signal(number)
        await asyncio.to_thread(served.program.wait, SECONDS)
        await asyncio.to_thread(wait_until, lambda: sign_ins(desks) == [], lambda: "signed in")


async def test_what_is_no_message_of_the_page_ends_it(served: Served) -> None:
    async with browser(served) as page:
        await page.wait_for("Password")
        await page.line.send_json(["resize", {"width": 10**9, "height": 0}])
        await page.line.send_str("[]")
        async with asyncio.timeout(SECONDS):
            while (await page.line.receive()).type is aiohttp.WSMsgType.BINARY:
                pass
        assert page.line.closed
