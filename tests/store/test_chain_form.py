"""What an audit entry's hash covers: a form that no release may change, or no chain would hold."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime

from sqlalchemy import select

from store import chain
from store.front_door import Store
from store.tables import AuditEntry, table_of
from store.values import Actor, Role

_ENTRY = table_of(AuditEntry)


def test_the_hash_is_of_the_entry_as_sorted_json_behind_the_hash_before(store: Store) -> None:
    who = Actor(Role.ADMIN, "Root “π”", "tty1\\\n")
    with store.transaction(who) as tx:
        tx.record("a.b", "patient", 7, reason='said "no" \x01 é अ', detail={"z": 1, "a": "ß\n"})
        tx.record("c.d", "file", "x/y", patient_id=None, outcome="denied")
    with store.reading(who) as tx:
        rows = tx.session.execute(select(_ENTRY).order_by(_ENTRY.c.id)).mappings().all()
    previous = chain.GENESIS
    for row in rows:
        content = {
            name: value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value
            for name, value in row.items()
            if name not in ("hash", "prev_hash")
        }
        told = json.dumps(content, ensure_ascii=False, sort_keys=True)
        assert row["prev_hash"] == previous
        assert row["hash"] == hashlib.sha256(f"{previous}\n{told}".encode()).hexdigest()
        previous = row["hash"]
    assert [json.loads(row["detail"]) for row in rows[-2:]] == [{"z": 1, "a": "ß\n"}, {}]
