"""How the words of Indian names sound, whatever Latin letters somebody spells them with.

Lakshmi is also Laxmi, Chaudhary Chowdhury, Nair Nayar, Vikas in Bengal Bikash. A word's sound is
its consonants, which all spellings share; that alone would take Asha for Usha and Kumar for
Kumari, so that words sound alike only where their spoken forms, vowels and all, are near as well.
"""

from __future__ import annotations

import re
from functools import lru_cache

from rapidfuzz.distance import OSA

_SPELT = dict.fromkeys(("mohd", "md", "mhd", "muhd", "mohamad"), "mohammed")
_VOWELS, _GLIDE = "aeiou", "y"
_LETTERS_FOR_A_DIFFERENCE = (4, 7)
_FAR_FROM_I = frozenset("iaou")
_SPOKEN = tuple(
    (re.compile(spelling), alike)
    for spelling, alike in (
        (r"[^a-z]", ""),
        (r"ee", "i"),
        (r"oo", "u"),
        (r"x", "ks"),
        (r"ngh", "ng"),
        (r"zh", "l"),
        (r"swam", "sam"),
        (r"ph", "f"),
        (r"c?ch", "ç"),
        (r"s?sh", "s"),
        (r"c(?=[eiy])", "s"),
        (r"c[kq]?|q", "k"),
        (r"ç", "c"),
        (r"z", "j"),
        (r"([bdgjkt])h", r"\1"),
        (r"([aeo])(?:u|o|w(?![aeiouy]))", "o"),
        (r"[vw]", "b"),
        (r"y", "i"),
        # Only between vowels it is always spoken and written; at the beginning it is a letter.
        (r"(?<=[^aeiou])h|(?<!^)h(?![aeiou])", ""),
        (r"([a-zç])\1+", r"\1"),
        (r"(?<=i)am$", "an"),
        (r"[ae]*i[ae]+|[ae]+i[ae]*|(?<=..)oi", _GLIDE),
    )
)


@lru_cache(20_000)
def spoken(word: str) -> str:
    """A Latin word of a name as it is spoken; `y` stands for any of ai, ay, iya, eya."""
    said = _SPELT.get(word, word)
    for spelling, alike in _SPOKEN:
        said = spelling.sub(alike, said)
    return said


def sound_of(word: str) -> str:
    """How a Latin word of `name_words` sounds, as consonants; other scripts' words themselves.

    Initials sound of nothing.
    """
    if not word.isascii():
        return word
    said = spoken(word) if len(word) > 1 else ""
    if not said:
        return ""
    first = "a" if said[0] in _VOWELS + _GLIDE else said[0]
    return first + "".join(one for one in said[1:] if one not in _VOWELS + _GLIDE + "h")


def sound_alike(one: str, other: str) -> bool:
    """Whether two words may be one name, spelt in two ways."""
    if one == other:
        return True
    if not (one.isascii() and other.isascii()) or sound_of(one) != sound_of(other):
        return False
    said, heard = spoken(one), spoken(other)
    if not said or _ends_high(said) != _ends_high(heard):
        return False  # Kumar and Kumari, Deva and Devi are two people
    longer = max(len(said), len(heard))
    most = sum(longer >= letters for letters in _LETTERS_FOR_A_DIFFERENCE)
    apart = OSA.distance(said, heard, score_cutoff=most)
    return apart <= most and not (apart == 1 and _other_vowel(said, heard))


def _other_vowel(said: str, heard: str) -> bool:
    """Whether two forms that differ once do so in a vowel nobody confuses: Kiran, Karan."""
    return len(said) == len(heard) and any(
        len(pair) > 1 and "i" in pair and pair <= _FAR_FROM_I
        for pair in map(set, zip(said, heard, strict=True))
    )


def _ends_high(said: str) -> bool:
    return said[-1] in "i" + _GLIDE
