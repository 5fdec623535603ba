"""Medical record numbers: six digits in sequence and a check digit, written `004211-6`.

The check digit is that of ISO/IEC 7064, MOD 11,10: it betrays every single mistyped digit, and
all but a few swaps of two neighbours. After 999,999 patients the numbers get longer.
"""

from __future__ import annotations

import re
import unicodedata

from store.counters import draw
from store.errors import Invalid
from store.text import ascii_digits
from store.transaction import Transaction

_DIGITS = 6
_COUNTER = "mrn"
_FORM = re.compile(r"(\d{6,14})-?(\d)")


def next_mrns(tx: Transaction, count: int) -> list[str]:
    """The next numbers, drawn in the transaction that registers their patients."""
    last = draw(tx, _COUNTER, count)
    return [formed(number) for number in range(last - count + 1, last + 1)]


def formed(number: int) -> str:
    """A sequence number as an MRN."""
    digits = f"{number:0{_DIGITS}}"
    return f"{digits}-{check_digit(digits)}"


def check_digit(digits: str) -> str:
    """The ISO/IEC 7064 MOD 11,10 check digit of ASCII digits."""
    product = 10
    for digit in digits:
        total = (product + int(digit)) % 10 or 10
        product = total * 2 % 11
    return str((11 - product) % 10)


def looks_like_mrn(text: str) -> bool:
    """Whether a text has the form of our numbers, right or mistyped."""
    return _FORM.fullmatch(_plain(text)) is not None


def parse_mrn(text: str, *, field: str = "mrn") -> str:
    """A number as somebody types it, with or without the hyphen, in any script's digits.

    Raises:
        Invalid: it has another form, or its check digit says that a digit is wrong.
    """
    found = _FORM.fullmatch(text) if text.isascii() else None
    found = found or _FORM.fullmatch(_plain(text))
    if found is None:
        raise Invalid.field(field, "That is not a patient number; it looks like 004211-6.")
    digits, check = found.groups()
    if check_digit(digits) != check:
        raise Invalid.field(
            field, f"There is no patient number {digits}-{check}: a digit of it is mistyped."
        )
    return f"{digits}-{check}"


def _plain(text: str) -> str:
    if len(text) > 40:
        return ""
    if text.isascii():
        return text.replace(" ", "")
    return ascii_digits(unicodedata.normalize("NFKC", text)).replace(" ", "")
