"""Pairs of patients of whom a person said that they are not the same person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has said it yet."""
    op.create_table(
        "patients_apart",
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("by", sa.Integer(), nullable=True),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_patients_apart_in_order")),
        sa.ForeignKeyConstraint(["one_id"], ["patient.id"], name=op.f("fk_patients_apart_one_id")),
        sa.ForeignKeyConstraint(
            ["other_id"], ["patient.id"], name=op.f("fk_patients_apart_other_id")
        ),
        sa.ForeignKeyConstraint(["by"], ["account.id"], name=op.f("fk_patients_apart_by")),
        sa.PrimaryKeyConstraint("one_id", "other_id", name=op.f("pk_patients_apart")),
    )
    op.create_index("ix_patients_apart_other_id", "patients_apart", ["other_id"])
