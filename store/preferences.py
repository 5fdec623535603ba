"""What a person chose to see, remembered from one sign-in to the next on any terminal."""

from __future__ import annotations

from sqlalchemy import delete, select

from store.errors import Invalid, NotSignedIn
from store.permissions import Action, require
from store.tables import Account, Preference, table_of
from store.text import clean_line
from store.transaction import Transaction

QUEUE_FILTER = "desk.queue-filter"
"""The words by which somebody narrows the desk's queue."""

_PREFERENCE = table_of(Preference)
_LONGEST = 500


def get(tx: Transaction, key: str) -> str:
    """What the actor chose; nothing where nothing was."""
    account_id = tx.actor.account_id
    require(tx, Action.PROFILE_READ, account_id=account_id)
    chosen = select(_PREFERENCE.c.value).where(
        _PREFERENCE.c.account_id == (account_id or 0), _PREFERENCE.c.key == key
    )
    return tx.session.execute(chosen).scalar() or ""


def put(tx: Transaction, key: str, value: str) -> str:
    """Remember one line of the actor's; an empty one is forgotten. Nobody else sees it, so that
    no screen is told.

    Raises:
        Invalid: it is too long, or has characters that drive a terminal.
        NotSignedIn: nobody is signed in who could be remembered for.
    """
    account_id = tx.actor.account_id
    require(tx, Action.PROFILE_CHANGE, account_id=account_id)
    if account_id is None:
        raise NotSignedIn("Nobody is signed in here whose choice could be remembered.")
    if not 0 < len(key) <= 80:
        raise Invalid.field("key", "A preference is named by 1 to 80 characters.")
    line = clean_line(value, "value", most=_LONGEST)
    if line == get(tx, key):
        return line
    tx.fetch(Account, account_id, "account")  # held, so that two terminals take turns
    mine = (_PREFERENCE.c.account_id == account_id) & (_PREFERENCE.c.key == key)
    tx.session.execute(delete(_PREFERENCE).where(mine))
    if line:
        tx.add(Preference(account_id=account_id, key=key, value=line))
    tx.record("preference.put", "account", account_id, detail={"key": key})
    return line
