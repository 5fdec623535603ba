"""Patients of the hospital who are likely registered twice.

Not every patient is compared with every other: only those who share a telephone number, an e-mail
address, or the sound of a word of the name with the birth date. So the work grows with the number
of patients, not with its square.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterator
from datetime import date
from itertools import combinations
from typing import NamedTuple

from sqlalchemy import select

from store import apart, likeness
from store.name_keys import without_titles
from store.name_sounds import sound_of
from store.patient_keys import MRN, name_in
from store.patient_rows import PATIENT, patient_query, patient_views
from store.permissions import Action, require
from store.tables import PatientSearchKey, table_of
from store.transaction import Transaction
from store.values import BirthPrecision, LikelyPair, Page, PatientView, Sex

_MOST_TOGETHER = 60
"""So many share a number or a name at most to be compared: an old people's home's number tells
nothing."""

_PHONE, _EMAIL, _BORN, _SWAPPED, _NEARLY = (
    "same telephone",
    "same e-mail",
    "same birth date",
    "day and month swapped",
    "nearly the same birth date",
)
_WEIGHT = {_BORN: 5, _PHONE: 4, _EMAIL: 4, _SWAPPED: 3, _NEARLY: 1}
_ENOUGH = 3
_LAST_MONTH = 12
_TOLD = ("sex", "phone", "email")
_KEY = table_of(PatientSearchKey)


class _Person(NamedTuple):
    """What two registrations are compared by. `exact` is a birth date known to the day."""

    id: int
    words: list[str]
    born: date | None
    exact: bool
    sex: str
    phone: str | None
    email: str | None


def likely_pairs(tx: Transaction, *, limit: int = 50, offset: int = 0) -> Page[LikelyPair]:
    """Pairs of patients who may be one, the likeliest first, then those registered last. Names
    must be likely the same, something else must speak for it, and nobody may have said that they
    are not the same person."""
    require(tx, Action.PATIENT_MERGE)
    not_same = apart.pairs(tx)
    found = sorted(
        (one for one in _pairs(_everybody(tx)) if (one[2], one[1]) not in not_same), reverse=True
    )
    shown = found[offset : offset + limit]
    views = _views(tx, {one for _, *pair, _ in shown for one in pair})
    tx.record("patient.duplicates", "patient", "", detail={"shown": len(shown)})
    items = tuple(
        LikelyPair(views[min(newer, older)], views[max(newer, older)], because)
        for _, newer, older, because in shown
    )
    return Page(items, len(found), offset)


def _everybody(tx: Transaction) -> list[_Person]:
    """All who were not merged. Their names' words are read from the finder's keys: telling the
    words of a hundred thousand names apart takes longer than all the rest."""
    keys = tx.session.execute(select(_KEY.c.patient_id, _KEY.c.key).where(_KEY.c.kind == MRN))
    words = {row.patient_id: without_titles(name_in(row.key)[1:]) for row in keys}
    columns = (PATIENT.c[name] for name in ("id", "birth_date", "birth_precision", *_TOLD))
    rows = tx.session.execute(select(*columns).where(PATIENT.c.merged_into_id.is_(None)))
    exact = BirthPrecision.DAY.value
    return [
        _Person(key, words.get(key, []), born, precision == exact, *told)
        for key, born, precision, *told in rows
    ]


def _pairs(everybody: list[_Person]) -> Iterator[tuple[int, int, int, tuple[str, ...]]]:
    """Likely pairs with their weight, the one registered later in front."""
    seen: set[tuple[int, int]] = set()
    for block in _blocks(everybody):
        for one, other in combinations(block, 2):
            pair = (one.id, other.id) if one.id > other.id else (other.id, one.id)
            if pair in seen:
                continue
            seen.add(pair)
            because = _because(one, other)
            if sum(_WEIGHT[why] for why in because) < _ENOUGH:
                continue
            apart = likeness.distance(one.words, other.words)
            if apart is not None and (not apart or _same_sex(one, other)):
                weight = 10 * sum(_WEIGHT[why] for why in because) - round(3 * apart)
                yield weight, *pair, because


def _blocks(everybody: list[_Person]) -> Iterator[list[_Person]]:
    """Those who are worth comparing with each other."""
    shared: dict[Hashable, list[_Person]] = defaultdict(list)
    sounds: dict[str, str] = {}
    for one in everybody:
        for key in _keys(one, sounds):
            shared[key].append(one)
    return (block for block in shared.values() if 1 < len(block) <= _MOST_TOGETHER)


def _keys(one: _Person, sounds: dict[str, str]) -> Iterator[Hashable]:
    if one.phone:
        yield _PHONE, one.phone
    if one.email:
        yield _EMAIL, one.email
    if one.born:
        day = one.born.day, one.born.month
        born = one.born.year, *(sorted(day) if day[0] <= _LAST_MONTH else day)
        for word in one.words:
            if word not in sounds:
                sounds[word] = sound_of(word)
        yield from ((born, sound) for sound in {sounds[word] for word in one.words} if sound)


def _because(one: _Person, other: _Person) -> tuple[str, ...]:
    """What speaks for two being one, the strongest first."""
    why = []
    if one.born and other.born:
        why += _of_birth(one.born, other.born, exact=one.exact and other.exact)
    if one.phone and one.phone == other.phone:
        why.append(_PHONE)
    if one.email and one.email == other.email:
        why.append(_EMAIL)
    return tuple(sorted(why, key=lambda reason: -_WEIGHT[reason]))


def _of_birth(one: date, other: date, *, exact: bool) -> list[str]:
    if not exact:
        return [_NEARLY] if abs(one.year - other.year) <= 1 else []
    if one == other:
        return [_BORN]
    if (one.year, one.day, one.month) == (other.year, other.month, other.day):
        return [_SWAPPED]
    written = zip(one.isoformat(), other.isoformat(), strict=True)
    return [_NEARLY] if sum(mine != theirs for mine, theirs in written) == 1 else []


def _same_sex(one: _Person, other: _Person) -> bool:
    return one.sex == other.sex or Sex.UNKNOWN.value in (one.sex, other.sex)


def _views(tx: Transaction, ids: set[int]) -> dict[int, PatientView]:
    if not ids:
        return {}
    rows = tx.session.execute(patient_query().where(PATIENT.c.id.in_(ids)))
    return {view.id: view for view in patient_views(tx, rows)}
