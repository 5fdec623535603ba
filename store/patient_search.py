"""Finding patients as somebody types, and those whom a new registration may be.

Typed words are beginnings of words of the name, in any order; numbers begin a telephone number
(with or without the country code) or a patient number; a day or a year is the birth date. Where
that finds few, words that are spelt another way or typed with an error are taken for the nearest
that occur in names. A search is at most six statements over ranges of an index, which stop at
the limit, so that its time hardly grows with the number of patients.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise, permutations

from sqlalchemy import Boolean, Integer, bindparam, or_, select

from store import likeness
from store.birth import parse_birth
from store.errors import Invalid
from store.key_ranges import Range, fact, met_by_doctor, rows_in, word
from store.name_keys import national_number, telling_words, without_titles
from store.near_words import meant_by
from store.patient_keys import MRN, NAME, PHONE, born_in, name_in
from store.patient_rows import PATIENT, patient_query, patient_views
from store.permissions import Action, Scope, require, scope_of
from store.search_text import Wanted, read_search
from store.tables import AuditEntry, table_of
from store.text import clean_phone
from store.transaction import Transaction
from store.values import BirthPrecision, PatientInput, PatientView, Sex

_MOST = 200
_MOST_ALIKE, _MOST_LIKELY = 400, 40
# A patient may have several words with the typed beginning, and counts once.
_WORDS_ALIKE = 3
# Where as many are found as typed, only other spellings are added, no typing errors.
_ENOUGH = 5
# So many words one word is taken for, the nearest.
_MOST_MEANT = 6
_MOST_IN_PAIRS, _MOST_RANGES = 3, 12
_SHORTEST_PART, _LONGEST_SPLIT = 3, 18
_YEAR_APART = timedelta(days=366)
_COMPLETE, _ONE_ENTRY_IN = "patient.complete", timedelta(minutes=1)
_ENTRY = table_of(AuditEntry)

_BORN = (
    select(PATIENT.c.id)
    .where(
        PATIENT.c.birth_date.between(bindparam("first"), bindparam("last")),
        or_(PATIENT.c.is_active, bindparam("inactive", type_=Boolean)),
        PATIENT.c.merged_into_id.is_(None),
    )
    .order_by(PATIENT.c.birth_date, PATIENT.c.id)
    .limit(bindparam("most", type_=Integer))
)


@dataclass
class _Search:
    """One text, and the patients found so far, the best first; of one doctor's, where `met_by` is
    given, which is the same for all searches of a unit."""

    wanted: Wanted
    limit: int
    met_by: int | None = None
    found: dict[int, None] = field(default_factory=dict)
    meant: dict[str, dict[str, float]] = field(default_factory=dict)
    inactive: bool = False

    def add(self, ids: Iterable[int]) -> None:
        for one in ids:
            if len(self.found) < self.limit:
                self.found.setdefault(one)

    @property
    def full(self) -> bool:
        return len(self.found) >= self.limit


def search(
    tx: Transaction, text: str, limit: int = 20, *, inactive: bool = False
) -> list[PatientView]:
    """Active patients whom a text finds (`inactive`: deactivated ones too), of a doctor's own for
    a doctor, best first: whole words, then beginnings, then other spellings and typing errors, the
    nearest first; alike ones in the order of their names.

    That somebody searched, and how many were found, is audited; what was typed is not.
    """
    return search_each(tx, [text], limit, inactive=inactive)[0]


def search_each(
    tx: Transaction, texts: Sequence[str], limit: int = 20, *, inactive: bool = False
) -> list[list[PatientView]]:
    """What `search` finds for each of some texts, in the statements of one and as one search."""
    found = _search_each(tx, texts, limit, inactive=inactive)
    tx.record("patient.search", "patient", "", detail={"hits": _hits(found)})
    return found


def complete(tx: Transaction, number: str, limit: int = 20) -> list[PatientView]:
    """Active patients whom the beginning of a number finds, for a shell that completes it: one
    entry in the audit trail a minute for each account, however often somebody presses the key."""
    found = _search_each(tx, [number], limit)
    if not _just_completed(tx):
        tx.record(_COMPLETE, "patient", "", detail={"hits": _hits(found)})
    return found[0]


def _just_completed(tx: Transaction) -> bool:
    mine = _ENTRY.c.actor_id == tx.actor.account_id
    lately = _ENTRY.c.at > tx.now - _ONE_ENTRY_IN
    rows = select(_ENTRY.c.id).where(mine, lately, _ENTRY.c.action == _COMPLETE).limit(1)
    return tx.session.execute(rows).first() is not None


def _hits(found: Iterable[Sequence[PatientView]]) -> int:
    return len({one.id for some in found for one in some})


def _search_each(
    tx: Transaction, texts: Sequence[str], limit: int, *, inactive: bool = False
) -> list[list[PatientView]]:
    anybody = scope_of(tx, Action.PATIENT_SEARCH) is Scope.ANY
    met_by = None if anybody else tx.actor.doctor_id or 0
    limit = max(1, min(limit, _MOST))
    region, today = tx.rules.hospital.region, tx.today()
    searches = [
        _Search(read_search(text, today, region), limit, met_by, inactive=inactive)
        for text in texts
    ]
    _find_as_typed(tx, searches)
    _find_as_meant(tx, [one for one in searches if one.wanted.words and not one.full])
    _find_otherwise_spaced(tx, [one for one in searches if len(one.found) < _ENOUGH])
    everybody = dict.fromkeys(one for some in searches for one in some.found)
    views = {view.id: view for view in _views(tx, list(everybody))}
    return [[views[one] for one in some.found] for some in searches]


def likely_duplicates(tx: Transaction, given: PatientInput, limit: int = 5) -> list[PatientView]:
    """Patients whom a registration may mean: the same telephone, or a name that is likely the
    same (`store.likeness`) with a birth date within a year; those to whom both applies first.
    Deactivated ones count.

    A field that cannot be read yet is passed over.
    """
    require(tx, Action.PATIENT_SEARCH)
    born = _around_birth(given.birth_date, tx.today())
    phone = _readable_phone(given.phone, tx.rules.hospital.region)
    alike = _namesakes(tx, given, born) if born else []
    same_phone = _with_phone(tx, phone) if phone else []
    known = {one.id for one in same_phone}
    ordered = sorted(alike, key=lambda one: one.id not in known) + same_phone
    found = list({one.id: one for one in ordered}.values())[:limit]
    tx.record("patient.search", "patient", "", detail={"hits": len(found)})
    return found


def _find_as_typed(tx: Transaction, searches: Sequence[_Search]) -> None:
    _add(tx, [(one, _as_typed(one.wanted)) for one in searches])
    _add(tx, [(one, _all_begun(one.wanted)) for one in searches if not one.full])
    for one in searches:
        born = one.wanted.or_year if one.wanted.numbers else one.wanted.born
        if born and not one.wanted.words and not one.full:
            first, last = born
            span = {"first": first, "last": last, "most": one.limit, "inactive": one.inactive}
            query = _BORN
            if one.met_by is not None:
                query, span["doctor_id"] = query.where(met_by_doctor(PATIENT.c.id)), one.met_by
            one.add(tx.session.execute(query, span).scalars())


def _as_typed(wanted: Wanted) -> list[Range]:
    """The ways in which a text may be meant where of two words one is typed in full."""
    if wanted.words:
        if len(wanted.words) == 1:
            return [Range(NAME, wanted.words, others=_facts(wanted))]
        return [_pair(wanted, *two) for two in permutations(_longest(wanted.words), 2)]
    if not wanted.numbers:
        return []
    numbers, rest = wanted.numbers[0], _facts(wanted, wanted.numbers[1:])
    return [
        *(Range(MRN, (one,), whole=True, others=rest) for one in numbers),
        *(Range(PHONE, (one,), others=rest) for one in numbers),
        *(Range(MRN, (one,), others=rest) for one in numbers),
    ]


def _pair(wanted: Wanted, first: str, second: str) -> Range:
    rest = (one for one in wanted.words if one not in (first, second))
    others = (*_facts(wanted), *((word(one),) for one in rest))
    return Range(NAME, (first, second), others=others)


def _all_begun(wanted: Wanted) -> list[Range]:
    """As `_as_typed`, where of several words only the beginnings are typed."""
    first, *others = sorted(wanted.words, key=len, reverse=True) or [""]
    if not others:
        return []
    conditions = (*_facts(wanted), *((word(one),) for one in others))
    return [Range(NAME, (first,), beyond=True, others=conditions)]


def _longest(words: Sequence[str]) -> list[str]:
    """The few words that tell the most, in the order in which they were typed."""
    few = sorted(words, key=len, reverse=True)[:_MOST_IN_PAIRS]
    return [one for one in words if one in few]


def _facts(
    wanted: Wanted, numbers: tuple[tuple[str, ...], ...] | None = None
) -> tuple[tuple[str, ...], ...]:
    """What besides the words is asked of a patient; `numbers` are all unless given."""
    told = wanted.numbers if numbers is None else numbers
    facts = [tuple(fact("#", form) for form in forms) for forms in told]
    if wanted.born:
        first, last = wanted.born
        facts.append((fact("@", str(first if first == last else first.year)),))
    return tuple(facts)


def _find_as_meant(tx: Transaction, searches: Sequence[_Search]) -> None:
    """Add what is found by words that are spelt another way or mistyped."""
    near = meant_by(tx, dict.fromkeys(typed for one in searches for typed in one.wanted.words))
    for one in searches:
        errors_too = len(one.found) < _ENOUGH
        for typed in one.wanted.words:
            usable = [known for known in near[typed] if errors_too or not known.error]
            one.meant[typed] = {known.word: known.distance for known in usable[:_MOST_MEANT]}
    _add(tx, [(one, _as_meant(one.wanted, one.meant)) for one in searches])


def _as_meant(wanted: Wanted, meant: Mapping[str, Mapping[str, float]]) -> list[Range]:
    """Ranges of the words that are likely meant, alone or in pairs, the likeliest first."""
    words = _longest(wanted.words)
    if len(words) == 1:
        facts = _facts(wanted)
        return [Range(NAME, (known,), whole=True, others=facts) for known in meant[words[0]]]
    ranges: list[tuple[float, Range]] = []
    for first, second in permutations(words, 2):
        rest = [one for one in wanted.words if one not in (first, second)]
        forms = [(word(one), *(word(known, whole=True) for known in meant[one])) for one in rest]
        others = (*_facts(wanted), *forms)
        for known, far in meant[first].items():
            ranges.append((far, Range(NAME, (known, second), others=others)))
            if first < second:
                ranges += [
                    (far + further, Range(NAME, (known, other), whole=True, others=others))
                    for other, further in meant[second].items()
                ]
        if rest and first < second and any(meant[one] for one in rest):
            ranges.append((1.0, Range(NAME, (first, second), others=others)))
    ranges.sort(key=lambda one: one[0])
    return [one for _, one in ranges[:_MOST_RANGES]]


def _find_otherwise_spaced(tx: Transaction, searches: Sequence[_Search]) -> None:
    _add(tx, [(one, _otherwise_spaced(one.wanted)) for one in searches])


def _otherwise_spaced(wanted: Wanted) -> list[Range]:
    """Two typed words as one (raj kumar), and one as two (rajkumar)."""
    ranges = []
    for at, (one, following) in enumerate(pairwise(wanted.words)):
        rest = (*wanted.words[:at], *wanted.words[at + 2 :])
        others = (*_facts(wanted), *((word(other),) for other in rest))
        ranges.append(Range(NAME, (one + following,), others=others))
    for one in wanted.words:
        others = (*_facts(wanted), *((word(other),) for other in wanted.words if other != one))
        splits = range(_SHORTEST_PART, min(len(one), _LONGEST_SPLIT) - _SHORTEST_PART + 1)
        ranges += [Range(NAME, (one[:at], one[at:]), others=others) for at in splits]
    return ranges


def _distance(name: Sequence[str], meant: Mapping[str, Mapping[str, float]]) -> float:
    """How far a name's words are from what was typed, all typed words together."""
    return sum(
        0.0
        if any(known.startswith(typed) for known in name)
        else min((near[known] for known in name if known in near), default=1.0)
        for typed, near in meant.items()
    )


