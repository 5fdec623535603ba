"""The rows of the administrator's lists: each is read whole, so none is for who sees a part."""

from __future__ import annotations

import io

from store.listing import pages
from tests.matrix.row import ADMIN, DESK, EVERYONE, ONCE, May, Row, given

_WHO: dict[str, tuple[May, str]] = {
    "departments": (EVERYONE, "ADM-2 PAT-2"),
    "doctors": (EVERYONE, "ADM-3 PAT-2"),
    "holidays": (EVERYONE, "ADM-10 SLOT-1"),
    "patients": (DESK, "ADM-6 REC-1"),
    "appointments": (DESK, "ADM-7 REC-5"),
    "leave": (ADMIN, "ADM-5"),
    "records": (ADMIN, "ADM-8"),
    "users": (ADMIN, "ADM-9"),
    "audit": (ADMIN, "ADM-12"),
    "mail": (ADMIN, "ADM-13"),
}


def _reading(kind: str, may: May, by: str) -> Row:
    return Row(pages.read, lambda c: given(kind), may, by, ONCE)


def _writing(kind: str, by: str) -> Row:
    return Row(pages.write_csv, lambda c: given(kind, "", io.StringIO(newline="")), ADMIN, by, ONCE)


LISTING = [
    *(_reading(kind, may, by) for kind, (may, by) in _WHO.items()),
    *(_writing(kind, by) for kind, (_, by) in _WHO.items()),
]
