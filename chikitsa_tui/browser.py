"""The app in a browser: a page with a terminal in it, and behind each page an app of its own.

textual-serve has the terminal of the page and what it says to the app. Here is what it leaves open:
no shell between, no page of another site that opens one, nothing fetched from elsewhere, and no app
that outlives its page. Who may reach the address at all is the business of a proxy before it.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import html
from asyncio.subprocess import PIPE, Process, create_subprocess_exec
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from textual_serve.app_service import AppService
from textual_serve.server import Server

from chikitsa_tui.bootstrap import BROWSER
from store.errors import WrongConfiguration

MOST_TERMINALS = 50
"""Each is a process of some 80 MB, and is there before anybody has signed in."""
_LARGEST = (500, 300)
_SCRIPT = """
const terminal = document.getElementById("terminal");
terminal.dataset.sessionWebsocketUrl =
  location.origin.replace("http", "ws") + location.pathname.replace(/[^/]*$/, "") + "ws";
// A letter takes 0.6 × 1.34 of its size: as large as 80 × 24 of them have room, within reason.
terminal.dataset.fontSize = Math.max(8, Math.min(16, innerWidth / 49, innerHeight / 33) | 0);
const again = document.getElementById("again");
again.onclick = () => location.reload();
// Keys go to the terminal once its line stands, and after a click beside it; then to the button.
const keys = () => document.querySelector(".xterm-helper-textarea").focus();
terminal.onclick = keys;
new MutationObserver(() => {
  const state = document.body.classList;
  if (state.contains("-closed")) again.focus();
  else if (state.contains("-loaded")) keys();
}).observe(document.body, { attributeFilter: ["class"] });
"""
_SCRIPT_HASH = base64.b64encode(hashlib.sha256(_SCRIPT.encode()).digest()).decode()
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; script-src 'self' 'sha256-{_SCRIPT_HASH}'; connect-src 'self'; "
        "style-src 'self' 'unsafe-inline'; font-src 'self'; img-src 'self' data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Page(AppService):
    """The app behind one page."""

    def __init__(self, command: Sequence[str], where: str, **given: Any) -> None:
        super().__init__("", **given)
        self._words = command
        self._where = where

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        """Start the app, without a shell."""
        environment = self._build_environment(*_within(width, height)) | {BROWSER: self._where}
        process = await create_subprocess_exec(
            *self._words, stdin=PIPE, stdout=PIPE, stderr=PIPE, env=environment
        )
        self._process, self._stdin = process, process.stdin
        return process

    async def set_terminal_size(self, width: int, height: int) -> None:
        """Tell the app how large the page is, whatever it claims."""
        await super().set_terminal_size(*_within(width, height))


class BrowserServer(Server):
    """Serves `hospital` at an address; `command` is what each page starts."""

    def __init__(self, command: Sequence[str], hospital: str, host: str, port: int) -> None:
        super().__init__("", host, port, hospital)
        self._words = command
        self._open: dict[web.WebSocketResponse, Page] = {}

    def run(self, told: Callable[[], None]) -> None:
        """Serve until SIGINT or SIGTERM; `told` is called once pages can be had.

        Raises:
            WrongConfiguration: the address cannot be listened on.
        """
        try:
            web.run_app(
                self._make_app(), host=self.host, port=self.port, print=lambda _text: told()
            )
        except OSError as error:
            raise WrongConfiguration(
                f"{self.host}:{self.port} cannot be listened on: {error.strerror}. "
                "Choose another with --host and --port."
            ) from None

    async def _make_app(self) -> web.Application:
        app = web.Application()
        app.add_routes(
            [
                web.get("/", self.handle_index),
                web.get("/ws", self.handle_websocket),
                web.static("/static", self.statics_path),
            ]
        )
        app.on_response_prepare.append(_add_headers)
        app.on_shutdown.append(self.on_shutdown)
        return app

    async def on_shutdown(self, app: web.Application) -> None:  # noqa: ARG002 - aiohttp's own
        """End every page: its app signs whoever is there out."""
        await asyncio.gather(*(page.close(code=1001) for page in list(self._open)))

    async def handle_index(self, request: web.Request) -> web.Response:  # noqa: ARG002
        """The page; everything it needs is beside it."""
        template = Template(Path(__file__).with_suffix(".html").read_text("utf-8"))
        text = template.substitute(hospital=html.escape(self.title), script=_SCRIPT)
        return web.Response(text=text, content_type="text/html")

    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """The line between a page and its app, until either goes away."""
        _require_own_page(request)
        if len(self._open) >= MOST_TERMINALS:
            raise web.HTTPServiceUnavailable(text="Too many terminals are open; try again later.")
        line = web.WebSocketResponse(heartbeat=15)
        page = Page(
            self._words,
            _where(request),
            write_bytes=line.send_bytes,
            write_str=line.send_str,
            close=line.close,
            download_manager=self.download_manager,
        )
        self._open[line] = page
        try:
            await line.prepare(request)
            await page.start(*_size_of(request))
            # What is no message of the page's own ends the line, as its end does.
            with suppress(AssertionError, IndexError, KeyError, TypeError, ValueError):
                await self._process_messages(line, page)
        finally:
            del self._open[line]
            await line.close()
            await page.stop()
        return line


async def _add_headers(request: web.Request, response: web.StreamResponse) -> None:  # noqa: ARG001
    response.headers.update(_HEADERS)


def _require_own_page(request: web.Request) -> None:
    """Refuse a page of another site: browsers let any page open a line to any address."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise web.HTTPForbidden(text="This page is of another site.")


def _where(request: web.Request) -> str:
    """Where the browser is: as the proxy nearest to here says, which puts it last."""
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    return told or request.remote or "somewhere"


def _size_of(request: web.Request) -> tuple[int, int]:
    try:
        return int(request.query["width"]), int(request.query["height"])
    except (KeyError, ValueError):
        return 80, 24


def _within(width: int, height: int) -> tuple[int, int]:
    columns, lines = _LARGEST
    return max(1, min(width, columns)), max(1, min(height, lines))
