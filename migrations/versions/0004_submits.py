"""Submits that are at work on a batch."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.columns import UtcTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; no other one is touched."""
    op.create_table(
        "submits",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("batch_id", _key(), nullable=False),
        sa.Column("started_at", UtcTime(), nullable=False),
        sa.Column("seen_at", UtcTime(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batches.id"], name="submits_batch_id_fkey"),
        sa.PrimaryKeyConstraint("name", name="submits_pkey"),
    )
    op.create_index("submits_batch_id", "submits", ["batch_id"], unique=False)


def downgrade() -> None:
    """Take the table away again."""
    op.drop_table("submits")


def _key() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")
