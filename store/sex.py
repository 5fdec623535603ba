"""Administrative gender as people and files write it: a word, or its letter."""

from __future__ import annotations

from store.errors import Invalid
from store.text import clean_line
from store.values import Sex

_SEXES = {
    Sex.FEMALE: ("f", "female", "w", "woman", "girl"),
    Sex.MALE: ("m", "male", "man", "boy"),
    Sex.OTHER: ("o", "other", "x", "t", "transgender", "intersex", "non-binary"),
    Sex.UNKNOWN: ("", "u", "unknown", "unk", "not stated"),
}
_SEX_OF = {word: sex for sex, words in _SEXES.items() for word in words}


def parse_sex(text: str) -> Sex:
    """Administrative gender from a word or a letter; nothing is unknown.

    Raises:
        Invalid: any other word.
    """
    found = _SEX_OF.get(text) or _SEX_OF.get(clean_line(text, "sex", most=40).casefold())
    if found is None:
        raise Invalid.field("sex", f"“{text}” is not understood; write f, m, other or unknown.")
    return found
