"""What patients are found by, kept true beside their rows.

A key is a word of the name, the telephone number or the patient number, and behind it all the
rest that a search may ask of the same patient. A name has a key for each word with each other
one behind it (`nair asha @1984-03-01 #98… `, `asha nair @1984-03-01 #98… `): what is typed of two
words, the first of them whole, is one short range of one index, however many Nairs there are.

The words that occur in names are also kept by themselves, each once: what a mistyped word may
have been meant by is looked up there, in a table that hardly grows with the number of patients.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from sqlalchemy import Connection, delete, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session

from store.batches import insert_rows, one_of_many_pairs
from store.name_keys import bare_mrn, name_words, national_number, word_keys
from store.tables import Counter, NameWord, Patient, PatientMerge, PatientSearchKey, table_of

NAME, PHONE, MRN = "name", "phone", "mrn"
"""The kinds of keys."""

VERSION = 1
"""Raised with every change of what keys are made of: they are made anew when upgrading."""

LONGEST_WORD = 60
"""So many characters of a word are told apart."""

_LONGEST_NAME = 240
_MOST_SECONDS = 4
_MOST_NUMBERS = 8
_COUNTER = "search-keys"
_BATCH = 2_000

_KEY, _WORD, _PATIENT = table_of(PatientSearchKey), table_of(NameWord), table_of(Patient)
_VERSION, _MERGE = table_of(Counter), table_of(PatientMerge)
_FORMER = (
    select(_MERGE.c.survivor_id, _PATIENT.c.mrn, _PATIENT.c.phone)
    .join(_PATIENT, _PATIENT.c.id == _MERGE.c.merged_id)
    .where(_MERGE.c.undone_at.is_(None))
    .order_by(_MERGE.c.id)
)


@dataclass(frozen=True, slots=True)
class Keyed:
    """What of a patient makes the keys. `phone` is in E.164; `former` are number and telephone of
    each patient who was merged into this one."""

    id: int
    name: str
    mrn: str
    phone: str | None
    born: date | None
    former: tuple[tuple[str, str | None], ...] = ()


def keys_of(one: Keyed) -> set[tuple[str, str]]:
    """Every (kind, key) that a patient is found by."""
    return _keys_of(one, name_words(one.name))


def _keys_of(one: Keyed, words: Sequence[str]) -> set[tuple[str, str]]:
    words = [word[:LONGEST_WORD] for word in words]
    leads = list(dict.fromkeys(_numbers(one)))
    facts = [f"@{one.born.isoformat()}"] if one.born else []
    facts += [f"#{digits}" for _, digits in leads[:_MOST_NUMBERS] if digits]
    told = " ".join(["", *facts, ""])
    behind = " ".join(["", *words])
    keys = {
        (kind, f"{lead[:LONGEST_WORD]}{behind}"[:_LONGEST_NAME] + told)
        for kind, lead in leads
        if lead
    }
    keys.update((NAME, order[:_LONGEST_NAME] + told) for order in _orders(words))
    return keys


def _numbers(one: Keyed) -> Iterator[tuple[str, str]]:
    """A patient's numbers with their kinds, the present ones first."""
    for mrn, phone in ((one.mrn, one.phone), *one.former):
        yield PHONE, national_number(phone) if phone else ""
        yield MRN, bare_mrn(mrn)


def _orders(words: Sequence[str]) -> list[str]:
    """The words with each one in front, and with each of the first few others behind it."""
    if len(words) < 3:
        return [" ".join(words), " ".join(reversed(words))][: len(words)]
    orders = []
    for place, first in enumerate(words):
        others = [*words[:place], *words[place + 1 :]]
        for second in range(min(len(others), _MOST_SECONDS)):
            rest = others[:second] + others[second + 1 :]
            orders.append(" ".join([first, others[second], *rest]))
    return orders


def name_in(key: str) -> list[str]:
    """The words of a name that a key of one of them tells."""
    return [word for word in key.split() if word[0] not in "@#"]


