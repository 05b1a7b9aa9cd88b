"""Postponed pages leave the index of claims."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_READY = "state = 'queued' AND not_before IS NULL"
_POSTPONED = "state = 'queued' AND not_before IS NOT NULL"


def upgrade() -> None:
    """Part the index of queued pages in two."""
    op.drop_index("pages_queued", table_name="pages")
    _index("pages_queued", ["batch_id", "turn", "id"], _READY)
    _index("pages_postponed", ["not_before"], _POSTPONED)


def downgrade() -> None:
    """One index of all queued pages."""
    op.drop_index("pages_postponed", table_name="pages")
    op.drop_index("pages_queued", table_name="pages")
    _index("pages_queued", ["batch_id", "turn", "id"], "state = 'queued'")


def _index(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(
        name, "pages", columns, unique=False, postgresql_where=where, sqlite_where=where
    )
