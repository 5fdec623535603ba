"""Mails in the parts they are made of, written quickly: a morning's reminders are thousands.

The library of mails reads each header that it is given, works out how to encode each text and
looks for a boundary that occurs in none; that takes it longer than all else of a letter. Headers
that are plain stay as they are until somebody asks for them, the encoding of a part follows from
what it is, and the boundary can occur in none: no encoding used here ever writes `=_`.
"""

from __future__ import annotations

from base64 import encodebytes
from binascii import b2a_qp
from email.headerregistry import BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import EmailPolicy
from functools import cache, lru_cache
from typing import Any

_BOUNDARY = "=_alternative"
_LONGEST_LINE = 78
_SAME_IN_MANY = frozenset({"content-type", "content-transfer-encoding", "mime-version"})


class _Headers(HeaderRegistry):
    """Reads a header that is the same in many letters once, and makes the class of each once."""

    @cache  # noqa: B019 - there is one of these, for as long as the program runs
    def __getitem__(self, name: str) -> type[BaseHeader]:
        return super().__getitem__(name)

    def __call__(self, name: str, value: str) -> BaseHeader:
        if name.lower() in _SAME_IN_MANY:
            return self._once(name, str(value))
        return super().__call__(name, value)

    @lru_cache(maxsize=256)  # noqa: B019 - there is one of these, for as long as the program runs
    def _once(self, name: str, value: str) -> BaseHeader:
        return super().__call__(name, value)


class _PlainStays(EmailPolicy):
    """Keeps a header of one short line of ASCII as the text it is; the library reads and checks
    all others, and refuses what would break a line."""

    def header_store_parse(self, name: str, value: Any) -> tuple[str, Any]:
        text = str(value)
        if text.isascii() and text.isprintable() and len(name) + len(text) < _LONGEST_LINE - 2:
            return name, text
        return super().header_store_parse(name, value)


# Seven bits pass every mail server on the way.
POLICY = _PlainStays(linesep="\r\n", cte_type="7bit", header_factory=_Headers())


def make_alternative(message: EmailMessage) -> None:
    """Let a message consist of parts that say the same, to be put in by `add`."""
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = f'multipart/alternative; boundary="{_BOUNDARY}"'
    message.set_payload([])


def add(message: EmailMessage, kind: str, text: str, parameters: str = "") -> None:
    """Put in a text of a kind (`text/plain`); the best of several comes last (RFC 2046)."""
    part = EmailMessage(policy=POLICY)
    part["Content-Type"] = f'{kind}; charset="utf-8"{parameters}'
    encoding, payload = _encoded(text, plain=kind == "text/calendar")
    part["Content-Transfer-Encoding"] = encoding
    part.set_payload(payload)
    message.attach(part)


def _encoded(text: str, *, plain: bool) -> tuple[str, str]:
    """A text as it goes over the line; `plain` where no line of it is long or begins with `--`."""
    if plain and text.isascii():
        return "7bit", text
    data = text.encode()
    if len(data) - len(text) > len(text) // 6:  # more letters to encode than to leave
        return "base64", encodebytes(data).decode("ascii")
    return "quoted-printable", b2a_qp(data).decode("ascii")