def born_in(key: str) -> date | None:
    """The birth date that a key tells."""
    told = next((word for word in key.split() if word[0] == "@"), None)
    return date.fromisoformat(told[1:]) if told else None


def write(session: Session | Connection, patients: Sequence[Keyed]) -> None:
    """Make patients that have no keys yet findable."""
    words = [name_words(one.name) for one in patients]
    keys = [
        (kind, key, one.id)
        for one, own in zip(patients, words, strict=True)
        for kind, key in _keys_of(one, own)
    ]
    # In the order of the index: what belongs on one page of it is put there at once.
    keys.sort()
    rows = [{"kind": kind, "key": key, "patient_id": who} for kind, key, who in keys]
    insert_rows(session, _KEY, rows)
    for some in _batches(sorted({word for own in words for word in own}), _BATCH // 4):
        _learn(session, some)


def replace(session: Session, before: Keyed, after: Keyed) -> None:
    """Make a changed patient findable by what is now true, and by nothing else."""
    for kind, key in sorted(keys_of(before)):
        session.execute(
            delete(_KEY).where(
                _KEY.c.kind == kind, _KEY.c.key == key, _KEY.c.patient_id == before.id
            )
        )
    write(session, [after])


def bring_up_to_date(connection: Connection) -> None:
    """Make the keys of all patients anew where another version made them."""
    made_by = connection.execute(
        select(_VERSION.c.value).where(_VERSION.c.name == _COUNTER)
    ).scalar()
    if made_by == VERSION:
        return
    connection.execute(delete(_KEY))
    connection.execute(delete(_WORD))
    former = _former(connection)
    everybody = connection.execute(
        select(
            _PATIENT.c.id,
            _PATIENT.c.name,
            _PATIENT.c.mrn,
            _PATIENT.c.phone,
            _PATIENT.c.birth_date,
        ).order_by(_PATIENT.c.id)
    )
    while rows := everybody.fetchmany(_BATCH):
        write(connection, [Keyed(*row, former=former.get(row.id, ())) for row in rows])
    connection.execute(delete(_VERSION).where(_VERSION.c.name == _COUNTER))
    connection.execute(insert(_VERSION).values(name=_COUNTER, value=VERSION))


def former_of(session: Session, patient_id: int) -> tuple[tuple[str, str | None], ...]:
    """Number and telephone of each patient who is merged into this one."""
    rows = session.execute(_FORMER.where(_MERGE.c.survivor_id == patient_id))
    return tuple((row.mrn, row.phone) for row in rows)


def _former(connection: Connection) -> dict[int, tuple[tuple[str, str | None], ...]]:
    known: dict[int, tuple[tuple[str, str | None], ...]] = {}
    for row in connection.execute(_FORMER):
        known[row.survivor_id] = (*known.get(row.survivor_id, ()), (row.mrn, row.phone))
    return known


def _learn(session: Session | Connection, words: Sequence[str]) -> None:
    """Keep the words that occur in names for the first time."""
    listed = {word: keys for word in words if (keys := word_keys(word))}
    # Key and word as one: as two lists, SQLite would look for each word under each key.
    places = [(keys[0][:LONGEST_WORD], word[:LONGEST_WORD]) for word, keys in listed.items()]
    there = one_of_many_pairs(_dialect(session), (_WORD.c.key, _WORD.c.word), places)
    known = set(session.execute(select(_WORD.c.word).where(there)).scalars())
    rows = [
        {"key": key[:LONGEST_WORD], "word": word[:LONGEST_WORD]}
        for word, keys in listed.items()
        if word[:LONGEST_WORD] not in known
        for key in keys
    ]
    if not rows:
        return
    # Two desks may register the first of a name at once.
    if _dialect(session) == "postgresql":
        session.execute(postgresql.insert(_WORD).on_conflict_do_nothing(), rows)
    else:
        session.execute(sqlite.insert(_WORD).on_conflict_do_nothing(), rows)


def _dialect(session: Session | Connection) -> str:
    bind = session.get_bind() if isinstance(session, Session) else session
    return bind.dialect.name


def _batches(words: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = iter(words)
    while some := list(islice(rest, size)):
        yield some
