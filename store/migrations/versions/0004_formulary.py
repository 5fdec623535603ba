"""Forms, synonyms and ATC codes of the drugs of the formulary."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_ADDED = (("forms", 200), ("synonyms", 400), ("atc", 7))


def upgrade() -> None:
    """Add the columns, empty for the drugs that are there."""
    for name, length in _ADDED:
        op.add_column("drug", sa.Column(name, sa.String(length), nullable=False, server_default=""))


def downgrade() -> None:
    """Take them out again."""
    with op.batch_alter_table("drug") as batch:
        for name, _ in reversed(_ADDED):
            batch.drop_column(name)