def _add(tx: Transaction, asked: Sequence[tuple[_Search, Sequence[Range]]]) -> None:
    """Add to each search what is in its ranges, all read in one statement, the nearest to what
    was typed first."""
    parts = [(one, part) for one, some in asked for part in some]
    most = max((one.limit for one, _ in asked), default=0) * _WORDS_ALIKE
    met_by = asked[0][0].met_by if asked else None
    hits: dict[int, dict[int, float]] = {}
    inactive = any(one.inactive for one, _ in asked)
    found = rows_in(tx, [part for _, part in parts], most, inactive=inactive, met_by=met_by)
    for row in found:
        search = parts[row.rank][0]
        far = _distance(name_in(row.key), search.meant)
        hits.setdefault(id(search), {}).setdefault(row.patient_id, far)
    for one, _ in asked:
        far_of = hits.get(id(one), {})
        one.add(sorted(far_of, key=lambda patient_id: far_of[patient_id]))


def _namesakes(tx: Transaction, given: PatientInput, born: tuple[date, date]) -> list[PatientView]:
    """Who is likely to have that name and was born then, the likeliest first."""
    name = telling_words(given.name)
    near = meant_by(tx, [one for one in name if len(one) > 1])
    years = tuple(fact("@", f"{year}-") for year in range(born[0].year, born[1].year + 1))
    ranges = [
        Range(NAME, (one,), whole=True, others=(years,))
        for typed, known in near.items()
        for one in (typed, *(other.word for other in known if not other.error))
    ]
    likely: dict[int, float] = {}
    for row in rows_in(tx, ranges, _MOST_ALIKE, inactive=True):
        day = born_in(row.key)
        if day and born[0] <= day <= born[1]:
            apart = likeness.distance(name, without_titles(name_in(row.key)))
            if apart is not None:
                likely[row.patient_id] = apart
    nearest = sorted(likely, key=lambda one: (likely[one], one))[:_MOST_LIKELY]
    return [one for one in _views(tx, nearest) if not likely[one.id] or _same_sex(given, one)]


