"""What doctors offered in months that are over, and the key of archives that are mailed."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table, and the key of the hospital that there is."""
    op.create_table(
        "offered_time",
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["doctor_id"], ["doctor.id"], name=op.f("fk_offered_time_doctor_id")
        ),
        sa.PrimaryKeyConstraint("doctor_id", "month", name=op.f("pk_offered_time")),
    )
    op.add_column(
        "hospital",
        sa.Column("archive_key", sa.String(64), nullable=False, server_default=sa.text("''")),
    )
    hospital = sa.table("hospital", sa.column("archive_key", sa.String))
    op.execute(hospital.update().values(archive_key=secrets.token_hex(32)))
