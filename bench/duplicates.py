"""Looking for those who are registered twice among a hundred thousand patients."""

from __future__ import annotations

from bench.figures import Figure, milliseconds, raw_query
from bench.finder import CROWD, PATIENTS, crowd
from bench.setting import Setting
from store import duplicates
from store.actors import system

ENGINES = ("sqlite", "postgresql")

MOST = 20
_TIMES = 3
_DESK = system("bench", "bench")
_RAW = (
    "SELECT p.id, p.birth_date, p.birth_precision, p.sex, p.phone, p.email, k.key FROM patient p"
    " JOIN patient_search_key k ON k.patient_id = p.id AND k.kind = ?"
    " WHERE p.merged_into_id IS NULL"
)


def figures(setting: Setting) -> list[Figure]:
    """The whole list, as a screen asks for it, beside reading what it is made from."""
    with setting.prepared(CROWD, crowd) as store:
        with raw_query(store, _RAW, "mrn") as raw:
            limit = milliseconds(raw, _TIMES)
        ours = milliseconds(lambda: store.read(_DESK, duplicates.likely_pairs, limit=200), _TIMES)
    what = f"who is registered twice of {PATIENTS:,}"
    return [Figure(what, ours, limit, "reading them", most_ratio=MOST)]