def _same_sex(given: PatientInput, known: PatientView) -> bool:
    """Whether two may be of one sex; Amit is not Amita, but each is sometimes entered wrongly."""
    told = {str(given.sex or Sex.UNKNOWN).strip().casefold()[:1], known.sex.value[0]}
    return len(told) == 1 or Sex.UNKNOWN.value[0] in told


def _with_phone(tx: Transaction, phone: str) -> list[PatientView]:
    """Everybody with a number (E.164)."""
    number = Range(PHONE, (national_number(phone),), whole=True)
    rows = rows_in(tx, [number], _MOST, inactive=True)
    return [one for one in _views(tx, [row.patient_id for row in rows]) if one.phone == phone]


def _views(tx: Transaction, ids: Sequence[int]) -> list[PatientView]:
    if not ids:
        return []
    rows = tx.session.execute(patient_query().where(PATIENT.c.id.in_(ids)))
    views = {view.id: view for view in patient_views(tx, rows)}
    return [views[patient_id] for patient_id in dict.fromkeys(ids)]


def _around_birth(text: str | None, today: date) -> tuple[date, date] | None:
    """A year around a birth date, two around an age, which is told less exactly."""
    try:
        born, precision = parse_birth(text or "", today)
    except Invalid:
        return None
    apart = _YEAR_APART * (2 if precision is BirthPrecision.AGE else 1)
    return born - apart, born + apart


def _readable_phone(text: str | None, region: str) -> str | None:
    try:
        return clean_phone(text, region=region)
    except Invalid:
        return None
