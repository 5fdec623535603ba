"""The search of ICD-10 codes, key by key."""

from __future__ import annotations

import sqlite3
from string import ascii_lowercase

from bench.figures import Figure, milliseconds
from bench.setting import Setting
from store import codes

TYPINGS = (
    "type 2 diabetes",
    "essential hypertension",
    "acute pharyngitis",
    "asthma",
    "fracture of neck of femur",
    "other specified disorders",
    "pain in joint",
    "iron deficiency anaemia",
    "diab 2 type",
    "crohn's",
    "e11.9",
    "j02",
    "a",
    "o",
    "u s p",
    "nobody's disease",
)
"""What is typed, each beginning of it being a search: titles, words in any order, codes, letters
that begin thousands of titles, and what finds nothing."""

_OFFERED = 40
_TIMES = 5
_RAW = f"SELECT code, title FROM code WHERE code >= 'D' AND code < 'E' LIMIT {_OFFERED}"  # noqa: S608


def figures(_: Setting) -> list[Figure]:
    """The middle and the slowest twentieth of all keystrokes."""
    limit = _prefix_query()
    begun = sorted({typed[: end + 1] for typed in TYPINGS for end in range(len(typed))})
    taken = sorted(
        milliseconds(lambda: codes.search_icd10(typed, _OFFERED), _TIMES)  # noqa: B023
        for typed in begun
    )
    return [
        Figure(f"{name} key of the ICD-10 search", taken[at], limit, "an indexed query in memory")
        for name, at in (("a", len(taken) // 2), ("a slow", len(taken) * 95 // 100))
    ]


def _prefix_query() -> float:
    """As many codes by the beginning of a code, from a table in memory, in milliseconds."""
    found = {
        hit.code: hit for letter in ascii_lowercase for hit in codes.search_icd10(letter, 10**6)
    }
    connection = sqlite3.connect(":memory:")
    try:
        connection.execute("CREATE TABLE code (code TEXT PRIMARY KEY, title TEXT)")
        connection.executemany(
            "INSERT INTO code VALUES (?, ?)", ((hit.code, hit.title) for hit in found.values())
        )
        return milliseconds(lambda: connection.execute(_RAW).fetchall())
    finally:
        connection.close()
