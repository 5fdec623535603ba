"""The medical council's number of each doctor, which stands on prescriptions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Nobody's is known yet."""
    with op.batch_alter_table("doctor", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("registration", AutoString(length=80), nullable=False, server_default="")
        )
    with op.batch_alter_table("doctor", schema=None) as batch_op:
        batch_op.alter_column("registration", server_default=None)
