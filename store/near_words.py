"""What mistyped or otherwise spelt words of a search may have been meant by."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from rapidfuzz.distance import OSA
from sqlalchemy import bindparam, select

from store.name_keys import SHORTEST_NEAR, near_keys, sound_key
from store.name_sounds import sound_alike, spoken
from store.tables import NameWord, table_of
from store.transaction import Transaction

_LONG = 8
_LONG_ENOUGH_TO_GO_ON = 5
_FURTHER_IF_ERROR, _FURTHER_IF_UNFINISHED = 0.25, 0.5
# Even the farthest spelling is nearer than the nearest error.
_OTHER_SPELLING, _LONGEST = 0.3, 200

_WORD = table_of(NameWord)
_LISTED = select(_WORD.c.key, _WORD.c.word).where(
    _WORD.c.key.in_(bindparam("keys", expanding=True))
)


@dataclass(frozen=True, slots=True, order=True)
class Near:
    """A word that occurs in names, how far it is from the one that was typed, and whether that
    takes an error of the typist: else it is another spelling."""

    distance: float
    word: str
    error: bool


def meant_by(tx: Transaction, words: Iterable[str]) -> dict[str, list[Near]]:
    """For each word of a search, the words of names that it may mean besides those that begin
    with it, the nearest first: spelt another way, or typed with one error (two in a long word)."""
    keys = {word: _keys(word) for word in words}
    wanted = sorted({key for some in keys.values() for key in some})
    if not wanted:
        return {word: [] for word in keys}
    listed: dict[str, set[str]] = {}
    for key, word in tx.session.execute(_LISTED, {"keys": wanted}):
        listed.setdefault(key, set()).add(word)
    return {
        word: _nearest(word, {known for key in some for known in listed.get(key, ())})
        for word, some in keys.items()
    }


def near(typed: str, known: str) -> Near | None:
    """A known word as what a typed one may mean; None where it cannot be meant."""
    errors = OSA.distance(typed, known)
    if sound_alike(typed, known):
        said = OSA.distance(spoken(typed), spoken(known))
        return Near(_OTHER_SPELLING * (said + errors / _LONGEST), known, error=False)
    if len(typed) < SHORTEST_NEAR:
        return None
    if errors <= (2 if len(typed) >= _LONG else 1):
        return Near(errors + _FURTHER_IF_ERROR, known, error=True)
    if len(typed) < _LONG_ENOUGH_TO_GO_ON or len(known) <= len(typed):
        return None
    begun = min(OSA.distance(typed, known[: len(typed) + more]) for more in (-1, 0, 1))
    return Near(begun + _FURTHER_IF_UNFINISHED, known, error=True) if begun <= 1 else None


def _keys(word: str) -> set[str]:
    keys = near_keys(word) if len(word) >= SHORTEST_NEAR else set()
    return (keys | {sound_key(word)}) - {""}


def _nearest(typed: str, known: set[str]) -> list[Near]:
    others = (near(typed, one) for one in known if not one.startswith(typed))
    return sorted(one for one in others if one is not None)
