"""Refusing a second thing of the same name, also where two are made at the same moment."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy.exc import IntegrityError

from store.errors import Duplicate
from store.transaction import Transaction

_SQLITE = re.compile(r"UNIQUE constraint failed: \w+\.(\w+)")


@contextmanager
def refusing_duplicates(tx: Transaction, sentences: Mapping[str, str]) -> Iterator[None]:
    """Write within this; the database's unique constraint is the one that decides.

    Args:
        sentences: for each unique column what a person is told, under its field's name.

    Raises:
        Duplicate: a unique column holds the value already; `details["fields"]` says which.
    """
    try:
        with tx.session.begin_nested():
            yield
            tx.session.flush()
    except IntegrityError as error:
        column = _doubled_column(error)
        if column not in sentences:
            raise
        raise Duplicate(sentences[column], fields={column: sentences[column]}) from error


def _doubled_column(error: IntegrityError) -> str:
    """The column of a refused duplicate; nothing where another constraint refused."""
    constraint = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    table = getattr(getattr(error.orig, "diag", None), "table_name", None)
    if constraint and table:
        return str(constraint).removeprefix(f"uq_{table}_")
    found = _SQLITE.search(str(error.orig))
    return found[1] if found else ""
