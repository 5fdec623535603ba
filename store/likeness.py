"""Whether two names are likely those of one person, written by two people.

The order of the words, the spelling of a sound and titles do not matter; an initial stands for
any word that begins with it. A word that only one of the names has is forgiven where two others
agree (Lakshmi Devi Nair is Lakshmi Nair, but not every Lakshmi).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from rapidfuzz.distance import OSA

from store.name_sounds import sound_alike, spoken

_AGREEING, _MOST_PARTS = 2, 3


def distance(one: Sequence[str], other: Sequence[str]) -> float | None:
    """How far two names are from each other, 0 for the same; None for two people's. They are
    given as `store.name_keys.telling_words`."""
    if set(one) == set(other):
        return 0.0
    rest, left = list(one), list(other)
    apart = 0.0
    agreeing = 0
    for word in [word for word in one if len(word) > 1]:
        alike = [known for known in left if len(known) > 1 and sound_alike(word, known)]
        if alike:
            nearest = min(alike, key=lambda known: OSA.distance(word, known))
            apart += OSA.distance(word, nearest) / max(len(word), len(nearest))
            rest.remove(word)
            left.remove(nearest)
            agreeing += 1
    apart += _match_initials(rest, left) + _match_initials(left, rest)
    if _written_apart(rest, left) or _written_apart(left, rest):
        return apart + 1
    return None if _contradict(rest, left, agreeing) else apart + len(rest) + len(left)


def _match_initials(short: list[str], long: list[str]) -> float:
    """Take away the initials of one name with the words that they stand for in the other."""
    apart = 0.0
    for initial in [word for word in short if len(word) == 1]:
        meant = [word for word in long if _begins(word, initial)]
        if meant:
            best = min(meant, key=len)
            apart += 0.0 if best == initial else 0.5
            short.remove(initial)
            long.remove(best)
    return apart


def _begins(word: str, initial: str) -> bool:
    return word[0] == initial or (spoken(word)[:1] or word[0]) == (spoken(initial) or initial)


def _contradict(rest: Sequence[str], left: Sequence[str], agreeing: int) -> bool:
    """Whether what only one of the names has makes them two people's."""
    if rest and left:
        return True
    only = [*rest, *left]
    return not agreeing or (agreeing < _AGREEING and any(len(word) > 1 for word in only))


def _written_apart(joined: Sequence[str], parts: Sequence[str]) -> bool:
    """Whether one word that is left over is all that is left over of the other name: Rajkumar
    and Raj Kumar."""
    return (
        len(joined) == 1
        and 1 < len(parts) <= _MOST_PARTS
        and any(sound_alike(joined[0], "".join(order)) for order in permutations(parts))
    )
