"""Mail: what a worker had begun, doubts and replies, refused addresses, the mail server's state."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import AutoString, UTCDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TROUBLES = ("connection", "greeting", "tls", "sign-in", "sender", "closing")


def upgrade() -> None:
    """What is in a worker's hands while the schema changes may have been sent."""
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("begun", sa.Boolean(), nullable=False, server_default=sa.false())
        )
        batch_op.add_column(sa.Column("doubts", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("last_stage", AutoString(length=12), nullable=True))
        batch_op.add_column(
            sa.Column("reply", AutoString(length=300), nullable=False, server_default="")
        )
        batch_op.add_column(sa.Column("digest", AutoString(length=64), nullable=True))
    op.execute("UPDATE outbox_message SET doubts = 1 WHERE status = 'uncertain'")
    op.execute("UPDATE outbox_message SET begun = (status = 'sending')")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        for column in ("begun", "doubts", "reply"):
            batch_op.alter_column(column, server_default=None)
        in_hand = sa.text("status = 'sending'")
        batch_op.create_index(
            "ix_outbox_message_in_hand",
            ["lease_until"],
            unique=False,
            sqlite_where=in_hand,
            postgresql_where=in_hand,
        )
        batch_op.create_index("ix_outbox_message_sent", ["sent_at"], unique=False)
    op.create_table(
        "refused_address",
        sa.Column("address", AutoString(length=254), nullable=False),
        sa.Column("at", UTCDateTime(), nullable=False),
        sa.Column("reply", AutoString(length=300), nullable=False),
        sa.PrimaryKeyConstraint("address", name=op.f("pk_refused_address")),
    )
    troubles = ", ".join(f"'{trouble}'" for trouble in _TROUBLES)
    op.create_table(
        "mail_channel",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("trouble", AutoString(length=12), nullable=False),
        sa.Column("reason", AutoString(length=500), nullable=False),
        sa.Column("since", UTCDateTime(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rests_until", UTCDateTime(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_mail_channel_single")),
        sa.CheckConstraint(f"trouble IN ({troubles})", name=op.f("ck_mail_channel_trouble")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_channel")),
    )
