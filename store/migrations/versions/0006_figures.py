"""Indexes that figures are counted by, and the newest change of a topic."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_LEFT = sa.text("status NOT IN ('sent', 'discarded')")


def upgrade() -> None:
    """Make them."""
    op.create_index(
        "ix_appointment_figures",
        "appointment",
        ["department_id", "doctor_id", "starts_at", "status"],
    )
    op.create_index("ix_patient_is_active", "patient", ["is_active"])
    op.create_index("ix_change_topic_id", "change", ["topic", "id"])
    op.create_index(
        "ix_outbox_message_left",
        "outbox_message",
        ["status"],
        sqlite_where=_LEFT,
        postgresql_where=_LEFT,
    )
