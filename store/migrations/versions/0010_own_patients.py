"""The index by which a doctor's patients are counted and found."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it."""
    op.create_index(
        "ix_appointment_own_patients",
        "appointment",
        ["doctor_id", "patient_id", "starts_at", "status"],
    )
