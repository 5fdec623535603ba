"""What a terminal sends, read so that nothing in it can hurt.

Textual's parser ends a bracketed paste at the first escape in it and takes the rest for keys: text
copied from a coloured terminal or a hostile page would run whatever its letters are bound to. Many
terminals take escapes out of a paste; tmux and some others do not. And one byte that is no UTF-8,
from a terminal set to Latin-1 or a noisy line, would end the app.
"""

from __future__ import annotations

import re
import select
import sys
from codecs import IncrementalDecoder, getincrementaldecoder
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from textual._xterm_parser import XTermParser
from textual.driver import Driver
from textual.message import Message

_START, _END = "\x1b[200~", "\x1b[201~"
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


class PasteParser(XTermParser):
    """Textual's parser, with the controls taken out of pastes before it reads them."""

    def __init__(self, debug: bool = False) -> None:
        self._pasting = False
        self._tail = ""
        super().__init__(debug)

    def feed(self, data: str) -> Iterable[Message]:
        """Read what the terminal sent; nothing at all is its end."""
        safe = self._without_controls(data)
        return super().feed(safe) if safe or not data else ()

    def _without_controls(self, data: str) -> str:
        """`data`, but for the controls of pastes in it; markers may come in pieces."""
        out = []
        while data:
            text, marker = self._tail + data, _END if self._pasting else _START
            before, found, after = text.partition(marker)
            if self._pasting:
                kept = "" if found else _beginning_of(marker, before)
                out.append(_CONTROLS.sub("", before.removesuffix(kept)) + found)
            else:
                # A start in pieces has been handed on as it came, which the parser reads well.
                kept = _beginning_of(marker, before) if not found else ""
                out.append((before + found)[len(self._tail) :])
            self._tail = kept
            self._pasting ^= bool(found)
            data = after
        return "".join(out)


def _beginning_of(marker: str, text: str) -> str:
    """The longest end of the text with which the marker begins."""
    sizes = range(len(marker) - 1, 0, -1)
    return next((marker[:size] for size in sizes if text.endswith(marker[:size])), "")


def _lenient(encoding: str) -> Callable[[], IncrementalDecoder]:
    """A decoder that shows `\ufffd` for what it cannot read."""
    return partial(getincrementaldecoder(encoding), errors="replace")


def install(driver: type[Driver]) -> None:
    """Let Textual's driver, the terminal's or the browser's, read in these ways; it has no other
    place to say so."""
    module: Any = sys.modules[driver.__module__]
    module.XTermParser = PasteParser
    module.getincrementaldecoder = _lenient


def hung_up(fileno: int) -> bool:
    """Whether whoever writes into this pipe has gone."""
    line = select.poll()
    line.register(fileno, 0)
    return bool(line.poll(0))
