"""Finding drugs of a formulary: by what was typed, and in what was written. No database.

Names, synonyms and the beginnings of both are compared word by word; a typing error is forgiven
where one only looks, never where a drug is taken for another.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from store.text import search_key
from store.values import DrugView

_WORD = re.compile(r"[^\W_]+")
_LAST = "\U0010ffff"
_SHORTEST_BEGINNING = 4
"""So many letters of a name stand for it, where no other begins so."""
_LONGEST = 200

CLASS_NAMES = {
    "penicillin": ("penicillin",),
    "cephalosporin": ("cephalosporin", "cephalosporins"),
    "sulfonamide": ("sulfa", "sulfa drug", "sulpha", "sulpha drug", "sulphonamide", "sulfonamide"),
    "nsaid": ("nsaid", "non steroidal anti inflammatory", "non steroidal anti inflammatory drug"),
    "ace inhibitor": ("ace inhibitor", "acei"),
    "fluoroquinolone": ("fluoroquinolone", "quinolone"),
    "opioid": ("opioid", "opiate"),
    "statin": ("statin",),
    "macrolide": ("macrolide",),
    "tetracycline": ("tetracycline",),
    "aminoglycoside": ("aminoglycoside",),
    "corticosteroid": ("corticosteroid", "steroid"),
    "local anaesthetic": ("local anaesthetic", "local anesthetic"),
    "beta blocker": ("beta blocker",),
}
"""What classes are called in an allergy, in the singular; every class is called by its name too."""


@dataclass(frozen=True, slots=True)
class Substances:
    """What a text names: ingredients, the classes they belong to, and classes by their names."""

    ingredients: frozenset[str] = frozenset()
    classes: frozenset[str] = frozenset()
    named_classes: frozenset[str] = frozenset()

    @property
    def known(self) -> bool:
        """Whether the text names anything of the formulary."""
        return bool(self.ingredients or self.named_classes)


@dataclass
class _Found:
    ingredients: set[str] = field(default_factory=set)
    classes: set[str] = field(default_factory=set)
    named: set[str] = field(default_factory=set)


class Formulary:
    """The drugs of a hospital, ready to be searched; it never changes."""

    def __init__(self, drugs: Iterable[DrugView]) -> None:
        self.drugs = tuple(drugs)
        self._exact: dict[str, DrugView] = {}
        self._names: list[tuple[str, int]] = []
        self._starts: list[tuple[str, int]] = []
        self._keys: dict[str, list[tuple[tuple[str, ...], _Found]]] = defaultdict(list)
        for place, drug in enumerate(self.drugs):
            if drug.active:
                self._make_findable(place, drug)
        self._names.sort()
        self._starts.sort()
        self._name_keys = [key for key, _ in self._names]
        self._start_keys = [key for key, _ in self._starts]
        self._trimmed: dict[int, list[str]] = {}
        self._make_readable()

    def _make_findable(self, place: int, drug: DrugView) -> None:
        for name in (drug.name, *drug.synonyms):
            words = words_of(name)
            key = " ".join(words)
            if not key:
                continue
            self._exact.setdefault(key, drug)
            self._names.append((key, place))
            self._starts += [(" ".join(words[at:]), place) for at in range(len(words))]

    def named(self, text: str) -> DrugView | None:
        """The drug that words name beyond doubt: by its name, a synonym, or a beginning of at
        least four letters with which no other drug begins. Where both a drug and combinations
        with it begin so, it is the drug alone."""
        key = " ".join(words_of(text))
        exact = self._exact.get(key)
        if exact is not None or len(key) < _SHORTEST_BEGINNING:
            return exact
        places = {place for _, place in self._beginning(self._names, self._name_keys, key)}
        if len(places) > 1:
            places = {place for place in places if len(self.drugs[place].ingredients) == 1}
        return self.drugs[places.pop()] if len(places) == 1 else None

    def search(self, text: str, limit: int = 10) -> list[DrugView]:
        """Drugs for what was typed so far, best first: names that begin so, names with a word
        that begins so, then names that are written nearly so."""
        key = " ".join(words_of(text[:_LONGEST]))
        if not key or limit <= 0:
            return []
        found: dict[int, None] = {}
        for table, keys in ((self._names, self._name_keys), (self._starts, self._start_keys)):
            began = self._beginning(table, keys, key)
            for _, place in sorted(began, key=lambda one: (len(self.drugs[one[1]].name), one)):
                found.setdefault(place)
        if len(found) < limit and len(key) >= _SHORTEST_BEGINNING:
            for place in self._nearly(key, limit):
                found.setdefault(place)
        return [self.drugs[place] for place in found][:limit]

    def substances(self, text: str) -> Substances:
        """What a text names, be it a drug with strength and form, or an allergy."""
        words = words_of(text[:_LONGEST])
        found = _Found()
        at = 0
        while at < len(words):
            length, what = self._longest(words, at)
            if what is not None:
                found.ingredients |= what.ingredients
                found.classes |= what.classes
                found.named |= what.named
            at += max(length, 1)
        return Substances(
            frozenset(found.ingredients), frozenset(found.classes), frozenset(found.named)
        )

    @staticmethod
    def _beginning(
        table: list[tuple[str, int]], keys: list[str], key: str
    ) -> Iterator[tuple[str, int]]:
        yield from table[bisect_left(keys, key) : bisect_left(keys, key + _LAST)]

    def _nearly(self, key: str, limit: int) -> list[int]:
        """Names whose beginning differs by a letter, or by two of a longer word."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        length = len(key)
        trimmed = self._trimmed.setdefault(length, [one[:length] for one in self._start_keys])
        near = process.extract(
            key,
            trimmed,
            scorer=OSA.distance,
            score_cutoff=1 if length < 7 else 2,
            limit=limit,
            processor=None,
        )
        return [self._starts[at][1] for _, _, at in near]

    def _make_readable(self) -> None:
        """Every name, synonym, ingredient and class, by its first word, the longest first."""
        classes_of = self._classes_of_ingredients()
        known: dict[tuple[str, ...], _Found] = defaultdict(_Found)
        for drug in self.drugs:
            ingredients = {_folded(one) for one in drug.ingredients}
            classes = {_folded(one) for one in drug.classes}
            for name in (drug.name, *drug.synonyms):
                _note(known[_singulars(name)], ingredients, classes)
            for one in ingredients:
                _note(known[_singulars(one)], {one}, classes_of[one])
            for one in classes:
                known[_singulars(one)].named.add(one)
        for words, name in _CLASS_OF.items():
            known[words].named.add(name)
        for wanted, what in known.items():
            if wanted:
                self._keys[wanted[0]].append((wanted, what))
        for same in self._keys.values():
            same.sort(key=lambda one: -len(one[0]))

    def _classes_of_ingredients(self) -> dict[str, set[str]]:
        """What the drugs with a single ingredient say of it."""
        found: dict[str, set[str]] = defaultdict(set)
        for drug in self.drugs:
            if len(drug.ingredients) == 1:
                found[_folded(drug.ingredients[0])] |= set(map(_folded, drug.classes))
        return found

    def _longest(self, words: list[str], at: int) -> tuple[int, _Found | None]:
        here = [singular(word) for word in words[at : at + 12]]
        for wanted, what in self._keys.get(here[0], ()):
            if tuple(here[: len(wanted)]) == wanted:
                return len(wanted), what
        return 1, None


def words_of(text: str) -> list[str]:
    """The words of a name as they are compared; signs between them do not count."""
    return _WORD.findall(search_key(text))


def singular(word: str) -> str:
    """Penicillins is penicillin; a short word (gas) or a double s (moss) is no plural."""
    plural = len(word) > 3 and word.endswith("s") and not word.endswith("ss")
    return word[:-1] if plural else word


def _singulars(text: str) -> tuple[str, ...]:
    return tuple(singular(word) for word in words_of(text))


def _folded(text: str) -> str:
    return search_key(text)


def _note(found: _Found, ingredients: set[str], classes: set[str]) -> None:
    found.ingredients |= ingredients
    found.classes |= classes


_CLASS_OF = {_singulars(words): name for name, called in CLASS_NAMES.items() for words in called}
