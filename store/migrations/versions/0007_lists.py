"""Indexes for the lists of the administrator: every order and filter a range of one of them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_REPLACED = (
    ("account", "role", ("role", "username")),
    ("patient", "is_active", ("is_active", "name")),
    ("medical_record", "patient_id", ("patient_id", "visited_at")),
    ("medical_record", "doctor_id", ("doctor_id", "visited_at")),
    ("medical_record", "department_id", ("department_id", "visited_at")),
)
_ADDED = (
    ("patient", ("name",)),
    ("leave", ("starts_at",)),
    ("audit_entry", ("action",)),
    ("audit_entry", ("entity",)),
    ("outbox_message", ("patient_id",)),
    ("outbox_message", ("due_at",)),
    ("outbox_message", ("status", "due_at")),
    ("outbox_message", ("kind", "due_at")),
)
_PARTIAL = (
    ("ix_account_inactive", "account", "username", "is_active = 0", "is_active = false"),
    ("ix_audit_entry_refused", "audit_entry", "outcome", "outcome <> 'ok'", "outcome <> 'ok'"),
    (
        "ix_account_locked_until",
        "account",
        "locked_until",
        "locked_until IS NOT NULL",
        "locked_until IS NOT NULL",
    ),
)


def upgrade() -> None:
    """Where a wider index serves what a narrow one did, the narrow one goes."""
    for table, column, wider in _REPLACED:
        op.drop_index(f"ix_{table}_{column}", table_name=table)
        op.create_index(f"ix_{table}_{'_'.join(wider)}", table, list(wider))
    for table, columns in _ADDED:
        op.create_index(f"ix_{table}_{'_'.join(columns)}", table, list(columns))
    for name, table, column, on_sqlite, on_postgresql in _PARTIAL:
        op.create_index(
            name,
            table,
            [column],
            sqlite_where=sa.text(on_sqlite),
            postgresql_where=sa.text(on_postgresql),
        )
