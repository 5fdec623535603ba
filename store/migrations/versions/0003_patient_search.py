"""Search keys that tell all of a patient, and the words that occur in names.

What is in the table of keys is derived: `store.patient_keys` makes it anew after the upgrade.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the one table in its new form, and the other."""
    op.drop_table("patient_search_key")
    op.create_table(
        "patient_search_key",
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", _by_code_point(), nullable=False),
        sa.Column("patient_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["patient_id"], ["patient.id"], name=op.f("fk_patient_search_key_patient_id")
        ),
        sa.PrimaryKeyConstraint("kind", "key", "patient_id", name=op.f("pk_patient_search_key")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "name_word",
        sa.Column("key", _by_code_point(), nullable=False),
        sa.Column("word", _by_code_point(), nullable=False),
        sa.PrimaryKeyConstraint("key", "word", name=op.f("pk_name_word")),
        sqlite_with_rowid=False,
    )


def _by_code_point() -> sa.String:
    return sa.String(500).with_variant(sa.String(500, collation="C"), "postgresql")
