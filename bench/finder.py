"""The finder among a hundred thousand patients, key by key."""

from __future__ import annotations

from bench.figures import Figure, milliseconds, raw_query
from bench.population import admit
from bench.setting import Setting
from store import patient_search
from store.actors import system
from store.front_door import Store

ENGINES = ("sqlite", "postgresql")
PATIENTS = 100_000
CROWD = f"{PATIENTS:,} patients"
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


def figures(setting: Setting) -> list[Figure]:
    """The middle and the slowest twentieth of all keystrokes."""
    with setting.prepared(CROWD, crowd) as store:
        with raw_query(store, _RAW, "name", "lak", "lal") as raw:
            limit = milliseconds(raw)
        taken = sorted(keystrokes(store).values())
    what, limit_is = f"key of the finder, {PATIENTS:,}", "one indexed range"
    middle, slow = taken[len(taken) // 2], taken[len(taken) * 95 // 100]
    return [
        Figure(f"a {what}", middle, limit, limit_is),
        Figure(f"a slow {what} (p95)", slow, limit, limit_is, most=5),
    ]


def crowd(store: Store) -> None:
    """Admit them to an empty hospital."""
    admit(store, _DESK, PATIENTS)


def keystrokes(store: Store) -> dict[str, float]:
    """How long each beginning of the typings takes through the front door, in milliseconds."""
    begun = {typed[: end + 1] for typed in TYPINGS for end in range(len(typed))}
    return {
        typed: milliseconds(lambda: store.read(_DESK, patient_search.search, typed), _TIMES)  # noqa: B023
        for typed in sorted(begun)
    }
