"""SQLite's savepoints under one name, the newest of which is always meant.

SQLAlchemy numbers them, so that each is a statement that was never asked before. pysqlite3 keeps
prepared what is asked most often ever: places once taken by such statements are never given back
to those that come to be asked later.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import (
    ReleaseSavepointClause,
    RollbackToSavepointClause,
    SavepointClause,
)

_NAME = "attempt"


@compiles(SavepointClause, "sqlite")
def _set(_clause: SavepointClause, _compiler: Any, **_: Any) -> str:
    return f"SAVEPOINT {_NAME}"


@compiles(RollbackToSavepointClause, "sqlite")
def _roll_back(_clause: RollbackToSavepointClause, _compiler: Any, **_: Any) -> str:
    return f"ROLLBACK TO SAVEPOINT {_NAME}"


@compiles(ReleaseSavepointClause, "sqlite")
def _release(_clause: ReleaseSavepointClause, _compiler: Any, **_: Any) -> str:
    return f"RELEASE SAVEPOINT {_NAME}"
