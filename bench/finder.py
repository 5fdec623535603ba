"""The finder among a hundred thousand patients, key by key."""

from __future__ import annotations

from pathlib import Path

from bench.figures import Figure, milliseconds, raw_query
from bench.hospital import in_zone, throw_away
from bench.population import admit
from store import patient_search
from store.actors import system
from store.clock import Clock
from store.front_door import Store

PATIENTS = 100_000
TYPINGS = (
    "lakshmi k",
    "kumar ram",
    "r k",
    "98765 4321",
    "+91 98765",
    "004211",
    "1984",
    "s kumar 1990",
    "laxmi naiar",
    "devi lakhsmi",
    "sriniavs",
    "venkatsh r",
    "rajehs kumer",
    "muhamad ali",
    "rajkumar yadav",
    "mohammed singh",
)
"""What is typed, each beginning of it being a search: common names, initials, numbers, other
spellings, typing errors, and what finds nobody."""

_TIMES = 5
_DESK = system("bench", "bench")
_RAW = (
    "SELECT p.id, p.name FROM patient_search_key k JOIN patient p ON p.id = k.patient_id"
    " WHERE k.kind = ? AND k.key >= ? AND k.key < ? AND p.is_active"
    " ORDER BY k.key, k.patient_id LIMIT 20"
)


def finding_patients(clock: Clock, folder: Path | None) -> list[Figure]:
    """The middle and the slowest twentieth of all keystrokes."""
    with throw_away(in_zone("Asia/Kolkata", "IN"), clock, folder) as store:
        admit(store, _DESK, PATIENTS)
        with raw_query(store, _RAW, "name", "lak", "lal") as raw:
            limit = milliseconds(raw)
        taken = sorted(keystrokes(store).values())
    return [
        Figure(f"{name} key of the finder, {PATIENTS:,}", taken[at], limit, "one indexed range")
        for name, at in (("a", len(taken) // 2), ("a slow", len(taken) * 95 // 100))
    ]


def keystrokes(store: Store) -> dict[str, float]:
    """How long each beginning of the typings takes through the front door, in milliseconds."""
    begun = {typed[: end + 1] for typed in TYPINGS for end in range(len(typed))}
    return {
        typed: milliseconds(lambda: store.read(_DESK, patient_search.search, typed), _TIMES)  # noqa: B023
        for typed in sorted(begun)
    }
