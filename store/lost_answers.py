"""Whether a unit of work stands whose commit was sent and whose answer never came.

A connection that breaks under a unit ends it on the server, with one exception: between sending the
commit and hearing of it nobody knows on this side. The last entry that the unit put into the audit
trail tells, for its hash is the unit's own (who, when, what, and all that was there before), and
was committed with it or not at all. So a unit needs no other number by which it is known again, and
is never done twice. What records nothing (a hold, a preference) may be done twice without harm.
"""

from __future__ import annotations

import time

from sqlalchemy.exc import DBAPIError

from store import chain
from store.database import Database, explain
from store.errors import AnswerLost, ConnectionBroke

PAUSES = (0.1, 0.4, 1.0, 1.5)
"""Seconds to wait before each further try on a server that is being started anew."""


def settle(database: Database, proof: str | None, error: DBAPIError) -> None:
    """Return where the unit that `error` broke off stands all the same. `proof` is the hash of the
    last entry it was about to commit: empty where it recorded nothing, None where it had not come
    so far.

    Raises:
        ConnectionBroke: nothing of the unit stands; it may be done again.
        AnswerLost: nobody knows, for the database has not come back so far, or there is no entry.
        Unavailable, DBAPIError: `error` was no broken connection; see `database.explain`.
    """
    if proof is None or not error.connection_invalidated:
        raise explain(error, database.path) from error
    if not proof:
        raise AnswerLost(proof) from error
    for pause in PAUSES:
        time.sleep(pause)
        try:
            if stands(database, proof):
                return
        except DBAPIError:
            continue
        raise ConnectionBroke from error
    raise AnswerLost(proof) from error


def stands(database: Database, proof: str) -> bool:
    """Whether the unit that wrote this entry was committed, once it has ended one way or the other:
    it holds the trail's lock from before the entry until then."""
    if not proof:
        return False
    with database.begin(write=True) as connection:
        chain.take_turn(connection)
        return chain.holds(connection, proof)
