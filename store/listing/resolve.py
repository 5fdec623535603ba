"""Whom the names in a filter line mean: doctors, departments, accounts, patients.

Nothing here asks for a permission: the lists that call it have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from store import patient_search
from store.errors import Invalid
from store.list_words import FIELD, nearest
from store.name_keys import name_words
from store.references import name_key
from store.tables import Account, Department, Doctor, table_of
from store.text import quotable, search_key
from store.transaction import Transaction
from store.values import Role

_DOCTOR, _ACCOUNT, _DEPARTMENT = table_of(Doctor), table_of(Account), table_of(Department)
MOST_PATIENTS = 200
"""So many patients of a name are looked at."""


def doctors(tx: Transaction, typed: Sequence[str]) -> list[int] | None:
    """The doctors whom the names mean; None where none is named.

    Raises:
        Invalid: nobody is called so; it names the nearest.
    """
    if not typed:
        return None
    rows = tx.session.execute(
        select(_DOCTOR.c.id, _ACCOUNT.c.name, _ACCOUNT.c.username).join(
            _ACCOUNT, _ACCOUNT.c.id == _DOCTOR.c.account_id
        )
    )
    return _named("doctor", typed, {row.id: (row.name, row.username) for row in rows})


def departments(tx: Transaction, typed: Sequence[str]) -> list[int] | None:
    """As `doctors`, of departments."""
    if not typed:
        return None
    rows = tx.session.execute(select(_DEPARTMENT.c.id, _DEPARTMENT.c.name))
    return _named("department", typed, {row.id: (row.name, "") for row in rows})


def staff(tx: Transaction, typed: Sequence[str]) -> list[int] | None:
    """As `doctors`, of the accounts of the staff; patients by their whole user name."""
    if not typed:
        return None
    exact = select(_ACCOUNT.c.id).where(_ACCOUNT.c.username.in_([name_key(t) for t in typed]))
    found = list(tx.session.execute(exact).scalars())
    if len(found) == len(typed):
        return found
    others = select(_ACCOUNT.c.id, _ACCOUNT.c.name, _ACCOUNT.c.username).where(
        _ACCOUNT.c.role.in_([Role.ADMIN.value, Role.RECEPTION.value, Role.DOCTOR.value])
    )
    known = {row.id: (row.name, row.username) for row in tx.session.execute(others)}
    return _named("user", typed, known)


def patients(tx: Transaction, typed: Sequence[str], *, inactive: bool = False) -> list[int] | None:
    """The patients whom texts find, as the desk's finder would; an empty list where nobody, None
    where none is asked for. `inactive`: the deactivated ones too."""
    if not typed:
        return None
    found: dict[int, None] = {}
    for text in typed:
        hits = patient_search.search(tx, text, MOST_PATIENTS, inactive=inactive)
        found.update(dict.fromkeys(view.id for view in hits))
    return list(found)


def _named(what: str, typed: Sequence[str], known: Mapping[int, tuple[str, str]]) -> list[int]:
    found: dict[int, None] = {}
    for text in typed:
        exact = [key for key, (_, username) in known.items() if search_key(text) == username]
        fitting = exact or [key for key, names in known.items() if _fits(text, key, names[0])]
        if not fitting:
            words = sorted({word for names in known.values() for word in name_words(names[0])})
            raise Invalid.field(
                FIELD, f"No {what} is called “{quotable(text)}”; {_near(text, words, known)}"
            )
        found.update(dict.fromkeys(fitting))
    return sorted(found)


def _fits(text: str, key: int, name: str) -> bool:
    wanted = name_words(text)
    if text.isascii() and text.isdigit():
        return int(text) == key
    words = name_words(name)
    return bool(wanted) and all(any(w.startswith(one) for w in words) for one in wanted)


def _near(text: str, words: Sequence[str], known: Mapping[int, tuple[str, str]]) -> str:
    told = nearest(text, words)
    if told.startswith("did") or not known:
        return told
    names = sorted(name for name, _ in known.values())
    return f"there are {', '.join(names[:5])}{' and others' if len(names) > 5 else ''}."
