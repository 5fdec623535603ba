"""Hostile text (security catalogue §3.1), and what a one-line field may do with it."""

from __future__ import annotations

LITERAL = [
    "a[/",
    "[/b]x",
    "[bold]x",
    "[red]x[/red]",
    '[x="y',
    "[link=http://example.org]x[/link]",
    "\\[b]",
    "[[[[x",
    "[@click=app.quit]x[/]",
    "[@click=screen.dismiss]Ramesh[/]",
    "'; DROP TABLE patient; --",
    "100%",
    "_%_x",
    "{0} {x.__class__}",
    "%s %d",
    "$(id) `id`",
    "../../etc/passwd",
    "-rf",
    "=cmd|'/C calc'!A0",
    "+1+1",
    "@SUM(A1)",
    "{{7*7}}",
    "<script>alert(1)</script>",
    "मरीज़ हिन्दी",
    "தமிழ்",
    "اردو نام",
    "王小明",
    "ക്ഷ\u200d",
    "👩‍⚕️ family 👨‍👩‍👧",
    "José",
    "ﬁne ² ٣",
]
"""Stored and given back as it was typed (NFC)."""

REFUSED = [
    "a\x00b",
    "a\x1b[2Jb",
    "\x1b]52;c;QUFBQQ==\x07x",
    "\x1b]0;title\x1b\\x",
    "x\x1b]8;;http://example.org",
    "\x9b31mx",
    "\x9d52;c;QQ==\x9cx",
    "x\x7f",
    "x\x08y",
    "two\nlines",
    "two\rlines",
    "x\nADMIN login ok",
    "x\r\nBcc: everybody@example.org",
    "\u202egnp.exe",
    "\u2066x\u2069",
    "zero\u200bwidth",
    "a\u2060b",
    "a\ufeffb",
    "a\u2028b",
    "a\ud800b",
    "a\U000e0041b",
]
"""Refused in one-line fields with a sentence that names the field."""

TOO_LONG = "x" * 10_000
PILED_UP = "e" + "\u0301" * 50
EMPTY = ["", "   ", "\u00a0", "\t"]
