"""The words of names and numbers as they are compared, and what a word may have been meant by.

A name's words are found by beginning. A word that was typed with an error, or that is spelt
another way, is looked up among all words that occur in names: by its sound, and by the shapes of
its first letters with one of them left out.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache

from store.name_sounds import sound_of
from store.text import ascii_digits, search_key

SHORTEST_NEAR = 4
"""So many letters a word has at least for its errors to be looked for."""

_FIRST_LETTERS = 5
_SOUND_MARK = "~"
_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_ASCII_WORD = re.compile(r"[a-z0-9]+")
_RELATIVE = re.compile(r"\b[sdwchb]/\s?o\b")
_TITLES = frozenset(
    {"dr", "mr", "mrs", "ms", "miss", "smt", "shri", "shrimati", "prof", "adv", "capt", "col"}
    | {"maj", "lt", "sgt", "late", "janab", "thiru", "tmt", "mrn"}
)


def name_words(text: str) -> list[str]:
    """The distinct words of a name as they are compared: folded, Latin letters without accents,
    the marks of other scripts (which are vowels there) kept. “S/o” and the like are no words."""
    if text.isascii():
        letters = text.lower()
        if "/" in letters:
            letters = _RELATIVE.sub(" ", " ".join(letters.split()))
        return list(dict.fromkeys(_ASCII_WORD.findall(letters.replace("'", ""))))
    words: list[str] = []
    word = ""
    for character in _RELATIVE.sub(" ", _folded(text)) + " ":
        if character.isalnum() or unicodedata.category(character) in ("Mn", "Mc"):
            word += character
        elif character in "'’\u200c\u200d":
            continue  # O’Brien and D'Souza are one word; joiners only shape letters
        elif word:
            words.append(unicodedata.normalize("NFC", word))
            word = ""
    return list(dict.fromkeys(words))


def telling_words(text: str) -> list[str]:
    """The words of a name without titles, which some write and some do not; all words where
    there are only titles."""
    return without_titles(name_words(text))


def without_titles(words: list[str]) -> list[str]:
    """As `telling_words`, of words that were told apart before."""
    return [word for word in words if word not in _TITLES] or words


def sound_key(word: str) -> str:
    """The key of all words that may sound like one; empty where it sounds of nothing."""
    sound = sound_of(word)
    return _SOUND_MARK + sound if sound else ""


def near_keys(word: str) -> set[str]:
    """The shapes of a word's first letters: as they are, and with each one left out.

    Words that differ there by one letter too many, too few, swapped or wrong share one of them.
    """
    first = word[:_FIRST_LETTERS]
    return {first} | {first[:at] + first[at + 1 :] for at in range(len(first))}


@lru_cache(8_000)
def word_keys(word: str) -> tuple[str, ...]:
    """All keys that a word of a name is listed under among the words that occur in names, in
    order."""
    keys = {sound_key(word)}
    if len(word) >= SHORTEST_NEAR - 1:
        keys |= near_keys(word)
    return tuple(sorted(keys - {""}))


def bare_mrn(mrn: str) -> str:
    """A medical record number without its hyphens."""
    return search_key(mrn).replace("-", "")


def national_number(phone: str, region: str = "IN") -> str:
    """The digits of a number (E.164, or as typed) that are dialled inside its country."""
    if _E164.fullmatch(phone):
        return phone[1 + len(_country_of(phone[1:4])) :]
    import phonenumbers

    try:
        parsed = phonenumbers.parse(phone, region)
    except phonenumbers.NumberParseException:
        return digits_of(phone)
    return str(phonenumbers.national_significant_number(parsed))


@cache
def _country_of(start: str) -> str:
    """The country's code that the first three digits begin with; no code begins another."""
    import phonenumbers

    codes = (start[:length] for length in (1, 2, 3))
    known = phonenumbers.COUNTRY_CODE_TO_REGION_CODE
    return next((code for code in codes if int(code) in known), "")


def digits_of(text: str) -> str:
    """The digits of a text, in ASCII."""
    return "".join(one for one in ascii_digits(text) if one.isascii() and one.isdigit())


def _folded(text: str) -> str:
    latin = False
    kept = []
    for character in unicodedata.normalize("NFKD", search_key(text)):
        if unicodedata.category(character) != "Mn":
            latin = _is_latin(character)
        elif latin:
            continue
        kept.append(character)
    return "".join(kept)


@cache
def _is_latin(character: str) -> bool:
    return unicodedata.name(character, "").startswith("LATIN")
