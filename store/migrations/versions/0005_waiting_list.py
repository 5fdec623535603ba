"""The waiting list: slots that go round and offers as rows of their own, why an entry expired."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlmodel.sql.sqltypes import UTCDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_ENDS = ("window", "patient", "appointment", "doctor")
_OUTCOMES = ("open", "accepted", "declined", "lapsed", "taken", "gone", "ended")
_BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nothing used the waiting list before, so no offer is carried over."""
    _change_entries()
    op.create_table(
        "waitlist_opening",
        *_stamps(),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        *_references("waitlist_opening", created_by="account", updated_by="account"),
        *_references("waitlist_opening", doctor_id="doctor"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_opening")),
        sa.UniqueConstraint(
            "doctor_id", "starts_at", name="uq_waitlist_opening_doctor_id_starts_at"
        ),
    )
    op.create_table(
        "waitlist_offer",
        *_stamps(),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("doctor_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", UTCDateTime(), nullable=False),
        sa.Column("ends_at", UTCDateTime(), nullable=False),
        sa.Column("expires_at", UTCDateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("closed_at", UTCDateTime(), nullable=True),
        sa.Column("appointment_id", _BIG, nullable=True),
        sa.CheckConstraint(_one_of("outcome", _OUTCOMES), name=op.f("ck_waitlist_offer_outcome")),
        *_references("waitlist_offer", created_by="account", updated_by="account"),
        *_references("waitlist_offer", entry_id="waitlist_entry", doctor_id="doctor"),
        *_references("waitlist_offer", appointment_id="appointment"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_offer")),
        sa.UniqueConstraint(
            "entry_id",
            "doctor_id",
            "starts_at",
            name="uq_waitlist_offer_entry_id_doctor_id_starts_at",
        ),
    )
    for name, columns in (
        ("uq_waitlist_offer_open_slot", ["doctor_id", "starts_at"]),
        ("uq_waitlist_offer_open_entry", ["entry_id"]),
    ):
        only_open = sa.text("outcome = 'open'")
        op.create_index(
            name,
            "waitlist_offer",
            columns,
            unique=True,
            sqlite_where=only_open,
            postgresql_where=only_open,
        )


def _change_entries() -> None:
    still_waits = sa.text("status IN ('waiting', 'offered')")
    with op.batch_alter_table("waitlist_entry", schema=None) as batch_op:
        batch_op.drop_constraint("fk_waitlist_entry_offered_doctor_id", type_="foreignkey")
        for column in ("offered_doctor_id", "offered_starts_at", "offer_expires_at"):
            batch_op.drop_column(column)
        batch_op.add_column(sa.Column("ended_because", sa.String(length=16), nullable=True))
        batch_op.create_check_constraint(
            op.f("ck_waitlist_entry_ended_because"), _one_of("ended_because", _ENDS)
        )
        batch_op.create_index(
            "ix_waitlist_entry_open",
            ["created_at", "id"],
            unique=False,
            sqlite_where=still_waits,
            postgresql_where=still_waits,
        )


def _stamps() -> list[sa.Column[object]]:
    return [
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.Column("updated_by", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
    ]


def _references(table: str, **columns: str) -> list[sa.ForeignKeyConstraint]:
    return [
        sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))
        for column, other in columns.items()
    ]


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"
