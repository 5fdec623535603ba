"""What is pasted never becomes keys, however the terminal cuts it into pieces."""

from __future__ import annotations

import pytest
from textual.events import Key, Paste

from chikitsa_tui.terminal_input import PasteParser

START, END = "\x1b[200~", "\x1b[201~"
PASTES = {
    "plain text": "plain text",
    "two\rlines\tand a tab": "two\rlines\tand a tab",
    "a \x1b[31mred\x1b[0m word\rc": "a [31mred[0m word\rc",
    "\x1b": "",
    "\x1b[15~\x1b[20": "[15~[20",
    "\x9b31m\x07ब": "31mब",
    START + "nested": "[200~nested",
}


def read(parser: PasteParser, *pieces: str) -> list[object]:
    found = [event for piece in pieces for event in parser.feed(piece)]
    return [
        (e.text if isinstance(e, Paste) else e.key) for e in found if isinstance(e, Paste | Key)
    ]


@pytest.mark.parametrize("pasted", PASTES)
def test_a_paste_is_one_text(pasted: str) -> None:
    sent = f"x{START}{pasted}{END}y"
    for cut in range(1, len(sent)):
        assert read(PasteParser(), sent[:cut], sent[cut:], "z") == ["x", PASTES[pasted], "y", "z"]
    assert read(PasteParser(), *sent) == ["x", PASTES[pasted], "y"]


def test_keys_outside_of_pastes_are_keys() -> None:
    assert read(PasteParser(), "a\x1b[Ab\x1bOPc") == ["a", "up", "b", "f1", "c"]
    assert read(PasteParser(), "\x1b", "[A", f"{START}t{END}", "\x1b", "[B") == ["up", "t", "down"]
