"""A doctor's own appointments, narrowed by words, a page at a time: `booked from:mon rao`.

The words are those of the lists (`store.list_words`); besides, what a status is called needs no
`status:` before it, for here nothing else is called so.
"""

from __future__ import annotations

from datetime import date

from store import list_words, patient_search
from store.appointment_views import VISIT, count, views
from store.list_words import Asked
from store.listing.kinds import SPAN, Conditions
from store.listing.visits import PATIENT_WORD, STATUS_WORD
from store.permissions import Action, require
from store.transaction import Transaction
from store.values import AppointmentView, Page

MOST = 500
"""A page has at most so many rows."""
HINT = "booked from:mon to:+2w rao"
"""An example of what may be typed."""

_MOST_PATIENTS = 100
_SHORTEST = 3
"""So many letters of a status mean it."""


def asked(text: str, today: date) -> Asked:
    """What a filter line asks for.

    Raises:
        Invalid: of the field `filter`, in one sentence.
    """
    found = list_words.parse(text, (STATUS_WORD, PATIENT_WORD, *SPAN), today)
    statuses: list[str] = list(found.of("status"))
    patient: list[str] = [*found.of("patient")]
    for word in found.words:
        meant = _statuses(word.casefold())
        statuses += meant
        patient += [] if meant else [word]
    chosen = {"status": tuple(dict.fromkeys(statuses))} if statuses else {}
    return Asked(tuple(patient), chosen, found.start, found.end)


def of_doctor(
    tx: Transaction, doctor_id: int, text: str = "", *, limit: int = 100, offset: int = 0
) -> Page[AppointmentView]:
    """The doctor's appointments that meet all that is asked: from a first day on the soonest first,
    else the newest first.

    Raises:
        Invalid: the words cannot be understood; names the field `filter`.
    """
    require(tx, Action.APPOINTMENT_READ, doctor_id=doctor_id)
    wanted = asked(text, tx.today())
    found = Conditions([VISIT.c.doctor_id == doctor_id])
    found.all(*([VISIT.c.status.in_(wanted.of("status"))] if wanted.of("status") else []))
    found.days(tx, VISIT.c.starts_at, wanted)
    if wanted.words:
        people = patient_search.search(tx, wanted.text, _MOST_PATIENTS, inactive=True)
        found.all(VISIT.c.patient_id.in_([one.id for one in people]))
    ahead = wanted.start is not None
    order = tuple(one.asc() if ahead else one.desc() for one in (VISIT.c.starts_at, VISIT.c.id))
    limit = min(limit, MOST)
    rows = views(tx, *found.conditions, order=order, limit=limit, offset=offset)
    short = len(rows) < limit and bool(rows)
    whole = offset + len(rows) if short else count(tx, *found.conditions)
    return Page(tuple(rows), whole, offset)


def _statuses(word: str) -> list[str]:
    """The statuses that a word means, if it means any."""
    if word in STATUS_WORD.choices:
        return [STATUS_WORD.choices[word]]
    if len(word) < _SHORTEST:
        return []
    return [is_ for name, is_ in STATUS_WORD.choices.items() if name.startswith(word)]
