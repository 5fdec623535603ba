"""The language of mails to staff, which was English for all."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody has chosen one: that of the hospital."""
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("language", AutoString(length=8), nullable=False, server_default="")
        )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.alter_column("language", server_default=None)
