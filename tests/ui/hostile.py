"""Strings that try to act: each must be shown as it is (controls as a dot), and do nothing."""

from __future__ import annotations

MARKUP = [
    "[/",
    "[/b]",
    "[bold",
    "[red]x",
    "[0] a",
    '[x="',
    "[link=http://e]x[/link]",
    "\\[b]",
    "a[",
    "[[[[",
    "[type=x, v={'a[0]'}]",
    "[@click=app.quit]x[/]",
    "[@click=screen.dismiss]y[/]",
    "$name ${name} {0} {name} %s %(x)s",
    "'; DROP TABLE patient; --",
]
"""Text that widgets could take for markup, actions or templates."""

CONTROLS = [
    "a\x1b[2Jb",
    "a\x1b]52;c;aGk=\x07b",
    "a\x1b]52;c;aGk=\x1b\\b",
    "a\x1b]0;title",
    "a\x1bPq\x1b\\b",
    "a\x9b31mb",
    "a\x9d52;c;x\x9cb",
    "a\x00b",
    "a\x08b\x7fc",
    "a\u202eb",
    "a\u2066b\u2069",
    "a\u200bb\ufeffc",
    "a\U000e0041b",
    "a\ud800b",
]
"""Text that a terminal would obey, or that would hide what it says."""

LANGUAGES = [
    "हिन्दी मरीज़",
    "தமிழ் நோயாளி",
    "اردو مریض",
    "患者さん",
    "👨\u200d👩\u200d👧 Family",
    "José",
    "Jose\u0301",
    "e" + "\u0301" * 500,
    "A" * 10_000,
    "  ",
]
"""Text that is meant, and must stay readable."""

ALL = [*MARKUP, *CONTROLS, *LANGUAGES]
