"""The indexes by which lists find what is rare within a doctor, a department or a kind of mail."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    for whose in ("doctor_id", "department_id"):
        op.create_index(
            f"ix_appointment_{whose}_status", "appointment", [whose, "status", "starts_at"]
        )
    op.create_index("ix_outbox_message_kind_status", "outbox_message", ["kind", "status", "due_at"])
