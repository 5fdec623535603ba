"""The line between a program and its PostgreSQL, to be cut exactly around a commit."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Literal

Cut = Literal["before", "after", "late"]
"""What becomes of a commit: it never reaches the server; the server has answered it; or it reaches
the server only some time after the program has lost the connection (see `deliver`)."""


class CutLine:
    """Passes everything on to a server of this machine, until it is told to `cut` or to be `down`.
    `writing` tells whether the commit that is on its way is of a unit that wrote something."""

    def __init__(self, port: int, writing: Callable[[], bool]) -> None:
        self._server = port
        self._writing = writing
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._cut: Cut | None = None
        self._stays_down = False
        self._spared = 0
        self._open: set[socket.socket] = set()
        self._swallowing: set[socket.socket] = set()
        self._delivered = threading.Event()
        self.port: int = self._listener.getsockname()[1]
        self.cuts = 0
        """How many commits were cut off so far."""
        self.down = False
        """Whether nobody gets through: whoever tries is sent away at once."""
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self, at: Cut, *, and_stay_down: bool = False, behind: int = 0) -> None:
        """Cut the connection around the next commit, or the one `behind` so many others; with
        `and_stay_down` all connections, and nobody gets through from then on."""
        self._cut, self._stays_down, self._spared = at, and_stay_down, behind
        self._delivered.clear()

    def deliver(self) -> None:
        """Let a commit that is late reach the server."""
        self._delivered.set()

    def break_all(self) -> None:
        """Cut all connections as they are."""
        for one in list(self._open):
            _end(one)

    def close(self) -> None:
        """Let nobody through any more."""
        self._delivered.set()
        _end(self._listener)
        self.break_all()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.down:
                    client.close()
                    continue
                try:
                    server = socket.create_connection(("127.0.0.1", self._server))
                except OSError:
                    client.close()
                    continue
                self._open |= {client, server}
                for work in (self._to_server, self._to_client):
                    threading.Thread(target=work, args=(client, server), daemon=True).start()

    def _to_server(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                cut = self._cut if b"COMMIT" in data else None
                if cut is None or not self._writing() or self._spare():
                    server.sendall(data)
                    continue
                self._cut, self.down = None, self._stays_down
                if cut == "after":
                    self._swallowing.add(server)
                    server.sendall(data)
                    return
                _end(client)
                self.cuts += 1
                if self.down:
                    self.break_all()
                if cut == "late":
                    self._delivered.wait()
                    server.sendall(data)
                break
        _end(server)

    def _spare(self) -> bool:
        self._spared -= 1
        return self._spared >= 0

    def _to_client(self, client: socket.socket, server: socket.socket) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if server in self._swallowing:
                    self.cuts += 1
                    if self.down:
                        self.break_all()
                    break
                client.sendall(data)
        _end(client)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
