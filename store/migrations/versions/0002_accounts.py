"""A second factor that waits for its first code, and accounts that an administrator took away."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both columns. An account that is off while its patient is not was taken away."""
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.add_column(sa.Column("totp_pending", sa.String(length=200), nullable=True))
        batch_op.add_column(
            sa.Column("is_barred", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.execute(
        "UPDATE account SET is_barred = NOT is_active WHERE NOT EXISTS (SELECT 1 FROM patient"
        " WHERE patient.account_id = account.id AND NOT patient.is_active)"
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.alter_column("is_barred", server_default=None)
