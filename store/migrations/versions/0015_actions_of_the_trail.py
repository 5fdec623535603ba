"""The index that narrows the trail to an action and to what it was done to, both at once."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Put it in the place of the one of actions alone."""
    op.create_index("ix_audit_entry_action_entity", "audit_entry", ["action", "entity"])
    op.drop_index("ix_audit_entry_action", "audit_entry")
